// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare/side.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"

static const json_t *named(const json_t *list, const char *name)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *row = json_array_get(list, i);
		const char *this = json_string_value(json_object_get(row, "name"));

		if (this && !strcmp(this, name))
			return row;
	}
	return NULL;
}

const json_t *side_strategy(const struct side *side, const char *name)
{
	return named(json_object_get(side->has, "strategies"), name);
}

const json_t *side_scenario(const struct side *side, const char *name)
{
	return named(json_object_get(side->has, "scenarios"), name);
}

struct side_cell *side_cell(const struct side *side, const char *strategy, const char *scenario)
{
	for (size_t i = 0; i < side->cells; i++)
		if (!strcmp(side->cell[i].strategy, strategy) &&
		    !strcmp(side->cell[i].scenario, scenario))
			return &side->cell[i];
	return NULL;
}

const struct series *side_series(const struct side_cell *cell, const char *metric)
{
	for (size_t i = 0; i < cell->n; i++)
		if (!strcmp(cell->series[i].metric.name, metric))
			return &cell->series[i];
	return NULL;
}

/* --- its journal ----------------------------------------------------------------------------- */

struct reader {
	struct side *side;
	json_t *pending; /* cell lines of the launch that has not ended yet */
	struct counting counting;
	struct cell scratch;
};

static struct side_cell *take_cell(struct side *side, const char *strategy, const char *scenario)
{
	struct side_cell *cell = side_cell(side, strategy, scenario), *more;

	if (cell)
		return cell;
	more = realloc(side->cell, (side->cells + 1) * sizeof(*more));
	if (!more)
		return NULL;
	side->cell = more;
	cell = &more[side->cells++];
	memset(cell, 0, sizeof(*cell));
	snprintf(cell->strategy, sizeof(cell->strategy), "%s", strategy);
	snprintf(cell->scenario, sizeof(cell->scenario), "%s", scenario);
	return cell;
}

static void take_value(struct side_cell *cell, const struct metric_value *value, size_t launch)
{
	struct series *series = (struct series *)side_series(cell, value->metric.name);

	if (!series && cell->n == METRICS_MAX)
		return;
	if (!series) {
		series = &cell->series[cell->n++];
		series->metric = value->metric;
	}
	series->value[launch] = value->value;
	series->resolution = fmax(series->resolution, value->resolution);
}

static int take_cell_line(struct reader *reader, const json_t *line, size_t launch,
			  const struct launch_clock *clock)
{
	const char *strategy = json_string_value(json_object_get(line, "strategy"));
	const char *scenario = json_string_value(json_object_get(line, "scenario"));
	struct metric_value values[METRICS_MAX];
	struct side_cell *cell;
	int err;

	if (json_integer_value(json_object_get(line, "variant")) != reader->side->variant)
		return 0;
	err = strategy && scenario ? cell_from_json(&reader->scratch, line) : -EPROTO;
	if (err)
		return err;
	cell = take_cell(reader->side, strategy, scenario);
	if (!cell)
		return -ENOMEM;
	if (reader->scratch.skip) {
		snprintf(cell->skip, sizeof(cell->skip), "%s", reader->scratch.skip);
		return 0;
	}
	for (size_t i = metrics_of_launch(&reader->scratch, &reader->counting, clock, values); i--;)
		take_value(cell, &values[i], launch);
	return 0;
}

static int launch_ended(struct reader *reader, const json_t *line)
{
	struct side *side = reader->side;
	json_int_t launch = json_integer_value(json_object_get(line, "launch"));
	struct launch_clock clock;
	struct noise_report noise;
	json_t *counting, *of_noise;
	double seconds;
	int err;

	if (launch < 0 || launch >= LAUNCHES_MAX ||
	    json_unpack((json_t *)line, "{s:F, s:F, s:F, s:o, s:o}", "seconds", &seconds,
			"timer_step_ns", &clock.step_ns, "ns_per_cycle", &clock.ns_per_cycle,
			"counting", &counting, "noise", &of_noise))
		return -EPROTO;
	/* Of one that was stopped nothing counts: it is measured again. */
	if (side->done[launch] || !json_is_true(json_object_get(line, "complete")))
		return 0;
	err = counting_from_json(&reader->counting, counting);
	if (!err)
		err = noise_from_json(&noise, of_noise);
	for (size_t i = 0; !err && i < json_array_size(reader->pending); i++)
		err = take_cell_line(reader, json_array_get(reader->pending, i), (size_t)launch,
				     &clock);
	if (err)
		return err;
	noise_merge(&side->noise, &noise);
	side->seconds += seconds;
	side->done[launch] = true;
	side->launches++;
	return 0;
}

static int take_line(void *context, const char *kind, json_t *line, unsigned int number)
{
	struct reader *reader = context;
	int err = 0;

	(void)number;
	/* A damaged line is no line: what it belonged to is not complete. */
	if (kind && !strcmp(kind, "cell"))
		err = json_array_append(reader->pending, line) ? -ENOMEM : 0;
	else if (kind && !strcmp(kind, "launch"))
		err = launch_ended(reader, line);
	if (kind && strcmp(kind, "cell") != 0)
		json_array_clear(reader->pending);
	return err;
}

static void forget_journal(struct side *side)
{
	free(side->cell);
	side->cell = NULL;
	side->cells = side->launches = 0;
	memset(side->done, 0, sizeof(side->done));
	memset(&side->noise, 0, sizeof(side->noise));
	side->seconds = 0;
}

int side_read_journal(struct side *side, const char *folder)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	int err = -ENOMEM;

	forget_journal(side);
	if (!reader)
		return -ENOMEM;
	reader->side = side;
	reader->pending = json_array();
	if (reader->pending)
		err = journal_lines(folder, &side->end, take_line, reader);
	json_decref(reader->pending);
	counting_free(&reader->counting);
	tallies_destroy(&reader->scratch.tallies);
	free(reader);
	return err;
}

void side_close(struct side *side)
{
	forget_journal(side);
	json_decref(side->has);
	side->has = NULL;
}
