// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows of a packed ring that under every strategy the walk consumes each entry that a live driver
 * produces once and with its length, out of order and in order, through sections of every granularity,
 * past the wraps of the ring and of 16 bits, from chains and from indirect tables, on rings from 1
 * descriptor up. The driver checks. That it notifies where the driver's event suppression asks for it, and
 * says in its own where it found the ring empty. And that replay returns what the ring says, a burst in
 * reverse, or in order by one descriptor.
 */
#include "conformance.h"

/* --- with a driver --------------------------------------------------------------------------- */

/* The ring is empty and all is consumed: the device asks for the next descriptor. */
static void assert_device_event(struct rig *rig, enum section_granularity section)
{
	struct vq *vq = rig->vq;
	struct pvirtq_event_suppress event = { 0 };

	assert_int_equal(live_walk(rig, section)(vq, 1), 0);
	assert_int_equal(vq_copy_in(vq, VQ_USED, 0, &event, sizeof(event)), 0);
	if (event.flags != RING_EVENT_FLAGS_DESC ||
	    event.desc != pvirtq_event_desc(vq->last_avail_idx, vq->num))
		fail_msg("%s, section %s, ring %u: the device's event is %#x %#x, the ring ran empty at %u",
			 rig->strategy->name, section_name(section), vq->num, event.flags,
			 event.desc, vq->last_avail_idx);
}

static void consume(const struct strategy *strategy, enum section_granularity section,
		    const struct ring_config *ring, uint64_t entries)
{
	struct driver_report report;
	struct rig rig;

	rig_start_on(&rig, strategy, ring);
	assert_int_equal(guest_driver_start(rig.guest, 0, entries), 0);
	assert_int_equal(walk_live(&rig, section, 0), 0);
	guest_driver_report(rig.guest, &report);
	if (!report.wrong)
		assert_device_event(&rig, section);
	assert_int_equal(guest_driver_stop(rig.guest, 0), 0);
	if (report.wrong)
		fail_msg("%s, section %s, ring %u, in order %d: completion %llu is id %u len %u, not id %u len %u",
			 strategy->name, section_name(section), ring->num, ring->in_order,
			 (unsigned long long)report.first_wrong, report.found_id, report.found_len,
			 report.expected_id, report.expected_len);
	assert_int_equal(report.completed, entries);
	assert_int_equal(rig.vq->last_avail_idx, (uint16_t)report.produced_place);
	assert_int_equal(rig.vq->last_used_idx, (uint16_t)report.completed_place);
	if (rig.vq->notifications != report.notifications)
		fail_msg("%s, section %s, ring %u, in order %d: %llu notifications, the driver asked for %llu",
			 strategy->name, section_name(section), ring->num, ring->in_order,
			 (unsigned long long)rig.vq->notifications,
			 (unsigned long long)report.notifications);
	assert_true(report.notifications > 0);
	rig_stop(&rig);
}

static void every_entry_once(const struct strategy *strategy, bool in_order)
{
	static const uint32_t sizes[] = { 1, 2, 4, 8, 1024 };
	struct ring_config ring = { .num = 256, .format = RING_PACKED, .in_order = in_order };

	/* Of two descriptors on average: more than 65536, once in each order. */
	for (unsigned int section = 0; section < SECTIONS; section++)
		consume(strategy, (enum section_granularity)section, &ring,
			section == (in_order ? SECTION_BURST : SECTION_ACCESS) ? 33000 : 2000);
	ring.indirect_one_in = 3;
	for (unsigned int section = 0; section < SECTIONS; section++)
		consume(strategy, (enum section_granularity)section, &ring, 500);
	ring.indirect_one_in = 2;
	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		ring.num = sizes[i];
		consume(strategy, (enum section_granularity)((i + in_order) % SECTIONS), &ring, 200);
	}
}

/* --- replay, checked against the ring itself ------------------------------------------------- */

#define RING_SIZE 64
#define CHAINS	  (RING_SIZE / 2)

/* An entry of the lap, as it stands in the ring before it is walked. */
struct known {
	uint16_t id, descs;
	uint32_t writable;
};

static struct pvirtq_desc desc_at(struct rig *rig, uint32_t slot)
{
	struct pvirtq_desc desc;

	assert_int_equal(vq_copy_in(rig->vq, VQ_DESC, slot * (uint32_t)sizeof(desc), &desc,
				    sizeof(desc)),
			 0);
	return desc;
}

static uint32_t writable_of_table(struct rig *rig, const struct pvirtq_desc *to)
{
	uint32_t sum = 0;

	for (uint32_t at = 0; at < to->len; at += sizeof(struct pvirtq_desc)) {
		struct pvirtq_desc desc;

		assert_int_equal(vq_copy_in_uaddr(rig->vq, rig->vq->memory_uaddr + to->addr + at,
						  &desc, sizeof(desc)),
				 0);
		sum += desc.flags & VIRTQ_DESC_F_WRITE ? desc.len : 0;
	}
	return sum;
}

/* The freshly filled ring, whose first descriptor is slot 0; where its chains end. */
static uint32_t read_lap(struct rig *rig, struct known known[CHAINS])
{
	uint32_t slot = 0;

	assert_int_equal(guest_ring_reset(rig->guest, 0), 0);
	for (uint32_t i = 0; i < CHAINS; i++) {
		struct pvirtq_desc desc;

		known[i] = (struct known){ 0 };
		do {
			desc = desc_at(rig, slot++);
			known[i].descs++;
			if (desc.flags & VIRTQ_DESC_F_INDIRECT)
				known[i].writable += writable_of_table(rig, &desc);
			else if (desc.flags & VIRTQ_DESC_F_WRITE)
				known[i].writable += desc.len;
		} while (desc.flags & VIRTQ_DESC_F_NEXT);
		known[i].id = desc.id;
	}
	return slot;
}

static void assert_used(struct rig *rig, uint16_t place, const struct known *known)
{
	uint32_t num = rig->vq->num;
	struct pvirtq_desc desc = desc_at(rig, place & (num - 1));
	uint16_t flags = pvirtq_used_flags(place, num);

	if (known->writable)
		flags |= VIRTQ_DESC_F_WRITE;
	if (desc.id != known->id || desc.len != known->writable || desc.flags != flags)
		fail_msg("%s: place %u is used with id %u len %u flags %#x, not id %u len %u flags %#x",
			 rig->strategy->name, place, desc.id, desc.len, desc.flags, known->id,
			 known->writable, flags);
}

/* A burst that begins at `place`; returns where it ends. */
static uint16_t assert_burst(struct rig *rig, uint16_t place, const struct known *known, uint32_t n)
{
	bool in_order = rig->vq->in_order;

	if (in_order)
		assert_used(rig, place, &known[n - 1]);
	for (uint32_t i = n; i--; place = (uint16_t)(place + known[i].descs))
		if (!in_order)
			assert_used(rig, place, &known[i]);
	return place;
}

/* Five laps that do not fill the ring, in bursts that wrap with it and not at its end alone. */
static void replay(struct rig *rig, walk_fn *walk, const struct known *known)
{
	struct vq *vq = rig->vq;
	uint16_t place = 0;

	assert_int_equal(guest_ring_reset(rig->guest, 0), 0);
	vq->last_avail_idx = vq->last_used_idx = vq->signalled_used = 0;
	for (uint32_t lap = 0; lap < 5; lap++) {
		assert_int_equal(walk(vq, CHAINS), CHAINS);
		for (uint32_t i = 0; i < CHAINS; i += vq->burst)
			place = assert_burst(rig, place, &known[i],
					     i + vq->burst < CHAINS ? vq->burst : CHAINS - i);
		assert_int_equal(vq->last_used_idx, place);
	}
}

/* What the driver's structure asks for, told by the bursts of a lap. */
static uint64_t notifications(struct rig *rig, uint16_t flags, uint16_t desc)
{
	struct vq *vq = rig->vq;

	assert_int_equal(guest_ring_reset(rig->guest, 0), 0);
	vq->last_avail_idx = vq->last_used_idx = vq->signalled_used = 0;
	vq->notifications = 0;
	assert_int_equal(guest_poke(rig->guest, 0, VQ_AVAIL, 0, desc), 0);
	assert_int_equal(guest_poke(rig->guest, 0, VQ_AVAIL, 2, flags), 0);
	assert_int_equal(rig->strategy->walks->packed_replay[SECTION_ACCESS](vq, CHAINS), CHAINS);
	return vq->notifications;
}

static void the_driver_is_told_as_it_asks(struct rig *rig)
{
	const uint64_t bursts = (CHAINS + rig->vq->burst - 1) / rig->vq->burst;

	assert_int_equal(notifications(rig, RING_EVENT_FLAGS_ENABLE, 0), bursts);
	assert_int_equal(notifications(rig, RING_EVENT_FLAGS_DISABLE, 0x8000), 0);
	assert_int_equal(notifications(rig, RING_EVENT_FLAGS_DESC, 0x8000), 1);
	/* The same descriptor, a lap before. */
	assert_int_equal(notifications(rig, RING_EVENT_FLAGS_DESC, 0), 0);
	assert_int_equal(notifications(rig, 3, 0x8000), 0);
}

static void replay_returns_what_the_ring_says(const struct strategy *strategy, bool in_order)
{
	const struct ring_config ring = {
		.num = RING_SIZE, .indirect_one_in = 3, .format = RING_PACKED, .in_order = in_order,
	};
	struct known known[CHAINS];
	struct rig rig;

	rig_start_on(&rig, strategy, &ring);
	rig.vq->burst = 13;
	assert_true(read_lap(&rig, known) < RING_SIZE);
	for (unsigned int section = 0; section < SECTIONS; section++)
		replay(&rig, strategy->walks->packed_replay[section], known);
	/* It is the harness's work, and known to be. */
	assert_true(rig.vq->refill_cycles > 0);
	the_driver_is_told_as_it_asks(&rig);
	rig_stop(&rig);
}

static void packed(void **state)
{
	for (int in_order = 0; in_order < 2; in_order++) {
		every_entry_once(*state, in_order);
		replay_returns_what_the_ring_says(*state, in_order);
	}
}

int main(void)
{
	return run_for_each_strategy("packed", packed);
}
