// SPDX-License-Identifier: GPL-2.0-or-later
/* From options to a guest and cells. */
#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "measure/plan.h"
#include "run.h"

/* The guest's ring that the scenario needs, or the next free one. */
static unsigned int ring_of(struct guest_config *config, const struct scenario *scenario)
{
	const struct ring_config wanted = {
		.num = scenario->ring_size, .layout = scenario->axes.layout,
	};

	for (unsigned int r = 0; r < config->rings; r++)
		if (config->ring[r].num == wanted.num && config->ring[r].layout == wanted.layout)
			return r;
	config->ring[config->rings] = wanted;
	return config->rings++;
}

static struct guest_config guest_config_of(const struct session *session)
{
	struct guest_config config = { .cpu = session->placement.others_cpu };

	for (size_t i = 0; i < session->options->scenarios; i++)
		ring_of(&config, &session->options->scenario[i]);
	return config;
}

int session_start_guest(struct session *session)
{
	struct guest_config config = guest_config_of(session);
	char error[200];
	int err;

	err = guest_start(&config, &session->guest, error, sizeof(error));
	if (err)
		fprintf(stderr, "ringwalk: %s\n", error);
	return err;
}

static bool needs_copies(const struct cell *cell)
{
	if (cell->strategy->class == CLASS_COPY)
		return true;
	if (cell->strategy->class == CLASS_FLOOR || cell->strategy->class == CLASS_PINNED)
		return false;
	/* While its map is invalidated, or where it has none, a direct-map strategy copies. */
	return cell->scenario->target == TARGET_METADATA ||
	       cell->scenario->axes.layout == PAGES_SCATTERED || cell->scenario->axes.unfiltered;
}

/* Migration needs MEMBARRIER_CMD_PRIVATE_EXPEDITED for the drain of copies. 0 or negative errno. */
static int register_membarrier(void)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0))
		return -errno;
	return 0;
}

static void find_reason(struct cell *cell, int copies, int membarrier)
{
	char *text = cell->skip_text;
	size_t size = sizeof(cell->skip_text);

	cell->skip = text;
	if (cell->strategy->available && cell->strategy->available(text, size))
		return;
	if (cell->strategy->expected[cell->scenario->section] & VERDICT_DEADLOCK &&
	    cell->scenario->target != TARGET_NONE)
		snprintf(text, size, "it is known to deadlock under invalidations");
	else if (cell->strategy->class == CLASS_PINNED &&
		 cell->scenario->axes.layout == PAGES_SCATTERED)
		snprintf(text, size, "scattered pages have no map, and it has nothing to fall back on");
	else if (copies && needs_copies(cell))
		snprintf(text, size, "process_vm_readv of the guest: %s (ptrace permission)",
			 strerror(-copies));
	else if (membarrier && cell->scenario->target != TARGET_NONE)
		snprintf(text, size, "migration needs membarrier(PRIVATE_EXPEDITED): %s",
			 strerror(-membarrier));
	else
		cell->skip = NULL;
}

/*
 * Samples of a steady cell: what the time allows if epochs took half of what is planned, and no more
 * than a median needs. Those beyond are in samples.jsonl alone.
 */
#define SAMPLES_MAX 20000

static size_t samples_max(const struct options *options)
{
	double seconds = options->seconds / options_launches(options);
	size_t steady = 0, samples;

	for (size_t i = 0; i < options->scenarios; i++)
		if (options->scenario[i].target == TARGET_NONE)
			steady += options->strategies * options->variants;
	samples = (size_t)(seconds * 1e9 / 50000) / (steady ? steady : 1) + 64;
	return samples < SAMPLES_MAX ? samples : SAMPLES_MAX;
}

int session_name_cells(struct session *session)
{
	const struct options *options = session->options;
	size_t of_scenario = options->strategies * options->variants;

	session->cells = options->scenarios * of_scenario;
	session->cell = calloc(session->cells, sizeof(*session->cell));
	if (!session->cell)
		return -ENOMEM;
	for (size_t i = 0; i < session->cells; i++) {
		struct cell *cell = &session->cell[i];

		cell->scenario = &options->scenario[i / of_scenario];
		cell->strategy = options->strategy[i % of_scenario / options->variants];
		cell->variant = (unsigned int)(i % options->variants);
		cell->extra = options->variant[cell->variant];
	}
	return 0;
}

/* Each queue at a place of its own in a page, and at another one in each launch. */
static int place_queues(struct session *session)
{
	struct plan places;
	int err = plan_init(&places, 1, ~(session->options->seed + session->launch));

	if (err)
		return err;
	for (size_t i = 0; i < session->cells; i++)
		session->cell[i].shift = plan_random(&places, CELL_SHIFTS);
	plan_destroy(&places);
	return 0;
}

int session_make_cells(struct session *session)
{
	const struct options *options = session->options;
	struct guest_config config = guest_config_of(session);
	int copies = guest_copies_permitted(session->guest);
	int membarrier = register_membarrier();
	size_t epochs = samples_max(options);
	int err = session_name_cells(session);

	if (!err)
		err = place_queues(session);
	if (err)
		return err;
	for (size_t i = 0; i < session->cells; i++) {
		struct cell *cell = &session->cell[i];

		cell->ring = ring_of(&config, cell->scenario);
		find_reason(cell, copies, membarrier);
		err = cell_create(cell, session->guest,
				  cell->scenario->target == TARGET_NONE ? epochs :
									  options->windows);
		if (err)
			return err;
	}
	return 0;
}

void session_destroy_cells(struct session *session)
{
	for (size_t i = 0; i < session->cells; i++)
		cell_destroy(&session->cell[i]);
	free(session->cell);
}
