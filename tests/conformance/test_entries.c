// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that under every strategy the walk consumes each entry that a live driver produces once, in
 * order and with its length, through sections of every granularity, past the wrap of the 16-bit
 * indices, from chains and from indirect tables, on rings from 1 entry up. The driver checks. That
 * it notifies where used_event asks for it, and says in avail_event where it found the ring empty.
 * And that replay, plain and with masked indices, returns what the ring says, in order.
 */
#include "conformance.h"

/* The ring is empty and all is consumed: 2.7.8 has avail_event behind the used elements. */
static void assert_avail_event(struct rig *rig, enum section_granularity section)
{
	uint16_t event = 0, idx = rig->vq->last_avail_idx;

	assert_int_equal(rig->strategy->walks->live[section](rig->vq, 1), 0);
	assert_int_equal(vq_copy_in(rig->vq, VQ_USED, 4 + 8 * rig->vq->num, &event, sizeof(event)),
			 0);
	if (event != idx)
		fail_msg("%s, section %s, ring %u: avail_event is %u, the ring ran empty at %u",
			 rig->strategy->name, section_name(section), rig->vq->num, event, idx);
}

static void consume_on(const struct strategy *strategy, enum section_granularity section,
		       const struct ring_config *ring, uint64_t entries)
{
	struct driver_report report;
	uint32_t num = ring->num;
	struct rig rig;

	rig_start_on(&rig, strategy, ring);
	assert_int_equal(guest_driver_start(rig.guest, 0, entries), 0);
	assert_int_equal(walk_live(&rig, section, 0), 0);
	guest_driver_report(rig.guest, &report);
	if (!report.wrong)
		assert_avail_event(&rig, section);
	assert_int_equal(guest_driver_stop(rig.guest, 0), 0);
	if (report.wrong)
		fail_msg("%s, section %s, ring %u: completion %llu is id %u len %u, not id %u len %u",
			 strategy->name, section_name(section), num,
			 (unsigned long long)report.first_wrong, report.found_id, report.found_len,
			 report.expected_id, report.expected_len);
	assert_int_equal(report.completed, entries);
	assert_int_equal(rig.vq->last_avail_idx, (uint16_t)entries);
	assert_int_equal(rig.vq->last_used_idx, (uint16_t)entries);
	if (rig.vq->notifications != report.notifications)
		fail_msg("%s, section %s, ring %u: %llu notifications, the driver asked for %llu",
			 strategy->name, section_name(section), num,
			 (unsigned long long)rig.vq->notifications,
			 (unsigned long long)report.notifications);
	assert_true(report.notifications > 0);
	rig_stop(&rig);
}

static void consume(const struct strategy *strategy, enum section_granularity section, uint32_t num,
		    uint32_t indirect_one_in, uint64_t entries)
{
	consume_on(strategy, section,
		   &(struct ring_config){ .num = num, .indirect_one_in = indirect_one_in }, entries);
}

/* Where heads have no order, and through the other map, whether the machine makes it huge or not. */
static void wherever_it_lies(const struct strategy *strategy, enum section_granularity section)
{
	consume_on(strategy, section,
		   &(struct ring_config){ .num = 4, .indirect_one_in = 2, .heads = HEADS_SCATTERED },
		   200);
	consume_on(strategy, section,
		   &(struct ring_config){ .num = 1024, .indirect_one_in = 3,
					  .heads = HEADS_SCATTERED, .layout = PAGES_HUGE },
		   2000);
}

static void every_entry_once(const struct strategy *strategy)
{
	static const uint32_t sizes[] = { 1, 2, 4, 8, 1024 };

	for (unsigned int section = 0; section < SECTIONS; section++) {
		enum section_granularity granularity = (enum section_granularity)section;

		consume(strategy, granularity, 256, 0, 70000);
		consume(strategy, granularity, 256, 3, 5000);
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			consume(strategy, granularity, sizes[i], 2, 200);
		wherever_it_lies(strategy, granularity);
	}
}

/* --- replay: the ring as it was filled, checked against the tables themselves ---------------- */

/* Descriptor `i` of the ring's table, or of the one at guest-physical address `table`. */
static struct virtq_desc desc_at(struct rig *rig, uint64_t table, uint32_t i)
{
	uint32_t offset = i * (uint32_t)sizeof(struct virtq_desc);
	struct virtq_desc desc;

	if (table)
		assert_int_equal(vq_copy_in_uaddr(rig->vq, rig->vq->memory_uaddr + table + offset,
						  &desc, sizeof(desc)),
				 0);
	else
		assert_int_equal(vq_copy_in(rig->vq, VQ_DESC, offset, &desc, sizeof(desc)), 0);
	return desc;
}

/* What the device may write of the chain that begins at `i`. */
static uint32_t writable(struct rig *rig, uint64_t table, uint32_t i)
{
	uint32_t sum = 0;

	for (;;) {
		struct virtq_desc desc = desc_at(rig, table, i);

		if (desc.flags & VIRTQ_DESC_F_INDIRECT)
			return sum + writable(rig, desc.addr, 0);
		if (desc.flags & VIRTQ_DESC_F_WRITE)
			sum += desc.len;
		if (!(desc.flags & VIRTQ_DESC_F_NEXT))
			return sum;
		i = desc.next;
	}
}

static void forget_used(struct rig *rig)
{
	const struct virtq_used_elem none = { UINT32_MAX, UINT32_MAX };

	for (uint32_t slot = 0; slot < rig->vq->num; slot++)
		assert_int_equal(vq_copy_out(rig->vq, VQ_USED, VIRTQ_USED_RING(slot), &none,
					     sizeof(none)),
				 0);
}

static void assert_used(struct rig *rig, uint16_t entry)
{
	uint32_t slot = entry & (rig->vq->num - 1);
	struct virtq_used_elem elem;
	uint32_t len;
	uint16_t head;

	assert_int_equal(vq_copy_in(rig->vq, VQ_AVAIL, VIRTQ_AVAIL_RING(slot), &head, sizeof(head)),
			 0);
	assert_int_equal(vq_copy_in(rig->vq, VQ_USED, VIRTQ_USED_RING(slot), &elem, sizeof(elem)),
			 0);
	len = writable(rig, 0, head);
	if (elem.id != head || elem.len != len)
		fail_msg("%s: entry %u is used with id %u len %u, not id %u len %u",
			 rig->strategy->name, entry, elem.id, elem.len, head, len);
}

/* Five laps of half the ring's size: it wraps twice. */
static void replay(struct rig *rig, walk_fn *walk)
{
	struct vq *vq = rig->vq;
	uint16_t idx;

	assert_int_equal(guest_ring_reset(rig->guest, 0), 0);
	vq->last_avail_idx = vq->last_used_idx = vq->signalled_used = 0;
	for (uint32_t lap = 0; lap < 5; lap++) {
		forget_used(rig);
		assert_int_equal(walk(vq, vq->lap), vq->lap);
		for (uint32_t i = 0; i < vq->lap; i++)
			assert_used(rig, (uint16_t)(lap * vq->lap + i));
		assert_int_equal(vq_copy_in(vq, VQ_USED, VIRTQ_USED_IDX, &idx, sizeof(idx)), 0);
		assert_int_equal(idx, (lap + 1) * vq->lap);
	}
}

static void replay_returns_what_the_ring_says(const struct strategy *strategy,
					      enum ring_heads heads)
{
	struct rig rig;

	rig_start_on(&rig, strategy,
		     &(struct ring_config){ .num = 64, .indirect_one_in = 3, .heads = heads });
	/* Bursts that wrap with the ring, and not at its end alone. */
	rig.vq->burst = 13;
	for (unsigned int section = 0; section < SECTIONS; section++) {
		replay(&rig, strategy->walks->replay[section]);
		replay(&rig, strategy->walks->masked[section]);
	}
	rig_stop(&rig);
}

static void entries(void **state)
{
	every_entry_once(*state);
	replay_returns_what_the_ring_says(*state, HEADS_SEQUENTIAL);
	replay_returns_what_the_ring_says(*state, HEADS_SCATTERED);
}

int main(void)
{
	return run_for_each_strategy("entries", entries);
}
