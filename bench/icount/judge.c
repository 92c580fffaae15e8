// SPDX-License-Identifier: GPL-2.0-or-later
/* Two programs' cells beside each other. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "icount/icount.h"

const char *icount_verdict_name(enum icount_verdict verdict)
{
	static const char *const names[ICOUNT_VERDICTS] = {
		[ICOUNT_SAME] = "same",	      [ICOUNT_GREW] = "grew",
		[ICOUNT_ALLOWED] = "allowed", [ICOUNT_SHRANK] = "shrank",
		[ICOUNT_NEW] = "new",	      [ICOUNT_GONE] = "gone",
		[ICOUNT_LOST] = "lost",	      [ICOUNT_NEVER] = "not counted",
	};

	return names[verdict];
}

static const char *text_of(const json_t *cell, const char *key)
{
	return json_string_value(json_object_get(cell, key));
}

static json_t *find(const struct icount_side *side, const char *strategy, const char *scenario)
{
	json_t *cell;
	size_t i;

	json_array_foreach(side->cells, i, cell)
		if (!strcmp(text_of(cell, "strategy"), strategy) &&
		    !strcmp(text_of(cell, "scenario"), scenario))
			return cell;
	return NULL;
}

static double per_entry(const json_t *cell)
{
	const json_t *instructions = json_object_get(cell, "lap_instructions");

	if (!json_is_integer(instructions))
		return NAN;
	return (double)json_integer_value(instructions) /
	       (double)json_integer_value(json_object_get(cell, "lap_entries"));
}

/* Where no allowance was given, a whole instruction is too much however small its share is. */
static bool is_allowed(double base, double head, const struct icount_options *options)
{
	if (!options->allow_given && head - base >= ICOUNT_ALLOW_INSTRUCTIONS)
		return false;
	return head - base <= base * options->allow;
}

static enum icount_verdict judge(const struct icount_row *row, bool in_base, bool in_head,
				 const struct icount_options *options)
{
	if (!in_head)
		return ICOUNT_GONE;
	if (isnan(row->head))
		return isnan(row->base) ? ICOUNT_NEVER : ICOUNT_LOST;
	if (!in_base || isnan(row->base))
		return ICOUNT_NEW;
	if (row->head == row->base)
		return ICOUNT_SAME;
	if (row->head < row->base)
		return ICOUNT_SHRANK;
	return is_allowed(row->base, row->head, options) ? ICOUNT_ALLOWED : ICOUNT_GREW;
}

static void add_row(struct icount *icount, const json_t *base, const json_t *head,
		    const struct icount_options *options)
{
	const json_t *either = head ? head : base;
	struct icount_row *row = &icount->row[icount->rows++];

	*row = (struct icount_row){
		.strategy = text_of(either, "strategy"),
		.scenario = text_of(either, "scenario"),
		.base = base ? per_entry(base) : NAN,
		.head = head ? per_entry(head) : NAN,
		.reason = text_of(head && !isnan(per_entry(head)) && base ? base : either,
				  "lap_instructions_reason"),
	};
	row->verdict = judge(row, base, head, options);
	icount->verdicts[row->verdict]++;
}

int icount_judge(const struct icount_side *base, const struct icount_side *head,
		 const struct icount_options *options, struct icount *icount)
{
	json_t *cell;
	size_t i;

	*icount = (struct icount){ .base = base, .head = head };
	icount->row = calloc(json_array_size(head->cells) + 1 +
				     (base ? json_array_size(base->cells) : 0),
			     sizeof(*icount->row));
	if (!icount->row)
		return -ENOMEM;
	json_array_foreach(head->cells, i, cell)
		add_row(icount,
			base ? find(base, text_of(cell, "strategy"), text_of(cell, "scenario")) :
			       NULL,
			cell, options);
	json_array_foreach(base ? base->cells : NULL, i, cell)
		if (!find(head, text_of(cell, "strategy"), text_of(cell, "scenario")))
			add_row(icount, cell, NULL, options);
	return 0;
}

void icount_free(struct icount *icount)
{
	free(icount->row);
}
