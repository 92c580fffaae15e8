// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "crew/crew.h"
#include "guest/invalidator.h"

static struct invalidator *running;
static const struct vq **queues; /* of all workers, by ring; NULL: it makes no difference */

static bool wanted(const struct scenario *scenario)
{
	return scenario->target != TARGET_NONE;
}

static int list_queues(struct cell *cell, unsigned int rings)
{
	queues = calloc(rings, sizeof(*queues));
	if (!queues)
		return -ENOMEM;
	for (unsigned int i = 0; i < rings; i++)
		queues[i] = cell_worker(cell, i / cell->queues)->queue[i % cell->queues];
	return 0;
}

static int start(struct session *session, struct cell *cell, uint64_t seed)
{
	struct invalidator_config config = {
		.guest = session->guest,
		.rings = (cell->further + 1) * cell->queues,
		.cpu = session->placement.others_cpu,
		.seed = seed,
	};
	int err = cell_tells_taking(cell) ? list_queues(cell, config.rings) : 0;

	if (err)
		return err;
	scenario_aim(cell->scenario, cell->ring, &config);
	config.vq = queues;
	err = invalidator_start(&config, &running);
	if (err) {
		free((void *)queues);
		queues = NULL;
	}
	return err;
}

static int stop(struct session *session, struct cell *cell)
{
	uint64_t overlapped = cell->invalidate.overlapped, locked_out = cell->invalidate.locked_out;

	(void)session;
	invalidator_stop(running, &cell->invalidate);
	free((void *)queues);
	queues = NULL;
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
