// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The contents of a split ring, written by the guest through its own mapping.
 *
 * Its chains (chains.c) fill the descriptor table, and avail->ring names them in turn. Where heads
 * are scattered they are the same chains, but each descriptor lies at another place of the table.
 */
#include <string.h>

#include "guest/internal.h"

/* Of the table's descriptors in the order of the chains, the number of the chain's first one. */
static uint32_t chain_begin(const struct guest_ring *ring, uint32_t chain)
{
	/* Four chains take eight descriptors. */
	static const uint32_t start[CHAIN_KINDS] = { 0, 1, 3, 6 };
	uint32_t begin = chain / CHAIN_KINDS * 8 + start[chain % CHAIN_KINDS];

	/* The smallest rings have no room for the longer kinds: chains.c. */
	return ring->config.num < 8 ? chain * 2 % ring->config.num : begin;
}

/* Where the descriptor of this number lies. */
static uint32_t desc_place(const struct guest_ring *ring, uint32_t number)
{
	return ring->config.heads == HEADS_SCATTERED ? scatter(number, ring->config.num) : number;
}

uint32_t ring_chain_head(const struct guest_ring *ring, uint32_t chain)
{
	return desc_place(ring, chain_begin(ring, chain));
}

uint32_t ring_write_chain(struct guest *guest, unsigned int r, uint32_t number, uint32_t seed)
{
	const struct guest_ring *ring = &guest->ring[r];
	struct virtq_desc *desc = guest_area(guest, &ring->area[VQ_DESC]);
	uint32_t begin = chain_begin(ring, number), at = desc_place(ring, begin);
	struct chain chain;

	chain_make(guest, r, number, seed, &chain);
	if (chain.table) {
		desc[at] = (struct virtq_desc){
			.addr = chain.table,
			.len = (uint32_t)(chain.descs * sizeof(*desc)),
			.flags = VIRTQ_DESC_F_INDIRECT,
		};
		desc = (struct virtq_desc *)(guest->base + chain.table);
		at = 0;
	}
	for (uint32_t i = 0; i < chain.descs; i++) {
		uint32_t next = chain.table ? i + 1 : desc_place(ring, begin + i + 1);

		if (i + 1 < chain.descs) {
			chain.desc[i].flags |= VIRTQ_DESC_F_NEXT;
			chain.desc[i].next = (uint16_t)next;
		}
		desc[at] = chain.desc[i];
		at = next;
	}
	return chain.writable;
}

void ring_fill(struct guest *guest, unsigned int r)
{
	const struct guest_ring *ring = &guest->ring[r];
	struct virtq_avail *avail = guest_area(guest, &ring->area[VQ_AVAIL]);
	struct virtq_used *used = guest_area(guest, &ring->area[VQ_USED]);
	uint32_t num = ring->config.num;

	if (ring->config.format == RING_PACKED) {
		packed_fill(guest, r);
		return;
	}
	memset(guest_area(guest, &ring->area[VQ_DESC]), 0, virtq_desc_bytes(num));
	memset(avail, 0, virtq_avail_bytes(num));
	memset(used, 0, virtq_used_bytes(num));
	for (uint32_t chain = 0; chain < ring->chains; chain++)
		ring_write_chain(guest, r, chain, 0);
	for (uint32_t slot = 0; slot < num; slot++)
		avail->ring[slot] = (uint16_t)ring_chain_head(ring, slot % ring->chains);
}
