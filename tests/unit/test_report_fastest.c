// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that the fastest of a class are those of all that were measured, that a tie is called one,
 * and that neither what is unsafe or broken, nor a figure that is not there, wins anything.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "report/text.h"
#include "sample_record.h"

static void put_line(FILE *out, const char *text)
{
	fprintf(out, "%s\n", text);
}

static char *fastest_of(const struct record *record, int lines)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(list_fastest(out, record, put_line), lines);
	fclose(out);
	return text;
}

static void assert_has(const struct record *record, const char *part, bool there)
{
	char *text = fastest_of(record, 3);

	if ((strstr(text, part) != NULL) != there)
		fail_msg("'%s' in '%s'", part, text);
	free(text);
}

static struct record tried_record(void)
{
	struct record record = sample_record(false);

	for (size_t i = 0; i < SAMPLE_CELLS; i++)
		sample_cell[i].verdict = "safe";
	for (size_t i = 0; i < SAMPLE_SCENARIOS; i++)
		sample_find(sample_scenario[i].name, "pinned")->verdict =
			"incoherent, refuses migration";
	return record;
}

static void set_time(const char *strategy, double value, double lower, double upper)
{
	struct record_estimate *e = &sample_find("steady", strategy)->ns_per_entry;

	e->value = value;
	e->lower = lower;
	e->upper = upper;
}

static void test_each_class_has_its_fastest(void **state)
{
	struct record record = tried_record();
	char *text = fastest_of(&record, 3);

	(void)state;
	/* Pinned pages are not safe, and in bystander start has nothing to take away. */
	assert_string_equal(
		text,
		"quiesce: fastest reader in steady: rcu_memb* at 5.000 ns/entry [4.950, 5.050]; "
		"fastest reader in burst: rcu_memb* at 3.000 ns/entry [2.970, 3.030]; "
		"fastest reader in storm: rcu_memb* at 5.000 ns/entry [4.950, 5.050]; "
		"fastest invalidator in storm: spinlock* with invalidate_start() p50 180 ns "
		"[176 ns, 184 ns]\n"
		"retry: fastest reader in steady: seqlock at 9.000 ns/entry [8.910, 9.090] "
		"(alone); "
		"fastest reader in burst: seqlock at 4.600 ns/entry [4.554, 4.646] (alone); "
		"fastest reader in storm: seqlock at 9.000 ns/entry [8.910, 9.090] (alone); "
		"fastest invalidator in storm: seqlock with invalidate_start() p50 75 ns "
		"[73.5 ns, 76.5 ns] (alone)\n"
		"copy: fastest reader in steady: copy_from_user* at 4500 ns/entry [4455, 4545] "
		"(alone); fastest reader in burst: copy_from_user* at 1801 ns/entry [1783, 1819] "
		"(alone); fastest reader in storm: copy_from_user* at 4500 ns/entry [4455, 4545] "
		"(alone); fastest invalidator in storm: copy_from_user* with invalidate_start() "
		"p50 "
		"31 ns [30.4 ns, 31.6 ns] (alone)\n");
	free(text);
}

static void test_who_is_not_shown_wins_too(void **state)
{
	struct record record = tried_record();

	(void)state;
	sample_find("steady", "rcu_memb")->shown = false;
	assert_has(&record, "reader in steady: rcu_memb* at 5.000", true);
}

static void test_a_tie_is_called_a_tie(void **state)
{
	struct record record = tried_record();

	(void)state;
	/* Apart by their intervals, but by no more than another process would be. */
	set_time("spinlock", 5.1, 5.09, 5.11);
	assert_has(&record,
		   "reader in steady: a tie of rcu_memb* at 5.000 ns/entry [4.950, 5.050] and "
		   "spinlock*;",
		   true);
	set_time("spinlock", 5.2, 5.19, 5.21);
	assert_has(&record, "reader in steady: rcu_memb* at", true);
	/* Intervals that overlap. */
	set_time("srcu", 9, 5, 12);
	assert_has(&record,
		   "reader in steady: a tie of rcu_memb* at 5.000 ns/entry [4.950, 5.050] "
		   "and srcu*;",
		   false);
	set_time("spinlock", 5.2, 5, 5.21);
	assert_has(&record,
		   "reader in steady: a tie of rcu_memb* at 5.000 ns/entry [4.950, 5.050], "
		   "spinlock* and srcu*;",
		   true);
	/* invalidate_start() differs more from process to process. */
	sample_find("storm", "srcu")->invalidate.start_p50 = sample_estimate(224, 0.004, 14);
	assert_has(&record,
		   "invalidator in storm: a tie of spinlock* with invalidate_start() p50 "
		   "180 ns [176 ns, 184 ns] and srcu*\n",
		   true);
	sample_find("storm", "srcu")->invalidate.start_p50.value = 226;
	assert_has(&record, "invalidator in storm: spinlock* with", true);
}

static void test_long_ties_are_counted(void **state)
{
	struct record record = tried_record();

	(void)state;
	for (size_t i = 0; i < SAMPLE_STRATEGIES; i++) {
		sample_cell[i].class_name = "quiesce";
		sample_cell[i].verdict = "safe";
		sample_cell[i].model = NULL;
		set_time(sample_cell[i].strategy, 10 + 0.01 * (double)i, 9, 11);
	}
	assert_has(&record,
		   "reader in steady: a tie of empty at 10.00 ns/entry [9.000, 11.00], "
		   "pinned, copy_from_user, rcu_memb and 3 more;",
		   true);
}

static void test_unsafe_wins_nothing(void **state)
{
	struct record record = tried_record();

	(void)state;
	sample_find("steady", "rcu_memb")->verdict = "stale, lost write";
	assert_has(&record, "reader in steady: spinlock* at 20.00 ", true);
	sample_find("steady", "spinlock")->class_name = "broken";
	assert_has(&record, "reader in steady: srcu* at 35.00 ns/entry [34.65, 35.35] (alone);",
		   true);
	sample_find("steady", "srcu")->measured = false;
	assert_has(&record, "quiesce: fastest reader in burst", true);
	/* Who was not tried says so. */
	sample_find("burst", "rcu_memb")->verdict = "not tried on this build";
	assert_has(&record, "reader in burst: rcu_memb* (not tried) at", true);
	/* Without a figure for invalidate_start() there is no invalidator. */
	sample_find("storm", "spinlock")->invalidate.start_p50.present = false;
	assert_has(&record, "invalidator in storm: rcu_memb* with invalidate_start() p50 11.0 us",
		   true);
	/* Pinning that was tried and found safe. */
	for (size_t i = 0; i < SAMPLE_SCENARIOS; i++)
		sample_find(sample_scenario[i].name, "pinned")->verdict = "safe";
	free(fastest_of(&record, 4));
}

static void test_nothing_tried_is_said_once(void **state)
{
	struct record record = sample_record(false);
	char *text = fastest_of(&record, 3);

	(void)state;
	assert_ptr_equal(
		strstr(text, "None of these was tried for safety on this build.\nquiesce: "), text);
	assert_null(strstr(text, "(not tried)"));
	free(text);
	record.cells = 0;
	text = fastest_of(&record, 0);
	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_class_has_its_fastest),
		cmocka_unit_test(test_who_is_not_shown_wins_too),
		cmocka_unit_test(test_a_tie_is_called_a_tie),
		cmocka_unit_test(test_long_ties_are_counted),
		cmocka_unit_test(test_unsafe_wins_nothing),
		cmocka_unit_test(test_nothing_tried_is_said_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
