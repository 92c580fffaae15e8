// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that pictures are pictures: an SVG and a PNG of each kind there is data for, with its
 * labels and its notes; that no text from the machine is run by gnuplot or a shell; and that where
 * drawing fails, it is said why.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "report/plot_data.h"
#include "report/report.h"
#include "sample_folder.h"
#include "sample_record.h"

/* Where the templates are: tests run from the repository's root. */
static const char *templates(void)
{
	const char *given = getenv("RINGWALK_PLOTS");

	return given ? given : "plots";
}

static void assert_picture(const char *name, bool drawn)
{
	static const unsigned char signature[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
	unsigned char start[8] = { 0 };
	char path[200];
	FILE *png;
	char *svg;

	snprintf(path, sizeof(path), "plots/%s.png", name);
	png = fopen(join(path), "r");
	assert_int_equal(png != NULL, drawn);
	if (!png)
		return;
	assert_int_equal(fread(start, 1, sizeof(start), png), sizeof(start));
	assert_memory_equal(start, signature, sizeof(signature));
	fclose(png);
	snprintf(path, sizeof(path), "plots/%s.svg", name);
	svg = read_whole(join(path));
	assert_non_null(strstr(svg, "<svg"));
	assert_non_null(strstr(svg, "</svg>"));
	assert_non_null(strstr(svg, "Run 20261120-131500-01a2b"));
	assert_non_null(strstr(svg, "Launches: 1 of each cell, measured for 41.7 s"));
	assert_non_null(strstr(svg, "figures of a model"));
	free(svg);
}

static void draw_or_skip(const struct record *record)
{
	char error[300] = "";
	int err = write_plots(record, root, templates(), error, sizeof(error));

	if (err == -ENOENT)
		skip();
	if (err)
		fail_msg("%s: %s", strerror(-err), error);
}

static void test_plots_of_a_machine_without_counters(void **state)
{
	struct record record = sample_record(false);
	char *text;

	(void)state;
	assert_int_equal(mkdir(join("plots"), 0777), 0);
	/* Nothing of this is for gnuplot, or a shell, to run. */
	record.machine = "it's `touch x` \"$(y)\" @z";
	draw_or_skip(&record);
	assert_picture("ns_per_entry", true);
	assert_picture("access_latency", true);
	assert_picture("invalidate_latency", true);
	assert_picture("counters", false);
	text = read_whole(join("plots/invalidate_latency.svg"));
	assert_non_null(strstr(text, "refused 4990"));
	free(text);
	text = read_whole(join("plots/ns_per_entry.svg"));
	assert_non_null(strstr(text, "floor (empty)"));
	assert_non_null(strstr(text, "it's `touch x` \"$(y)\" @z"));
	/* Only what is drawn has a legend. */
	assert_null(strstr(text, "broken"));
	free(text);
	/* svg, png, tsv of three pictures and no temporary file. */
	assert_int_equal(count_entries(join("plots")), 9);
	assert_int_equal(write_summary_md(&record, root), 0);
	text = read_whole(join("summary.md"));
	assert_non_null(strstr(text, "(plots/ns_per_entry.svg)"));
	assert_null(strstr(text, "(plots/counters.svg)"));
	free(text);
}

static void test_plots_of_counters_and_of_little(void **state)
{
	struct record record = sample_record(true);

	(void)state;
	assert_int_equal(mkdir(join("plots"), 0777), 0);
	draw_or_skip(&record);
	assert_picture("counters", true);
	/* One strategy in one scenario, on one CPU. */
	record.cell = &sample_cell[2];
	record.cells = 1;
	record.scenarios = 1;
	record.one_cpu = true;
	draw_or_skip(&record);
	record.cells = 0;
	draw_or_skip(&record);
}

/* The line of the plot's data that is of this series of the strategy, in the first panel. */
static char *find_point(const struct plot *plot, const char *name, unsigned int series)
{
	static char line[400];
	char start[200];

	for (const char *at = plot->tsv; *at; at += strcspn(at, "\n") + 1) {
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
		snprintf(start, sizeof(start), "\t%u\t%s\t", series, name);
		if (strstr(line, start))
			return line;
	}
	fail_msg("no series %u of %s in:\n%s", series, name, plot->tsv);
	return NULL;
}

static void test_figures_of_few_clock_steps_are_bounds(void **state)
{
	struct record record = sample_record(false);
	struct record_latency *latency = &sample_find("steady", "pinned")->access_latency;
	struct plot plot;

	(void)state;
	latency->p50 = 19.2;
	latency->p99 = 9;
	latency->p999 = 28.9;
	latency->max = 0;
	assert_int_equal(plot_compose(&plot, PLOT_LATENCY, &record), 0);
	assert_non_null(strstr(find_point(&plot, "pinned", 0), "\t<= 19 ns (2 clock steps)\t1"));
	assert_non_null(strstr(find_point(&plot, "pinned", 1), "\t<= 9.60 ns (1 clock step)\t1"));
	assert_non_null(strstr(find_point(&plot, "pinned", 2), "\t28.9 ns\t0"));
	assert_non_null(strstr(find_point(&plot, "pinned", 3), "\t<= 9.60 ns (1 clock step)\t1"));
	assert_string_equal(
		plot.note, "The clock goes in steps of 9.6 ns: what is below 3 of them is no exact "
			   "figure, and grey. Every sample includes the 18.5 ns that reading the "
			   "clock takes.");
	free(plot.tsv);
	/* A clock that is not known to have any. */
	record.timer_step_ns = 0;
	assert_int_equal(plot_compose(&plot, PLOT_LATENCY, &record), 0);
	assert_non_null(strstr(find_point(&plot, "pinned", 1), "\t9 ns\t0"));
	assert_null(strstr(plot.note, "steps"));
	free(plot.tsv);
	record.timer_step_ns = 9.6;
	assert_int_equal(plot_compose(&plot, PLOT_INVALIDATE, &record), 0);
	assert_null(strstr(plot.tsv, "clock step"));
	free(plot.tsv);
}

static void test_broken_and_few_samples_are_marked(void **state)
{
	struct record record = sample_record(false);
	struct plot plot;
	char *text;

	(void)state;
	assert_int_equal(plot_compose(&plot, PLOT_TIME, &record), 0);
	assert_null(strstr(plot.tsv, "broken"));
	assert_string_equal(plot.note, "Median over the epochs of one process, and its interval: "
				       "another process may differ by more.");
	free(plot.tsv);
	for (size_t i = 0; i < SAMPLE_SCENARIOS; i++)
		sample_find(sample_scenario[i].name, "seqlock")->class_name = "broken";
	sample_find("steady", "seqlock")->ns_per_entry.coverage = 0.875;
	assert_int_equal(plot_compose(&plot, PLOT_TIME, &record), 0);
	text = find_point(&plot, "seqlock (broken)", 0);
	assert_non_null(strstr(text, "\tbroken\t0\t9\t8.91\t9.09\t9.000  [8.910, 9.090]~\t0"));
	assert_non_null(strstr(plot.note, "~: the interval covers less than 95 %"));
	assert_int_equal(plot.name_chars, strlen("seqlock (broken)"));
	free(plot.tsv);
	assert_int_equal(mkdir(join("plots"), 0777), 0);
	draw_or_skip(&record);
	for (int i = 0; i < 2; i++) {
		text = read_whole(join(i ? "plots/access_latency.svg" : "plots/ns_per_entry.svg"));
		assert_non_null(strstr(text, "seqlock (broken)"));
		assert_non_null(strstr(text, "crossed: broken"));
		free(text);
	}
}

static void test_plots_say_what_failed(void **state)
{
	struct record record = sample_record(false);
	char error[300], *path = strdup(getenv("PATH"));

	(void)state;
	assert_non_null(path);
	assert_int_equal(write_plots(&record, root, templates(), error, sizeof(error)), -ENOTDIR);
	assert_int_equal(mkdir(join("plots"), 0777), 0);
	limit_files(100);
	assert_int_equal(write_plots(&record, root, templates(), error, sizeof(error)), -EFBIG);
	assert_non_null(strstr(error, "ns_per_entry.tsv"));
	limit_files(RLIM_INFINITY);
	setenv("PATH", root, 1);
	assert_int_equal(write_plots(&record, root, templates(), error, sizeof(error)), -ENOENT);
	assert_non_null(strstr(error, "gnuplot"));
	setenv("PATH", path, 1);
	free(path);
	if (write_plots(&record, root, join("absent"), error, sizeof(error)) == -ENOENT)
		skip();
	assert_int_equal(write_plots(&record, root, join("absent"), error, sizeof(error)), -EIO);
	assert_non_null(strstr(error, "absent"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_plots_of_a_machine_without_counters),
		TEST(test_plots_of_counters_and_of_little),
		TEST(test_figures_of_few_clock_steps_are_bounds),
		TEST(test_broken_and_few_samples_are_marked),
		TEST(test_plots_say_what_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
