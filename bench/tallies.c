// SPDX-License-Identifier: GPL-2.0-or-later
#include "cell.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The histogram, made if there is none. NULL: out of memory. */
static struct histogram *timing_of(struct tallies *tallies, unsigned int id)
{
	struct histogram *h = tallies->timing[id];

	if (h)
		return h;
	h = malloc(sizeof(*h));
	/* Touched now, so that no window faults on it. */
	if (h)
		memset(h, 0, sizeof(*h));
	tallies->timing[id] = h;
	return h;
}

int tallies_create(struct cell *cell)
{
	for (unsigned int id = 0; id < TIMINGS; id++)
		if (timing_table[id].of(cell) && !timing_of(&cell->tallies, id))
			return -ENOMEM;
	return 0;
}

void tallies_destroy(struct tallies *tallies)
{
	for (unsigned int id = 0; id < TIMINGS; id++) {
		free(tallies->timing[id]);
		tallies->timing[id] = NULL;
	}
}

int tallies_merge(struct tallies *to, const struct tallies *from)
{
	for (unsigned int id = 0; id < TIMINGS; id++) {
		if (!from->timing[id])
			continue;
		if (!timing_of(to, id))
			return -ENOMEM;
		histogram_merge(to->timing[id], from->timing[id]);
	}
	for (int id = 0; id < (int)COUNTS; id++)
		to->count[id] += from->count[id];
	return 0;
}

json_t *tallies_to_json(const struct tallies *tallies)
{
	json_t *json = json_object();

	for (unsigned int id = 0; id < TIMINGS; id++)
		if (tallies->timing[id] && tallies->timing[id]->count)
			json_object_set_new(json, timing_table[id].key,
					    histogram_to_json(tallies->timing[id]));
	for (int id = 0; id < (int)COUNTS; id++)
		json_object_set_new(json, count_table[id].key,
				    json_integer((json_int_t)tallies->count[id]));
	return json;
}

int tallies_from_json(struct tallies *tallies, json_t *json)
{
	tallies_destroy(tallies);
	if (!json_is_object(json))
		return -EPROTO;
	for (unsigned int id = 0; id < TIMINGS; id++) {
		json_t *one = json_object_get(json, timing_table[id].key);

		if (!one)
			continue;
		if (!timing_of(tallies, id))
			return -ENOMEM;
		if (histogram_from_json(tallies->timing[id], one))
			return -EPROTO;
	}
	for (int id = 0; id < (int)COUNTS; id++)
		tallies->count[id] = (uint64_t)json_integer_value(
			json_object_get(json, count_table[id].key));
	return 0;
}
