// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The contents of a packed ring: its chains (chains.c) one behind the other, from wherever the driver
 * stands. Written by the guest through its own mapping; replay.c writes them, too.
 */
#include <string.h>

#include <ringwalk/barrier.h>

#include "guest/internal.h"

uint32_t packed_make(const struct chain *chain, uint16_t id, uint16_t place, uint32_t num,
		     struct pvirtq_desc desc[CHAIN_DESCS_MAX])
{
	if (chain->table) {
		desc[0] = (struct pvirtq_desc){
			.addr = chain->table,
			.len = (uint32_t)(chain->descs * sizeof(*desc)),
			.id = id,
			.flags = VIRTQ_DESC_F_INDIRECT | pvirtq_avail_flags(place, num),
		};
		return 1;
	}
	for (uint32_t i = 0; i < chain->descs; i++) {
		bool last = i + 1 == chain->descs;
		uint16_t flags = pvirtq_avail_flags((uint16_t)(place + i), num);

		desc[i] = (struct pvirtq_desc){
			.addr = chain->desc[i].addr,
			.len = chain->desc[i].len,
			/* 2.8.6: in the last one. A device that takes another one's shows. */
			.id = last ? id : (uint16_t)~id,
			.flags = (uint16_t)(chain->desc[i].flags | flags |
					    (last ? 0 : VIRTQ_DESC_F_NEXT)),
		};
	}
	return chain->descs;
}

/* 2.8.7: the descriptors one behind the other; flags but WRITE, and ids, are ignored. */
static void write_table(struct guest *guest, const struct chain *chain)
{
	struct pvirtq_desc *table = (struct pvirtq_desc *)(guest->base + chain->table);

	for (uint32_t i = 0; i < chain->descs; i++)
		table[i] = (struct pvirtq_desc){
			.addr = chain->desc[i].addr,
			.len = chain->desc[i].len,
			.flags = chain->desc[i].flags,
		};
}

uint32_t packed_write_chain(struct guest *guest, unsigned int r, const struct chain *chain,
			    uint16_t id, uint16_t place)
{
	const struct guest_ring *ring = &guest->ring[r];
	struct pvirtq_desc *slot = guest_area(guest, &ring->area[VQ_DESC]);
	struct pvirtq_desc desc[CHAIN_DESCS_MAX], *head;
	uint32_t num = ring->config.num;
	uint32_t n = packed_make(chain, id, place, num, desc);

	if (chain->table)
		write_table(guest, chain);
	head = &slot[place & (num - 1)];
	head->addr = desc[0].addr;
	head->len = desc[0].len;
	head->id = desc[0].id;
	for (uint32_t i = 1; i < n; i++)
		slot[(place + i) & (num - 1)] = desc[i];
	/* The chain before the flags of its head; pairs with the worker's smp_rmb. */
	smp_wmb();
	WRITE_ONCE(head->flags, desc[0].flags);
	return n;
}

void packed_clear(struct guest *guest, unsigned int r)
{
	const struct guest_ring *ring = &guest->ring[r];

	for_each_area(area)
		memset(guest_area(guest, &ring->area[area]), 0, ring_area_bytes(&ring->config, area));
}

void packed_fill(struct guest *guest, unsigned int r)
{
	const struct guest_ring *ring = &guest->ring[r];
	uint32_t place = 0;

	packed_clear(guest, r);
	for (uint32_t number = 0; number < ring->chains; number++) {
		struct chain chain;

		chain_make(guest, r, number, 0, &chain);
		place += packed_write_chain(guest, r, &chain, (uint16_t)number, (uint16_t)place);
	}
}
