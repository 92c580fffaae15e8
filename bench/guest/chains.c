// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a ring's chains consist of, whatever its format.
 *
 * Chains of 1, 2, 3 and 2 descriptors, as drivers have them: a transmitted packet in one buffer; a
 * header and a packet; a block request's header, data and status; a received packet in two.
 */
#include "guest/internal.h"

struct chain_buffer {
	uint32_t len;
	uint16_t flags;
};

struct chain_kind {
	unsigned int descs;
	struct chain_buffer buffer[CHAIN_DESCS_MAX];
};

static const struct chain_kind kinds[CHAIN_KINDS] = {
	{ 1, { { 1526, 0 } } },
	{ 2, { { 12, 0 }, { 1514, 0 } } },
	{ 3, { { 16, 0 }, { 4096, VIRTQ_DESC_F_WRITE }, { 1, VIRTQ_DESC_F_WRITE } } },
	{ 2, { { 12, VIRTQ_DESC_F_WRITE }, { 1514, VIRTQ_DESC_F_WRITE } } },
};

/* The smallest rings have no room for the longer kinds. */
static const struct chain_kind *kind_of(const struct guest_ring *ring, uint32_t chain)
{
	if (ring->config.num < 4)
		return &kinds[0];
	return ring->config.num < 8 ? &kinds[3] : &kinds[chain % CHAIN_KINDS];
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

static struct virtq_desc buffer_of(const struct chain_kind *kind, uint32_t i, uint64_t payload,
				   uint32_t seed)
{
	const struct chain_buffer *buffer = &kind->buffer[i];
	struct virtq_desc desc = {
		.addr = payload,
		/* A length of its own for each entry: what the walk reports can be checked. */
		.len = buffer->len - (seed ? seed % buffer->len : 0),
		.flags = buffer->flags,
	};

	/* And something to report for three in four of those that have nothing. */
	if (i + 1 == kind->descs && seed & 6)
		desc.flags |= VIRTQ_DESC_F_WRITE;
	return desc;
}

void chain_make(const struct guest *guest, unsigned int r, uint32_t number, uint32_t seed,
		struct chain *chain)
{
	const struct guest_ring *ring = &guest->ring[r];
	const struct chain_kind *kind = kind_of(ring, number);
	uint64_t payload = ((uint64_t)guest->payload_gpn << GUEST_PAGE_SHIFT) +
			   (uint64_t)(number % (PAYLOAD_PAGES / 2)) * 2 * GUEST_PAGE_SIZE;

	chain->descs = kind->descs;
	chain->writable = 0;
	for (uint32_t i = 0; i < kind->descs; i++) {
		chain->desc[i] = buffer_of(kind, i, payload, seed);
		if (chain->desc[i].flags & VIRTQ_DESC_F_WRITE)
			chain->writable += chain->desc[i].len;
	}
	chain->table = 0;
	if (is_indirect(ring, number))
		chain->table = ((uint64_t)ring->table_gpn << GUEST_PAGE_SHIFT) +
			       (uint64_t)number * TABLE_DESCS * sizeof(struct virtq_desc);
}
