// SPDX-License-Identifier: GPL-2.0-or-later
/* What was found, for people: on a terminal and as breakeven.md. */
#include <math.h>
#include <string.h>

#include "breakeven/breakeven.h"
#include "report/text.h"

#define COLUMN 10
/* Of a rate: with less it is said how much it was. */
#define REACHED 0.8

/* Where a table goes, and how. */
struct paper {
	FILE *out;
	bool markdown;
};

/* --- words ----------------------------------------------------------------------------------- */

/* "12.3k" */
static void format_place(char *text, size_t size, double value)
{
	if (value >= 10000)
		snprintf(text, size, "%.3gk", value / 1000);
	else
		snprintf(text, size, "%.*f", value < 10 && value != round(value) ? 1 : 0, value);
}

static void format_bytes(char *text, size_t size, double bytes)
{
	if (bytes >= 1024 && fmod(bytes, 1024) == 0)
		snprintf(text, size, "%g KiB", bytes / 1024);
	else
		snprintf(text, size, "%g B", bytes);
}

/*
 * "<1.2k": the map costs less below that; ">": above it; or who always does. Behind it: "!" beyond
 * real migrations, "~" tied around it, "+" it changes more than once, "?" not narrowed down.
 */
static void format_crossing(char *text, size_t size, const struct quest *quest)
{
	const struct crossing *c = &quest->crossing;
	double at = sqrt(c->low * c->high);
	char number[24];

	switch (c->outcome) {
	case OUTCOME_UNKNOWN:
		snprintf(text, size, "-");
		return;
	case OUTCOME_TIED:
		snprintf(text, size, "tied");
		return;
	case OUTCOME_ALWAYS:
		snprintf(text, size, "%s%s", winner_name(c->below), c->ties ? "~" : "");
		return;
	case OUTCOME_CROSSES:
		break;
	}
	if (c->tied_low)
		at = sqrt(c->tied_low * c->tied_high);
	/* Of whole numbers the one from which on, or up to which, it is the map. */
	if (quest->axis != AXIS_RATE)
		at = c->below == WINNER_MAP ? c->low : c->high;
	format_place(number, sizeof(number), at);
	snprintf(text, size, "%s%s%s%s%s%s%s", c->below == WINNER_MAP ? "<" : ">",
		 quest->axis != AXIS_RATE ? "=" : "", number,
		 quest->axis == AXIS_RATE && rate_is_notifications(c->high) ? "!" : "",
		 c->tied_low ? "~" : "", c->changes > 1 ? "+" : "", c->narrow ? "" : "?");
}

/* --- tables ---------------------------------------------------------------------------------- */

static void put_first(const struct paper *paper, const char *name, const char *verdict)
{
	fprintf(paper->out, paper->markdown ? "| %s | %s |" : "  %-24s %-12s", name, verdict);
}

static void put_cell(const struct paper *paper, const char *text)
{
	if (paper->markdown)
		fprintf(paper->out, " %s |", text);
	else
		fprintf(paper->out, " %*s", COLUMN, text);
}

static void end_line(const struct paper *paper)
{
	fputc('\n', paper->out);
}

static void end_head(const struct paper *paper, size_t columns)
{
	end_line(paper);
	if (!paper->markdown)
		return;
	fputs("| --- | --- |", paper->out);
	while (columns--)
		fputs(" ---: |", paper->out);
	end_line(paper);
}

static void put_strategy(const struct paper *paper, const struct row *row)
{
	const struct record_cell cell = { .strategy = row->strategy->name,
					  .class_name = class_name(row->strategy->class),
					  .model = row->strategy->model,
					  .verdict = row->verdict };
	char name[80], verdict[40];

	format_name(name, sizeof(name), &cell);
	format_verdict(verdict, sizeof(verdict), &cell);
	put_first(paper, name, verdict);
}

static void put_title(const struct paper *paper, const char *title)
{
	fputs(paper->markdown ? "\n## " : "\n", paper->out);
	if (paper->markdown)
		fprintf(paper->out, "%s\n", title);
	else
		print_wrapped(paper->out, title, 2, 100);
	fputc('\n', paper->out);
}

static const char *against_words(enum against against)
{
	return against == AGAINST_COPY ? "the copy (a model)" : "an assumed copy";
}

static const struct quest *find_quest(const struct breakeven *b, size_t row, enum against against,
				      enum axis axis, const struct spot *fixed)
{
	for (size_t i = 0; i < b->quests; i++) {
		const struct quest *q = &b->quest[i];
		bool same = q->row == row && q->against == against && q->axis == axis &&
			    q->fixed.subject == fixed->subject;

		for (unsigned int a = 0; a < AXES && same; a++)
			same = a == axis || q->fixed.at[a] == fixed->at[a];
		if (same)
			return q;
	}
	return NULL;
}

static void put_crossing(const struct paper *paper, const struct quest *quest)
{
	char text[64] = "";

	if (quest)
		format_crossing(text, sizeof(text), quest);
	put_cell(paper, text);
}

static struct spot usual_spot(const struct breakeven *b)
{
	struct spot spot = { .subject = SUBJECT_COPIES };

	memcpy(spot.at, b->fixed, sizeof(spot.at));
	return spot;
}

static void put_sizes(const struct paper *paper, const struct breakeven *b)
{
	char text[24];

	for (size_t i = 0; i < b->grid[AXIS_SIZE].points; i++) {
		format_bytes(text, sizeof(text), b->grid[AXIS_SIZE].value[i]);
		put_cell(paper, text);
	}
	end_head(paper, b->grid[AXIS_SIZE].points);
}

/* The rate of invalidations at which it turns, for each size. */
static void rates_by_size(const struct paper *paper, const struct breakeven *b,
			  enum against against)
{
	char title[200];

	snprintf(title, sizeof(title),
		 "Invalidations a second where it turns, by size (pieces: %g, section: %g), against %s",
		 b->fixed[AXIS_PIECES], b->fixed[AXIS_SECTION], against_words(against));
	put_title(paper, title);
	put_first(paper, "strategy", "verdict");
	put_sizes(paper, b);
	for (size_t row = 0; row < b->rows; row++) {
		struct spot spot = usual_spot(b);

		put_strategy(paper, &b->row[row]);
		for (size_t i = 0; i < b->grid[AXIS_SIZE].points; i++) {
			spot.at[AXIS_SIZE] = b->grid[AXIS_SIZE].value[i];
			put_crossing(paper, find_quest(b, row, against, AXIS_RATE, &spot));
		}
		end_line(paper);
	}
}

/* Along the other axes, and the walk. Each quest of the first row is a column. */
static void other_axes(const struct paper *paper, const struct breakeven *b, enum against against)
{
	static const char *const heads[AXES] = { [AXIS_SIZE] = "size, B",
						 [AXIS_PIECES] = "pieces",
						 [AXIS_SECTION] = "section" };
	char title[300], head[24];
	size_t columns = 0;

	snprintf(title, sizeof(title),
		 "Where it turns: %ssize, section, pieces at %g a second; against %s",
		 against == AGAINST_COPY ? "the walk by rate; " : "",
		 b->fixed[AXIS_RATE], against_words(against));
	put_title(paper, title);
	put_first(paper, "strategy", "verdict");
	for (size_t i = 0; i < b->quests; i++) {
		const struct quest *q = &b->quest[i];

		if (q->row || q->against != against || is_map_column(b, q))
			continue;
		snprintf(head, sizeof(head), "%s%s",
			 q->fixed.subject == SUBJECT_COPIES ? heads[q->axis] : "w.",
			 q->fixed.subject == SUBJECT_COPIES ?
				 "" :
				 section_name((enum section_granularity)(q->fixed.subject - SUBJECT_WALK)));
		put_cell(paper, head);
		columns++;
	}
	end_head(paper, columns);
	for (size_t row = 0; row < b->rows; row++) {
		put_strategy(paper, &b->row[row]);
		for (size_t i = 0; i < b->quests; i++) {
			const struct quest *q = &b->quest[i];

			if (!q->row && q->against == against && !is_map_column(b, q))
				put_crossing(paper, find_quest(b, row, against, q->axis, &q->fixed));
		}
		end_line(paper);
	}
}

static void put_ns(const struct paper *paper, double ns)
{
	char text[24] = "-";

	if (ns >= 0)
		format_figure(text, sizeof(text), ns);
	put_cell(paper, text);
}

/* ns of a side at all values of an axis, else at what is usual; -1 where it was not measured. */
static void put_map_costs(const struct paper *paper, const struct breakeven *b, enum axis axis)
{
	struct spot spot = usual_spot(b);

	for (size_t row = 0; row < b->rows; row++) {
		put_strategy(paper, &b->row[row]);
		for (size_t i = 0; i < b->grid[axis].points; i++) {
			const struct judged *judged;

			spot.at[axis] = b->grid[axis].value[i];
			judged = find_judged(b, row, &spot, AGAINST_COPY);
			put_ns(paper, judged ? judged->map_ns : -1);
		}
		end_line(paper);
	}
}

static void put_copy_costs(const struct paper *paper, const struct breakeven *b, enum axis axis)
{
	struct spot spot = usual_spot(b);

	put_first(paper, "(the copy as measured)", "model");
	for (size_t i = 0; i < b->grid[axis].points; i++) {
		const struct judged *judged = NULL;

		spot.at[axis] = b->grid[axis].value[i];
		for (size_t row = 0; row < b->rows && !judged; row++)
			judged = find_judged(b, row, &spot, AGAINST_COPY);
		put_ns(paper, judged ? judged->copy_ns : -1);
	}
	end_line(paper);
	if (b->copy_ns < 0)
		return;
	put_first(paper, "(the copy as assumed)", "assumed");
	for (size_t i = 0; i < b->grid[axis].points; i++) {
		spot.at[axis] = b->grid[axis].value[i];
		put_ns(paper, assumed_ns(b, &spot));
	}
	end_line(paper);
}

/* What an access takes by the map, by the copy, and by a memcpy() alone. */
static void costs_by_size(const struct paper *paper, const struct breakeven *b)
{
	char title[200];

	snprintf(title, sizeof(title),
		 "ns an access at %g invalidations a second: where a copy takes longer than that, the map "
		 "costs less",
		 b->fixed[AXIS_RATE]);
	put_title(paper, title);
	put_first(paper, "strategy", "verdict");
	put_sizes(paper, b);
	put_map_costs(paper, b, AXIS_SIZE);
	put_copy_costs(paper, b, AXIS_SIZE);
	put_first(paper, "(memcpy, always mapped)", "floor");
	for (size_t i = 0; i < b->floors; i++)
		put_ns(paper, b->floor[i].ns);
	end_line(paper);
}

static void costs_by_rate(const struct paper *paper, const struct breakeven *b)
{
	char title[200], head[24];

	snprintf(title, sizeof(title), "The same of an access of %g bytes, by invalidations a second",
		 b->fixed[AXIS_SIZE]);
	put_title(paper, title);
	put_first(paper, "strategy", "verdict");
	for (size_t i = 0; i < b->grid[AXIS_RATE].points; i++) {
		format_place(head, sizeof(head), b->grid[AXIS_RATE].value[i]);
		if (rate_is_notifications(b->grid[AXIS_RATE].value[i]))
			strcat(head, "!");
		put_cell(paper, head);
	}
	end_head(paper, b->grid[AXIS_RATE].points);
	put_map_costs(paper, b, AXIS_RATE);
	put_copy_costs(paper, b, AXIS_RATE);
}

/* --- all of it ------------------------------------------------------------------------------- */

/* Rates that were not reached: what was asked for is then not what the figures are of. */
static void shortfalls(FILE *out, const struct breakeven *b)
{
	for (size_t i = 0; i < b->grid[AXIS_RATE].points; i++) {
		double asked = b->grid[AXIS_RATE].value[i], least = asked, most = 0;

		for (size_t k = 0; k < b->points; k++) {
			double done = b->point[k].achieved_per_s;

			if (b->point[k].spot.at[AXIS_RATE] != asked || !(done > 0))
				continue;
			least = done < least ? done : least;
			most = done > most ? done : most;
		}
		if (least < REACHED * asked && most > 0)
			fprintf(out, "Of %g invalidations a second, %.3g to %.3g were achieved.\n",
				asked, least, most);
	}
}

static void legend(const struct paper *paper, const struct breakeven *b)
{
	static const char *const text[] = {
		"<N, <=N: the map costs less below N (up to N), the copy above; >N, >=N: the other way round; "
		"map, copy: that side everywhere in the range; tied: neither is known to.",
		"! beyond 10000 a second nothing migrates: notifications alone. ~ tied around it. + the winner "
		"changes more than once, and this is the first time. ? not narrowed down. * a model.",
		"The copy that is measured is a system call to another process. It stands for "
		"access_process_vm, and is a hundred times dearer than a kernel's copy_from_user: --copy-ns "
		"takes what that costs where you are. The fallbacks of a strategy are such copies, too, in "
		"either case.",
	};

	fputc('\n', paper->out);
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		if (paper->markdown)
			fprintf(paper->out, "%s\n\n", text[i]);
		else
			print_wrapped(paper->out, text[i], 2, 100);
	}
	shortfalls(paper->out, b);
	if (b->one_cpu)
		fputs("Worker, guest and invalidator share one CPU: the figures mean little.\n",
		      paper->out);
	if (b->floor_reason)
		fprintf(paper->out, "No floor: pinned: %s\n", b->floor_reason);
	if (*b->stopped)
		fprintf(paper->out, "Not all was measured: %s. What is missing is \"-\".\n", b->stopped);
}

void breakeven_print(FILE *out, const struct breakeven *b, bool markdown)
{
	const struct paper paper = { .out = out, .markdown = markdown };

	if (markdown)
		fputs("# Break-even of map and copy\n\n", out);
	fprintf(out, "%s; %s\n", b->machine, b->placement);
	if (markdown)
		fputs("\n![who costs less](plots/breakeven.png)\n", out);
	for (unsigned int against = 0; against < AGAINSTS; against++) {
		if (against == AGAINST_ASSUMED && b->copy_ns < 0)
			continue;
		rates_by_size(&paper, b, against);
		other_axes(&paper, b, against);
	}
	costs_by_size(&paper, b);
	costs_by_rate(&paper, b);
	legend(&paper, b);
}
