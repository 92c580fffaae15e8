// SPDX-License-Identifier: GPL-2.0-or-later
/* Shows that the page has the table's figures, what to know of them, and what is missing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/report.h"
#include "sample_folder.h"
#include "sample_record.h"

static void test_verdicts_as_a_table(void **state)
{
	struct record record = sample_record(false);
	char *text;

	(void)state;
	assert_int_equal(write_summary_md(&record, root), 0);
	text = read_whole(join("summary.md"));
	assert_non_null(strstr(text, "\n## Safety verdicts\n"));
	assert_non_null(strstr(
		text,
		"\n| pinned | access | incoherent | incoherent | 7 | 900 | 300 | 40 | 4 |\n"));
	assert_non_null(strstr(text, "\n| seqlock | access | safe | stale (not as expected) | 3 | "
				     "5000 | 1200 | 610 | 4 |\n"));
	assert_non_null(strstr(text, "\n| seqlock | burst | safe | not tried on this build | - | - "
				     "| - | - | - |\n"));
	free(text);
}

static void test_markdown(void **state)
{
	struct record record = sample_record(false);
	char *text;

	(void)state;
	record.machine = "a | b";
	sample_tallies();
	assert_int_equal(write_summary_md(&record, root), 0);
	text = read_whole(join("summary.md"));
	assert_non_null(strstr(text, "\n## storm\n"));
	assert_non_null(strstr(text, "a \\| b"));
	assert_non_null(
		strstr(text, "| srcu\\* | not tried | 35.00 | \\[34.65, 35.35\\] | 28.57 | 8.75 |"));
	/* What else was timed and counted of it, below. */
	assert_non_null(strstr(text, "\n\n| strategy | from the end of an invalidation to the next map: "));
	assert_non_null(strstr(text, "\n| pinned | 4.00 us | 1.00 ms | 2.50 ms | 5.200 | 12 |\n"));
	assert_non_null(strstr(text, "| governor | not known: no cpufreq"));
	/* The answer follows the tables and what to know of them; then what is missing. */
	assert_true(strstr(text, "\n## bystander\n") < strstr(text, "\nns per entry: median"));
	assert_true(strstr(text, "\nns per entry: median") < strstr(text, "\n## In words\n"));
	assert_true(strstr(text, "\n## In words\n") < strstr(text, "\n## Not measured\n"));
	assert_true(strstr(text, "\n## Not measured\n") < strstr(text, "\n## Warnings\n"));
	assert_non_null(strstr(text, "\n- turbo could not be read"));
	assert_non_null(strstr(text, "\n- hardware counters (4 events): " NO_PMU "\n"));
	/* No picture was drawn: none is linked. */
	assert_null(strstr(text, "!["));
	free(text);
}

static void test_markdown_of_a_quiet_machine(void **state)
{
	struct record record = sample_record(true);
	char *text;

	(void)state;
	record.warnings = 0;
	record.scenarios = 1;
	record.cell = &sample_cell[1]; /* without the floor, which makes no access */
	record.cells = 1;
	assert_int_equal(write_summary_md(&record, root), 0);
	text = read_whole(join("summary.md"));
	assert_non_null(strstr(text, "\n## Warnings\n\nNone.\n"));
	assert_non_null(strstr(text, "\n## Not measured\n\nNothing: every figure is there.\n"));
	record.scenario[0].invalidations = true;
	sample_cell[1].invalidations_per_s = 1000;
	sample_cell[1].invalidate = (struct record_invalidate){
		.present = true, .p50 = 9, .p99 = 9, .count = 7, .achieved_per_s = 100
	};
	free(text);
	assert_int_equal(write_summary_md(&record, root), 0);
	record.scenario[0].invalidations = false;
	text = read_whole(join("summary.md"));
	assert_non_null(strstr(text, "\n## Warnings\n\n- steady: 100 of 1000 invalidations a "
				     "second were done under pinned: the machine was busy\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_verdicts_as_a_table),
		TEST(test_markdown),
		TEST(test_markdown_of_a_quiet_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
