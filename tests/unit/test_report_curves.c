// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows what is drawn as curves: of a sweep one block for each strategy in each panel, at the
 * values that were asked for, broken where notifications begin; of latencies the share that
 * takes longer; that both become pictures; and that a sweep's tables have a row for each
 * strategy and a column for each value.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "report/plot_data.h"
#include "report/report.h"
#include "report/text.h"
#include "sample_folder.h"
#include "sample_record.h"

#define POINTS 4

static struct record_scenario point[POINTS];
static const double value_of[POINTS] = { 0, 100, 1000, 100000 };
static char name_of[POINTS][40];

/* The sample's storm at four rates, of which the last is notifications alone. */
static struct record sample_sweep(void)
{
	struct record record = sample_record(false);

	for (size_t i = 0; i < POINTS; i++) {
		snprintf(name_of[i], sizeof(name_of[i]), "storm rate=%g", value_of[i]);
		point[i] = sample_scenario[2];
		point[i].name = name_of[i];
		point[i].base = "storm";
		point[i].swept = value_of[i];
		point[i].invalidations = value_of[i] > 0;
		point[i].notifications = i == POINTS - 1;
		for (size_t s = 0; s < SAMPLE_STRATEGIES; s++) {
			struct record_cell *cell = &sample_cell[i * SAMPLE_STRATEGIES + s];

			cell->scenario = name_of[i];
			cell->invalidations_per_s = value_of[i];
		}
	}
	record.scenario = point;
	record.scenarios = POINTS;
	record.sweep = "rate";
	record.by_factors = true;
	return record;
}

/* The block of `index`, as gnuplot counts them; to be freed. */
static char *block(const struct plot *plot, size_t index)
{
	const char *text = plot->tsv, *end;

	while (index--) {
		text = strstr(text, "\n\n\n");
		assert_non_null(text);
		text += 3;
	}
	end = strstr(text, "\n\n\n");
	return end ? strndup(text, (size_t)(end - text)) : strdup(text);
}

static size_t words(const char *text)
{
	size_t n = 0;

	for (; *text; text += strspn(text, " "), n++)
		text += strcspn(text, " ");
	return n;
}

static void a_sweep_has_a_block_for_each_strategy_of_each_panel(void **state)
{
	struct record record = sample_sweep();
	struct plot plot;
	char *text;

	(void)state;
	assert_int_equal(plot_compose(&plot, PLOT_SWEEP, &record), 0);
	/* Time, starts, rates. */
	assert_int_equal(plot.panels, 3);
	assert_int_equal(words(plot.series), SAMPLE_STRATEGIES);
	assert_true(plot.x_log);
	/* As far left of 100 as that is of 1000. */
	assert_float_equal(plot.x_zero, 10, 1e-9);
	assert_float_equal(plot.x_most, 100000, 1e-9);
	/* pinned's time: all values, 0 at its place, and a gap before the notifications. */
	text = block(&plot, 1);
	assert_non_null(strstr(text, "\n10\t4\t"));
	assert_non_null(strstr(text, "\n1000\t4\t"));
	assert_non_null(strstr(text, "\n\n100000\t4\t"));
	free(text);
	/* The last block of all is there. */
	free(block(&plot, 3 * SAMPLE_STRATEGIES - 1));
	assert_non_null(strstr(plot.note, "notifications alone"));
	free(plot.tsv);
	/* No other picture of a sweep. */
	assert_int_equal(plot_compose(&plot, PLOT_TIME, &record), 0);
	assert_true(plot.most == 0);
	free(plot.tsv);
}

static void tails_are_the_share_that_takes_longer(void **state)
{
	static struct record_tail tail[] = { { 20, 0.5 }, { 30, 0.01 }, { 4000, 1e-5 } };
	struct record record = sample_record(false);
	struct plot plot;
	char *text;

	(void)state;
	sample_cell[1].access_latency.tail = tail;
	sample_cell[1].access_latency.tails = 3;
	record.timer_step_ns = 10;
	assert_int_equal(plot_compose(&plot, PLOT_TAILS, &record), 0);
	/* The floor makes no access. */
	assert_int_equal(words(plot.series), SAMPLE_STRATEGIES - 1);
	assert_null(strstr(plot.series, "empty"));
	text = block(&plot, 0);
	assert_non_null(strstr(text, "\n20\t0.5\t"));
	assert_non_null(strstr(text, "\n4000\t1e-05\t"));
	free(text);
	assert_float_equal(plot.x_coarse, 30, 1e-9);
	assert_float_equal(plot.panel[0].y_least, 1e-5, 1e-12);
	free(plot.tsv);
	record.sweep = "rate";
	assert_int_equal(plot_compose(&plot, PLOT_TAILS, &record), 0);
	assert_null(plot.tsv);
}

static void timings_have_a_panel_behind_their_accesses(void **state)
{
	struct record record = sample_record(false);
	struct plot plot;
	char *text;

	(void)state;
	sample_tallies();
	assert_int_equal(plot_compose(&plot, PLOT_TAILS, &record), 0);
	/* Accesses and entries of four, and what storm alone has. */
	assert_int_equal(plot.panels, 2 * SAMPLE_SCENARIOS + 1);
	assert_string_equal(plot.panel[1].title, "steady");
	assert_string_equal(plot.panel[1].subtitle, "from one used element to the next");
	assert_string_equal(plot.panel[6].title, "storm");
	assert_string_equal(plot.panel[6].subtitle,
			    "from the end of an invalidation to the next map");
	text = block(&plot, SAMPLE_STRATEGIES - 1);
	assert_non_null(strstr(text, "\n4000\t0.25\t"));
	assert_non_null(strstr(text, "\n9000\t0.125\t"));
	free(text);
	free(block(&plot, plot.panels * (SAMPLE_STRATEGIES - 1) - 1));
	free(plot.tsv);
}

static void panels_without_room_are_said(void **state)
{
	static struct record_scenario many[PLOT_PANELS + 3];
	struct record record = sample_record(false);
	struct plot plot;

	(void)state;
	for (size_t i = 0; i < PLOT_PANELS + 3; i++)
		many[i] = sample_scenario[0];
	record.scenario = many;
	record.scenarios = PLOT_PANELS + 3;
	assert_int_equal(plot_compose(&plot, PLOT_TAILS, &record), 0);
	assert_int_equal(plot.panels, PLOT_PANELS);
	assert_non_null(strstr(plot.note, " 3 more panels have no room; summary.json has"));
	free(plot.tsv);
}

static void a_sweep_has_what_else_was_timed_and_counted(void **state)
{
	struct record record = sample_sweep();
	struct plot plot;
	char *text = NULL;
	size_t size = 0;
	FILE *out;

	(void)state;
	/* The points have the cells of all scenarios: the third is the sample's storm. */
	for (size_t i = 0; i < SAMPLE_CELLS; i++)
		sample_cell[i].scenario = sample_scenario[2].name;
	sample_tallies();
	for (size_t i = 0; i < SAMPLE_CELLS; i++)
		sample_cell[i].scenario = name_of[i / SAMPLE_STRATEGIES];
	assert_int_equal(plot_compose(&plot, PLOT_SWEEP, &record), 0);
	/* Time, starts, rates; p50 and p99.9 of what is tabled; and two counts. */
	assert_int_equal(plot.panels, 3 + 2 + 2);
	assert_string_equal(plot.panel[4].subtitle,
			    "from the end of an invalidation to the next map, p99.9");
	assert_string_equal(plot.panel[6].subtitle, "updates");
	/* pinned. */
	text = block(&plot, 3 * SAMPLE_STRATEGIES + 1);
	assert_non_null(strstr(text, "\n1000\t4000\t4000\t4000"));
	free(text);
	text = block(&plot, 6 * SAMPLE_STRATEGIES + 1);
	assert_non_null(strstr(text, "\n1000\t12\t"));
	free(text);
	free(plot.tsv);
	out = open_memstream(&text, &size);
	assert_non_null(out);
	write_sweep(out, &record, true);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, "### storm: from the end of an invalidation to the next map, p50\n"));
	assert_non_null(strstr(text, "\n| pinned | 4.00 us | 2.60 us | 4.00 us | 4.00 us |\n"));
	assert_non_null(strstr(text, "next map, p99.9\n"));
	assert_non_null(strstr(text, "### storm: updates\n"));
	assert_non_null(strstr(text, "\n| pinned | 12 | 12 | 12 | 12 |\n"));
	assert_null(strstr(text, "used element"));
	free(text);
	/* Too few samples for a p99.9: no empty panel. */
	for (size_t i = 0; i < SAMPLE_CELLS; i++)
		sample_timing[i][1].latency.count = 999;
	assert_int_equal(plot_compose(&plot, PLOT_SWEEP, &record), 0);
	assert_int_equal(plot.panels, 3 + 1 + 2);
	free(plot.tsv);
}

static void assert_drawn(const char *name)
{
	char path[100], *svg;

	snprintf(path, sizeof(path), "plots/%s.svg", name);
	svg = read_whole(join(path));
	assert_non_null(strstr(svg, "</svg>"));
	assert_non_null(strstr(svg, "pinned"));
	free(svg);
}

static void both_become_pictures(void **state)
{
	static struct record_tail tail[] = { { 20, 0.5 }, { 30, 0.01 } };
	const char *templates = getenv("RINGWALK_PLOTS") ? getenv("RINGWALK_PLOTS") : "plots";
	struct record record = sample_record(false);
	char error[300] = "";
	int err;

	(void)state;
	assert_int_equal(mkdir(join("plots"), 0777), 0);
	sample_cell[1].access_latency.tail = tail;
	sample_cell[1].access_latency.tails = 2;
	err = write_plots(&record, root, templates, error, sizeof(error));
	if (err == -ENOENT)
		skip();
	if (err)
		fail_msg("%s", error);
	assert_drawn("latency_tails");
	record = sample_sweep();
	if (write_plots(&record, root, templates, error, sizeof(error)))
		fail_msg("%s", error);
	assert_drawn("sweep");
}

static void tables_have_a_column_for_each_value(void **state)
{
	struct record record = sample_sweep();
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	write_sweep(out, &record, true);
	assert_int_equal(fclose(out), 0);
	assert_non_null(strstr(text, "| rate | 0 | 100 | 1000 | 100000! |\n"));
	assert_non_null(strstr(text, "| pinned | 4.000 | 2.600 | 4.000 | 4.000 |\n"));
	assert_non_null(strstr(text, "| pinned | - | - | refused | 0 ns |\n"));
	assert_non_null(strstr(text, "! notifications alone"));
	free(text);
}

/* As text, to be freed. */
static char *table_of(const struct record *record)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	write_sweep(out, record, true);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void values_that_differ_by_cache_say_so(void **state)
{
	static const char *const in[] = { "L1d", "L2", NULL, "memory" };
	struct record record = sample_sweep();
	char *text;

	(void)state;
	for (size_t i = 0; i < POINTS; i++)
		point[i].footprint_in = "L1d";
	text = table_of(&record);
	assert_null(strstr(text, "metadata lies in"));
	free(text);
	for (size_t i = 0; i < POINTS; i++)
		point[i].footprint_in = in[i];
	text = table_of(&record);
	assert_non_null(strstr(text, "| ---: |\n| metadata lies in | L1d | L2 |  | memory |\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sweep_has_a_block_for_each_strategy_of_each_panel),
		cmocka_unit_test(tails_are_the_share_that_takes_longer),
		cmocka_unit_test(timings_have_a_panel_behind_their_accesses),
		cmocka_unit_test(panels_without_room_are_said),
		cmocka_unit_test(a_sweep_has_what_else_was_timed_and_counted),
		cmocka_unit_test(values_that_differ_by_cache_say_so),
		cmocka_unit_test_setup_teardown(both_become_pictures, make_root, remove_root),
		cmocka_unit_test(tables_have_a_column_for_each_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
