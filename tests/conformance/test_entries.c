// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that under every strategy the walk consumes each entry that a live driver produces once, in
 * order and with its length, through sections of every granularity, past the wrap of the 16-bit
 * indices, from chains and from indirect tables, on rings from 1 entry up. The driver checks.
 */
#include "conformance.h"

static void consume(const struct strategy *strategy, enum section_granularity section, uint32_t num,
		    uint32_t indirect_one_in, uint64_t entries)
{
	struct driver_report report;
	struct rig rig;

	rig_start(&rig, strategy, num, indirect_one_in);
	assert_int_equal(guest_driver_start(rig.guest, 0, entries), 0);
	assert_int_equal(walk_live(&rig, section, 0), 0);
	guest_driver_report(rig.guest, &report);
	assert_int_equal(guest_driver_stop(rig.guest, 0), 0);
	if (report.wrong)
		fail_msg("%s, section %s, ring %u: completion %llu is id %u len %u, not id %u len %u",
			 strategy->name, section_name(section), num,
			 (unsigned long long)report.first_wrong, report.found_id, report.found_len,
			 report.expected_id, report.expected_len);
	assert_int_equal(report.completed, entries);
	assert_int_equal(rig.vq->last_avail_idx, (uint16_t)entries);
	assert_int_equal(rig.vq->last_used_idx, (uint16_t)entries);
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
