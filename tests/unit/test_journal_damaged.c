// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows what the run makes of a journal that is not as the launches left it: cut off anywhere, with
 * a damaged line, or of another run.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "sample_journal.h"

static void rewrite(const char *text, size_t bytes)
{
	FILE *out = fopen(join("samples.jsonl"), "w");

	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, bytes, out), bytes);
	assert_int_equal(fclose(out), 0);
}

static void append(const char *text)
{
	FILE *out = fopen(join("samples.jsonl"), "a");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

/* A launch is there with all of its cells, or with none. */
static void assert_whole_launches(void)
{
	for (size_t i = 0; i < CELLS; i++) {
		const struct launch_figure *ns = &session.cell[i].ns;

		assert_int_equal(ns->launches, journal.launches);
		for (size_t k = 0; k < ns->launches; k++)
			assert_true(journal.done[ns->launch[k]]);
	}
}

/* Power is lost, or the program is killed, in any byte. */
static void cut_off_anywhere_it_keeps_the_launches_that_were_complete(void **state)
{
	size_t bytes, of_first;
	char *text;

	(void)state;
	launch(0);
	text = read_whole(join("samples.jsonl"));
	of_first = strlen(text);
	free(text);
	launch(1);
	text = read_whole(join("samples.jsonl"));
	bytes = strlen(text);
	assert_true(bytes > of_first + 1000);
	for (size_t cut = 0; cut <= bytes; cut++) {
		bool torn = cut && text[cut - 1] != '\n';

		/* Around the ends of lines, and some in between. */
		if (torn && text[cut] != '\n' && cut % 199)
			continue;
		rewrite(text, cut);
		assert_int_equal(read_back(), 0);
		assert_int_equal(journal.done[0], cut >= of_first);
		assert_int_equal(journal.done[1], cut == bytes);
		assert_whole_launches();
		assert_int_equal(journal.end.torn, torn);
		assert_int_equal(journal.damaged, 0);
		assert_true(journal.end.whole == (off_t)cut || torn);
	}
	free(text);
}

static void a_torn_line_is_cut_off(void **state)
{
	char *whole, *repaired;

	(void)state;
	launch(0);
	whole = read_whole(join("samples.jsonl"));
	append("{\"kind\":\"begin\",\"laun");
	assert_int_equal(read_back(), 0);
	assert_true(journal.end.torn);
	assert_int_equal(journal_cut(root, &journal.end), 0);
	repaired = read_whole(join("samples.jsonl"));
	assert_string_equal(repaired, whole);
	/* What is whole is left alone. */
	assert_int_equal(read_back(), 0);
	assert_false(journal.end.torn);
	assert_int_equal(journal_cut(root, &journal.end), 0);
	/* And goes on. */
	launch(1);
	assert_int_equal(read_back(), 0);
	assert_int_equal(journal.launches, 2);
	assert_int_equal(journal.damaged, 0);
	free(whole);
	free(repaired);
}

/*
 * The launch that the line is of is there as it was, or it is not there. A sample is no more than
 * a record: nothing is made of it.
 */
static void a_damaged_line_costs_no_more_than_its_launch(void **state)
{
	unsigned int number = 0;
	char *text, *line;

	(void)state;
	for (unsigned int i = 0; i < 3; i++)
		launch(i);
	text = read_whole(join("samples.jsonl"));
	for (line = text; *line; line = strchr(line, '\n') + 1) {
		unsigned int of = number++ / (CELLS + 3);

		if (strstr(line, "{\"strategy\": ") == line)
			continue;
		*line = '?';
		rewrite(text, strlen(text));
		*line = '{';
		assert_int_equal(read_back(), 0);
		assert_int_equal(journal.damaged, number);
		assert_false(journal.end.torn);
		for (unsigned int i = 0; i < 3; i++)
			assert_true(journal.done[i] || i == of);
		/* That it began needs no telling: its cells are all there. */
		assert_int_equal(journal.done[of], strstr(line, "\"begin\"") == line + 8);
		assert_whole_launches();
	}
	/* Begin, sample, cells and end. */
	assert_int_equal(number, 3 * (CELLS + 3));
	free(text);
}

static void lines_of_a_later_version_are_left_alone(void **state)
{
	(void)state;
	launch(0);
	append("{\"kind\": \"weather\", \"rain\": true}\n");
	assert_int_equal(read_back(), 0);
	assert_int_equal(journal.launches, 1);
	assert_int_equal(journal.damaged, 0);
}

static void a_journal_of_something_else_is_refused(void **state)
{
	static const char *const lines[] = {
		"{\"kind\": \"cell\", \"strategy\": \"third\", \"scenario\": \"quiet\", "
		"\"variant\": 0}\n",
		"{\"kind\": \"cell\", \"strategy\": \"first\", \"scenario\": \"third\", "
		"\"variant\": 0}\n",
		"{\"kind\": \"cell\", \"strategy\": \"first\", \"scenario\": \"quiet\", "
		"\"variant\": 1}\n",
		"{\"kind\": \"launch\", \"launch\": 40, \"complete\": true}\n",
		"{\"kind\": \"launch\", \"launch\": -1, \"complete\": true}\n",
		"{\"kind\": \"launch\", \"launch\": 1, \"complete\": false}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		(void)remove(join("samples.jsonl"));
		launch(0);
		append(lines[i]);
		assert_int_equal(read_back(), -EPROTO);
	}
}

/* A line that is whole, and whose figures are not what this version writes. */
static void a_cell_that_lacks_a_figure_is_refused(void **state)
{
	static const char *const figures[] = {
		"\"ns_per_entry\"", "\"lower\"",    "\"latency\"",  "\"counters\"",
		"\"taking\"",	    "\"accesses\"", "\"counting\"", "\"watched_ns\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		char *text, *figure;

		(void)remove(join("samples.jsonl"));
		launch(0);
		text = read_whole(join("samples.jsonl"));
		figure = strstr(text, figures[i]);
		assert_non_null(figure);
		figure[1] = '?';
		rewrite(text, strlen(text));
		free(text);
		assert_int_equal(read_back(), -EPROTO);
	}
}

/* Before the first launch there is none. */
static void no_journal_is_an_empty_one(void **state)
{
	(void)state;
	assert_int_equal(read_back(), 0);
	assert_int_equal(journal.launches, 0);
	assert_int_equal(journal.end.whole, 0);
	assert_false(journal.end.torn);
	/* But one that cannot be read is an error. */
	assert_int_equal(mkdir(join("samples.jsonl"), 0777), 0);
	assert_int_equal(read_back(), -EISDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOURNAL_TEST(cut_off_anywhere_it_keeps_the_launches_that_were_complete),
		JOURNAL_TEST(a_torn_line_is_cut_off),
		JOURNAL_TEST(a_damaged_line_costs_no_more_than_its_launch),
		JOURNAL_TEST(lines_of_a_later_version_are_left_alone),
		JOURNAL_TEST(a_journal_of_something_else_is_refused),
		JOURNAL_TEST(a_cell_that_lacks_a_figure_is_refused),
		JOURNAL_TEST(no_journal_is_an_empty_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
