// SPDX-License-Identifier: GPL-2.0-or-later
/* The lean driver as the harness has it. */
#include "guest/internal.h"
#include "guest/live.h"

int guest_live_start(struct guest *guest, const struct guest_live_config *config)
{
	struct guest_command command = { .op = OP_LIVE_START, .ring = config->ring };
	struct live_shared *shared = &guest->shared->live;

	shared->config.period = schedule_period(config->load, config->ns_per_cycle);
	shared->config.burst = config->burst;
	shared->config.timed = config->timed;
	return guest_execute(guest, &command);
}

bool guest_live_is_warm(const struct guest *guest)
{
	return atomic_load(&guest->shared->live.warm);
}

void guest_live_measure(struct guest *guest)
{
	atomic_store(&guest->shared->live.phase, LIVE_MEASURE);
}

void guest_live_finish(struct guest *guest)
{
	atomic_store(&guest->shared->live.phase, LIVE_FINISH);
}

bool guest_live_done(const struct guest *guest)
{
	return atomic_load(&guest->shared->driver_done);
}

int guest_live_stop(struct guest *guest, unsigned int ring, struct guest_live_report *report)
{
	struct guest_command command = { .op = OP_LIVE_STOP, .ring = ring };
	const struct live_shared *shared = &guest->shared->live;
	int err = guest_execute(guest, &command);

	*report = (struct guest_live_report){
		.driver = guest->shared->driver,
		.too_many = guest->shared->driver.wrong &&
			    guest->shared->driver.found_id == (uint32_t)LIVE_NONE &&
			    guest->shared->driver.expected_id == (uint32_t)LIVE_NONE,
		.kicks = shared->kicks,
		.unfinished = shared->unfinished,
		.due = &shared->due,
		.sent = &shared->sent,
	};
	return err;
}
