// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that a report says how sure its figures are: how many launches they rest on and what their
 * interval is then, which missed the target, what ties, and what else happened on the CPU.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "report/plot_data.h"
#include "report/report.h"
#include "report/text.h"
#include "sample_folder.h"
#include "sample_record.h"

static void assert_says(paragraph_fn *write, const struct record *record, const char *expected)
{
	char *text = compose(write, record, NULL);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static void assert_has(paragraph_fn *write, const struct record *record, const char *part,
		       bool there)
{
	char *text = compose(write, record, &record->scenario[0]);

	assert_non_null(text);
	if ((strstr(text, part) != NULL) != there)
		fail_msg("'%s' in '%s'", part, text);
	free(text);
}

static void miss(const char *scenario, const char *strategy, double half_width)
{
	struct record_estimate *e = &sample_find(scenario, strategy)->ns_per_entry;

	e->half_width = half_width;
	e->missed_target = true;
}

static void test_launches_are_counted(void **state)
{
	struct record record = sample_record(false);

	(void)state;
	assert_says(write_launches, &record, "1 of each cell, measured for 41.7 s in all");
	record = sample_launches(5, 5);
	assert_says(write_launches, &record,
		    "5 of each cell, each a fresh process, measured for 41.7 s in all");
	record = sample_launches(5, 14);
	/* What could not be measured has none, and that is said elsewhere. */
	sample_cell[3].measured = false;
	sample_cell[3].ns_per_entry.launches = 0;
	assert_says(write_launches, &record,
		    "5 to 14 of each cell, each a fresh process, measured for 41.7 s in all");
	record.cells = 0;
	assert_says(write_launches, &record, "");
}

static void test_legend_says_what_the_interval_is(void **state)
{
	struct record record = sample_record(false);

	(void)state;
	assert_has(write_legend, &record,
		   "ns per entry: median over the epochs of this one process, and its interval; "
		   "another process, with another layout of memory, may differ by more: what "
		   "overlaps, or is less than 3 % apart, is not ranked. verdict:",
		   true);
	assert_has(write_legend, &record, "launches", false);
	record = sample_launches(5, 14);
	assert_has(write_legend, &record,
		   "ns per entry: geometric mean of the launches' medians (a launch is a process "
		   "with a layout of memory of its own; its median is over its epochs, or windows "
		   "with invalidations), and the 95 % interval by their spread; what overlaps, or "
		   "is less than 1 % apart, is not ranked. verdict:",
		   true);
	assert_has(write_legend, &record, "the strategy's part, in all launches together", true);
	assert_has(write_legend, &record, "^", false);
	miss("steady", "srcu", 0.04);
	assert_has(write_legend, &record,
		   ". ^: the interval is wider than the target. verdict:", true);
}

static void test_missed_targets_are_named(void **state)
{
	struct record record = sample_launches(5, 14);

	(void)state;
	assert_says(write_missed, &record, "");
	miss("steady", "seqlock", 0.0204);
	miss("steady", "srcu", 0.04);
	miss("burst", "pinned", 0.0101);
	/* It has no figure, so none that is too wide. */
	miss("burst", "srcu", 0.5);
	sample_find("burst", "srcu")->measured = false;
	assert_says(write_missed, &record,
		    "^ The target, +-1 %, was missed by steady: srcu* +-4 %, seqlock +-2.04 %; "
		    "burst: pinned +-1.01 %. A quieter machine narrows them, or more time "
		    "(--max-time, --seconds).");
	for (size_t i = 0; i < SAMPLE_STRATEGIES; i++)
		miss("steady", sample_cell[i].strategy, 0.1 - 0.01 * (double)i);
	assert_has(write_missed, &record,
		   "steady: empty +-10 %, pinned +-9 %, copy_from_user* +-8 %, rcu_memb* +-7 % and "
		   "3 more; burst: pinned",
		   true);
}

static void test_missed_targets_are_marked(void **state)
{
	struct record record = sample_launches(5, 14);
	struct plot plot;
	char *text;

	(void)state;
	miss("steady", "srcu", 0.04);
	record.show_all = true;
	assert_int_equal(write_summary_md(&record, root), 0);
	text = read_whole(join("summary.md"));
	assert_non_null(strstr(text, "| srcu\\* | not tried | 35.00 | \\[34.65, 35.35\\]^ | 28.57 | 8.75"));
	assert_non_null(strstr(text, "\n- launches: 5 to 14 of each cell, each a fresh process"));
	assert_non_null(strstr(text, "\n- noise: 254 gaps above 5 us a second"));
	assert_non_null(strstr(text, "\n^ The target, +-1 %, was missed by steady: srcu"));
	/* The page of all strategies has the launches and outliers of each cell. */
	assert_non_null(strstr(text, "\n| steady | pinned | 14 | 1 % | 1200 | 14 (1.17 %) |\n"));
	assert_non_null(strstr(text, "\n| steady | srcu\\* | 14 | 4 %^ | 1200 | 14 (1.17 %) |\n"));
	assert_non_null(strstr(text, "\n| storm | srcu\\* | 5 | 1 % | 1200 | 14 (1.17 %) |\n"));
	free(text);
	assert_int_equal(plot_compose(&plot, PLOT_TIME, &record), 0);
	assert_non_null(strstr(plot.tsv, "35.00  [34.65, 35.35]^\t"));
	assert_string_equal(plot.note,
			    "Geometric mean of the launches' medians, and the 95 % interval by "
			    "their spread. ^: wider than the target of +-1 %.");
	free(plot.tsv);
}

static void set_time(const char *strategy, double value, double half_width)
{
	uint64_t launches = sample_find("steady", strategy)->ns_per_entry.launches;

	sample_find("steady", strategy)->ns_per_entry = sample_estimate(value, half_width, 1200);
	sample_find("steady", strategy)->ns_per_entry.launches = launches;
}

/* What one launch cannot tell apart, several can: how they differ from each other is known. */
static void test_launches_tell_apart(void **state)
{
	struct record record = sample_record(false);
	static const char both[] =
		"the fastest are rcu_memb* at 5.000 ns/entry (1.25 x pinned) and "
		"seqlock, not to be told apart, and";

	(void)state;
	set_time("rcu_memb", 5, 0.001);
	set_time("seqlock", 5.1, 0.001);
	assert_has(write_headline, &record, both, true);
	record = sample_launches(5, 14);
	set_time("rcu_memb", 5, 0.001);
	set_time("seqlock", 5.1, 0.001);
	assert_has(write_headline, &record, both, false);
	/* One of them has a single launch. */
	sample_find("steady", "seqlock")->ns_per_entry.launches = 1;
	assert_has(write_headline, &record, both, true);
	sample_find("steady", "seqlock")->ns_per_entry.launches = 5;
	assert_has(write_headline, &record, both, false);
	/* Not overlapping, and of no interest. */
	set_time("seqlock", 5.04, 0.001);
	assert_has(write_headline, &record, both, true);
	/* Of interest, and overlapping. */
	set_time("seqlock", 5.1, 0.02);
	assert_has(write_headline, &record, both, true);
}

static void test_launches_tell_starts_apart(void **state)
{
	const struct record_estimate *fast, *slow;

	(void)state;
	sample_launches(5, 14);
	fast = &sample_find("storm", "spinlock")->invalidate.start_p50;
	slow = &sample_find("storm", "srcu")->invalidate.start_p50;
	sample_find("storm", "srcu")->invalidate.start_p50 = sample_estimate(190, 0.001, 14);
	assert_true(is_tied(fast, slow, &start_spread));
	sample_find("storm", "srcu")->invalidate.start_p50.launches = 5;
	assert_false(is_tied(fast, slow, &start_spread));
	/* A bucket of the histogram is as wide. */
	sample_find("storm", "spinlock")->invalidate.start_p50.upper = 181;
	sample_find("storm", "srcu")->invalidate.start_p50.value = 185;
	sample_find("storm", "srcu")->invalidate.start_p50.lower = 184;
	assert_true(is_tied(fast, slow, &start_spread));
}

static void test_noise_in_words(void **state)
{
	struct record record = sample_record(false);

	(void)state;
	assert_says(
		write_noise, &record,
		"254 gaps above 5 us a second, the longest 3.21 ms, 0.42 % of the time lost in "
		"them; steal 0 %; 3 of 33600 epochs spoilt (preempted 5 times, moved to another "
		"CPU 0 times), none dropped; core speed (time of a fixed chain of multiplications "
		"without a gap): 0.4 % between p5 and p95.");
	record = sample_launches(5, 14);
	assert_has(write_noise, &record,
		   "; core speed (time of a fixed chain of multiplications without a gap): 0.4 % "
		   "between p5 and p95 of the worst launch, 0.13 % between the slowest launch and "
		   "the fastest.",
		   true);
	record.noise.lost_share = 0.0201;
	assert_has(write_noise, &record,
		   ". For more than 2 % of the time the CPU was not the worker's", true);
	record.noise.lost_share = 0.0199;
	assert_has(write_noise, &record, "For more than", false);
	record.noise.gaps_per_s = 12345;
	record.noise.steal_share = 0.00001;
	assert_has(write_noise, &record, "12345 gaps above", true);
	assert_has(write_noise, &record, "; steal <0.01 %; ", true);
	record.noise.gaps_per_s = record.noise.longest_gap_us = record.noise.lost_share = 0;
	assert_has(write_noise, &record, "0 gaps above 5 us a second, 0 % of the time lost", true);
}

static void test_noise_that_is_not_known(void **state)
{
	struct record record = sample_record(false);

	(void)state;
	record.noise = (struct record_noise){ .epochs = 7, .lost_share = 1 };
	assert_says(write_noise, &record,
		    "gaps not measured; steal not known; 0 of 7 epochs spoilt (preempted 0 times, "
		    "moved to another CPU 0 times), none dropped; core speed not known.");
	record.noise = (struct record_noise){ 0 };
	assert_says(write_noise, &record, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_launches_are_counted),
		cmocka_unit_test(test_legend_says_what_the_interval_is),
		cmocka_unit_test(test_missed_targets_are_named),
		TEST(test_missed_targets_are_marked),
		cmocka_unit_test(test_launches_tell_apart),
		cmocka_unit_test(test_launches_tell_starts_apart),
		cmocka_unit_test(test_noise_in_words),
		cmocka_unit_test(test_noise_that_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
