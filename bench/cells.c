// SPDX-License-Identifier: GPL-2.0-or-later
/* From options to a guest and cells. */
#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "footprint.h"
#include "measure/plan.h"
#include "run.h"
#include "words.h"

/* The kind of ring that the scenario needs; of those that are alike there are as many as any needs. */
static unsigned int kind_of(struct guest_config *config, const struct scenario *scenario)
{
	const struct ring_config wanted = scenario_ring(scenario);
	unsigned int kind = 0;

	while (kind < config->rings && !ring_config_same(&config->ring[kind], &wanted))
		kind++;
	if (kind == config->rings)
		config->ring[config->rings++] = wanted;
	if (config->ring[kind].count < wanted.count)
		config->ring[kind].count = wanted.count;
	return kind;
}

/* The first of the scenario's rings. */
static unsigned int ring_of(struct guest_config *config, const struct scenario *scenario)
{
	unsigned int kind = kind_of(config, scenario), ring = 0;

	while (kind--)
		ring += config->ring[kind].count;
	return ring;
}

static struct guest_config guest_config_of(const struct session *session)
{
	struct guest_config config = { .cpu = session->placement.others_cpu };

	for (size_t i = 0; i < session->options->scenarios; i++)
		kind_of(&config, &session->options->scenario[i]);
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
	if (cell->strategy->class == CLASS_FLOOR)
		return false;
	/* A table of descriptors is a buffer, and read by copies. */
	if (cell->scenario->indirect)
		return true;
	if (cell->strategy->class == CLASS_PINNED)
		return false;
	/* While its map is invalidated, or where it has none, a direct-map strategy copies. */
	return scenario_takes_maps(cell->scenario) || cell->scenario->updates > 0 ||
	       cell->scenario->axes.layout == PAGES_SCATTERED || cell->scenario->axes.unfiltered;
}

/* Migration needs MEMBARRIER_CMD_PRIVATE_EXPEDITED for the drain of copies. 0 or negative errno. */
static int register_membarrier(void)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0))
		return -errno;
	return 0;
}

static void find_reason(struct cell *cell, int copies, int membarrier, const char *no_huge_pages)
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
	else if (no_huge_pages && cell->scenario->axes.layout == PAGES_HUGE)
		snprintf(text, size, "%s", no_huge_pages);
	else if (cell->strategy->class == CLASS_PINNED && scenario_hits_pages(cell->scenario) &&
		 event_moves_pinned(cell->scenario->event))
		snprintf(text, size,
			 "'%s' respects no pins: it would walk pages that are the ring's no more",
			 event_name(cell->scenario->event));
	else if (copies && needs_copies(cell))
		snprintf(text, size, "process_vm_readv of the guest: %s (ptrace permission)",
			 strerror(-copies));
	else if (membarrier && cell->scenario->target != TARGET_NONE)
		snprintf(text, size, "migration needs membarrier(PRIVATE_EXPEDITED): %s",
			 strerror(-membarrier));
	else
		cell->skip = NULL;
}

/* Why no live driver can feed it, where the scenario has one; or NULL. */
static const char *no_driver(const struct session *session, const struct cell *cell)
{
	if (cell->scenario->driver != DRIVER_LIVE)
		return NULL;
	if (cell->strategy->ops->no_access)
		return "the floor touches no ring, and a live driver would wait for ever";
	if (session->placement.shared)
		return "a live driver needs a CPU beside the worker's, and there is one CPU";
	return NULL;
}

/* Why its workers cannot all be placed, as the scenario has it; or NULL. Else `cpus` says where. */
static const char *no_cpus(const struct session *session, struct cell *cell,
			   struct worker_cpus *cpus)
{
	const struct scenario *s = cell->scenario;

	if (scenario_workers(s) == 1 || !session->topology)
		return NULL;
	worker_cpus_choose(session->topology, &session->placement, s->place, s->workers, cpus);
	if (cpus->placed == s->workers)
		return NULL;
	/* Then it is a sentence, and no list of CPUs. */
	snprintf(cell->skip_text, sizeof(cell->skip_text), "%.*s",
		 (int)sizeof(cell->skip_text) - 1, cpus->text);
	return cell->skip_text;
}

/*
 * Samples of a steady cell at one place: what the time allows if epochs took half of what is planned,
 * and no more than a median needs. Those beyond are in samples.jsonl alone.
 */
#define SAMPLES_MAX 2000

static size_t samples_max(const struct options *options)
{
	double seconds = options->seconds / options_launches(options);
	size_t steady = 0, samples;

	for (size_t i = 0; i < options->scenarios; i++)
		if (!scenario_is_windowed(&options->scenario[i]))
			steady += options->strategies * options->variants;
	samples = (size_t)(seconds * 1e9 / 50000) / (steady ? steady : 1) / CELL_PLACES + 64;
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

/*
 * Lines for the cell's places, spread evenly over a page (one at random from each part of it) and in
 * random order. Those of one cell say nothing of another's.
 */
static void choose_lines(struct cell *cell, struct plan *random)
{
	unsigned int part = CELL_LINES / cell->places;

	for (unsigned int i = 0; i < cell->places; i++) {
		unsigned int other = plan_random(random, i + 1);

		/* Inside out: the one that was there goes to the end. */
		cell->line[i] = cell->line[other];
		cell->line[other] = (unsigned char)(i * part + plan_random(random, part));
	}
}

/* Each queue at places of its own in a page, and at others in each launch. */
static int place_queues(struct session *session)
{
	struct plan random;
	int err = plan_init(&random, 1, ~(session->options->seed + session->launch));

	if (err)
		return err;
	for (size_t i = 0; i < session->cells; i++) {
		struct cell *cell = &session->cell[i];

		/* Windows are too few to go round. */
		cell->places = scenario_is_windowed(cell->scenario) ||
			       scenario_queues(cell->scenario) > 1 ? 1 : CELL_PLACES;
		choose_lines(cell, &random);
	}
	plan_destroy(&random);
	return 0;
}

/* Whether the list of "strategy/scenario" has the cell. */
static bool is_listed(const char *list, const struct cell *cell)
{
	char name[200];

	snprintf(name, sizeof(name), "%s/%s", cell->strategy->name, cell->scenario->name);
	return words_have(list, name);
}

/* Of the scenarios with this place. */
static unsigned int most_workers(const struct options *options, enum worker_place place)
{
	unsigned int most = 1;

	for (size_t i = 0; i < options->scenarios; i++)
		if (options->scenario[i].place == place && options->scenario[i].workers > most)
			most = options->scenario[i].workers;
	return most;
}

void session_place(struct session *session)
{
	struct placement *placement = &session->placement;
	const struct options *options = session->options;
	bool told[WORKER_PLACES] = { false };

	topology_place(session->topology, placement);
	for (size_t i = 0; i < options->scenarios; i++) {
		const struct scenario *s = &options->scenario[i];
		size_t used = strlen(placement->text);
		struct worker_cpus cpus;

		if (scenario_workers(s) == 1 || told[s->place])
			continue;
		told[s->place] = true;
		worker_cpus_choose(session->topology, placement, s->place, most_workers(options, s->place),
				   &cpus);
		snprintf(placement->text + used, sizeof(placement->text) - used, "; %s", cpus.text);
	}
}

/* What is larger than all caches is never warm. */
static bool fits_a_cache(const struct session *session, const struct scenario *scenario)
{
	struct caches caches = { .bytes = { 0 } };

	if (session->topology)
		caches_at(session->topology, session->placement.worker_cpu, &caches);
	return footprint_place(footprint_of(scenario), &caches) < CACHE_NONE;
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
		struct worker_cpus cpus = { .placed = 1 };

		cell->ring = ring_of(&config, cell->scenario);
		cell->touches = fits_a_cache(session, cell->scenario);
		cell->skip = no_driver(session, cell);
		if (!cell->skip)
			cell->skip = no_cpus(session, cell, &cpus);
		if (!cell->skip)
			find_reason(cell, copies, membarrier, guest_lacks_huge_pages(session->guest));
		if (options->cells && !cell->skip && !is_listed(options->cells, cell))
			cell->skip = "it is not asked for";
		if (cell->skip)
			cell->places = 1;
		/* Of a millisecond each. */
		if (scenario_is_in_pieces(cell->scenario))
			cell->pieces_max = (size_t)options->window_ms + 1;
		err = cell_create(cell, session->guest,
				  scenario_is_windowed(cell->scenario) ?
					  options->windows * (cell->pieces_max ? cell->pieces_max : 1) :
					  epochs * CELL_PLACES / cell->places);
		if (!err && !cell->skip)
			err = cell_add_workers(cell, session->guest, session->topology, &cpus);
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
