// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows what is planned for a break-even, and that its table and JSON say of a made-up one what was
 * found: where it turns and on which side, what is not known and why, and which copy is an assumption.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "breakeven/breakeven.h"
#include "breakeven/stage.h"

static struct options options = { .seconds = 10, .seed = 7 };
static struct breakeven made_up;

static int make(void **state)
{
	static const char *const names[] = { "rcu_memb", "spinlock" };
	struct breakeven *b = &made_up;
	char error[200];

	(void)state;
	if (!registry_count() && registry_init(error, sizeof(error)))
		return -1;
	*b = (struct breakeven){
		.options = &options,
		.grid = { [AXIS_SIZE] = { .value = { 16, 65536 }, .points = 2 },
			  [AXIS_PIECES] = { .value = { 1, 64 }, .points = 2 },
			  [AXIS_SECTION] = { .value = { 1, 32 }, .points = 2 },
			  [AXIS_RATE] = { .value = { 100, 1000, 100000 }, .points = 3 } },
		.fixed = { [AXIS_SECTION] = 1 },
		.copy_ns = 20,
		.copy_ns_per_kib = 40,
		.id = "id",
		.started = "2026-11-20T00:00:00Z",
		.machine = "Example CPU",
		.placement = "worker on CPU 1",
		.window_ms = 10,
	};
	for (size_t i = 0; i < 2; i++) {
		b->row[i].strategy = registry_find(names[i]);
		if (!b->row[i].strategy)
			return -1;
		b->rows++;
	}
	b->row[0].verdict = "safe";
	return plan_quests(b);
}

static int drop(void **state)
{
	(void)state;
	free(made_up.quest);
	free(made_up.point);
	return 0;
}

static struct quest *quest_at(size_t row, enum against against, enum axis axis, double size)
{
	for (size_t i = 0; i < made_up.quests; i++) {
		struct quest *q = &made_up.quest[i];

		if (q->row == row && q->against == against && q->axis == axis &&
		    q->fixed.at[AXIS_SIZE] == size && q->fixed.subject == SUBJECT_COPIES)
			return q;
	}
	fail_msg("there is no such quest");
	return NULL;
}

static char *print(bool markdown)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	breakeven_print(out, &made_up, markdown);
	fclose(out);
	return text;
}

static void has(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("'%s' is not in:\n%s", words, text);
}

static void plans_each_search_once(void **state)
{
	double value[RANGE_POINTS_MAX];
	size_t walks = 0;

	(void)state;
	/* Of each row and copy: 2 sizes, size, section, pieces; and against the measured one 3 walks. */
	assert_int_equal(made_up.quests, 2 * (2 * 5 + 3));
	for (size_t i = 0; i < made_up.quests; i++)
		walks += made_up.quest[i].fixed.subject != SUBJECT_COPIES;
	assert_int_equal(walks, 2 * 3);
	/* What is fixed elsewhere is what is usual, as far as the grid has it. */
	assert_true(made_up.fixed[AXIS_RATE] == 1000 && made_up.fixed[AXIS_SIZE] == 16);
	/* 64 pieces do not go into 16 bytes. */
	made_up.quest[0].axis = AXIS_PIECES;
	made_up.quest[0].fixed.at[AXIS_SIZE] = 16;
	assert_int_equal(quest_grid(&made_up, &made_up.quest[0], value), 1);
	made_up.quest[0].fixed.at[AXIS_SIZE] = 128;
	assert_int_equal(quest_grid(&made_up, &made_up.quest[0], value), 2);
}

static void an_assumed_copy_has_a_price_for_each_piece(void **state)
{
	struct spot spot = { .at = { [AXIS_SIZE] = 2048, [AXIS_PIECES] = 3 } };

	(void)state;
	assert_true(assumed_ns(&made_up, &spot) == 3 * 20 + 2 * 40);
}

/* Of every size and number of pieces: inside the area, apart, and as many bytes as asked for. */
static void pieces_are_scattered_and_apart(void **state)
{
	static const double sizes[] = { 2, 100, 1000, 65536 }, pieces[] = { 1, 3, 50, 64 };
	static struct copy_piece piece[BURST * WALK_BURST_MAX];
	const uint32_t area = 128 * 1024;

	(void)state;
	for (size_t i = 0; i < 16; i++) {
		const struct spot spot = {
			.at = { [AXIS_SIZE] = sizes[i / 4], [AXIS_PIECES] = pieces[i % 4] }
		};
		uint32_t n = (uint32_t)spot.at[AXIS_PIECES];

		if (spot.at[AXIS_SIZE] < n)
			continue;
		scatter_pieces(piece, &spot, area);
		for (uint32_t access = 0; access < BURST; access++) {
			const struct copy_piece *p = &piece[access * n];
			uint32_t bytes = 0;

			for (uint32_t k = 0; k < n; k++) {
				assert_true(p[k].offset + p[k].bytes <= area);
				assert_true(!k || p[k].offset >= p[k - 1].offset + p[k - 1].bytes);
				bytes += p[k].bytes;
			}
			assert_true(bytes == (uint32_t)spot.at[AXIS_SIZE]);
		}
	}
}

static void tables_say_where_it_turns(void **state)
{
	char *text;

	(void)state;
	quest_at(0, AGAINST_COPY, AXIS_RATE, 16)->crossing = (struct crossing){
		.outcome = OUTCOME_CROSSES, .below = WINNER_MAP, .low = 2000, .high = 2200,
		.narrow = true, .changes = 1,
	};
	quest_at(1, AGAINST_COPY, AXIS_RATE, 16)->crossing = (struct crossing){
		.outcome = OUTCOME_CROSSES, .below = WINNER_COPY, .low = 20000, .high = 90000,
		.tied_low = 40000, .tied_high = 50000, .changes = 2,
	};
	quest_at(0, AGAINST_COPY, AXIS_RATE, 65536)->crossing = (struct crossing){
		.outcome = OUTCOME_ALWAYS, .below = WINNER_COPY
	};
	quest_at(1, AGAINST_COPY, AXIS_RATE, 65536)->crossing = (struct crossing){
		.outcome = OUTCOME_TIED
	};
	quest_at(0, AGAINST_COPY, AXIS_SECTION, 16)->crossing = (struct crossing){
		.outcome = OUTCOME_CROSSES, .below = WINNER_COPY, .low = 5, .high = 6, .narrow = true,
	};
	text = print(false);
	/* Whole numbers are those that were measured. */
	has(text, "        >=6");
	has(text, "  rcu_memb*                safe              <2098       copy\n");
	has(text, "  spinlock*                not tried    >44.7k!~+?       tied\n");
	has(text, "assumed");
	free(text);
	text = print(true);
	has(text, "| rcu_memb* | safe | <2098 | copy |\n");
	/* What is not known is not a figure. */
	has(text, "| spinlock* | not tried | - | - |\n");
	free(text);
}

static void rates_that_were_not_reached_are_said(void **state)
{
	static const double achieved[] = { 700, 990, 0 };
	char *text;

	(void)state;
	made_up.point = calloc(4, sizeof(*made_up.point));
	assert_non_null(made_up.point);
	for (size_t i = 0; i < 3; i++)
		made_up.point[made_up.points++] = (struct judged){
			.spot = { .at = { 16, 1, 1, 1000 } }, .achieved_per_s = achieved[i]
		};
	made_up.point[made_up.points++] = (struct judged){
		.spot = { .at = { 16, 1, 1, 100 } }, .achieved_per_s = 95
	};
	text = print(false);
	has(text, "Of 1000 invalidations a second, 700 to 990 were achieved.\n");
	assert_null(strstr(text, "Of 100 "));
	free(text);
}

static void json_says_what_was_found(void **state)
{
	const struct judged judged = {
		.row = 1,
		.spot = { .at = { 16, 1, 1, 100000 } },
		.winner = WINNER_MAP,
		.ratio = { .value = 0.5, .lower = 0.4, .upper = 0.6, .n = 3 },
		.map_ns = 10,
		.copy_ns = 20,
	};
	json_t *o, *first, *point;

	(void)state;
	quest_at(0, AGAINST_COPY, AXIS_RATE, 16)->crossing = (struct crossing){
		.outcome = OUTCOME_CROSSES, .below = WINNER_MAP, .low = 2000, .high = 2200,
	};
	made_up.quest[0].reason = "the measuring ended before";
	made_up.point = malloc(sizeof(judged));
	assert_non_null(made_up.point);
	made_up.point[made_up.points++] = judged;
	snprintf(made_up.stopped, sizeof(made_up.stopped), "interrupted by signal 2");
	o = breakeven_json(&made_up);
	assert_non_null(o);
	assert_string_equal(json_string_value(json_object_get(o, "stopped")),
			    "interrupted by signal 2");
	assert_true(json_is_true(json_object_get(json_object_get(o, "assumed_copy"), "assumed")));
	first = json_array_get(json_object_get(o, "crossings"), 0);
	assert_string_equal(json_string_value(json_object_get(first, "outcome")), "crosses");
	assert_string_equal(json_string_value(json_object_get(first, "axis")), "rate_per_s");
	assert_true(json_number_value(json_object_get(first, "high")) == 2200);
	assert_true(json_is_null(json_object_get(first, "tied_low")));
	assert_non_null(json_object_get(first, "tied_low_reason"));
	assert_string_equal(json_string_value(json_object_get(first, "reason")),
			    "the measuring ended before");
	point = json_array_get(json_object_get(o, "points"), 0);
	assert_true(json_is_true(json_object_get(point, "notifications_only")));
	/* There was not one invalidation: a rate of 0 would be a figure. */
	assert_true(json_is_null(json_object_get(point, "achieved_per_s")));
	json_decref(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(plans_each_search_once, make, drop),
		cmocka_unit_test_setup_teardown(an_assumed_copy_has_a_price_for_each_piece, make, drop),
		cmocka_unit_test(pieces_are_scattered_and_apart),
		cmocka_unit_test_setup_teardown(tables_say_where_it_turns, make, drop),
		cmocka_unit_test_setup_teardown(rates_that_were_not_reached_are_said, make, drop),
		cmocka_unit_test_setup_teardown(json_says_what_was_found, make, drop),
	};

	return cmocka_run_group_tests_name("breakeven_report", tests, NULL, NULL);
}
