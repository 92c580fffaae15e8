// SPDX-License-Identifier: GPL-2.0-or-later
/* `ringwalk list`: what there is, and what cannot run here, with the reason. */
#include <stdio.h>

#include "measure/clock.h"
#include "run.h"

static const struct cell *cell_of(const struct session *session, size_t scenario, size_t strategy)
{
	return &session->cell[scenario * session->options->strategies + strategy];
}

/* A reason that holds in every scenario belongs to the strategy, one that does not to the pair. */
static void print_reasons(const struct session *session, size_t strategy)
{
	const struct options *options = session->options;
	const char *always = NULL;
	size_t skipped = 0;

	for (size_t i = 0; i < options->scenarios; i++) {
		const struct cell *cell = cell_of(session, i, strategy);

		skipped += cell->skip != NULL;
		always = cell->skip;
	}
	if (skipped == options->scenarios)
		printf("  %-24s unavailable: %s\n", "", always);
	else
		for (size_t i = 0; i < options->scenarios; i++) {
			const struct cell *cell = cell_of(session, i, strategy);

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

static void print_long(const struct strategy *s)
{
	char verdict[SECTIONS][100];

	printf("  %-24s class: %s; source: %s\n", "", class_name(s->class), s->source);
	if (s->model)
		printf("  %-24s model: %s\n", "", s->model);
	print_usable_from(s->usable_from);
	for (int i = 0; i < SECTIONS; i++)
		verdict_text(s->expected[i], verdict[i], sizeof(verdict[i]));
	printf("  %-24s expected verdict: access: %s; entry: %s; burst: %s\n", "", verdict[0],
	       verdict[1], verdict[2]);
}

static void print_list(const struct session *session)
{
	const struct options *options = session->options;

	puts("Strategies:");
	for (size_t i = 0; i < options->strategies; i++) {
		const struct strategy *s = options->strategy[i];

		printf("  %-24s %s\n", s->name, s->summary);
		if (options->full_list)
			print_long(s);
		print_reasons(session, i);
	}
	puts("\nScenarios:");
	for (size_t i = 0; i < options->scenarios; i++)
		printf("  %-24s %s\n", options->scenario[i].name, options->scenario[i].summary);
}

int command_list(const struct options *options)
{
	static struct session session;
	int status = EXIT_ENVIRONMENT;

	session.options = options;
	session.placement.others_cpu = -1;
	clock_calibrate();
	if (session_start_guest(&session))
		return EXIT_ENVIRONMENT;
	if (!session_make_cells(&session)) {
		print_list(&session);
		status = EXIT_FINE;
	} else {
		fputs("ringwalk: out of memory\n", stderr);
	}
	session_destroy_cells(&session);
	guest_stop(session.guest);
	return status;
}
