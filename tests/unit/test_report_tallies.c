// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that what was timed and counted besides the walk has a table below its scenario's, with the
 * percentiles and counts that were measured; that the table is split where it would be too wide; and
 * that a scenario without any has none.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "report/report.h"
#include "report/text.h"
#include "sample_record.h"

static char *tables_of(const struct record *record, size_t scenario, bool markdown)
{
	const struct record_cell *order[SAMPLE_CELLS];
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	write_tallies(out, record, &record->scenario[scenario], order, markdown);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static void the_terminal_has_percentiles_and_counts(void **state)
{
	struct record record = sample_record(false);
	char *text;

	(void)state;
	sample_tallies();
	text = tables_of(&record, 2, false);
	assert_has(text, "\n                                from the end of an\n"
			 "                      invalidation to the next map  notifications\n"
			 "  strategy                 p50       p99     p99.9       a second        "
			 "updates\n");
	/* The floor has none of it, and one has no sample. */
	assert_null(strstr(text, "empty"));
	assert_has(text, "\n  pinned               4.00 us   1.00 ms   2.50 ms          5.200"
			 "             12\n");
	assert_has(text, "\n  rcu_memb*                  -         -         -          6.500"
			 "             12\n");
	assert_null(strstr(text, "used element"));
	free(text);
}

static void it_follows_its_scenarios_table(void **state)
{
	struct record record = sample_record(false);
	char *text = NULL, *table;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	sample_tallies();
	assert_non_null(out);
	print_summary(out, &record, false);
	assert_int_equal(fclose(out), 0);
	table = tables_of(&record, 2, false);
	assert_has(text, table);
	assert_true(strstr(text, "\nstorm: ") < strstr(text, table));
	assert_true(strstr(text, table) < strstr(text, "\nbystander: "));
	free(table);
	free(text);
}

static void the_page_has_them_in_one_table(void **state)
{
	struct record record = sample_record(false);
	char *text;

	(void)state;
	sample_tallies();
	text = tables_of(&record, 2, true);
	assert_has(text, "\n| strategy | from the end of an invalidation to the next map: p50 | from the "
			 "end of an invalidation to the next map: p99 | from the end of an invalidation "
			 "to the next map: p99.9 | notifications a second | updates |\n"
			 "| --- | ---: | ---: | ---: | ---: | ---: |\n");
	assert_has(text, "\n| pinned | 4.00 us | 1.00 ms | 2.50 ms | 5.200 | 12 |\n");
	assert_has(text, "\n| copy\\_from\\_user\\* | 4.50 ms | 1.00 ms | 2.50 ms | 5850 | 12 |\n");
	free(text);
}

static void what_is_not_there_has_no_table(void **state)
{
	struct record record = sample_record(false);
	char *text;

	(void)state;
	sample_tallies();
	/* Of steady entries are timed, which are in no table. */
	text = tables_of(&record, 0, false);
	assert_string_equal(text, "");
	free(text);
	text = tables_of(&record, 0, true);
	assert_string_equal(text, "");
	free(text);
}

static void steps_of_the_clock_are_no_figures(void **state)
{
	struct record record = sample_record(false);
	char *text;

	(void)state;
	sample_tallies();
	record.timer_step_ns = 2000;
	text = tables_of(&record, 2, false);
	assert_has(text, "\n  pinned              <6.00 us   1.00 ms");
	free(text);
}

static void rare_is_not_never(void **state)
{
	static struct record_count rare = { "rare", "rare", 0.0004 };
	char text[32];

	(void)state;
	(void)sample_record(false);
	sample_cell[1].count = &rare;
	sample_cell[1].counts = 1;
	format_count(text, sizeof(text), &sample_cell[1], "rare");
	assert_string_equal(text, "0.00040");
	rare.value = 0;
	format_count(text, sizeof(text), &sample_cell[1], "rare");
	assert_string_equal(text, "0");
	format_count(text, sizeof(text), &sample_cell[1], "none");
	assert_string_equal(text, "-");
}

/* Of 999 samples the slowest one is no p99.9. */
static void few_samples_have_no_high_percentiles(void **state)
{
	struct record record = sample_record(false);
	char *text;

	(void)state;
	sample_tallies();
	sample_timing[2 * SAMPLE_STRATEGIES + 1][1].latency.count = 999;
	sample_timing[2 * SAMPLE_STRATEGIES + 6][1].latency.count = 99;
	text = tables_of(&record, 2, false);
	assert_has(text, "\n  pinned               4.00 us   1.00 ms         -  ");
	assert_has(text, "\n  seqlock              9.00 us         -         -  ");
	free(text);
}

static void wide_tables_are_split(void **state)
{
	static const char *const keys[] = { "a", "b", "c", "d" };
	static struct record_timing timing[4];
	struct record record = sample_record(false);
	char *text;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		timing[i] = (struct record_timing){
			.key = keys[i],
			.title = keys[i],
			.tabled = true,
			.latency = { .present = true, .p50 = 100, .p99 = 200, .p999 = 300,
				     .count = 1000 },
		};
	sample_cell[1].timing = timing;
	sample_cell[1].timings = 4;
	text = tables_of(&record, 0, false);
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= TERMINAL_WIDTH);
	/* Three fit, and the fourth has a table of its own. */
	assert_has(text, "\n  pinned                100 ns    200 ns    300 ns    100 ns    200 ns    300 ns"
			 "    100 ns    200 ns    300 ns\n");
	assert_has(text, "\n  pinned                100 ns    200 ns    300 ns\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_terminal_has_percentiles_and_counts),
		cmocka_unit_test(it_follows_its_scenarios_table),
		cmocka_unit_test(the_page_has_them_in_one_table),
		cmocka_unit_test(what_is_not_there_has_no_table),
		cmocka_unit_test(steps_of_the_clock_are_no_figures),
		cmocka_unit_test(few_samples_have_no_high_percentiles),
		cmocka_unit_test(rare_is_not_never),
		cmocka_unit_test(wide_tables_are_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
