// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables of what is timed and counted besides the walk, and which cells have it. */
#include <stddef.h>

#include "cell.h"

static bool has_entries(const struct cell *cell)
{
	return !cell->strategy->ops->no_access;
}

static const char *no_entries(const struct cell *cell)
{
	if (cell->strategy->ops->copy_in_pieces)
		return "a burst's used elements are written by one copy";
	if (cell->scenario->axes.mask_index)
		return "indices are masked, and those of the timed walk are not";
	if (cell->scenario->driver == DRIVER_LIVE)
		return "the timed walk replays its ring";
	return NULL;
}

static bool has_refreshes(const struct cell *cell)
{
	const struct scenario *s = cell->scenario;

	return cell->strategy->ops->refresh &&
	       (scenario_takes_maps(s) || s->updates > 0 ||
		(s->target != TARGET_NONE && s->axes.unfiltered));
}

static const char *no_refresh(const struct cell *cell)
{
	return cell->cycles && !cell->unmapped_cycles ? "every section found its map" : NULL;
}

static bool is_driven(const struct cell *cell)
{
	return cell->scenario->driver == DRIVER_LIVE;
}

static bool has_load(const struct cell *cell)
{
	return is_driven(cell) && cell->scenario->load > 0;
}

static bool is_updated(const struct cell *cell)
{
	return cell->strategy->update && cell->scenario->updates > 0;
}

static bool is_preempted(const struct cell *cell)
{
	return cell->scenario->preempt > 0;
}

/* Invalidations by several may meet. */
static bool may_overlap(const struct cell *cell)
{
	return cell->scenario->invalidators > 1 && cell->scenario->target != TARGET_NOTIFY;
}

static bool has_workers(const struct cell *cell)
{
	return scenario_workers(cell->scenario) > 1;
}

const struct tally_timing timing_table[TIMINGS] = {
	[TIMING_ENTRY] = {
		.key = "entry",
		.title = "from one used element to the next",
		.cycles = true,
		.of = has_entries,
		.reason = no_entries,
	},
	[TIMING_BACK] = {
		.key = "map_back",
		.title = "from a section without a map to the refresh that brought it back",
		.cycles = true,
		.tabled = true,
		.of = has_refreshes,
		.reason = no_refresh,
	},
	[TIMING_RING] = {
		.key = "ring",
		.title = "through the ring, from when an entry was due",
		.cycles = true,
		.tabled = true,
		.of = has_load,
	},
	[TIMING_RING_SENT] = {
		.key = "ring_sent",
		.title = "through the ring, from when it was available",
		.cycles = true,
		.tabled = true,
		.of = is_driven,
	},
	[TIMING_UPDATE] = {
		.key = "update",
		.title = "an update of the control path, the worker being outside",
		.tabled = true,
		.of = is_updated,
	},
	[TIMING_OUTSIDE] = {
		.key = "outside",
		.title = "the worker outside the walk for an update",
		.cycles = true,
		.tabled = true,
		.of = is_updated,
	},
};

const struct tally_count count_table[COUNTS + 1] = {
	[COUNT_ASKED] = {
		.key = "entries_asked_per_s",
		.title = "entries due a second",
		.form = COUNT_PER_SECOND,
		.of = has_load,
	},
	[COUNT_DONE] = {
		.key = "entries_done_per_s",
		.title = "entries done a second",
		.form = COUNT_PER_SECOND,
		.of = is_driven,
	},
	[COUNT_KICKS] = {
		.key = "kicks_per_entry",
		.title = "kicks an entry",
		.form = COUNT_PER_ENTRY,
		.of = is_driven,
	},
	[COUNT_NOTIFICATIONS] = {
		.key = "notifications_per_entry",
		.title = "notifications an entry",
		.form = COUNT_PER_ENTRY,
		.of = is_driven,
	},
	[COUNT_ALL_WORKERS] = {
		.key = "entries_all_workers_per_s",
		.title = "entries a second of all workers",
		.form = COUNT_BY_TIME,
		.of = has_workers,
	},
	[COUNT_SLOWEST_WORKER] = {
		.key = "slowest_worker_share",
		.title = "slowest worker's entries, of the mean",
		.form = COUNT_PER_ENTRY,
		.of = has_workers,
	},
	[COUNT_FASTEST_WORKER] = {
		.key = "fastest_worker_share",
		.title = "fastest worker's entries, of the mean",
		.form = COUNT_PER_ENTRY,
		.of = has_workers,
	},
	[COUNT_OVERLAPPED] = {
		.key = "overlapped_invalidations",
		.title = "invalidations that overlapped",
		.of = may_overlap,
	},
	[COUNT_LOCKED_OUT] = {
		.key = "locked_out_invalidations",
		.title = "left out, as another had the page lock",
		.of = may_overlap,
	},
	[COUNT_UPDATES] = {
		.key = "updates_per_s",
		.title = "updates a second",
		.form = COUNT_PER_SECOND,
		.of = is_updated,
	},
	[COUNT_PREEMPTIONS] = {
		.key = "preemptions_per_s",
		.title = "preemptions a second",
		.form = COUNT_PER_SECOND,
		.of = is_preempted,
	},
};
