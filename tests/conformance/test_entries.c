// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that under every strategy the walk consumes each entry that a live driver produces once, in
 * order and with its length, through sections of every granularity, past the wrap of the 16-bit
 * indices, from chains and from indirect tables, on rings from 1 entry up. The driver checks. That
 * it notifies where used_event asks for it, and says in avail_event where it found the ring empty.
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

static void consume(const struct strategy *strategy, enum section_granularity section, uint32_t num,
		    uint32_t indirect_one_in, uint64_t entries)
{
	struct driver_report report;
	struct rig rig;

	rig_start(&rig, strategy, num, indirect_one_in);
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

static void every_entry_once(void **state)
{
	const struct strategy *strategy = *state;
	static const uint32_t sizes[] = { 1, 2, 4, 8, 1024 };

	for (unsigned int section = 0; section < SECTIONS; section++) {
		enum section_granularity granularity = (enum section_granularity)section;

		consume(strategy, granularity, 256, 0, 70000);
		consume(strategy, granularity, 256, 3, 5000);
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			consume(strategy, granularity, sizes[i], 2, 200);
	}
}

int main(void)
{
	return run_for_each_strategy("entries", every_entry_once);
}
