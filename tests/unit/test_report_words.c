// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that words claim no more than the figures: what ties is not ranked, what is no answer
 * (copies that are models, what is unsafe or broken) wins nothing, and what was not tried is said.
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

/* What `write` says of the record, compared and freed. */
static void assert_says(paragraph_fn *write, const struct record *record,
			const struct record_scenario *scenario, const char *expected)
{
	char *text = compose(write, record, scenario);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static void assert_has(paragraph_fn *write, const struct record *record,
		       const struct record_scenario *scenario, const char *part, bool there)
{
	char *text = compose(write, record, scenario);

	assert_non_null(text);
	if ((strstr(text, part) != NULL) != there)
		fail_msg("'%s' in '%s'", part, text);
	free(text);
}

/* The first scenario alone, of which only the named were measured. */
static struct record steady_of(const char *const *strategy, size_t count)
{
	struct record record = sample_record(false);

	record.scenarios = 1;
	record.cells = SAMPLE_STRATEGIES;
	for (size_t i = 0; i < SAMPLE_STRATEGIES; i++) {
		bool named = false;

		for (size_t k = 0; k < count; k++)
			named |= !strcmp(sample_cell[i].strategy, strategy[k]);
		sample_cell[i].measured = named;
	}
	return record;
}

#define STEADY(...)                                                                                \
	steady_of((const char *const[]){ __VA_ARGS__ },                                            \
		  sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void set_time(const char *scenario, const char *strategy, double value, double lower,
		     double upper)
{
	struct record_estimate *e = &sample_find(scenario, strategy)->ns_per_entry;

	e->value = value;
	e->lower = lower;
	e->upper = upper;
}

#define FLOOR  " The walk without any access takes 1.020 ns/entry."
#define PINNED "steady: pinned at 4.000 ns/entry keeps its pages where they are"
#define LET    "; of those that let the owner remap, "

static void test_ranks_what_can_be_told_apart(void **state)
{
	struct record record = sample_record(false);

	(void)state;
	/* The copy, at 4500, is the slowest of all and no part of this. */
	assert_says(write_headline, &record, &record.scenario[0],
		    PINNED LET "the fastest is rcu_memb* at 5.000 ns/entry (1.25 x pinned), and "
			       "the slowest is srcu* at 35.00 ns/entry (8.75 x pinned)." FLOOR);
	record = STEADY("pinned", "rcu_memb", "seqlock");
	assert_says(write_headline, &record, &record.scenario[0],
		    PINNED LET "rcu_memb* at 5.000 ns/entry (1.25 x pinned) is faster than "
			       "seqlock at 9.000 ns/entry (2.25 x pinned).");
	record = STEADY("rcu_memb", "seqlock");
	assert_says(write_headline, &record, &record.scenario[0],
		    "steady: of those that let the owner remap, rcu_memb* at 5.000 ns/entry is "
		    "faster than seqlock at 9.000 ns/entry (1.80 x rcu_memb).");
	record = STEADY("pinned", "seqlock");
	assert_says(write_headline, &record, &record.scenario[0],
		    PINNED "; seqlock at 9.000 ns/entry (2.25 x pinned) lets the owner remap.");
}

static void test_does_not_rank_what_ties(void **state)
{
	struct record record = STEADY("pinned", "rcu_memb", "seqlock");

	(void)state;
	/* Intervals that overlap. */
	set_time("steady", "seqlock", 9, 5, 12);
	assert_says(write_headline, &record, &record.scenario[0],
		    PINNED LET "rcu_memb* at 5.000 ns/entry (1.25 x pinned) and seqlock are not "
			       "to be told apart.");
	/* Intervals that do not, but a difference that another launch would not show. */
	set_time("steady", "seqlock", 5.1, 5.09, 5.11);
	set_time("steady", "rcu_memb", 5, 4.99, 5.01);
	assert_has(write_headline, &record, &record.scenario[0], "not to be told apart.", true);
	set_time("steady", "seqlock", 5.2, 5.19, 5.21);
	assert_has(write_headline, &record, &record.scenario[0], "told apart", false);
	/* A bound that is no number tells nothing. */
	set_time("steady", "seqlock", 5.2, NAN, 5.21);
	assert_has(write_headline, &record, &record.scenario[0], "told apart", true);
	record = sample_record(false);
	set_time("steady", "seqlock", 9, 5, 10);
	set_time("steady", "spinlock", 34, 33, 36);
	assert_says(write_headline, &record, &record.scenario[0],
		    PINNED LET
		    "the fastest are rcu_memb* at 5.000 ns/entry (1.25 x pinned) and "
		    "seqlock, not to be told apart, and the slowest are srcu* at 35.00 "
		    "ns/entry (8.75 x pinned) and spinlock*, not to be told apart." FLOOR);
	record = STEADY("rcu_memb", "seqlock", "spinlock");
	set_time("steady", "rcu_memb", 9, 5, 20);
	set_time("steady", "spinlock", 9, 5, 20);
	assert_says(write_headline, &record, &record.scenario[0],
		    "steady: of those that let the owner remap, rcu_memb* at 9.000 ns/entry, "
		    "seqlock and spinlock* are not to be told apart.");
}

static void test_nothing_to_compare(void **state)
{
	struct record record = STEADY("copy_from_user", "empty");

	(void)state;
	assert_says(write_headline, &record, &record.scenario[0],
		    "steady: nothing was measured to compare.");
	assert_says(write_overview, &record, NULL, "");
	record.cells = 0;
	assert_says(write_headline, &record, &record.scenario[0],
		    "steady: nothing was measured to compare.");
	assert_says(write_overview, &record, NULL, "");
	assert_says(write_verdicts, &record, NULL, "");
	assert_says(write_copies, &record, NULL, "");
	assert_says(write_models, &record, NULL, "");
}

static void test_unsafe_is_never_the_fastest(void **state)
{
	struct record record = STEADY("pinned", "rcu_memb", "seqlock", "spinlock");

	(void)state;
	sample_find("steady", "pinned")->verdict = "incoherent, refuses migration";
	sample_find("steady", "rcu_memb")->verdict = "stale, lost write";
	sample_find("steady", "seqlock")->verdict = "safe (not as expected)";
	assert_says(write_headline, &record, &record.scenario[0],
		    PINNED LET "seqlock at 9.000 ns/entry (2.25 x pinned) is faster than spinlock* "
			       "at 20.00 ns/entry (5.00 x pinned). Left out as not safe: rcu_memb "
			       "(stale, lost write).");
	assert_has(write_overview, &record, NULL, "seqlock costs 2.25 x pinned and spinlock*",
		   true);
	sample_find("steady", "seqlock")->class_name = "broken";
	assert_has(write_headline, &record, &record.scenario[0],
		   "; spinlock* at 20.00 ns/entry (5.00 x pinned) lets the owner remap.", true);
	assert_has(write_headline, &record, &record.scenario[0],
		   " Strategies known to be wrong (class broken) are left out of this.", true);
}

static void test_invalidate_latency_only_where_it_means_something(void **state)
{
	struct record record = sample_record(false);
	const struct record_scenario *storm = &record.scenario[2];

	(void)state;
	assert_has(write_headline, &record, storm,
		   " invalidate_start() p99: 300 ns in seqlock, up to 208 us in srcu*. pinned "
		   "refused all of 4990 migrations.",
		   true);
	/* Of memory that is not the metadata: looking areas up, and its noise. */
	assert_has(write_headline, &record, &record.scenario[3], "invalidate_start()", false);
	/* Less than twice is no finding. */
	for (size_t i = 2 * SAMPLE_STRATEGIES; i < 3 * SAMPLE_STRATEGIES; i++)
		sample_cell[i].invalidate.p99 = 1000 + 10 * (double)i;
	assert_has(write_headline, &record, storm,
		   " invalidate_start() p99: 1.17 us to 1.20 us in all of them. pinned", true);
	for (size_t i = 2 * SAMPLE_STRATEGIES; i < 3 * SAMPLE_STRATEGIES; i++)
		sample_cell[i].measured = !strcmp(sample_cell[i].strategy, "srcu");
	assert_has(write_headline, &record, storm, " invalidate_start() p99: 1.18 us in srcu*.",
		   true);
}

static void test_overview(void **state)
{
	struct record record = sample_record(false);

	(void)state;
	assert_says(write_overview, &record, NULL,
		    "Per access, rcu_memb* costs 1.25 x pinned and seqlock 2.25 x; per burst srcu* "
		    "costs 5.77 x pinned, the others less; rcu_memb's price is 11.0 us (p50) in "
		    "invalidate_start().");
	set_time("burst", "pinned", 10, 9.9, 10.1);
	set_time("burst", "rcu_memb", 10.2, 10, 10.3);
	set_time("burst", "seqlock", 9.9, 9.8, 10);
	set_time("burst", "spinlock", 11.31, 11, 12);
	set_time("burst", "srcu", 11.35, 11, 12);
	assert_has(write_overview, &record, NULL, "; per burst all are within 14 % of pinned; ",
		   true);
	/* Parts for which there are no cells are left out. */
	record.scenarios = 2;
	assert_has(write_overview, &record, NULL, "price", false);
	record.cells = SAMPLE_STRATEGIES;
	assert_says(write_overview, &record, NULL,
		    "Per access, rcu_memb* costs 1.25 x pinned and seqlock 2.25 x.");
	record.cell = &sample_cell[SAMPLE_STRATEGIES];
	assert_says(write_overview, &record, NULL, "Per burst all are within 14 % of pinned.");
	sample_find("burst", "pinned")->measured = false;
	assert_says(write_overview, &record, NULL, "");
	record = STEADY("pinned", "seqlock");
	assert_says(write_overview, &record, NULL, "Per access, seqlock costs 2.25 x pinned.");
}

static void test_copies_are_said_apart_once(void **state)
{
	struct record record = sample_record(false);

	(void)state;
	assert_says(write_copies, &record, NULL,
		    "copy_from_user* (4500 ns/entry): a system call to another process stands for "
		    "access_process_vm: do not hold the maps against it.");
	assert_has(write_models, &record, NULL, "access_process_vm", false);
	assert_has(write_models, &record, NULL,
		   "* figures of a model, not of the kernel: rcu_memb: ", true);
	/* Of one that was not measured in the first scenario, another's figure; of none, none. */
	for (size_t i = 0; i < SAMPLE_SCENARIOS; i++) {
		sample_find(sample_scenario[i].name, "copy_from_user")->measured = i == 3;
		sample_find(sample_scenario[i].name, "copy_from_user")->ns_per_entry.value = i;
	}
	assert_has(write_copies, &record, NULL, "copy_from_user* (3.000 ns/entry): a", true);
	sample_find("bystander", "copy_from_user")->measured = false;
	assert_has(write_copies, &record, NULL, "copy_from_user*: a system call", true);
}

static void test_models_by_strategy_and_scenario(void **state)
{
	struct record record = sample_record(false);

	(void)state;
	for (size_t i = 0; i < SAMPLE_CELLS; i++)
		if (strcmp(sample_cell[i].class_name, "copy"))
			sample_cell[i].model = NULL;
	assert_says(write_models, &record, NULL, "");
	for (size_t i = 0; i < SAMPLE_SCENARIOS; i++)
		sample_find(sample_scenario[i].name, "srcu")->model = "one";
	sample_find("burst", "spinlock")->model = "one";
	sample_find("storm", "spinlock")->model = "one";
	sample_find("bystander", "spinlock")->model = "two";
	assert_says(
		write_models, &record, NULL,
		"* figures of a model, not of the kernel: srcu, spinlock in burst and storm: one; "
		"spinlock in bystander: two");
}

static void test_verdicts_by_strategy_and_section(void **state)
{
	struct record record = sample_record(false);

	(void)state;
	for (size_t i = 0; i < SAMPLE_CELLS; i++)
		if (strcmp(sample_cell[i].class_name, "floor"))
			sample_cell[i].verdict = "safe";
	assert_says(write_verdicts, &record, NULL, "Safety verdicts: safe.");
	for (size_t i = 0; i < SAMPLE_SCENARIOS; i++) {
		const char *name = sample_scenario[i].name;

		sample_find(name, "pinned")->verdict = "incoherent, refuses migration";
		sample_find(name, "srcu")->verdict = "not tried on this build";
		if (strcmp(name, "burst"))
			sample_find(name, "seqlock")->verdict = "stale (not as expected)";
	}
	assert_says(write_verdicts, &record, NULL,
		    "Safety verdicts: pinned: incoherent, refuses migration; seqlock per access: "
		    "stale (not as expected); copy_from_user, rcu_memb, spinlock, seqlock per "
		    "burst: safe; srcu: not tried on this build. To try them: ./run.sh torture");
}

static void test_legend_explains_what_is_there(void **state)
{
	struct record record = sample_record(false);

	(void)state;
	assert_has(write_legend, &record, NULL,
		   "; no map: share of the time from a miss to the refresh that brought the map back; "
		   "about 48 us of each is the migration itself.",
		   true);
	sample_find("storm", "srcu")->invalidate.model_p50 = 1.5e6;
	/* In bystander nothing was without a map for it. */
	sample_find("bystander", "srcu")->invalidate.model_p50 = 9e6;
	assert_has(write_legend, &record, NULL,
		   "; 48 us to 1.50 ms of each is the migration itself.", true);
	record.cells = SAMPLE_STRATEGIES;
	assert_has(write_legend, &record, NULL, "start:", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranks_what_can_be_told_apart),
		cmocka_unit_test(test_does_not_rank_what_ties),
		cmocka_unit_test(test_nothing_to_compare),
		cmocka_unit_test(test_unsafe_is_never_the_fastest),
		cmocka_unit_test(test_invalidate_latency_only_where_it_means_something),
		cmocka_unit_test(test_overview),
		cmocka_unit_test(test_copies_are_said_apart_once),
		cmocka_unit_test(test_models_by_strategy_and_scenario),
		cmocka_unit_test(test_verdicts_by_strategy_and_section),
		cmocka_unit_test(test_legend_explains_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
