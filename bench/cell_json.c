// SPDX-License-Identifier: GPL-2.0-or-later
/* A cell's results as a line of the journal, and back. */
#include <errno.h>
#include <string.h>

#include "journal.h"

/* [count, max, [bucket, samples], ...], those that have any. */
json_t *histogram_to_json(const struct histogram *h)
{
	json_t *json = json_pack("[I, I]", (json_int_t)h->count, (json_int_t)h->max);

	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		if (h->bucket[i])
			json_array_append_new(json, json_pack("[i, I]", (int)i,
							      (json_int_t)h->bucket[i]));
	return json;
}

int histogram_from_json(struct histogram *h, json_t *json)
{
	memset(h, 0, sizeof(*h));
	if (json_array_size(json) < 2)
		return -EPROTO;
	h->count = (uint64_t)json_integer_value(json_array_get(json, 0));
	h->max = (uint64_t)json_integer_value(json_array_get(json, 1));
	for (size_t i = 2; i < json_array_size(json); i++) {
		json_int_t samples;
		int bucket;

		if (json_unpack(json_array_get(json, i), "[i, I]", &bucket, &samples) ||
		    bucket < 0 || bucket >= (int)HISTOGRAM_BUCKETS)
			return -EPROTO;
		h->bucket[bucket] = (uint64_t)samples;
	}
	return 0;
}

static json_t *figure_to_json(const struct launch_figure *figure)
{
	const struct estimate *e = &figure->within;

	if (!figure->launches)
		return json_null();
	return json_pack("{s:f, s:f, s:f, s:f, s:I, s:I}", "value", e->value, "lower", e->lower,
			 "upper", e->upper, "coverage", e->coverage, "samples",
			 (json_int_t)figure->samples, "outliers", (json_int_t)figure->outliers);
}

static int figure_from_json(struct launch_figure *figure, json_t *json, unsigned int launch)
{
	struct estimate *e = &figure->within;
	json_int_t samples, outliers;

	*figure = (struct launch_figure){ .launches = 0 };
	if (json_is_null(json))
		return 0;
	if (json_unpack(json, "{s:F, s:F, s:F, s:F, s:I, s:I}", "value", &e->value, "lower",
			&e->lower, "upper", &e->upper, "coverage", &e->coverage, "samples",
			&samples, "outliers", &outliers))
		return -EPROTO;
	e->n = (size_t)samples;
	figure->value[0] = e->value;
	figure->launch[0] = launch;
	figure->launches = 1;
	figure->samples = (uint64_t)samples;
	figure->outliers = (uint64_t)outliers;
	return 0;
}

static json_t *counters_to_json(const struct cell *cell)
{
	json_t *json = json_array();
	size_t last = 0;

	for (size_t i = 0; i < CELL_COUNTERS_MAX; i++)
		if (cell->counter[i].enabled_ns)
			last = i + 1;
	for (size_t i = 0; i < last; i++) {
		const struct counter_value *v = &cell->counter[i];

		json_array_append_new(json, json_pack("[I, I, I, I]", (json_int_t)v->value,
						      (json_int_t)v->enabled_ns,
						      (json_int_t)v->running_ns,
						      (json_int_t)cell->counted_entries[i]));
	}
	return json;
}

static int counters_from_json(struct cell *cell, json_t *json)
{
	memset(cell->counter, 0, sizeof(cell->counter));
	memset(cell->counted_entries, 0, sizeof(cell->counted_entries));
	if (json_array_size(json) > CELL_COUNTERS_MAX)
		return -EPROTO;
	for (size_t i = 0; i < json_array_size(json); i++) {
		json_int_t value, enabled, running, entries;

		if (json_unpack(json_array_get(json, i), "[I, I, I, I]", &value, &enabled, &running,
				&entries))
			return -EPROTO;
		cell->counter[i] = (struct counter_value){ (uint64_t)value, (uint64_t)enabled,
							   (uint64_t)running };
		cell->counted_entries[i] = (uint64_t)entries;
	}
	return 0;
}

static json_t *invalidations_to_json(const struct invalidator_report *r)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I}", "start",
			 histogram_to_json(&r->start), "end", histogram_to_json(&r->end), "taking",
			 histogram_to_json(&r->taking), "model", histogram_to_json(&r->model), "done",
			 (json_int_t)r->done, "refused", (json_int_t)r->refused, "would_block",
			 (json_int_t)r->would_block, "elapsed_ns", (json_int_t)r->elapsed_ns);
}

static int invalidations_from_json(struct invalidator_report *r, json_t *json)
{
	json_t *start, *end, *taking, *model;
	json_int_t done, refused, would_block, elapsed_ns;

	if (json_unpack(json, "{s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I}", "start", &start, "end",
			&end, "taking", &taking, "model", &model, "done", &done, "refused",
			&refused, "would_block", &would_block, "elapsed_ns", &elapsed_ns) ||
	    histogram_from_json(&r->start, start) || histogram_from_json(&r->end, end) ||
	    histogram_from_json(&r->taking, taking) || histogram_from_json(&r->model, model))
		return -EPROTO;
	r->done = (uint64_t)done;
	r->refused = (uint64_t)refused;
	r->would_block = (uint64_t)would_block;
	r->elapsed_ns = (uint64_t)elapsed_ns;
	return 0;
}

json_t *cell_to_json(const struct cell *cell, unsigned int launch)
{
	return json_pack("{s:s, s:i, s:s, s:s, s:i, s:s?, s:o, s:o, s:o, s:o, s:o, s:i,"
			 " s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
			 "kind", "cell", "launch", (int)launch, "strategy", cell->strategy->name,
			 "scenario", cell->scenario->name, "variant", (int)cell->variant, "skip",
			 cell->skip, "ns_per_entry", figure_to_json(&cell->ns), "start_p50",
			 figure_to_json(&cell->start), "latency", histogram_to_json(&cell->latency),
			 "counters", counters_to_json(cell), "invalidations",
			 invalidations_to_json(&cell->invalidate), "counted", (int)cell->counted,
			 "entries", (json_int_t)cell->entries, "accesses",
			 (json_int_t)cell->accesses, "fallbacks", (json_int_t)cell->fallbacks,
			 "retries", (json_int_t)cell->retries, "refreshes",
			 (json_int_t)cell->refreshes, "unmapped_cycles",
			 (json_int_t)cell->unmapped_cycles, "cycles", (json_int_t)cell->cycles, "tallies",
			 tallies_to_json(&cell->tallies));
}

int cell_from_json(struct cell *cell, const json_t *line)
{
	json_int_t entries, accesses, fallbacks, retries, refreshes, unmapped, cycles;
	json_t *ns, *start, *latency, *counters, *invalidations, *tallies;
	const char *skip = json_string_value(json_object_get(line, "skip"));
	int launch, counted;

	if (json_unpack((json_t *)line,
			"{s:i, s:o, s:o, s:o, s:o, s:o, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
			"launch", &launch, "ns_per_entry", &ns, "start_p50", &start,
			"latency", &latency, "counters", &counters, "invalidations", &invalidations,
			"counted", &counted, "entries", &entries, "accesses", &accesses,
			"fallbacks", &fallbacks, "retries", &retries, "refreshes", &refreshes,
			"unmapped_cycles", &unmapped, "cycles", &cycles, "tallies", &tallies) ||
	    figure_from_json(&cell->ns, ns, (unsigned int)launch) ||
	    figure_from_json(&cell->start, start, (unsigned int)launch) ||
	    histogram_from_json(&cell->latency, latency) || counters_from_json(cell, counters) ||
	    invalidations_from_json(&cell->invalidate, invalidations) ||
	    tallies_from_json(&cell->tallies, tallies))
		return -EPROTO;
	cell->skip = NULL;
	if (skip) {
		snprintf(cell->skip_text, sizeof(cell->skip_text), "%s", skip);
		cell->skip = cell->skip_text;
	}
	cell->counted = (unsigned int)counted;
	cell->entries = (uint64_t)entries;
	cell->accesses = (uint64_t)accesses;
	cell->fallbacks = (uint64_t)fallbacks;
	cell->retries = (uint64_t)retries;
	cell->refreshes = (uint64_t)refreshes;
	cell->unmapped_cycles = (uint64_t)unmapped;
	cell->cycles = (uint64_t)cycles;
	return 0;
}
