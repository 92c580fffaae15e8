// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `--format junit`: the dialect of Jenkins' xUnit plugin (junit-10.xsd), which GitLab and others
 * read too. Of a run, a test is a cell, and fails where torture's verdict is not the expected
 * one. Of a comparison, a test is one metric of a cell, and fails where that is slower. A test
 * has no time: how long a cell took is not known, and its figures are no test's time.
 */
#include <errno.h>

#include "internal.h"

/* Figures that make a test. */
struct test {
	const struct figure *first, *end;
	bool comparison;
};

enum outcome { PASSED, SKIPPED, FAILED };

static void put_text(FILE *out, const char *text)
{
	put_xml(out, text, "<>&\r");
}

/* An end of line in an attribute would be read as a blank. */
static void put_attribute(FILE *out, const char *name, const char *text)
{
	fprintf(out, " %s=\"", name);
	put_xml(out, text, "<>&\"\t\r\n");
	fputc('"', out);
}

static struct test test_at(const struct figures *figures, size_t i, bool comparison)
{
	const struct figure *last = figures->figure + figures->n;
	struct test test = { figures->figure + i, figures->figure + i + 1, comparison };

	while (!comparison && test.end < last && same_cell(test.first, test.end))
		test.end++;
	return test;
}

static enum outcome outcome_of(const struct test *test)
{
	const struct figure *f = test->first;
	bool any = false;

	if (f->unexpected || f->change == CHANGE_SLOWER)
		return FAILED;
	if (test->comparison && f->change != CHANGE_NONE)
		return f->change == CHANGE_UNDECIDED || f->change == CHANGE_UNCHANGED ? SKIPPED :
											PASSED;
	for (; f < test->end; f++)
		any |= has_value(f);
	return any ? PASSED : SKIPPED;
}

static void describe(char *text, size_t size, const struct test *test)
{
	const struct figure *f = test->first;
	char change[200];

	if (f->unexpected) {
		snprintf(text, size, "torture found: %s", f->safety);
	} else if (f->change != CHANGE_NONE) {
		format_change(change, sizeof(change), f);
		snprintf(text, size, "%s: %s", change_name(f->change), change);
	} else {
		snprintf(text, size, "not measured: %s", f->reason ? f->reason : "no reason is known");
	}
}

static const char *type_of(const struct figure *f)
{
	if (f->unexpected)
		return "safety";
	return f->change == CHANGE_NONE ? "not measured" : change_name(f->change);
}

static void put_figures(FILE *out, const struct test *test)
{
	char change[200];

	fputs("<system-out>", out);
	for (const struct figure *f = test->first; f < test->end; f++) {
		if (!has_value(f))
			continue;
		put_text(out, f->metric);
		fprintf(out, ": %.5g", f->value);
		if (has_interval(f))
			fprintf(out, " [%.5g, %.5g]", f->lower, f->upper);
		fputc(' ', out);
		put_text(out, f->unit);
		if (f->change != CHANGE_NONE) {
			format_change(change, sizeof(change), f);
			fprintf(out, "; base %.5g; %s: ", f->base, change_name(f->change));
			put_text(out, change);
		}
		if (f->change != CHANGE_NONE && f->reason) {
			fputs("; ", out);
			put_text(out, f->reason);
		}
		fputc('\n', out);
	}
	if (test->first->model) {
		fputs("model: ", out);
		put_text(out, test->first->model);
		fputc('\n', out);
	}
	fputs("</system-out>", out);
}

static void put_test(FILE *out, const struct test *test)
{
	const struct figure *f = test->first;
	enum outcome outcome = outcome_of(test);
	char text[500];

	/* GitLab drops a second test of the same name, whatever its class is. */
	snprintf(text, sizeof(text), "%s/%s%s%s", f->strategy, f->scenario,
		 test->comparison ? "/" : "", test->comparison ? f->metric : "");
	fputs("    <testcase", out);
	put_attribute(out, "classname", f->strategy);
	put_attribute(out, "name", text);
	fputs(">\n      ", out);
	describe(text, sizeof(text), test);
	/* Older readers take no attributes of what is skipped; some of the others show them, some the text. */
	if (outcome == FAILED) {
		fputs("<failure", out);
		put_attribute(out, "type", type_of(f));
		put_attribute(out, "message", text);
		fputc('>', out);
		put_text(out, text);
		fputs("</failure>\n      ", out);
	} else if (outcome == SKIPPED) {
		fputs("<skipped>", out);
		put_text(out, text);
		fputs("</skipped>\n      ", out);
	}
	put_figures(out, test);
	fputs("\n    </testcase>\n", out);
}

static void put_suite_head(FILE *out, const struct figures *figures, bool comparison)
{
	size_t count[FAILED + 1] = { 0 };

	for (size_t i = 0; i < figures->n;) {
		struct test test = test_at(figures, i, comparison);

		count[outcome_of(&test)]++;
		i = (size_t)(test.end - figures->figure);
	}
	fputs("  <testsuite", out);
	put_attribute(out, "name", figures->title ? figures->title : "ringwalk");
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"",
		count[PASSED] + count[SKIPPED] + count[FAILED], count[FAILED], count[SKIPPED]);
	if (isfinite(figures->seconds))
		fprintf(out, " time=\"%.3f\"", figures->seconds);
	if (figures->started)
		put_attribute(out, "timestamp", figures->started);
	fputs(">\n    <properties>\n      <property name=\"machine\"", out);
	put_attribute(out, "value", figures->machine ? figures->machine : "not known");
	fputs("/>\n    </properties>\n", out);
}

int write_figures_junit(FILE *out, const struct figures *figures)
{
	bool comparison = is_comparison(figures);

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
	put_suite_head(out, figures, comparison);
	for (size_t i = 0; i < figures->n;) {
		struct test test = test_at(figures, i, comparison);

		put_test(out, &test);
		i = (size_t)(test.end - figures->figure);
	}
	fputs("  </testsuite>\n</testsuites>\n", out);
	return ferror(out) ? -ENOMEM : 0;
}
