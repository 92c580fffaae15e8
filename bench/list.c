// SPDX-License-Identifier: GPL-2.0-or-later
/* `ringwalk list`: what there is, and what cannot run here, with the reason. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "measure/clock.h"
#include "report/text.h"
#include "scenarios_file.h"
#include "scenarios_parameters.h"
#include "verdict_file.h"

/* The column of summaries. */
#define BELOW 27

const char *list_never(const struct session *session, size_t strategy)
{
	const char *reason = NULL;

	for (size_t i = 0; i < session->options->scenarios; i++) {
		reason = list_cell(session, i, strategy)->skip;
		if (!reason)
			break;
	}
	return reason;
}

/* A reason that holds in every scenario belongs to the strategy, one that does not to the pair. */
static void print_reasons(const struct session *session, size_t strategy)
{
	const char *always = list_never(session, strategy);

	if (always) {
		printf("  %-24s unavailable: %s\n", "", always);
		return;
	}
	for (size_t i = 0; i < session->options->scenarios; i++) {
		const struct cell *cell = list_cell(session, i, strategy);

		if (cell->skip)
			printf("  %-24s unavailable in %s: %s\n", "", cell->scenario->name,
			       cell->skip);
	}
}

static void print_usable_from(unsigned int usable_from)
{
	printf("  %-24s usable from:%s%s%s\n", "", usable_from & FROM_PROCESS ? " process" : "",
	       usable_from & FROM_SOFTIRQ ? " softirq" : "",
	       usable_from & FROM_NONBLOCKABLE ? " non-blockable-invalidation" : "");
}

static void print_expected(const struct strategy *s)
{
	char verdict[100];

	printf("  %-24s expected verdict:", "");
	for (unsigned int i = 0; i < SECTIONS; i++) {
		verdict_text(s->expected[i], verdict, sizeof(verdict));
		printf("%s %s: %s", i ? ";" : "", section_name(i), verdict);
	}
	putchar('\n');
}

static void print_found(const struct strategy *s, const json_t *verdicts, enum ring_format format)
{
	unsigned int tried = 0;

	for (unsigned int i = 0; i < SECTIONS; i++)
		tried += verdict_file_find(verdicts, s->name, verdict_key(format, i)) != NULL;
	if (!tried && format == RING_PACKED)
		return;
	printf("  %-24s found by torture%s:", "",
	       format == RING_PACKED ? " of a packed ring" : "");
	if (!tried)
		printf(" not tried on this build");
	for (unsigned int i = 0; tried && i < SECTIONS; i++) {
		const char *found = verdict_file_find(verdicts, s->name, verdict_key(format, i));

		printf("%s %s: %s", i ? ";" : "", section_name(i), found ? found : "not tried");
	}
	putchar('\n');
}

static void print_long(const struct strategy *s, const json_t *verdicts)
{
	printf("  %-24s source: %s\n", "", s->source);
	if (s->model)
		printf("  %-24s model: %s\n", "", s->model);
	print_usable_from(s->usable_from);
	print_expected(s);
	print_found(s, verdicts, RING_SPLIT);
	print_found(s, verdicts, RING_PACKED);
}

/* One family's strategies of one class, under their heading; nothing if there is none. */
static void print_group(const struct session *session, enum strategy_family family,
			enum strategy_class class, const json_t *verdicts)
{
	const struct options *options = session->options;
	bool any = false;

	for (size_t i = 0; i < options->strategies; i++) {
		const struct strategy *s = options->strategy[i];
		char name[64];

		if (s->family != family || s->class != class)
			continue;
		if (!any)
			printf("\n%s, %s:\n", family_name(family), class_name(class));
		any = true;
		snprintf(name, sizeof(name), "%s%s", s->name, s->representative ? " *" : "");
		printf("  %-24s %s\n", name, s->summary);
		if (options->full_list)
			print_long(s, verdicts);
		print_reasons(session, i);
	}
}

/* Below a summary, on as many lines as it takes. */
static void print_below(const char *words)
{
	char *text;

	if (asprintf(&text, "%*s%s", BELOW, "", words) < 0)
		return;
	print_wrapped(stdout, text, BELOW, TERMINAL_WIDTH);
	free(text);
}

static void print_parameters(const struct scenario *s)
{
	char words[2000], value[40];
	size_t used = 0;

	for (unsigned int id = 0; id < PARAMETERS && used < sizeof(words); id++) {
		parameter_format(id, scenario_get(s, id), value, sizeof(value));
		used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%s=%s",
					 id ? " " : "", scenario_parameters[id].name, value);
	}
	print_below(words);
}

/* Who is at work besides one worker. */
static const char *kind_of(const struct scenario *s)
{
	if (s->driver == DRIVER_LIVE)
		return "a driver that produces on a CPU of its own";
	if (scenario_workers(s) > 1)
		return "more than one worker";
	if (scenario_is_windowed(s))
		return "invalidations, and what else disturbs";
	return "the walk alone";
}

/* In the order in which they stand, but for the kinds, which are in that of their first ones. */
static void print_scenarios(const struct options *options)
{
	const struct scenario *s = options->scenario;
	size_t k;

	for (size_t i = 0; i < options->scenarios; i++) {
		for (k = 0; k < i && strcmp(kind_of(&s[k]), kind_of(&s[i])) != 0; k++)
			;
		if (k < i)
			continue;
		printf("\nScenarios, %s:\n", kind_of(&s[i]));
		for (k = i; k < options->scenarios; k++) {
			if (strcmp(kind_of(&s[k]), kind_of(&s[i])) != 0)
				continue;
			printf("  %-24s %s\n", s[k].name, s[k].summary);
			if (options->full_list)
				print_parameters(&s[k]);
		}
	}
}

static void print_members(const struct suite *suite)
{
	char words[2000] = "";
	size_t used = 0;

	for (size_t i = 0; suite_scenario(suite, i) && used < sizeof(words); i++)
		used += (size_t)snprintf(words + used, sizeof(words) - used, "%s%s", i ? " " : "",
					 suite_scenario(suite, i));
	print_below(words);
}

static void print_suites(const struct options *options)
{
	puts("\nSuites (--suite):");
	for (size_t i = 0; suite_at(i); i++) {
		const struct suite *suite = suite_at(i);

		if (options->suite && suite != options->suite)
			continue;
		printf("  %-24s %s\n", suite->name, suite->summary);
		print_members(suite);
		printf("%*s%g s of epochs, windows of %u x %g ms, ", BELOW, "", suite->seconds,
		       suite->windows, suite->window_ms);
		if (suite->launches)
			printf("%u launch%s\n", suite->launches, suite->launches > 1 ? "es" : "");
		else
			printf("%d launches or more\n", LAUNCHES_DEFAULT);
	}
}

static void print_list(const struct session *session, const json_t *verdicts)
{
	const struct options *options = session->options;

	puts("Strategies, by family and class (*: represents its family in tables and plots):");
	for (unsigned int family = 0; family < FAMILIES; family++)
		for (unsigned int class = 0; class < CLASSES; class++)
			print_group(session, family, class, verdicts);
	if (options->full_list)
		puts("\nThreads A to E, and where the sources are: docs/sources.md");
	print_scenarios(options);
	if (!options->scenario_words)
		print_suites(options);
}

static int print_json(const struct session *session, const json_t *verdicts)
{
	json_t *document = list_json(session, verdicts);
	int err = document ? json_dumpf(document, stdout, JSON_INDENT(2)) : -1;

	json_decref(document);
	if (err)
		fputs("ringwalk: out of memory\n", stderr);
	else
		putchar('\n');
	return err ? EXIT_ENVIRONMENT : EXIT_FINE;
}

static int list(const struct session *session)
{
	json_t *verdicts = verdict_file_read();
	int status = EXIT_FINE;

	if (session->options->json)
		status = print_json(session, verdicts);
	else
		print_list(session, verdicts);
	json_decref(verdicts);
	return status;
}

int command_list(const struct options *options)
{
	static struct session session;
	struct topology *topology;
	int status = EXIT_ENVIRONMENT, err;

	if (options->cost)
		return list_cost(options);
	if (options->as_file) {
		scenario_print(stdout, &options->scenario[0]);
		return EXIT_FINE;
	}
	session.options = options;
	clock_calibrate();
	err = topology_open(&topology);
	if (err) {
		fprintf(stderr, "ringwalk: hwloc: %s\n", strerror(-err));
		return EXIT_ENVIRONMENT;
	}
	session.topology = topology;
	session_place(&session);
	if (session_start_guest(&session))
		goto out_topology;
	if (!session_make_cells(&session))
		status = list(&session);
	else
		fputs("ringwalk: out of memory\n", stderr);
	session_destroy_cells(&session);
	guest_stop(session.guest);
out_topology:
	topology_close(topology);
	return status;
}
