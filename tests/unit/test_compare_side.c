// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows what `compare` reads of a journal, by names alone, and which cells two sides have in
 * common.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compare/selection.h"
#include "sample_journal.h"

static struct side side;

static int close_all(void **state)
{
	side_close(&side);
	return tear_down(state);
}

static void launches_are_read_by_name(void **state)
{
	struct side_cell *cell;

	(void)state;
	launch(0);
	launch(3);
	assert_int_equal(side_read_journal(&side, root), 0);
	assert_int_equal(read_back(), 0);
	assert_int_equal(side.launches, 2);
	assert_true(side.done[0] && !side.done[1] && side.done[3]);
	assert_int_equal(side.cells, CELLS);
	assert_near(side.seconds, 0.1 + 3.1);
	assert_int_equal(side.noise.watched_ns, 1000 + 1003);
	cell = side_cell(&side, "second", "loud");
	assert_non_null(cell);
	/* As the run's own reader has it. */
	for (size_t i = 0; i < session.cells; i++) {
		const struct cell *c = &session.cell[i];

		if (strcmp(c->strategy->name, "second") || strcmp(c->scenario->name, "loud"))
			continue;
		assert_near(side_series(cell, "ns_per_entry")->value[0], c->ns.value[0]);
		assert_near(side_series(cell, "ns_per_entry")->value[3], c->ns.value[1]);
		assert_near(side_series(cell, "ns_per_entry")->value[1], 0);
		assert_near(side_series(cell, "invalidate_p50_ns")->value[3], c->start.value[1]);
	}
	assert_null(side_cell(&side, "third", "loud"));
	assert_null(side_series(cell, "nonsense"));
	/* Reading again is reading anew. */
	assert_int_equal(side_read_journal(&side, root), 0);
	assert_int_equal(side.launches, 2);
}

static void a_launch_without_an_end_does_not_count(void **state)
{
	static struct session s;

	(void)state;
	assert_int_equal(side_read_journal(&side, root), 0);
	assert_int_equal(side.launches, 0);
	launch(0);
	launch_init(&s, 1);
	launch_measure(&s);
	launch_write(&s, false);
	forget(&s);
	assert_int_equal(side_read_journal(&side, root), 0);
	assert_int_equal(side.launches, 1);
	assert_false(side.end.torn);
}

static void a_torn_line_is_cut_off(void **state)
{
	struct stat before, after;
	FILE *file;

	(void)state;
	launch(0);
	assert_int_equal(stat(join("samples.jsonl"), &before), 0);
	file = fopen(join("samples.jsonl"), "a");
	assert_non_null(file);
	fputs("{\"kind\":\"launch\",\"launch\":1,\"comp", file);
	fclose(file);
	assert_int_equal(side_read_journal(&side, root), 0);
	assert_true(side.end.torn);
	assert_int_equal(side.launches, 1);
	assert_int_equal(journal_cut(root, &side.end), 0);
	assert_int_equal(stat(join("samples.jsonl"), &after), 0);
	assert_int_equal(after.st_size, before.st_size);
}

static void other_lines_are_of_another_version(void **state)
{
	FILE *file = fopen(join("samples.jsonl"), "w");

	(void)state;
	assert_non_null(file);
	fputs("{\"kind\":\"launch\",\"launch\":1,\"complete\":true}\n", file);
	fclose(file);
	assert_int_equal(side_read_journal(&side, root), -EPROTO);
}

/* --- selection ------------------------------------------------------------------------------- */

static struct selection selection;

static json_t *program(const char *strategies)
{
	json_t *has = json_loads(strategies, 0, NULL);

	assert_non_null(has);
	json_object_set_new(has, "launch_interface", json_integer(1));
	return has;
}

static char *names(const json_t *list)
{
	static char *text;

	free(text);
	text = selection_join(list, " ");
	assert_non_null(text);
	return text;
}

static void what_becomes_of_each_strategy(void **state)
{
	struct options o = { .scenario = { { .name = "steady" }, { .name = "storm" } }, .scenarios = 2 };
	struct side a = { .has = program("{\"frame\": \"f\", \"strategies\": ["
					 "{\"name\": \"same\", \"class\": \"retry\", \"object\": \"1\"},"
					 "{\"name\": \"gone\", \"class\": \"retry\", \"object\": \"2\"},"
					 "{\"name\": \"changed\", \"class\": \"retry\", \"object\": \"3\"},"
					 "{\"name\": \"wrong\", \"class\": \"broken\", \"object\": \"4\"}],"
					 "\"scenarios\": [{\"name\": \"steady\", \"parameters\": {\"burst\": 32}},"
					 "{\"name\": \"storm\", \"parameters\": {\"rate\": 1000}}]}") };
	struct side b = { .has = program("{\"frame\": \"g\", \"strategies\": ["
					 "{\"name\": \"same\", \"class\": \"retry\", \"object\": \"1\"},"
					 "{\"name\": \"new\", \"class\": \"retry\", \"object\": \"2\"},"
					 "{\"name\": \"changed\", \"class\": \"retry\", \"object\": \"5\"},"
					 "{\"name\": \"wrong\", \"class\": \"broken\", \"object\": \"6\"}],"
					 "\"scenarios\": [{\"name\": \"steady\", \"parameters\": "
					 "{\"burst\": 32.0, \"later\": 1}},"
					 "{\"name\": \"storm\", \"parameters\": {\"rate\": 500}}]}") };

	(void)state;
	assert_int_equal(selection_make(&o, &a, &b, &selection), EXIT_FINE);
	assert_string_equal(names(selection.strategies), "changed");
	assert_string_equal(names(selection.unchanged), "same");
	assert_string_equal(names(selection.added), "new");
	assert_string_equal(names(selection.gone), "gone");
	assert_string_equal(names(selection.scenarios), "steady");
	assert_string_equal(names(selection.reshaped), "storm");
	assert_true(selection.frame_differs);
	selection_free(&selection);
	o.compare.unchanged = true;
	o.include_broken = true;
	assert_int_equal(selection_make(&o, &a, &b, &selection), EXIT_FINE);
	assert_string_equal(names(selection.strategies), "same changed wrong");
	selection_free(&selection);
	o.compare.strategies = "same,gone";
	o.compare.scenarios = "steady";
	assert_int_equal(selection_make(&o, &a, &b, &selection), EXIT_FINE);
	assert_string_equal(names(selection.strategies), "same");
	assert_string_equal(names(selection.gone), "gone");
	selection_free(&selection);
	o.compare.strategies = "sam";
	assert_int_equal(selection_make(&o, &a, &b, &selection), EXIT_USAGE);
	selection_free(&selection);
	side_close(&a);
	side_close(&b);
}

static void without_hashes_nothing_is_known_to_be_the_same(void **state)
{
	static const char text[] = "{\"strategies\": [{\"name\": \"x\", \"object\": null}],"
				   "\"scenarios\": [{\"name\": \"steady\"}]}";
	struct options o = { .scenario = { { .name = "steady" } }, .scenarios = 1 };
	struct side a = { .has = program(text) }, b = { .has = program(text) };

	(void)state;
	assert_int_equal(selection_make(&o, &a, &b, &selection), EXIT_FINE);
	assert_string_equal(names(selection.strategies), "x");
	assert_false(selection.frame_differs);
	selection_free(&selection);
	side_close(&a);
	side_close(&b);
}

#define SIDE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIDE_TEST(launches_are_read_by_name),
		SIDE_TEST(a_launch_without_an_end_does_not_count),
		SIDE_TEST(a_torn_line_is_cut_off),
		SIDE_TEST(other_lines_are_of_another_version),
		SIDE_TEST(what_becomes_of_each_strategy),
		SIDE_TEST(without_hashes_nothing_is_known_to_be_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
