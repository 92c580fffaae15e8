// SPDX-License-Identifier: GPL-2.0-or-later
/* Shows that a terminal sees how far a run is, and a pipe or a file nothing of it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>

#include "report/report.h"
#include "sample_folder.h"

static void test_progress_is_for_terminals(void **state)
{
	struct progress progress;
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	FILE *pipe_end = fopen(join("out"), "w");

	(void)state;
	for (int i = 0; i < 2; i++) {
		progress_start(&progress, i ? pipe_end : NULL);
		progress_update(&progress, 0.5, "steady");
		progress_update(&progress, 1, "steady");
		progress_end(&progress);
	}
	assert_int_equal(ftell(pipe_end), 0);
	fclose(pipe_end);
	fclose(memory);
	free(text);
}

/* The terminal's other end, or -1 if this machine has no pseudo terminals. */
static int open_terminal(FILE **terminal)
{
	int end = posix_openpt(O_RDWR | O_NOCTTY);

	if (end < 0 || grantpt(end) || unlockpt(end))
		return -1;
	*terminal = fopen(ptsname(end), "w");
	return *terminal ? end : -1;
}

static void test_progress_on_a_terminal(void **state)
{
	struct progress progress;
	char text[400] = "";
	FILE *terminal;
	int end = open_terminal(&terminal);

	(void)state;
	if (end < 0)
		skip();
	setenv("TERM", "xterm", 1);
	progress_start(&progress, terminal);
	progress.started -= 10; /* as if it ran for ten seconds */
	progress_update(&progress, 0.5, "steady+burst round 120/400");
	progress_update(&progress, 0.6, "too soon to redraw");
	progress_end(&progress);
	assert_true(read(end, text, sizeof(text) - 1) > 0);
	assert_non_null(strstr(text, "steady+burst round 120/400  50 %  10 s left"));
	assert_null(strstr(text, "too soon"));
	setenv("TERM", "dumb", 1);
	progress_start(&progress, terminal);
	assert_false(progress.terminal);
	fclose(terminal);
	close(end);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_progress_is_for_terminals),
		TEST(test_progress_on_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
