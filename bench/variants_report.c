// SPDX-License-Identifier: GPL-2.0-or-later
/* `ringwalk aa` and `ringwalk sensitivity`: the tables, and the same as JSON. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/results.h"
#include "variants.h"

static json_t *comparison_to_json(const struct variant_comparison *c)
{
	const struct estimate *ratio = &c->comparison.ratio;

	return json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:I, s:f}", "strategy",
			 c->plain->strategy->name, "scenario", c->plain->scenario->name, "ratio",
			 ratio->value, "lower", ratio->lower, "upper", ratio->upper, "p",
			 c->comparison.p, "launches", (json_int_t)c->launches, "coverage",
			 ratio->coverage);
}

static json_t *summary_to_json(const struct variant_summary *s, double floor, json_t *cells)
{
	return json_pack("{s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:o}",
			 "added_percent", 100 * s->extra, "floor_percent", 100 * floor,
			 "comparisons", (json_int_t)s->comparisons, "excludes_one",
			 (json_int_t)s->excludes_one, "reported", (json_int_t)s->reported, "covers",
			 (json_int_t)s->covers, "pairs", (json_int_t)s->pairs,
			 "pair_spread_p50_percent", 100 * s->spread_p50, "pair_spread_p95_percent",
			 100 * s->spread_p95, "pair_spread_max_percent", 100 * s->spread_max,
			 "cells", cells);
}

/* The widest apart; a table of all would be longer than anybody reads. */
#define ROWS 12

static int by_p(const void *a, const void *b)
{
	const struct variant_comparison *x = a, *y = b;

	return (x->comparison.p > y->comparison.p) - (x->comparison.p < y->comparison.p);
}

static void print_rows(struct variant_comparison *c, size_t n)
{
	qsort(c, n, sizeof(*c), by_p);
	printf("  %-18s %-10s %8s  %-18s %8s\n", "strategy", "scenario", "ratio", "95 %", "p");
	for (size_t i = 0; i < n && i < ROWS; i++) {
		const struct estimate *r = &c[i].comparison.ratio;

		printf("  %-18s %-10s %8.4f  [%.4f, %.4f] %8.4f\n", c[i].plain->strategy->name,
		       c[i].plain->scenario->name, r->value, r->lower, r->upper, c[i].comparison.p);
	}
	if (n > ROWS)
		printf("  ... and %zu with a larger p\n", n - ROWS);
}

static void print_summary_of(const struct variant_summary *s, double floor)
{
	printf("  pairs of one launch: %zu; %s by p50 %.3f %%, p95 %.3f %%, max %.2f %%\n", s->pairs,
	       s->extra > 0 ? "off what was added" : "apart", 100 * s->spread_p50,
	       100 * s->spread_p95, 100 * s->spread_max);
	printf("  comparisons: %zu; intervals that have the truth in them: %zu (%.0f %%)\n",
	       s->comparisons, s->covers, 100.0 * (double)s->covers / (double)s->comparisons);
	printf("  %s: %zu by the interval alone, %zu by the rule (and above the floor of %.2f %%)\n",
	       s->extra > 0 ? "found" : "false differences", s->excludes_one, s->reported,
	       100 * floor);
}

static int report_variant(const struct session *session, unsigned int variant, double *floor,
			  json_t *rows)
{
	struct variant_comparison *c = NULL;
	struct variant_summary s;
	json_t *cells = json_array();
	int err = variants_compare(session, variant, *floor, &c, &s);

	if (!err && session->options->command == COMMAND_AA) {
		/* The floor is what this is measured for. */
		free(c);
		*floor = variants_floor(s.spread_p95);
		err = variants_compare(session, variant, *floor, &c, &s);
	}
	if (err) {
		free(c);
		json_decref(cells);
		return err;
	}
	for (size_t i = 0; i < s.comparisons; i++)
		json_array_append_new(cells, comparison_to_json(&c[i]));
	if (s.extra > 0)
		printf("\n+%g %% added:\n", 100 * s.extra);
	print_summary_of(&s, *floor);
	if (s.extra == 0)
		print_rows(c, s.comparisons);
	json_array_append_new(rows, summary_to_json(&s, *floor, cells));
	free(c);
	return 0;
}

static int dump(const char *folder, const char *name, const json_t *json)
{
	char *text = json_dumps(json, JSON_INDENT(2));
	int err = text ? write_file(folder, name, text, strlen(text)) : -ENOMEM;

	free(text);
	return err;
}

/* One that was disturbed would raise the floors of all that comes after it. */
static int remember(const struct session *session, const struct run_facts *facts, const json_t *aa)
{
	const struct options *options = session->options;
	const struct noise_report *noise = &session->noise;

	if ((double)noise->lost_ns <= options->max_noise * (double)noise->watched_ns)
		return host_remember(options->results, facts, aa);
	puts("\nToo noisy: comparisons on this host take no floor from it.");
	return 0;
}

int variants_report(const struct session *session, const struct run_facts *facts,
		    const char *folder)
{
	const struct options *options = session->options;
	const char *command = command_name(options->command);
	double floor = host_floor(options->results, facts);
	json_t *rows = json_array(), *spreads = NULL, *json;
	char name[40];
	int err = 0;

	printf("%s: %s; %u launches%s\n", command, facts->machine, options->launches,
	       options->command == COMMAND_AA ? ": every strategy against itself" : "");
	for (unsigned int v = 1; v < options->variants && !err; v++)
		err = report_variant(session, v, &floor, rows);
	if (!err && options->command == COMMAND_AA)
		err = variants_spreads(folder, &spreads);
	json = json_pack("{s:i, s:s, s:s, s:s, s:s, s:i, s:f, s:o, s:o*}", "schema_version", 1, "command",
			 command, "id", facts->id, "machine", facts->machine, "host",
			 host_fingerprint(facts), "launches", (int)options->launches,
			 "steady_seconds", options->seconds, "variants", rows,
			 "spreads", spreads);
	snprintf(name, sizeof(name), "%s.json", command);
	if (!err)
		err = json ? dump(folder, name, json) : -ENOMEM;
	if (!err && options->command == COMMAND_AA)
		err = remember(session, facts, json);
	json_decref(json);
	if (err) {
		fprintf(stderr, "ringwalk: %s: %s\n", name,
			err == -ENODATA ? "nothing was measured" : strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	printf("\nResults: %s/%s\n", folder, name);
	return EXIT_FINE;
}
