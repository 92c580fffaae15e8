// SPDX-License-Identifier: GPL-2.0-or-later
#include "compare/selection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

const char *selection_shape_differs(const json_t *a, const json_t *b)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)a, key, value) {
		const json_t *other = json_object_get(b, key);

		if (!strcmp(key, "name") || !strcmp(key, "summary") || !other ||
		    json_equal(value, other))
			continue;
		if (json_is_object(value)) {
			const char *inner = selection_shape_differs(value, other);

			if (inner)
				return inner;
			continue;
		}
		/* 0 and 0.0 are one rate. */
		if (json_is_number(value) && json_is_number(other) &&
		    json_number_value(value) == json_number_value(other))
			continue;
		return key;
	}
	return NULL;
}

char *selection_join(const json_t *names, const char *separator)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *memory = open_memstream(&text, &bytes);

	if (!memory)
		return NULL;
	for (size_t i = 0; i < json_array_size(names); i++)
		fprintf(memory, "%s%s", i ? separator : "",
			json_string_value(json_array_get(names, i)));
	return fclose(memory) ? NULL : text;
}

static const char *name_at(const json_t *list, size_t i)
{
	return json_string_value(json_object_get(json_array_get(list, i), "name"));
}

/* No list has all. */
static bool is_named(const char *list, const char *name)
{
	return !list || words_have(list, name);
}

typedef const json_t *find_fn(const struct side *side, const char *name);

/* Each word of the list must be known to one side at least. */
static int check_names(const char *list, const char *what, const char *key, find_fn *find,
		       const struct side *base, const struct side *head)
{
	char *copy = strdup(list ? list : ""), *rest = copy, *word;
	int status = EXIT_FINE;

	while (copy && status == EXIT_FINE && (word = strsep(&rest, ","))) {
		const json_t *known = json_object_get(head->has, key);

		if (!*word || find(base, word) || find(head, word))
			continue;
		fprintf(stderr, "ringwalk: %s '%s' is unknown; one of:", what, word);
		for (size_t i = 0; name_at(known, i); i++)
			fprintf(stderr, " %s", name_at(known, i));
		fputc('\n', stderr);
		status = EXIT_USAGE;
	}
	free(copy);
	return status;
}

static bool is_wanted(const struct options *options, const json_t *strategy)
{
	const char *list = options->compare.strategies;
	const char *class = json_string_value(json_object_get(strategy, "class"));

	if (list)
		return is_named(list, json_string_value(json_object_get(strategy, "name")));
	return options->include_broken || !class || strcmp(class, "broken") != 0;
}

static bool is_same_object(const json_t *a, const json_t *b)
{
	const char *x = json_string_value(json_object_get(a, "object"));
	const char *y = json_string_value(json_object_get(b, "object"));

	return x && y && !strcmp(x, y);
}

static json_t *list_for(const struct options *options, struct selection *s, const json_t *strategy,
			const json_t *of_base)
{
	if (!of_base)
		return s->added;
	return !options->compare.unchanged && is_same_object(strategy, of_base) ? s->unchanged :
										  s->strategies;
}

static void select_strategies(const struct options *options, const struct side *base,
			      const struct side *head, struct selection *s)
{
	const json_t *of_head = json_object_get(head->has, "strategies");
	const json_t *of_base = json_object_get(base->has, "strategies");
	const char *name;

	for (size_t i = 0; (name = name_at(of_head, i)); i++) {
		const json_t *strategy = json_array_get(of_head, i);

		if (is_wanted(options, strategy))
			json_array_append_new(list_for(options, s, strategy,
						       side_strategy(base, name)),
					      json_string(name));
	}
	for (size_t i = 0; (name = name_at(of_base, i)); i++)
		if (!side_strategy(head, name) && is_wanted(options, json_array_get(of_base, i)))
			json_array_append_new(s->gone, json_string(name));
}

/*
 * Of the suite that this program would measure, where none is named. A folder has what its run had.
 */
static bool is_default(const struct options *options, const struct side *head, const char *name)
{
	for (size_t i = 0; i < options->scenarios; i++)
		if (!strcmp(options->scenario[i].name, name))
			return true;
	return !json_object_get(head->has, "launch_interface");
}

static void select_scenarios(const struct options *options, const struct side *base,
			     const struct side *head, struct selection *s)
{
	const json_t *of_head = json_object_get(head->has, "scenarios");
	const char *list = options->compare.scenarios, *name;

	for (size_t i = 0; (name = name_at(of_head, i)); i++) {
		const json_t *other = side_scenario(base, name);
		bool alike = other && !selection_shape_differs(json_array_get(of_head, i), other);

		if (list ? is_named(list, name) : is_default(options, head, name))
			json_array_append_new(alike ? s->scenarios : s->reshaped, json_string(name));
	}
}

int selection_make(const struct options *options, const struct side *base, const struct side *head,
		   struct selection *s)
{
	const json_t *frame = json_object_get(base->has, "frame");
	const json_t *other = json_object_get(head->has, "frame");
	int status = check_names(options->compare.strategies, "strategy", "strategies",
				 side_strategy, base, head);

	*s = (struct selection){
		.strategies = json_array(),
		.scenarios = json_array(),
		.unchanged = json_array(),
		.added = json_array(),
		.gone = json_array(),
		.reshaped = json_array(),
		.frame_differs = json_is_string(frame) && json_is_string(other) &&
				 !json_equal(frame, other),
	};
	if (status == EXIT_FINE)
		status = check_names(options->compare.scenarios, "scenario", "scenarios",
				     side_scenario, base, head);
	if (status != EXIT_FINE)
		return status;
	select_strategies(options, base, head, s);
	select_scenarios(options, base, head, s);
	return EXIT_FINE;
}

void selection_free(struct selection *s)
{
	json_decref(s->strategies);
	json_decref(s->scenarios);
	json_decref(s->unchanged);
	json_decref(s->added);
	json_decref(s->gone);
	json_decref(s->reshaped);
	memset(s, 0, sizeof(*s));
}
