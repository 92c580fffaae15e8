// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What safety testing found, as `ringwalk torture` words it: harms separated by commas, "safe", or
 * either with "(not as expected)" behind it.
 */
#include <string.h>

#include "text.h"

#define NOT_TRIED    "not tried"
#define SAFE	     "safe"
#define NOT_EXPECTED "(not as expected)"
#define REFUSES	     "refuses migration"
/* Of a column, without its marks. */
#define SHORT_CHARS 10

static const char *verdict_of(const struct record_cell *cell)
{
	return cell->verdict ? cell->verdict : NOT_TRIED;
}

bool is_tried(const struct record_cell *cell)
{
	return strncmp(verdict_of(cell), NOT_TRIED, strlen(NOT_TRIED)) != 0;
}

bool is_unsafe(const struct record_cell *cell)
{
	return is_tried(cell) && strncmp(cell->verdict, SAFE, strlen(SAFE));
}

bool is_unexpected(const struct record_cell *cell)
{
	return is_tried(cell) && strstr(cell->verdict, NOT_EXPECTED);
}

/* A second harm; that pages stay where they are is none, and the table says "refused". */
static bool has_more(const char *verdict)
{
	const char *comma = strchr(verdict, ',');

	return comma && strncmp(comma + strspn(comma, ", "), REFUSES, strlen(REFUSES));
}

void format_verdict(char *text, size_t size, const struct record_cell *cell)
{
	const char *verdict = verdict_of(cell);
	size_t length = strcspn(verdict, ",(");

	if (!is_tried(cell)) {
		/* The floor accesses nothing: there is nothing to try. */
		snprintf(text, size, "%s", is_floor(cell) ? "-" : NOT_TRIED);
		return;
	}
	while (length && verdict[length - 1] == ' ')
		length--;
	/* "failed accesses", "refuses migration": the first word says it. */
	if (length > SHORT_CHARS)
		length = strcspn(verdict, " ");
	snprintf(text, size, "%.*s%s%s", (int)length, verdict, has_more(verdict) ? " +" : "",
		 is_unexpected(cell) ? "!" : "");
}

/* --- the paragraph --------------------------------------------------------------------------- */

/* The order in which they are told. */
enum { HARM, NO_HARM, UNTRIED, KINDS };

static int kind_of(const struct record_cell *cell)
{
	if (!is_tried(cell))
		return UNTRIED;
	return is_unsafe(cell) ? HARM : NO_HARM;
}

static bool same_verdict(const struct record_cell *a, const struct record_cell *b)
{
	return !is_floor(a) && !is_floor(b) && !strcmp(verdict_of(a), verdict_of(b));
}

static bool same_strategy(const struct record_cell *a, const struct record_cell *b)
{
	return !strcmp(a->strategy, b->strategy);
}

/* The strategy has one verdict in all sections that were measured. */
static bool is_whole(const struct record *record, const struct record_cell *cell)
{
	for (size_t i = 0; i < record->cells; i++)
		if (same_strategy(&record->cell[i], cell) && !same_verdict(&record->cell[i], cell))
			return false;
	return true;
}

/* A verdict belongs to strategy and section; scenarios repeat it. */
static bool said_before(const struct record *record, const struct record_cell *cell, bool whole)
{
	for (const struct record_cell *c = record->cell; c < cell; c++)
		if (same_strategy(c, cell) && same_verdict(c, cell) &&
		    (whole || (!strcmp(c->section, cell->section) && c->packed == cell->packed)))
			return true;
	return false;
}

static bool is_first_of_verdict(const struct record *record, const struct record_cell *cell)
{
	for (const struct record_cell *c = record->cell; c < cell; c++)
		if (same_verdict(c, cell))
			return false;
	return !is_floor(cell);
}

static void write_strategies(FILE *out, const struct record *record, const struct record_cell *like)
{
	const char *separator = "";

	for (size_t i = 0; i < record->cells; i++) {
		const struct record_cell *cell = &record->cell[i];
		bool whole = is_whole(record, cell);

		if (!same_verdict(cell, like) || said_before(record, cell, whole))
			continue;
		fprintf(out, "%s%s", separator, cell->strategy);
		if (!whole)
			fprintf(out, " per %s%s", cell->section,
				cell->packed ? " of a packed ring" : "");
		separator = ", ";
	}
}

static size_t count_verdicts(const struct record *record)
{
	size_t count = 0;

	for (size_t i = 0; i < record->cells; i++)
		count += is_first_of_verdict(record, &record->cell[i]);
	return count;
}

static void write_kind(FILE *out, const struct record *record, int kind, bool only,
		       const char **separator)
{
	for (size_t i = 0; i < record->cells; i++) {
		const struct record_cell *cell = &record->cell[i];

		if (kind_of(cell) != kind || !is_first_of_verdict(record, cell))
			continue;
		fputs(*separator, out);
		if (!only) {
			write_strategies(out, record, cell);
			fputs(": ", out);
		}
		fputs(verdict_of(cell), out);
		*separator = "; ";
	}
}

void write_verdicts(FILE *out, const struct record *record, const struct record_scenario *scenario)
{
	size_t verdicts = count_verdicts(record);
	const char *separator = "";
	bool untried = false;

	(void)scenario;
	if (!verdicts)
		return;
	fputs("Safety verdicts: ", out);
	for (int kind = 0; kind < KINDS; kind++)
		write_kind(out, record, kind, verdicts == 1, &separator);
	fputc('.', out);
	for (size_t i = 0; i < record->cells; i++)
		untried |= !is_floor(&record->cell[i]) && !is_tried(&record->cell[i]);
	if (untried)
		fputs(" To try them: ./run.sh torture", out);
}
