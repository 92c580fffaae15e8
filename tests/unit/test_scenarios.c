// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that scenario files are read as they stand, that what is wrong with one is said with its
 * line and key, that every built-in scenario survives being printed and read, and that suites
 * name scenarios.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios_file.h"
#include "scenarios_parameters.h"
#include "suites.h"

static struct scenario read_text(const char *text)
{
	struct scenario s;
	char error[600];

	if (scenario_from_text("dir/some.scenario", text, &s, error, sizeof(error)))
		fail_msg("%s", error);
	return s;
}

/* Strings of a scenario live as long as the program; a test's need not. */
static void forget(struct scenario *s)
{
	if (s->summary != s->name)
		free((char *)s->summary);
	free((char *)s->name);
}

static void assert_refused(const char *text, const char *sentence)
{
	struct scenario s;
	char error[600] = "";

	assert_int_not_equal(scenario_from_text("f", text, &s, error, sizeof(error)), 0);
	if (!strstr(error, sentence))
		fail_msg("'%s' is not in '%s'", sentence, error);
	forget(&s);
}

static void what_is_not_said_is_as_in_steady(void **state)
{
	struct scenario s = read_text("# nothing\n\n");

	(void)state;
	assert_string_equal(s.name, "some");
	for (unsigned int id = 0; id < PARAMETERS; id++)
		assert_true(scenario_get(&s, id) == scenario_get(scenario_find("steady"), id));
	forget(&s);
}

static void all_keys_are_read(void **state)
{
	struct scenario s = read_text("name = mine\r\nsummary = a = b  # c\n section=burst\n"
				      "ring-size\t= 1024\nburst = 8\ninvalidate = bystander\n"
				      "rate = 2k\npages = vmap\nfilter = no\nblockable = no\n"
				      "mask-index = yes\nmigrate = page\nwork = 12.5\ncopy = 64");

	(void)state;
	assert_string_equal(s.name, "mine");
	assert_string_equal(s.summary, "a = b");
	assert_int_equal(s.section, SECTION_BURST);
	assert_int_equal(s.ring_size, 1024);
	assert_int_equal(s.burst, 8);
	assert_int_equal(s.target, TARGET_BYSTANDER);
	assert_true(s.rate == 2000);
	assert_int_equal(s.axes.layout, PAGES_VMAP);
	assert_true(s.axes.unfiltered && s.axes.nonblock && s.axes.mask_index);
	assert_true(s.axes.page_by_page);
	assert_true(s.work_ns == 12.5);
	assert_int_equal(s.copy_bytes, 64);
	forget(&s);
}

static void like_takes_all_of_another_scenario(void **state)
{
	struct scenario s = read_text("like = storm\nrate = 50\n");

	(void)state;
	assert_int_equal(s.target, TARGET_METADATA);
	assert_true(s.rate == 50);
	assert_string_equal(s.name, "some");
	forget(&s);
}

static void what_is_wrong_is_said_with_line_and_key(void **state)
{
	(void)state;
	assert_refused("section = access\nrings = 5\n", "f:2: key 'rings' is unknown; one of: section");
	assert_refused("burst = 8\n\nburst = 9\n", "f:3: burst: is set in line 1 already");
	assert_refused("\nburst = 65\n", "f:2: burst '65': must be a whole number from 1 to 64");
	assert_refused("burst = 1.5", "burst '1.5': must be a whole number");
	assert_refused("burst =\n", "f:1: burst: has no value");
	assert_refused("burst 5\n", "f:1: 'burst 5': must be 'key = value'");
	assert_refused("ring-size = 100", "f:1: ring-size '100': must be a power of two from 1 to 32768");
	assert_refused("section = page", "f:1: section 'page' is unknown; one of: access entry burst");
	assert_refused("rate = fast", "f:1: rate 'fast': must be a number from 0 to");
	assert_refused("name = My Own\n", "f:1: name 'My Own': must be");
	assert_refused("name = storm\n", "f:1: name 'storm': a scenario of ringwalk has that name");
	assert_refused("burst = 4\nlike = storm\n", "f:2: like: must stand before 'burst' in line 1");
	assert_refused("like = calm\n", "f:1: like 'calm' is unknown; one of: steady");
}

static void what_does_not_go_together_is_said_of_the_line_to_blame(void **state)
{
	(void)state;
	assert_refused("\nrate = 5\n", "f:2: rate: nothing is invalidated");
	assert_refused("#\ninvalidate = metadata\n", "f:2: invalidate: 'rate' must say");
	assert_refused("pages = scattered\n\nring-size = 256\n", "f:3: scattered pages need areas");
	assert_refused("invalidate = metadata\nrate = 20001\n", "f:2: rate '20001': real migrations are from 0 to 20000");
	assert_refused("rate = 100001\n", "must be a number from 0 to 100000");
	assert_refused("ring = packed\nmask-index = yes\n", "f:2: mask-index: a packed ring has no index");
	assert_refused("ring = packed\n\nheads = scattered\n", "f:3: heads: a packed ring's descriptors");
	assert_refused("burst = 4\nin-order = yes\n", "f:2: in-order: changes what is written of a packed");
	assert_refused("indirect = 16385\n", "f:1: indirect '16385': must be a whole number from 0 to 16384");
}

static void every_scenario_survives_being_printed_and_read(void **state)
{
	(void)state;
	for (size_t i = 0; scenario_at(i); i++) {
		const struct scenario *s = scenario_at(i);
		struct scenario again;
		char *text = NULL, name[80];
		size_t size = 0;
		FILE *out = open_memstream(&text, &size);

		assert_non_null(out);
		scenario_print(out, s);
		assert_int_equal(fclose(out), 0);
		again = read_text(text);
		snprintf(name, sizeof(name), "my-%s", s->name);
		assert_string_equal(again.name, name);
		assert_string_equal(again.summary, s->summary);
		for (unsigned int id = 0; id < PARAMETERS; id++)
			assert_true(scenario_get(&again, id) == scenario_get(s, id));
		forget(&again);
		free(text);
	}
}

static void events_have_the_names_that_the_model_gives_them(void **state)
{
	char word[40];

	(void)state;
	for (unsigned int event = 0; event < EVENTS; event++) {
		parameter_format(PARAMETER_EVENT, event, word, sizeof(word));
		assert_string_equal(word, event_name((enum event_type)event));
	}
}

static void suites_name_scenarios_and_full_has_all(void **state)
{
	const struct suite *full = suite_find("full");
	size_t named;

	(void)state;
	assert_non_null(full);
	assert_string_equal(suite_at(0)->name, "default");
	assert_null(suite_find("none"));
	for (size_t i = 0; suite_at(i); i++) {
		for (named = 0; suite_scenario(suite_at(i), named); named++)
			assert_non_null(scenario_find(suite_scenario(suite_at(i), named)));
		assert_true(named > 0);
	}
	for (named = 0; suite_scenario(full, named); named++)
		;
	for (size_t i = 0; i < named; i++)
		assert_non_null(scenario_at(i));
	assert_null(scenario_at(named));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_said_is_as_in_steady),
		cmocka_unit_test(all_keys_are_read),
		cmocka_unit_test(like_takes_all_of_another_scenario),
		cmocka_unit_test(what_is_wrong_is_said_with_line_and_key),
		cmocka_unit_test(what_does_not_go_together_is_said_of_the_line_to_blame),
		cmocka_unit_test(every_scenario_survives_being_printed_and_read),
		cmocka_unit_test(events_have_the_names_that_the_model_gives_them),
		cmocka_unit_test(suites_name_scenarios_and_full_has_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
