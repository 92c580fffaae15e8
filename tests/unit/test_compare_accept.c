// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows how the file of known changes is read, what of it is refused, and what it does to verdicts.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "assert_near.h"
#include "compare/accept.h"
#include "sample_folder.h"

static struct side base, head;
static struct accepted_list list;

static int set_up(void **state)
{
	base.has = json_pack("{s:[{s:s}], s:[{s:s}]}", "strategies", "name", "seqlock", "scenarios",
			     "name", "steady");
	head.has = json_pack("{s:[{s:s}], s:[{s:s}]}", "strategies", "name", "fresh", "scenarios",
			     "name", "storm");
	return base.has && head.has ? make_root(state) : -1;
}

static int tear_down(void **state)
{
	accept_free(&list);
	json_decref(base.has);
	json_decref(head.has);
	return remove_root(state);
}

static int read_text(const char *text)
{
	FILE *file = fopen(join("accept"), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	accept_free(&list);
	return accept_read(join("accept"), &base, &head, &list);
}

static void lines_of_all_kinds(void **state)
{
	(void)state;
	assert_int_equal(read_text("# known\n\n  \t\n"
				   "seqlock/steady ns_per_entry +5% a second fence, on purpose\r\n"
				   "\tfresh/storm\taccess_p99_ns  +12.5%  it is new"), 0);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.entry[0].strategy, "seqlock");
	assert_string_equal(list.entry[0].scenario, "steady");
	assert_string_equal(list.entry[0].metric, "ns_per_entry");
	assert_near(list.entry[0].limit, 0.05);
	assert_string_equal(list.entry[0].reason, "a second fence, on purpose");
	assert_int_equal(list.entry[0].line, 4);
	assert_near(list.entry[1].limit, 0.125);
	assert_string_equal(list.entry[1].reason, "it is new");
	assert_int_equal(read_text("seqlock/steady instructions:u +1% one more"), 0);
	assert_int_equal(read_text(""), 0);
	assert_int_equal(list.n, 0);
}

static void what_is_refused(void **state)
{
	static const char *const bad[] = {
		"seqlock ns_per_entry +5% why",
		"seqlok/steady ns_per_entry +5% why",
		"seqlock/stedy ns_per_entry +5% why",
		"seqlock/steady ns_per_entri +5% why",
		"seqlock/steady ns_per_entry 5% why",
		"seqlock/steady ns_per_entry +5 why",
		"seqlock/steady ns_per_entry +% why",
		"seqlock/steady ns_per_entry +-5% why",
		"seqlock/steady ns_per_entry +0% why",
		"seqlock/steady ns_per_entry +nan% why",
		"seqlock/steady ns_per_entry +5%",
		"seqlock/steady ns_per_entry +5%  \t ",
		"seqlock/steady ns_per_entry",
		"seqlock/steady",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(read_text(bad[i]), -EINVAL);
	accept_free(&list);
	assert_int_equal(accept_read(join("nowhere"), &base, &head, &list), -ENOENT);
}

static struct judged slower_by(double ratio, const char *metric)
{
	return (struct judged){ .figure = { .strategy = "seqlock",
					    .scenario = "steady",
					    .metric = metric,
					    .ratio = ratio,
					    .change = CHANGE_SLOWER } };
}

static void within_the_limit_it_is_accepted(void **state)
{
	struct judged rows[] = { slower_by(1.049, "ns_per_entry"), slower_by(1.051, "ns_per_entry"),
				 slower_by(1.01, "access_p99_ns") };

	(void)state;
	assert_int_equal(read_text("seqlock/steady ns_per_entry +5% a fence"), 0);
	accept_apply(&list, rows, 3);
	assert_int_equal(rows[0].figure.change, CHANGE_ACCEPTED);
	assert_non_null(strstr(rows[0].figure.reason, "a fence"));
	assert_int_equal(rows[1].figure.change, CHANGE_SLOWER);
	assert_int_equal(rows[2].figure.change, CHANGE_SLOWER);
	assert_true(list.entry[0].used);
}

static void what_matches_nothing_slower_is_known(void **state)
{
	struct judged row = slower_by(0.95, "ns_per_entry");

	(void)state;
	row.figure.change = CHANGE_FASTER;
	assert_int_equal(read_text("seqlock/steady ns_per_entry +5% a fence"), 0);
	accept_apply(&list, &row, 1);
	assert_int_equal(row.figure.change, CHANGE_FASTER);
	assert_false(list.entry[0].used);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_of_all_kinds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(within_the_limit_it_is_accepted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_matches_nothing_slower_is_known, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
