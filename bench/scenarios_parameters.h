/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scenario's columns by name: what a scenario file, the command line and a sweep can set, and
 * with which values. The same words and ranges for all three.
 */
#ifndef BENCH_SCENARIOS_PARAMETERS_H
#define BENCH_SCENARIOS_PARAMETERS_H

#include "scenarios.h"

/* In the order in which they are printed. */
enum parameter_id {
	PARAMETER_SECTION,
	PARAMETER_RING_SIZE,
	PARAMETER_BURST,
	PARAMETER_INVALIDATE,
	PARAMETER_RATE,
	PARAMETER_PAGES,
	PARAMETER_MIGRATE,
	PARAMETER_FILTER,
	PARAMETER_BLOCKABLE,
	PARAMETER_MASK_INDEX,
	PARAMETER_WORK, /* ns for each entry */
	PARAMETER_COPY, /* bytes to copy for each entry */
	PARAMETER_HEADS,
	PARAMETER_QUEUES, /* of a worker */
	PARAMETER_EVENT,
	PARAMETER_OWN_ONE_IN,
	PARAMETER_INVALIDATORS,
	PARAMETER_UPDATES,
	PARAMETER_PREEMPT,
	PARAMETER_PREEMPT_US,
	PARAMETER_DRIVER,
	PARAMETER_LOAD, /* entries a second */
	PARAMETER_WORKERS,
	PARAMETER_PLACE, /* of the further ones */
	PARAMETER_RING,
	PARAMETER_IN_ORDER,
	PARAMETER_INDIRECT, /* every n-th chain */
	PARAMETERS
};

/* More real migrations a second are not to be had; and so many reliably. */
#define RATE_MIGRATIONS_MAX	 20000
#define RATE_MIGRATIONS_RELIABLE 10000
#define RATE_NOTIFICATIONS_MAX	 100000
#define LOAD_MAX		 100000000
/* Of its time the worker is preempted for so much at most. */
#define PREEMPT_SHARE_MAX	 0.5

/* Where its value stands in struct scenario, and as what. */
enum parameter_field {
	FIELD_WORD, /* an enum, whose values are the words' places */
	FIELD_U32,
	FIELD_COUNT, /* the same, of what there is at least one of: 0 is one, too */
	FIELD_DOUBLE,
	FIELD_BOOL,   /* words: no, yes */
	FIELD_UNLESS, /* the same, of a bool that says the contrary */
};

struct parameter {
	const char *name;         /* also the option's, and the file's key */
	const char *const *words; /* its values, ended by NULL; or NULL: a number */
	double low, high;         /* of a number */
	bool whole, power_of_two;
	enum parameter_field field;
	size_t offset;
	const char *implied; /* by an option without an argument; NULL: it has one */
	/*
	 * What a run says of a value that is not the scenario's own, with one %s for it; NULL: overrides.c
	 * has words for it.
	 */
	const char *said;
};

extern const struct parameter scenario_parameters[PARAMETERS];

/* PARAMETERS: there is none of that name. */
enum parameter_id parameter_find(const char *name);

/*
 * From text to a value: a word's place, or a number ("100k" is 100000, "1M" a million). -EINVAL with a sentence
 * that begins with the parameter's name and has its range.
 */
int parameter_parse(enum parameter_id id, const char *text, double *value, char *error, size_t size);
/* The same of what is no scenario's parameter. */
int parameter_parse_as(const struct parameter *p, const char *text, double *value, char *error,
		       size_t size);

/* The other way round, as a file has it. */
void parameter_format(enum parameter_id id, double value, char *text, size_t size);

double scenario_get(const struct scenario *scenario, enum parameter_id id);
void scenario_set(struct scenario *scenario, enum parameter_id id, double value);

/*
 * What does not go together though each value is in its range. 0; or -EINVAL with a sentence, and
 * the parameter that is to blame.
 */
int scenario_check(const struct scenario *scenario, enum parameter_id *blamed, char *error,
		   size_t size);

#endif
