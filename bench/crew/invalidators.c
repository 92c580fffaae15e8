// SPDX-License-Identifier: GPL-2.0-or-later
#include "crew/crew.h"
#include "guest/invalidator.h"

static struct invalidator *running;

static bool wanted(const struct scenario *scenario)
{
	return scenario->target != TARGET_NONE;
}

static int start(struct session *session, struct cell *cell, uint64_t seed)
{
	struct invalidator_config config = {
		.guest = session->guest,
		.cpu = session->placement.others_cpu,
		.seed = seed,
	};

	scenario_aim(cell->scenario, cell->ring, &config);
	if (cell_tells_taking(cell))
		config.vq = cell->vq;
	return invalidator_start(&config, &running);
}

static int stop(struct session *session, struct cell *cell)
{
	uint64_t overlapped = cell->invalidate.overlapped, locked_out = cell->invalidate.locked_out;

	(void)session;
	invalidator_stop(running, &cell->invalidate);
	cell->tallies.count[COUNT_OVERLAPPED] += cell->invalidate.overlapped - overlapped;
	cell->tallies.count[COUNT_LOCKED_OUT] += cell->invalidate.locked_out - locked_out;
	cell_account_starts(cell);
	return cell->invalidate.error;
}

const struct crew_member crew_invalidators = {
	.name = "invalidators",
	.wanted = wanted,
	.start = start,
	.stop = stop,
};
