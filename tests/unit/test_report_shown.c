// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that tables and pictures have what they are to show, and say what they leave out, while the
 * files that are to have everything do, and words speak of all that was measured.
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

/* Not representative: its rows are left out. */
static struct record record_without(const char *strategy)
{
	struct record record = sample_record(false);

	for (size_t i = 0; i < SAMPLE_SCENARIOS; i++)
		sample_find(sample_scenario[i].name, strategy)->shown = false;
	return record;
}

static char *summary_text(const struct record *record)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	print_summary(out, record, false);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void test_the_terminal_shows_representatives(void **state)
{
	struct record record = record_without("rcu_memb");
	char *text = summary_text(&record);

	(void)state;
	assert_null(strstr(text, "\n  rcu_memb* "));
	assert_non_null(strstr(text, "\n  srcu* "));
	assert_non_null(
		strstr(text, "\n6 of 7 strategies are shown, one for each family; words speak "
			     "of all. Tables of all: summary-all.md; with\n  pictures: --all.\n"));
	assert_null(strstr(text, "known to be wrong;"));
	/* It is the fastest all the same. */
	assert_non_null(strstr(text, "\nPer access, rcu_memb* costs 1.25 x pinned"));
	assert_non_null(strstr(text, "quiesce: fastest reader in steady: rcu_memb* at"));
	assert_null(strstr(text, "kernel: rcu_memb"));
	free(text);
	/* Others are there because they were asked for. */
	sample_find("steady", "spinlock")->representative = false;
	text = compose(write_shown, &record, NULL);
	assert_non_null(strstr(text, "one for each family and those known to be wrong; words"));
	free(text);
	record.show_all = true;
	text = summary_text(&record);
	assert_non_null(strstr(text, "\n  rcu_memb* "));
	assert_non_null(strstr(text, "kernel: rcu_memb"));
	assert_null(strstr(text, "are shown"));
	free(text);
}

static void test_one_page_has_all(void **state)
{
	struct record record = record_without("rcu_memb");
	char *text;

	(void)state;
	assert_int_equal(mkdir(join("plots"), 0777), 0);
	fclose(fopen(join("plots/ns_per_entry.svg"), "w"));
	assert_int_equal(write_summary_md(&record, root), 0);
	assert_int_equal(write_summary_all_md(&record, root), 0);
	text = read_whole(join("summary.md"));
	assert_null(strstr(text, "\n| rcu\\_memb\\* |"));
	assert_non_null(strstr(text, "\n6 of 7 strategies are shown"));
	assert_non_null(strstr(text, "\n## Fastest of each class\n"));
	assert_non_null(strstr(text, "(plots/ns_per_entry.svg)"));
	free(text);
	text = read_whole(join("summary-all.md"));
	assert_non_null(strstr(text, "\n| rcu\\_memb\\* |"));
	assert_null(strstr(text, "are shown"));
	/* Pictures show what summary.md does. */
	assert_null(strstr(text, "!["));
	free(text);
	assert_int_equal(write_summary_json(&record, root), 0);
	text = read_whole(join("summary.json"));
	assert_non_null(strstr(text, "\"rcu_memb\""));
	free(text);
}

static void test_pictures_show_the_same(void **state)
{
	struct record record = record_without("rcu_memb");
	struct plot plot;

	(void)state;
	/* Curves are drawn of what the made-up record has not: test_report_curves.c. */
	for (int kind = 0; kind < PLOT_TAILS; kind++) {
		record.show_all = false;
		assert_int_equal(plot_compose(&plot, (enum plot_kind)kind, &record), 0);
		assert_null(strstr(plot.tsv, "rcu_memb"));
		free(plot.tsv);
		record = sample_record(true);
		sample_find("steady", "rcu_memb")->shown = false;
		record.show_all = true;
		assert_int_equal(plot_compose(&plot, (enum plot_kind)kind, &record), 0);
		assert_non_null(strstr(plot.tsv, "rcu_memb"));
		free(plot.tsv);
		record = record_without("rcu_memb");
	}
}

#define MANY 42

/* A row each, however many there are, and of a height that leaves them legible. */
static void test_pictures_grow_with_their_rows(void **state)
{
	static struct record_cell cell[MANY];
	static char name[MANY][32];
	struct record record = sample_record(false);
	const char *given = getenv("RINGWALK_PLOTS");
	char error[300] = "", *svg, *height;
	struct plot plot;
	int err;

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		snprintf(name[i], sizeof(name[i]), "strategy_with_a_name_%zu", i);
		cell[i] = sample_cell[2 * SAMPLE_STRATEGIES + 3 + i % 4];
		cell[i].strategy = name[i];
		cell[i].model = name[i]; /* the worst case: as many footers */
	}
	cell[MANY - 1].model = "ultimate";
	record.cell = cell;
	record.cells = MANY;
	record.scenario = &sample_scenario[2];
	record.scenarios = 1;
	assert_int_equal(plot_compose(&plot, PLOT_INVALIDATE, &record), 0);
	assert_int_equal(plot.rows, MANY);
	free(plot.tsv);
	assert_int_equal(mkdir(join("plots"), 0777), 0);
	err = write_plots(&record, root, given ? given : "plots", error, sizeof(error));
	if (err == -ENOENT)
		skip();
	if (err)
		fail_msg("%s", error);
	svg = read_whole(join("plots/invalidate_latency.svg"));
	height = strstr(svg, " height=\"");
	assert_non_null(height);
	/* Three points a row, and none on its neighbour. */
	assert_true(strtoul(height + strlen(" height=\""), NULL, 10) > MANY * 3 * 15);
	for (size_t i = 0; i < MANY; i++)
		assert_non_null(strstr(svg, name[i]));
	assert_non_null(strstr(svg, "ultimate"));
	free(svg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_terminal_shows_representatives),
		TEST(test_one_page_has_all),
		TEST(test_pictures_show_the_same),
		TEST(test_pictures_grow_with_their_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
