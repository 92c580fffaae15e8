// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that every strategy still consumes each entry once, in order and with its length, while the
 * metadata migrates under it as fast as it goes; that pinned pages refuse to migrate; and that real
 * migrations, refreshes and waits of the driver took place, so that it was no idle test.
 */
#include "conformance.h"

static void migrate_and_consume(const struct strategy *strategy, enum section_granularity section,
				uint32_t indirect_one_in)
{
	static struct invalidator_report migrations;
	struct invalidator_config config = {
		.target = { { .area = VQ_DESC }, { .area = VQ_AVAIL }, { .area = VQ_USED } },
		.targets = VQ_AREAS,
		.rate = 5000,
		.cpu = 0,
		.seed = 7,
	};
	struct invalidator *invalidator;
	struct driver_report report;
	struct rig rig;

	memset(&migrations, 0, sizeof(migrations));
	rig_start(&rig, strategy, 256, indirect_one_in);
	config.guest = rig.guest;
	assert_int_equal(guest_driver_start(rig.guest, 0, UINT64_MAX), 0);
	assert_int_equal(invalidator_start(&config, &invalidator), 0);
	assert_int_equal(walk_live(&rig, section, 100000000), 0);
	invalidator_stop(invalidator, &migrations);
	guest_driver_report(rig.guest, &report);
	assert_int_equal(guest_driver_stop(rig.guest, 0), 0);
	if (report.wrong)
		fail_msg("%s, section %s: completion %llu is id %u len %u, not id %u len %u",
			 strategy->name, section_name(section),
			 (unsigned long long)report.first_wrong, report.found_id, report.found_len,
			 report.expected_id, report.expected_len);
	assert_int_equal(report.completed, report.produced);
	assert_true(report.completed > 0);
	assert_int_equal(rig.vq->notifications, report.notifications);
	assert_int_equal(migrations.error, 0);
	assert_true(migrations.done > 0);
	if (strategy->class == CLASS_PINNED)
		assert_int_equal(migrations.refused, migrations.done);
	else
		assert_true(migrations.refused < migrations.done);
	if (strategy->ops->refresh)
		assert_true(rig.vq->refreshes > 0);
	rig_stop(&rig);
}

static void every_entry_once_while_migrating(void **state)
{
	for (unsigned int section = 0; section < SECTIONS; section++) {
		migrate_and_consume(*state, (enum section_granularity)section, 0);
		migrate_and_consume(*state, (enum section_granularity)section, 4);
	}
}

int main(void)
{
	return run_for_each_strategy("migration", every_entry_once_while_migrating);
}
