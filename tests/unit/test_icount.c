// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows what `icount` makes of what two machines said: which growth fails and which is allowed, that
 * cells of one side alone are told, and that a machine that stopped half-way is no figure.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "icount/icount.h"

static const struct icount_options by_default = { .allow = 0.005 };

static const char machine[] = "{\"kind\":\"machine\",\"interface\":1,\"kernel\":\"6.1\"}\n";
static const char end[] = "{\"kind\":\"end\"}\n[    4.0] reboot: Power down\n";

/* What a console of these lines is read as. */
static int load(const char *text, struct icount_side *side, char *error, size_t size)
{
	char folder[] = "/tmp/test_icount.XXXXXX", path[60];
	FILE *out;
	int err;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/head.console", folder);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	*side = (struct icount_side){ .name = "a revision" };
	err = icount_load(folder, "head", side, error, size);
	unlink(path);
	rmdir(folder);
	return err;
}

static struct icount_side side_of(const char *cells)
{
	struct icount_side side;
	char text[2000], error[2000];

	snprintf(text, sizeof(text), "%s%s%s", machine, cells, end);
	assert_int_equal(load(text, &side, error, sizeof(error)), 0);
	return side;
}

#define CELL(strategy, instructions)                                                                \
	"{\"kind\":\"cell\",\"strategy\":\"" strategy "\",\"scenario\":\"steady\","                \
	"\"lap_instructions\":" #instructions ",\"lap_entries\":100}\n"
#define NO_CELL(strategy)                                                                           \
	"{\"kind\":\"cell\",\"strategy\":\"" strategy "\",\"scenario\":\"steady\","                \
	"\"lap_instructions\":null,\"lap_instructions_reason\":\"not here\"}\n"

/* The verdict of the only cell. */
static enum icount_verdict verdict_of(const char *base_cells, const char *head_cells,
				      const struct icount_options *options)
{
	struct icount_side base = side_of(base_cells), head = side_of(head_cells);
	enum icount_verdict verdict;
	struct icount icount;

	assert_int_equal(icount_judge(&base, &head, options, &icount), 0);
	assert_int_equal(icount.rows, 1);
	verdict = icount.row[0].verdict;
	assert_int_equal(icount.verdicts[verdict], 1);
	icount_free(&icount);
	icount_unload(&base);
	icount_unload(&head);
	return verdict;
}

static void growth_is_judged(void **state)
{
	const struct icount_options two_percent = { .allow = 0.02, .allow_given = true };
	const struct icount_options nothing = { .allow = 0, .allow_given = true };

	(void)state;
	assert_int_equal(verdict_of(CELL("a", 10000), CELL("a", 10000), &by_default), ICOUNT_SAME);
	assert_int_equal(verdict_of(CELL("a", 10000), CELL("a", 9999), &by_default), ICOUNT_SHRANK);
	/* 0.5 % of 100 an entry is half an instruction an entry. */
	assert_int_equal(verdict_of(CELL("a", 10000), CELL("a", 10050), &by_default),
			 ICOUNT_ALLOWED);
	assert_int_equal(verdict_of(CELL("a", 10000), CELL("a", 10051), &by_default), ICOUNT_GREW);
	assert_int_equal(verdict_of(CELL("a", 10000), CELL("a", 10200), &two_percent),
			 ICOUNT_ALLOWED);
	assert_int_equal(verdict_of(CELL("a", 10000), CELL("a", 10201), &two_percent), ICOUNT_GREW);
	assert_int_equal(verdict_of(CELL("a", 10000), CELL("a", 10001), &nothing), ICOUNT_GREW);
}

/* One in 12000 is 0.008 %, and a whole instruction. */
static void an_instruction_is_never_too_few(void **state)
{
	const struct icount_options half_percent = { .allow = 0.005, .allow_given = true };

	(void)state;
	assert_int_equal(verdict_of(CELL("copy", 1200000), CELL("copy", 1200099), &by_default),
			 ICOUNT_ALLOWED);
	assert_int_equal(verdict_of(CELL("copy", 1200000), CELL("copy", 1200100), &by_default),
			 ICOUNT_GREW);
	assert_int_equal(verdict_of(CELL("copy", 1200000), CELL("copy", 1200100), &half_percent),
			 ICOUNT_ALLOWED);
}

static void what_cannot_be_compared(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("", CELL("a", 10000), &by_default), ICOUNT_NEW);
	assert_int_equal(verdict_of(NO_CELL("a"), CELL("a", 10000), &by_default), ICOUNT_NEW);
	assert_int_equal(verdict_of(CELL("a", 10000), "", &by_default), ICOUNT_GONE);
	assert_int_equal(verdict_of(CELL("a", 10000), NO_CELL("a"), &by_default), ICOUNT_LOST);
	assert_int_equal(verdict_of(NO_CELL("a"), NO_CELL("a"), &by_default), ICOUNT_NEVER);
}

/* The worst stands first, what is the same is left out, and the one that grew is named. */
static void the_table_names_it(void **state)
{
	struct icount_side base = side_of(CELL("some", 10000) CELL("worse", 10000) CELL("as_was", 10000));
	struct icount_side head = side_of(CELL("some", 10100) CELL("worse", 10500) CELL("as_was", 10000));
	struct icount icount;
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);

	(void)state;
	base.name = "v1";
	assert_int_equal(icount_judge(&base, &head, &by_default, &icount), 0);
	icount_print(out, &icount, &by_default, false);
	fclose(out);
	assert_non_null(strstr(text, "+5.00     +5.00 %  grew"));
	assert_true(strstr(text, "  worse ") < strstr(text, "  some "));
	assert_null(strstr(text, "as_was"));
	assert_non_null(strstr(text, "1 of 3 cells take exactly as many as in 'v1'"));
	assert_non_null(strstr(text, "or by 1 instruction an entry: some worse\n"));
	assert_non_null(strstr(text, "not a figure of performance"));
	free(text);
	icount_free(&icount);
	icount_unload(&base);
	icount_unload(&head);
}

static void a_machine_that_stops(void **state)
{
	struct icount_side side;
	char error[2000], text[2000];

	(void)state;
	snprintf(text, sizeof(text), "%s%s[ 3.1] Kernel panic - not syncing: Oops\r\n", machine,
		 CELL("a", 10000));
	assert_int_equal(load(text, &side, error, sizeof(error)), -EIO);
	assert_non_null(strstr(error, "'a revision' did not come to its end"));
	assert_non_null(strstr(error, "\n  | [ 3.1] Kernel panic - not syncing: Oops"));
	icount_unload(&side);
	assert_int_equal(load("", &side, error, sizeof(error)), -EIO);
	icount_unload(&side);
}

/* A newer program's, and a line that only looks like one. */
static void what_is_not_understood(void **state)
{
	struct icount_side side;
	char error[2000], text[2000];

	(void)state;
	snprintf(text, sizeof(text), "{\"kind\":\"machine\",\"interface\":2}\n%s", end);
	assert_int_equal(load(text, &side, error, sizeof(error)), -EPROTO);
	assert_non_null(strstr(error, "interface 2"));
	icount_unload(&side);
	side = side_of("{\"kind\":\"cell\",\"strategy\":\"a\"}\n"
		       "{\"kind\":\"cell\",\"strategy\":\"a\",\"scenario\":\"steady\","
		       "\"lap_instructions\":0,\"lap_entries\":100}\n"
		       "{\"kind\":\"ce\n");
	assert_int_equal(json_array_size(side.cells), 0);
	icount_unload(&side);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growth_is_judged),
		cmocka_unit_test(an_instruction_is_never_too_few),
		cmocka_unit_test(what_cannot_be_compared),
		cmocka_unit_test(the_table_names_it),
		cmocka_unit_test(a_machine_that_stops),
		cmocka_unit_test(what_is_not_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
