// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `ringwalk icount-cells`: the part of `ringwalk icount` that runs inside the emulated machine,
 * where an instruction takes a nanosecond and the CPU's clock therefore counts instructions.
 *
 * A cell's figure is what a lap of the ring takes: burst by burst, each the least of EPOCHS, less the
 * least that a walk over no entry took, with its readings and its call. The least, because what an
 * interrupt adds is not the cell's, and it only ever adds; burst by burst, because a lap of copies
 * takes longer than from one tick of the timer to the next.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <ringwalk/cycles.h>

#include "icount/counted_loop.h"
#include "icount/icount.h"
#include "measure/environment_build.h"
#include "run.h"

#define EPOCHS	   25
#define LOOP_TURNS 64000

/* Bursts of a lap: those of the largest ring in the smallest bursts would take for ever. */
#define PIECES_MAX 1024

/* Of the clock, of which a tick is more than one instruction on arm64: 1 GHz is one. */
static uint64_t instructions_per_tick(void)
{
#ifdef __aarch64__
	uint64_t frequency;

	__asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
	return frequency ? 1000000000 / frequency : 1;
#else
	return 1;
#endif
}

/* The least of EPOCHS, by the clock. */
static uint64_t time_loop(uint64_t turns)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < EPOCHS; i++) {
		uint64_t begin = cycles_now_ordered(), took;

		counted_loop(turns);
		took = cycles_now_ordered() - begin;
		if (took < least)
			least = took;
	}
	return least;
}

/* What the machine makes of INSTRUCTIONS_PER_TURN * LOOP_TURNS instructions. */
static uint64_t count_loop(void)
{
	return (time_loop(2 * LOOP_TURNS) - time_loop(LOOP_TURNS)) * instructions_per_tick();
}

/* Ticks of a walk over so many entries, or negative errno. */
static int64_t time_walk(struct cell *cell, uint64_t entries)
{
	struct epoch epoch;
	int err = cell_epoch(cell, SAMPLE_TIME, entries, &epoch);

	return err ? err : (int64_t)epoch.cycles;
}

/* The same into `least`, if it is less. 0 or negative errno. */
static int take_least(struct cell *cell, uint64_t entries, int64_t *least)
{
	int64_t took = time_walk(cell, entries);

	if (took < 0)
		return (int)took;
	if (took < *least)
		*least = took;
	return 0;
}

/*
 * Instructions of a lap, or negative errno. The ring is at the end of a lap, empty, before and after.
 */
static int64_t count_lap(struct cell *cell)
{
	uint64_t lap = cell->vq->lap, burst = cell->vq->burst, pieces = (lap + burst - 1) / burst;
	int64_t least[PIECES_MAX], nothing = INT64_MAX, sum = 0;
	int err = pieces > PIECES_MAX ? -E2BIG : 0;

	for (uint64_t p = 0; p < PIECES_MAX; p++)
		least[p] = INT64_MAX;
	for (int i = 0; i < EPOCHS && !err; i++) {
		err = take_least(cell, 0, &nothing);
		for (uint64_t p = 0; p < pieces && !err; p++)
			err = take_least(cell, p < pieces - 1 ? burst : lap - p * burst, &least[p]);
	}
	if (err)
		return err;
	for (uint64_t p = 0; p < pieces; p++)
		sum += least[p] - nothing;
	return sum * (int64_t)instructions_per_tick();
}

/* With the queue mapped, after a lap to warm up. */
static int64_t count_attached(struct cell *cell)
{
	int64_t instructions;
	int err = cell_attach(cell);

	if (err)
		return err;
	/* It walks a tenth of what it is told, and no more than a lap. */
	instructions = cell_prepare(cell, SAMPLE_TIME, 10 * (uint64_t)cell->vq->lap);
	if (!instructions)
		instructions = count_lap(cell);
	cell_detach(cell);
	return instructions;
}

/* One line, at once: what is said before the machine stops has been said. */
static int say(json_t *line)
{
	int err = line ? json_dumpf(line, stdout, JSON_COMPACT) : -1;

	json_decref(line);
	if (!err)
		err = putchar('\n') == EOF || fflush(stdout);
	return err ? -ENOMEM : 0;
}

static int say_cell(const struct cell *cell, int64_t instructions, const char *reason)
{
	json_t *line = json_pack("{s:s, s:s, s:s, s:s?}", "kind", "cell", "strategy",
				 cell->strategy->name, "scenario", cell->scenario->name, "object",
				 build_object_hash(cell->strategy->name));

	if (reason)
		json_object_update_new(line, json_pack("{s:n, s:s}", "lap_instructions",
						       "lap_instructions_reason", reason));
	else
		json_object_update_new(line,
				       json_pack("{s:I, s:i}", "lap_instructions",
						 (json_int_t)instructions, "lap_entries",
						 (int)cell->vq->lap));
	return say(line);
}

static int count_cell(struct cell *cell)
{
	int64_t instructions;

	if (cell->skip)
		return say_cell(cell, 0, cell->skip);
	instructions = count_attached(cell);
	return say_cell(cell, instructions, instructions < 0 ? strerror((int)-instructions) : NULL);
}

/* One strategy in all scenarios, so that what another one has left behind is the same for each. */
static int count_strategy(struct session *session, size_t strategy)
{
	const struct options *options = session->options;
	const struct strategy *s = options->strategy[strategy];
	int failed = s->worker_start ? s->worker_start() : 0, err = 0;

	for (size_t i = 0; i < options->scenarios && !err; i++) {
		struct cell *cell = &session->cell[i * options->strategies + strategy];

		if (failed)
			err = say_cell(cell, 0, strerror(-failed));
		else
			err = count_cell(cell);
	}
	if (!failed && s->worker_stop)
		s->worker_stop();
	return err;
}

static int say_machine(uint64_t counted)
{
	struct utsname name;

	if (uname(&name))
		return -errno;
	return say(json_pack("{s:s, s:i, s:s?, s:s, s:s, s:s, s:I, s:I, s:I}", "kind", "machine",
			     "interface", ICOUNT_INTERFACE, "revision", build_revision, "compiler",
			     build_compiler, "kernel", name.release, "machine", name.machine,
			     "instructions_per_tick", (json_int_t)instructions_per_tick(),
			     "loop_instructions", (json_int_t)INSTRUCTIONS_PER_TURN * LOOP_TURNS,
			     "loop_counted", (json_int_t)counted));
}

/* A tick more or less, where a tick is many. */
static bool counts_exactly(uint64_t counted)
{
	uint64_t known = INSTRUCTIONS_PER_TURN * LOOP_TURNS, tick = instructions_per_tick();
	uint64_t error = counted > known ? counted - known : known - counted;

	return error < tick;
}

static int count_cells(struct session *session)
{
	int err = session_make_cells(session);

	for (size_t i = 0; i < session->options->strategies && !err; i++)
		err = count_strategy(session, i);
	if (!err)
		err = say(json_pack("{s:s}", "kind", "end"));
	if (err)
		fprintf(stderr, "ringwalk: %s\n", strerror(-err));
	session_destroy_cells(session);
	return err;
}

int command_icount_cells(const struct options *options)
{
	struct session session = { .options = options, .placement = { .others_cpu = -1 } };
	uint64_t counted = count_loop();
	int err;

	err = say_machine(counted);
	if (err) {
		fprintf(stderr, "ringwalk: %s\n", strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	if (!counts_exactly(counted)) {
		fprintf(stderr,
			"ringwalk: here the clock counts no instructions: %d of them took it %llu; "
			"this is for the machine that run.sh icount starts\n",
			INSTRUCTIONS_PER_TURN * LOOP_TURNS, (unsigned long long)counted);
		return EXIT_ENVIRONMENT;
	}
	/* What was named may be another revision's. */
	if (!options->strategies || !options->scenarios)
		return say(json_pack("{s:s}", "kind", "end")) ? EXIT_ENVIRONMENT : EXIT_FINE;
	if (session_start_guest(&session))
		return EXIT_ENVIRONMENT;
	err = count_cells(&session);
	guest_stop(session.guest);
	return err ? EXIT_ENVIRONMENT : EXIT_FINE;
}
