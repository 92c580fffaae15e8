// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that the table on the terminal has the figures and their ratios, that it stays within its
 * width, says what was found unsafe, and marks what is less sure than it looks; and that the answer
 * follows it, before what is missing.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/report.h"
#include "report/text.h"
#include "sample_folder.h"
#include "sample_record.h"

static char *summary_text(const struct record *record, bool color)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	print_summary(out, record, color);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* The `nth` line of the text that starts with this; in `line`. */
static char *find_line(const char *text, const char *start, unsigned int nth, char *line,
		       size_t size)
{
	for (const char *at = text; at && *at;
	     at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
		if (strncmp(at, start, strlen(start)) || nth--)
			continue;
		snprintf(line, size, "%.*s", (int)strcspn(at, "\n"), at);
		return line;
	}
	fail_msg("no line starts with '%s' in:\n%s", start, text);
	return NULL;
}

static void test_table_has_figures_and_ratios(void **state)
{
	struct record record = sample_record(false);
	char *text = summary_text(&record, false);
	char line[200];

	(void)state;
	/* 35 against 4 and 4500. */
	find_line(text, "  srcu*", 0, line, sizeof(line));
	assert_non_null(strstr(line, "not tried    35.00 [34.65, 35.35]   28.57   8.75    0.0078"));
	find_line(text, "  srcu*", 2, line, sizeof(line));
	assert_non_null(strstr(line, "52.0 us  208 us   998/1000"));
	find_line(text, "  pinned", 2, line, sizeof(line));
	assert_non_null(strstr(line, "refused       -     0/1000"));
	/* Sorted: the floor, then by time. */
	assert_true(strstr(text, "\n  empty ") < strstr(text, "\n  pinned "));
	assert_true(strstr(text, "\n  pinned ") < strstr(text, "\n  rcu_memb* "));
	assert_true(strstr(text, "\n  srcu* ") < strstr(text, "\n  copy_from_user* "));
	assert_null(strchr(text, '\033'));
	free(text);
}

/* Tables, what to know of them, the answer, and only then what is missing or spoils it. */
static void test_answer_follows_the_tables(void **state)
{
	static const char *const part[] = {
		"\nlaunches: 1 of each cell",
		"\nworker on CPU 1",
		"\nnoise: 254 gaps above 5 us a second",
		"\nsteady: ring 256",
		"\nbystander: 1,000",
		"\nns per entry: median",
		"\n^ The target, ",
		"\ncopy_from_user* (4500 ns/entry): a system call",
		"\n* figures of a model",
		"\nIn words\nPer access, ",
		"\nsteady: pinned at 4.000",
		"\nSafety verdicts: ",
		"\nNot measured\n",
		"\nWarnings\n  turbo",
	};
	struct record record = sample_record(false);
	char *text;

	(void)state;
	sample_find("burst", "srcu")->ns_per_entry.missed_target = true;
	text = summary_text(&record, false);
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		if (!strstr(text, part[i]))
			fail_msg("no '%s' in:\n%s", part[i], text);
		if (i)
			assert_true(strstr(text, part[i - 1]) < strstr(text, part[i]));
	}
	free(text);
}

static void assert_fits(const struct record *record)
{
	char *text = summary_text(record, false);

	for (char *line = text; *line; line += strcspn(line, "\n") + 1)
		if (strcspn(line, "\n") > 110)
			fail_msg("%.*s", (int)strcspn(line, "\n"), line);
	free(text);
}

static void test_table_fits_its_width(void **state)
{
	struct record record = sample_record(false);

	(void)state;
	sample_scenario[0].summary = "a summary that has more words than a line of the terminal has room for, "
				     "as those have that say what of them the command line has changed";
	sample_cell[3].strategy = "a_strategy_with_a_name_that_is_far_too_long_for_its_column";
	assert_fits(&record);
	/* As wide as such figures get: they take of each other's blanks. */
	for (size_t i = 0; i < SAMPLE_CELLS; i++) {
		struct record_cell *cell = &sample_cell[i];

		cell->verdict = "incoherent, stale (not as expected)";
		cell->ns_per_entry = sample_estimate(18541, 0.2, 4);
		cell->ns_per_entry.coverage = 0.875;
		cell->ns_per_entry.missed_target = true;
		cell->invalidate.p50 = 999e3;
		cell->invalidate.p99 = 20.7e6;
		cell->invalidate.achieved_per_s = 1005;
		cell->unmapped_share = 0.0842;
	}
	assert_fits(&record);
}

static void test_table_without_references(void **state)
{
	struct record record = sample_record(false);
	char line[200];
	char *text;

	(void)state;
	record.cell = &sample_cell[4]; /* srcu, spinlock, seqlock: neither pinned nor the copy */
	record.cells = 3;
	record.scenarios = 1;
	record.stopped = "the guest died";
	sample_cell[5].measured = false;
	sample_cell[5].reason = "not today";
	text = summary_text(&record, true);
	find_line(text, "  srcu*", 0, line, sizeof(line));
	assert_non_null(strstr(line, "35.00 [34.65, 35.35]   28.57      -         -"));
	find_line(text, "  spinlock*", 0, line, sizeof(line));
	assert_non_null(strstr(line, "    - -                    -      -         -"));
	assert_non_null(strstr(text, "steady/spinlock: not today"));
	assert_true(strstr(text, "the guest died") < strstr(text, "strategy"));
	assert_non_null(strstr(text, "\033[1m"));
	/* Nothing of it is there to be explained. */
	assert_null(strstr(text, "invalidate_start()"));
	assert_null(strstr(text, "Per access, "));
	free(text);
}

static void test_few_samples_are_marked(void **state)
{
	struct record record = sample_record(false);
	char *text = summary_text(&record, false);
	char line[200];

	(void)state;
	assert_null(strchr(text, '~'));
	free(text);
	/* Order statistics of ten cover 97.9 %, of many 94.6 % at worst, of four 87.5 %. */
	sample_find("steady", "pinned")->ns_per_entry.coverage = 0.946;
	sample_find("steady", "srcu")->ns_per_entry.coverage = 0.875;
	text = summary_text(&record, false);
	find_line(text, "  srcu*", 0, line, sizeof(line));
	assert_non_null(strstr(line, "[34.65, 35.35]~  28.57   8.75"));
	find_line(text, "  pinned", 0, line, sizeof(line));
	assert_non_null(strstr(line, "[3.960, 4.040]   250.0   1.00"));
	free(text);
	text = compose(write_legend, &record, NULL);
	assert_non_null(strstr(text, ". ~: covers less than 95 %, as there were few samples. "));
	free(text);
	/* Without a figure there is no interval to mark. */
	sample_find("steady", "srcu")->measured = false;
	text = summary_text(&record, false);
	assert_null(strchr(text, '~'));
	free(text);
}

static void test_verdicts_fit_their_column(void **state)
{
	static const char *const known[][2] = {
		{ "not tried on this build", "not tried" },
		{ NULL, "not tried" },
		{ "safe", "safe" },
		{ "safe (not as expected)", "safe!" },
		{ "stale", "stale" },
		{ "stale, lost write", "stale +" },
		{ "stale, lost write (not as expected)", "stale +!" },
		{ "deadlock", "deadlock" },
		{ "failed accesses", "failed" },
		{ "incoherent, refuses migration", "incoherent" },
		{ "incoherent, refuses migration (not as expected)", "incoherent!" },
		{ "refuses migration", "refuses" },
	};
	struct record_cell cell = { .strategy = "a", .class_name = "quiesce" };
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		cell.verdict = known[i][0];
		format_verdict(text, sizeof(text), &cell);
		assert_string_equal(text, known[i][1]);
		assert_true(strlen(text) <= 11);
	}
	/* Nothing is tried of what makes no access. */
	cell.class_name = "floor";
	cell.verdict = "not tried on this build";
	format_verdict(text, sizeof(text), &cell);
	assert_string_equal(text, "-");
}

static void test_verdicts_in_the_table(void **state)
{
	struct record record = sample_record(false);
	char *text = summary_text(&record, false);
	char line[200];

	(void)state;
	assert_non_null(strstr(text, "\nSafety verdicts: not tried on this build. To try them: "
				     "./run.sh torture\n"));
	assert_null(strchr(text, '!'));
	free(text);
	for (size_t i = 0; i < SAMPLE_CELLS; i++)
		sample_cell[i].verdict = "safe";
	sample_find("steady", "seqlock")->verdict = "stale, lost write (not as expected)";
	text = summary_text(&record, false);
	find_line(text, "  seqlock", 0, line, sizeof(line));
	assert_non_null(strstr(line, "  seqlock          stale +!     9.000"));
	free(text);
	text = compose(write_legend, &record, NULL);
	assert_non_null(strstr(text, "found; +: and more; !: not as expected. "));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_table_has_figures_and_ratios), TEST(test_answer_follows_the_tables),
		TEST(test_table_fits_its_width),	 TEST(test_table_without_references),
		TEST(test_few_samples_are_marked),	 TEST(test_verdicts_fit_their_column),
		TEST(test_verdicts_in_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
