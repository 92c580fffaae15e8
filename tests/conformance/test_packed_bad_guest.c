// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows of a packed ring that under every strategy and section a guest that breaks the rules of virtio 1.2,
 * section 2.8, ends the walk with -EPROTO, the rule's name and its place, never with a crash or a hang; and
 * that what only just keeps the rules is consumed.
 */
#include "conformance.h"

#define DESC(i, field)                                                                             \
	((uint32_t)((i) * sizeof(struct pvirtq_desc) + offsetof(struct pvirtq_desc, field)))

/* Of a descriptor that is available on the first lap. */
#define AVAIL	 VIRTQ_DESC_F_AVAIL
#define NEXT	 (AVAIL | VIRTQ_DESC_F_NEXT)
#define WRITE	 (AVAIL | VIRTQ_DESC_F_WRITE)
#define INDIRECT (AVAIL | VIRTQ_DESC_F_INDIRECT)

/* Not an area but the offence's own table: 256 bytes of zeroes in the guest's payload. */
#define TABLE VQ_AREAS

struct store {
	unsigned int area;
	uint32_t offset;
	uint16_t value;
};

/*
 * Of a freshly filled ring of 256 (bench/guest/chains.c): chains begin at 0, 1, 3 and 6; 1 and 2 are
 * device-readable, 6 and 7 device-writable.
 */
struct offence {
	enum ring_fault fault;
	uint16_t index; /* where it is found: vq->fault_index. RING_OK: the entry's id */
	struct store store[8]; /* up to the first {} */
	unsigned int table_at; /* 1 + the descriptor that points to the table, or 0 */
	uint64_t memory_bytes; /* what the worker takes for the size of memory; 0: what it is */
	uint32_t len; /* RING_OK: of the used descriptor with the id */
};

static const struct offence offences[] = {
	{ .fault = RING_BUFFER_RANGE, .index = 0, .store = { { VQ_DESC, DESC(0, addr) + 6, 0xffff } } },
	{ .fault = RING_BUFFER_RANGE, .index = 2, .store = { { VQ_DESC, DESC(2, len) + 2, 0xffff } } },
	{ .fault = RING_ORDER, .index = 7, .store = { { VQ_DESC, DESC(7, flags), AVAIL } } },
	/* 2.8.5: a list has descriptors of one type. */
	{ .fault = RING_INDIRECT_NEST, .index = 1, .store = { { VQ_DESC, DESC(1, flags), INDIRECT | NEXT } } },
	{ .fault = RING_INDIRECT_NEST, .index = 1, .store = { { VQ_DESC, DESC(2, flags), INDIRECT } } },
	/* A table of no whole descriptors, or none; or not in memory, or of one too many. */
	{ .fault = RING_INDIRECT_TABLE, .index = 0,
	  .store = { { VQ_DESC, DESC(0, flags), INDIRECT }, { VQ_DESC, DESC(0, len), 0 } } },
	{ .fault = RING_INDIRECT_TABLE, .index = 0,
	  .store = { { VQ_DESC, DESC(0, flags), INDIRECT }, { VQ_DESC, DESC(0, len), 17 } } },
	{ .fault = RING_INDIRECT_TABLE, .index = 0,
	  .store = { { VQ_DESC, DESC(0, flags), INDIRECT }, { VQ_DESC, DESC(0, len), 16 },
	    { VQ_DESC, DESC(0, addr) + 6, 0xffff } } },
	{ .fault = RING_INDIRECT_TABLE, .index = 0,
	  .store = { { VQ_DESC, DESC(0, flags), INDIRECT }, { VQ_DESC, DESC(0, len), 16 },
	    { VQ_DESC, DESC(0, len) + 2, 8 } },
	  .table_at = 1, .memory_bytes = 1 << 30 },
	/* In the table. */
	{ .fault = RING_BUFFER_RANGE, .index = 0,
	  .store = { { VQ_DESC, DESC(0, flags), INDIRECT }, { VQ_DESC, DESC(0, len), 16 },
	    { TABLE, DESC(0, addr) + 6, 0xffff } },
	  .table_at = 1 },
	{ .fault = RING_ORDER, .index = 0,
	  .store = { { VQ_DESC, DESC(0, flags), INDIRECT }, { VQ_DESC, DESC(0, len), 32 },
	    { TABLE, DESC(0, flags), WRITE }, { TABLE, DESC(0, len), 1 } },
	  .table_at = 1 },
	/* 2^32 bytes, in the ring and in a table. */
	{ .fault = RING_LENGTH, .index = 1,
	  .store = { { VQ_DESC, DESC(1, len) + 2, 0x8000 }, { VQ_DESC, DESC(1, len), 0 },
	    { VQ_DESC, DESC(2, len) + 2, 0x8000 }, { VQ_DESC, DESC(2, len), 0 } },
	  .memory_bytes = 1ULL << 40 },
	{ .fault = RING_LENGTH, .index = 0,
	  .store = { { VQ_DESC, DESC(0, flags), INDIRECT }, { VQ_DESC, DESC(0, len), 32 },
	    { TABLE, DESC(0, len) + 2, 0x8000 }, { TABLE, DESC(1, len) + 2, 0x8000 } },
	  .table_at = 1, .memory_bytes = 1ULL << 40 },
	/* An id is the driver's own, and comes back as it is. */
	{ .fault = RING_OK, .index = 65535, .store = { { VQ_DESC, DESC(7, id), 65535 } }, .len = 12 + 1514 },
	/* 2.8.7: WRITE is ignored of what points to a table, and all else in it. */
	{ .fault = RING_OK, .index = 0,
	  .store = { { VQ_DESC, DESC(0, flags), INDIRECT | WRITE }, { VQ_DESC, DESC(0, len), 32 },
	    { TABLE, DESC(0, flags), VIRTQ_DESC_F_INDIRECT }, { TABLE, DESC(0, len), 5 },
	    { TABLE, DESC(1, flags), 0xffff & ~VIRTQ_DESC_F_INDIRECT }, { TABLE, DESC(1, len), 9 },
	    { TABLE, DESC(0, id), 77 } },
	  .table_at = 1, .len = 9 },
};

/* The first chain's buffer, where the payload begins: it holds the offences' tables. */
static uint64_t payload_of(struct rig *rig)
{
	struct pvirtq_desc desc;

	assert_int_equal(vq_copy_in(rig->vq, VQ_DESC, 0, &desc, sizeof(desc)), 0);
	return desc.addr;
}

static void reset(struct rig *rig)
{
	struct vq *vq = rig->vq;

	assert_int_equal(guest_ring_reset(rig->guest, 0), 0);
	vq->last_avail_idx = vq->last_used_idx = vq->signalled_used = 0;
	vq->fault = RING_OK;
	vq->fault_index = 0;
}

static void poke(struct rig *rig, unsigned int area, uint32_t offset, uint16_t value)
{
	assert_int_equal(guest_poke(rig->guest, 0, area, offset, value), 0);
}

static void commit_offence(struct rig *rig, const struct offence *offence, uint64_t table)
{
	reset(rig);
	for (unsigned int i = 0; i < 2 && offence->table_at; i++)
		poke(rig, VQ_DESC, DESC(offence->table_at - 1, addr) + 2 * i,
		     (uint16_t)(table >> 16 * i));
	for (unsigned int i = 0; i < sizeof(offence->store) / sizeof(offence->store[0]); i++) {
		const struct store *store = &offence->store[i];

		if (!store->area && !store->offset && !store->value)
			break;
		poke(rig, store->area,
		     store->offset + (store->area == TABLE ? (uint32_t)table : 0), store->value);
	}
}

/* Of the used descriptor with this id, among the first of the ring; or UINT64_MAX. */
static uint64_t used_len(struct rig *rig, uint32_t id)
{
	for (uint32_t slot = 0; slot < 8; slot++) {
		struct pvirtq_desc desc;

		assert_int_equal(vq_copy_in(rig->vq, VQ_DESC, slot * (uint32_t)sizeof(desc), &desc,
					    sizeof(desc)),
				 0);
		if (pvirtq_is_used(desc.flags, (uint16_t)slot, rig->vq->num) && desc.id == id)
			return desc.len;
	}
	return UINT64_MAX;
}

static void assert_offence(struct rig *rig, enum section_granularity section, size_t number,
			   uint64_t table)
{
	const struct offence *offence = &offences[number];
	uint64_t memory_bytes = rig->vq->memory_bytes;
	struct vq *vq = rig->vq;
	long n;

	commit_offence(rig, offence, table);
	if (offence->memory_bytes)
		vq->memory_bytes = offence->memory_bytes;
	n = rig->strategy->walks->packed_replay[section](vq, 4);
	vq->memory_bytes = memory_bytes;
	if (n != (offence->fault ? -EPROTO : 4) || vq->fault != offence->fault)
		fail_msg("%s, section %s, offence %zu: the walk returned %ld (%s), not (%s)",
			 rig->strategy->name, section_name(section), number, n,
			 ring_fault_names[vq->fault], ring_fault_names[offence->fault]);
	if (offence->fault && vq->fault_index != offence->index)
		fail_msg("%s, section %s, offence %zu: found at %u, not at %u", rig->strategy->name,
			 section_name(section), number, vq->fault_index, offence->index);
	if (!offence->fault && used_len(rig, offence->index) != offence->len)
		fail_msg("%s, section %s, offence %zu: the used length is %#llx, not %#x",
			 rig->strategy->name, section_name(section), number,
			 (unsigned long long)used_len(rig, offence->index), offence->len);
}

static void every_offence_is_named(const struct strategy *strategy)
{
	const struct ring_config ring = { .num = 256, .format = RING_PACKED };
	struct rig rig;
	uint64_t payload;

	rig_start_on(&rig, strategy, &ring);
	payload = payload_of(&rig);
	for (unsigned int section = 0; section < SECTIONS; section++)
		for (size_t i = 0; i < sizeof(offences) / sizeof(offences[0]); i++)
			assert_offence(&rig, (enum section_granularity)section, i,
				       payload + i * 256);
	rig_stop(&rig);
}

/* A chain of as many descriptors as there are is none too long; one more is a loop. */
static void a_chain_may_fill_the_ring(const struct strategy *strategy)
{
	const struct ring_config ring = { .num = 2, .format = RING_PACKED };
	struct rig rig;

	rig_start_on(&rig, strategy, &ring);
	for (unsigned int section = 0; section < SECTIONS; section++) {
		walk_fn *walk = strategy->walks->packed_replay[section];

		reset(&rig);
		poke(&rig, VQ_DESC, DESC(0, flags), NEXT);
		poke(&rig, VQ_DESC, DESC(1, flags), AVAIL);
		assert_int_equal(walk(rig.vq, 1), 1);
		assert_int_equal(rig.vq->last_avail_idx, 2);
		reset(&rig);
		poke(&rig, VQ_DESC, DESC(0, flags), NEXT);
		poke(&rig, VQ_DESC, DESC(1, flags), NEXT);
		assert_int_equal(walk(rig.vq, 1), -EPROTO);
		assert_int_equal(rig.vq->fault, RING_CHAIN_LOOP);
	}
	rig_stop(&rig);
}

static void nothing_a_guest_does_is_fatal(void **state)
{
	every_offence_is_named(*state);
	a_chain_may_fill_the_ring(*state);
}

int main(void)
{
	return run_for_each_strategy("packed_bad_guest", nothing_a_guest_does_is_fatal);
}
