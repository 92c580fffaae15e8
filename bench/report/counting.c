// SPDX-License-Identifier: GPL-2.0-or-later
/* How the hardware's events were counted, and what that itself costs and counts. */
#include "text.h"

static bool counted(const struct record_event *event)
{
	return event->counted && !is_software_event(event->event);
}

static bool any_counted(const struct record *record)
{
	for (size_t i = 0; i < record->events; i++)
		if (counted(&record->event[i]))
			return true;
	return false;
}

/* Of an epoch, in which tens of thousands of instructions are counted: less than one is nothing. */
static void write_empty(FILE *out, const struct record *record)
{
	const char *separator = "; what that adds to the counts of an epoch is left in them: ";

	for (size_t i = 0; i < record->events; i++) {
		const struct record_event *event = &record->event[i];

		if (!counted(event) || event->empty < 1)
			continue;
		fprintf(out, "%s%.0f %s", separator, event->empty, event->event);
		separator = ", ";
	}
}

static void write_notes(FILE *out, const struct record *record)
{
	for (size_t i = 0; i < record->events; i++)
		if (counted(&record->event[i]) && record->event[i].note)
			fprintf(out, ". %s here: %s", record->event[i].event,
				record->event[i].note);
}

void write_counting(FILE *out, const struct record *record, const struct record_scenario *scenario)
{
	const struct record_counting *c = &record->counting;
	char switching[32], reading[32];

	(void)scenario;
	if (!c->pmu || !any_counted(record))
		return;
	format_time(switching, sizeof(switching), c->switch_ns);
	format_time(reading, sizeof(reading), c->read_ns);
	fprintf(out, "Events are counted by %s", c->pmu);
	if (c->turns > 1)
		fprintf(out, ", in %u groups that take turns", c->turns);
	fprintf(out, ". To begin and end takes %s, and to read a group %s, outside what is timed",
		switching, reading);
	write_empty(out, record);
	write_notes(out, record);
	fputc('.', out);
}
