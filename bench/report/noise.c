// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What else happened on the worker's CPU, so that a reader sees how far the figures can be trusted.
 * Nothing of it was subtracted from them.
 */
#include "text.h"

/* Of the time: above this, what is no median over short epochs is the machine's figure too. */
#define LOST_PERCENT_SAID 2

static void write_gaps(FILE *out, const struct record_noise *noise)
{
	char longest[32], lost[32];

	if (!noise->gaps_known) {
		fputs("gaps not measured", out);
		return;
	}
	format_time(longest, sizeof(longest), noise->longest_gap_us * 1000);
	format_percent(lost, sizeof(lost), noise->lost_share);
	fprintf(out, noise->gaps_per_s < 999.5 ? "%.3g" : "%.0f", noise->gaps_per_s);
	fputs(" gaps above 5 us a second", out);
	if (noise->gaps_per_s > 0)
		fprintf(out, ", the longest %s", longest);
	fprintf(out, ", %s of the time lost in them", lost);
}

static void write_steal(FILE *out, const struct record_noise *noise)
{
	char steal[32];

	if (!noise->steal_known) {
		fputs("; steal not known", out);
		return;
	}
	format_percent(steal, sizeof(steal), noise->steal_share);
	fprintf(out, "; steal %s", steal);
}

static void write_epochs(FILE *out, const struct record_noise *noise)
{
	fprintf(out,
		"; %llu of %llu epochs spoilt (preempted %llu times, moved to another CPU %llu "
		"times), none dropped",
		(unsigned long long)noise->spoilt, (unsigned long long)noise->epochs,
		(unsigned long long)noise->preemptions, (unsigned long long)noise->migrations);
}

/* So many cycles, whatever the strategy. */
static void write_clock(FILE *out, const struct record *record)
{
	const struct record_noise *noise = &record->noise;
	char spread[32], drift[32];

	if (!noise->clock_known) {
		fputs("; core speed not known", out);
		return;
	}
	format_percent(spread, sizeof(spread), noise->clock_spread);
	format_percent(drift, sizeof(drift), noise->clock_drift);
	if (most_launches(record) > 1)
		fprintf(out,
			"; core speed (time of a fixed chain of multiplications without a gap): "
			"%s between p5 and p95 of the worst launch, %s between the slowest launch "
			"and the fastest",
			spread, drift);
	else
		fprintf(out,
			"; core speed (time of a fixed chain of multiplications without a gap): "
			"%s between p5 and p95",
			spread);
}

void write_noise(FILE *out, const struct record *record, const struct record_scenario *scenario)
{
	const struct record_noise *noise = &record->noise;

	(void)scenario;
	if (!noise->gaps_known && !noise->steal_known && !noise->clock_known && !noise->epochs)
		return;
	write_gaps(out, noise);
	write_steal(out, noise);
	write_epochs(out, noise);
	write_clock(out, record);
	fputc('.', out);
	if (noise->gaps_known && 100 * noise->lost_share > LOST_PERCENT_SAID)
		fprintf(out,
			" For more than %d %% of the time the CPU was not the worker's (other "
			"tasks, interrupts, a hypervisor). Medians over short epochs suffer least; "
			"what is taken over windows with invalidations, p99s, maxima and rates "
			"have it in them.",
			LOST_PERCENT_SAID);
}
