// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The contents of a ring, written by the guest through its own mapping.
 *
 * Chains of 1, 2, 3 and 2 descriptors, as drivers have them: a transmitted packet in one buffer; a
 * header and a packet; a block request's header, data and status; a received packet in two. They
 * fill the descriptor table, and avail->ring names them in turn.
 */
#include <string.h>

#include "guest/internal.h"

struct chain_buffer {
	uint32_t len;
	uint16_t flags;
};

struct chain_kind {
	unsigned int descs;
	struct chain_buffer buffer[3];
};

static const struct chain_kind kinds[] = {
	{ 1, { { 1526, 0 } } },
	{ 2, { { 12, 0 }, { 1514, 0 } } },
	{ 3, { { 16, 0 }, { 4096, VIRTQ_DESC_F_WRITE }, { 1, VIRTQ_DESC_F_WRITE } } },
	{ 2, { { 12, VIRTQ_DESC_F_WRITE }, { 1514, VIRTQ_DESC_F_WRITE } } },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Four chains take eight descriptors; this is where the chain's begin. */
uint32_t ring_chain_head(const struct guest_ring *ring, uint32_t chain)
{
	static const uint32_t start[KINDS] = { 0, 1, 3, 6 };
	uint32_t head = chain / KINDS * 8 + start[chain % KINDS];

	/* The smallest rings have no room for the longer kinds: see kind_of(). */
	return ring->config.num < 8 ? chain * 2 % ring->config.num : head;
}

static const struct chain_kind *kind_of(const struct guest_ring *ring, uint32_t chain)
{
	if (ring->config.num < 4)
		return &kinds[0];
	return ring->config.num < 8 ? &kinds[3] : &kinds[chain % KINDS];
}

static bool is_indirect(const struct guest_ring *ring, uint32_t chain)
{
	return ring->config.indirect_one_in && chain % ring->config.indirect_one_in == 0;
}

uint32_t guest_ring_descs(const struct guest *guest, unsigned int r)
{
	const struct guest_ring *ring = &guest->ring[r];
	uint32_t descs = 0;

	for (uint32_t chain = 0; chain < ring->chains; chain++)
		descs += is_indirect(ring, chain) ? 1 : kind_of(ring, chain)->descs;
	return descs;
}

uint32_t ring_write_chain(struct guest *guest, unsigned int r, uint32_t chain, uint32_t seed)
{
	const struct guest_ring *ring = &guest->ring[r];
	const struct chain_kind *kind = kind_of(ring, chain);
	struct virtq_desc *desc = guest_area(guest, &ring->area[VQ_DESC]);
	uint32_t head = ring_chain_head(ring, chain), first = head, writable = 0;
	uint64_t payload = ((uint64_t)guest->payload_gpn << GUEST_PAGE_SHIFT) +
			   (uint64_t)(chain % (PAYLOAD_PAGES / 2)) * 2 * GUEST_PAGE_SIZE;

	if (is_indirect(ring, chain)) {
		uint64_t table = ((uint64_t)ring->table_gpn << GUEST_PAGE_SHIFT) +
				 (uint64_t)chain * TABLE_DESCS * sizeof(*desc);

		desc[head] = (struct virtq_desc){
			.addr = table,
			.len = (uint32_t)(kind->descs * sizeof(*desc)),
			.flags = VIRTQ_DESC_F_INDIRECT,
		};
		desc = (struct virtq_desc *)(guest->base + table);
		first = 0;
	}
	for (uint32_t i = 0; i < kind->descs; i++) {
		const struct chain_buffer *buffer = &kind->buffer[i];
		bool last = i + 1 == kind->descs;
		/* A length of its own for each entry: what the walk reports can be checked. */
		uint32_t len = buffer->len - (seed ? seed % buffer->len : 0);
		uint16_t flags = buffer->flags;

		/* And something to report for three in four of those that have nothing. */
		if (last && seed & 6)
			flags |= VIRTQ_DESC_F_WRITE;
		desc[first + i] = (struct virtq_desc){
			.addr = payload,
			.len = len,
			.flags = (uint16_t)(flags | (last ? 0 : VIRTQ_DESC_F_NEXT)),
			.next = (uint16_t)(last ? 0 : first + i + 1),
		};
		if (flags & VIRTQ_DESC_F_WRITE)
			writable += len;
	}
	return writable;
}

void ring_fill(struct guest *guest, unsigned int r)
{
	const struct guest_ring *ring = &guest->ring[r];
	struct virtq_avail *avail = guest_area(guest, &ring->area[VQ_AVAIL]);
	struct virtq_used *used = guest_area(guest, &ring->area[VQ_USED]);
	uint32_t num = ring->config.num;

	memset(guest_area(guest, &ring->area[VQ_DESC]), 0, virtq_desc_bytes(num));
	memset(avail, 0, virtq_avail_bytes(num));
	memset(used, 0, virtq_used_bytes(num));
	for (uint32_t chain = 0; chain < ring->chains; chain++)
		ring_write_chain(guest, r, chain, 0);
	for (uint32_t slot = 0; slot < num; slot++)
		avail->ring[slot] = (uint16_t)ring_chain_head(ring, slot % ring->chains);
}
