// SPDX-License-Identifier: GPL-2.0-or-later
#include "journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- a launch's side ------------------------------------------------------------------------- */

/* Takes the reference. */
static int append(struct samples *samples, json_t *line)
{
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	int err = text ? samples_append_line(samples, text) : -ENOMEM;

	free(text);
	json_decref(line);
	return err;
}

int journal_begin(struct samples *samples, unsigned int launch)
{
	int err = append(samples, json_pack("{s:s, s:i}", "kind", "begin", "launch", (int)launch));

	return err ? err : samples_flush(samples);
}

static json_t *noise_to_json(const struct noise_report *n)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f}", "watched_ns",
			 (json_int_t)n->watched_ns, "lost_ns", (json_int_t)n->lost_ns, "longest_ns",
			 (json_int_t)n->longest_ns, "gaps", (json_int_t)n->gaps, "epochs",
			 (json_int_t)n->epochs, "spoilt", (json_int_t)n->spoilt, "preemptions",
			 (json_int_t)n->preemptions, "migrations", (json_int_t)n->migrations,
			 "elapsed_ns", (json_int_t)n->elapsed_ns, "stolen_ns",
			 (json_int_t)n->stolen_ns, "chain_ns", n->chain_ns, "chain_spread",
			 n->chain_spread);
}

int journal_end(struct samples *samples, struct session *session)
{
	bool complete = !session_stopping(session);
	int err = 0;

	for (size_t i = 0; i < session->cells && !err; i++) {
		cell_close(&session->cell[i], session->launch);
		err = append(samples, cell_to_json(&session->cell[i], session->launch));
	}
	/* All cells are on the disk before what says that they count. */
	if (!err)
		err = samples_flush(samples);
	if (!err)
		err = append(samples,
			     json_pack("{s:s, s:i, s:b, s:i, s:s?, s:f, s:f, s:f, s:f, s:o, s:o, s:o}", "kind",
				       "launch", "launch", (int)session->launch, "complete", complete,
				       "stop", atomic_load(&session->stop), "stopped",
				       complete ? NULL : session->stop_text, "seconds",
				       session->seconds, "timer_ns", session->timer_ns,
				       "timer_step_ns", session->timer_step_ns, "ns_per_cycle",
				       session->ns_per_cycle, "counting",
				       counting_to_json(&session->counting), "noise",
				       noise_to_json(&session->noise), "maps",
				       json_pack("[I, I, I]", (json_int_t)session->maps.bytes,
						 (json_int_t)session->maps.plain_huge,
						 (json_int_t)session->maps.huge)));
	return err ? err : samples_flush(samples);
}

/* --- the run's side -------------------------------------------------------------------------- */

/* What is read, and the cells of the launch that has not ended yet. */
struct reader {
	struct session *session;
	struct journal *journal;
	json_t *pending; /* cell lines since the last launch began or ended */
	json_t *partial; /* those of the last launch that ended early */
	struct cell scratch;
};

int noise_from_json(struct noise_report *n, const json_t *json)
{
	json_int_t v[10];

	if (json_unpack((json_t *)json, "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:F, s:F}",
			"watched_ns", &v[0], "lost_ns", &v[1], "longest_ns", &v[2], "gaps", &v[3],
			"epochs", &v[4], "spoilt", &v[5], "preemptions", &v[6], "migrations", &v[7],
			"elapsed_ns", &v[8], "stolen_ns", &v[9], "chain_ns", &n->chain_ns,
			"chain_spread", &n->chain_spread))
		return -EPROTO;
	n->watched_ns = (uint64_t)v[0];
	n->lost_ns = (uint64_t)v[1];
	n->longest_ns = (uint64_t)v[2];
	n->gaps = (uint64_t)v[3];
	n->epochs = (uint64_t)v[4];
	n->spoilt = (uint64_t)v[5];
	n->preemptions = (uint64_t)v[6];
	n->migrations = (uint64_t)v[7];
	n->elapsed_ns = (uint64_t)v[8];
	n->stolen_ns = (uint64_t)v[9];
	n->chain_low = n->chain_high = n->chain_ns;
	return 0;
}

static int forget_pending(struct reader *reader)
{
	json_decref(reader->pending);
	reader->pending = json_array();
	return reader->pending ? 0 : -ENOMEM;
}

static struct cell *find_cell(struct session *session, const json_t *line)
{
	const char *strategy = json_string_value(json_object_get(line, "strategy"));
	const char *scenario = json_string_value(json_object_get(line, "scenario"));
	json_int_t variant = json_integer_value(json_object_get(line, "variant"));

	for (size_t i = 0; strategy && scenario && i < session->cells; i++) {
		struct cell *cell = &session->cell[i];

		if (!strcmp(cell->strategy->name, strategy) &&
		    !strcmp(cell->scenario->name, scenario) && cell->variant == variant)
			return cell;
	}
	return NULL;
}

/* Only those that no complete launch has measured, if `rest`. */
static int merge_cells(struct reader *reader, const json_t *lines, bool rest)
{
	for (size_t i = 0; i < json_array_size(lines); i++) {
		const json_t *line = json_array_get(lines, i);
		struct cell *cell = find_cell(reader->session, line);
		int err;

		if (rest && cell->ns.launches)
			continue;
		err = cell_from_json(&reader->scratch, line);
		if (!err)
			err = cell_merge(cell, &reader->scratch);
		if (err)
			return err;
		cell->skip = NULL;
		if (reader->scratch.skip) {
			snprintf(cell->skip_text, sizeof(cell->skip_text), "%s",
				 reader->scratch.skip);
			cell->skip = cell->skip_text;
		}
	}
	return 0;
}

static int merge_launch(struct reader *reader, const json_t *line)
{
	struct session *session = reader->session;
	struct noise_report noise;
	json_t *counting, *of_noise;
	json_int_t maps[3] = { 0 };
	double seconds;
	int err;

	if (json_unpack((json_t *)line, "{s:F, s:F, s:F, s:F, s:o, s:o, s?[I, I, I]}", "seconds", &seconds,
			"timer_ns", &session->timer_ns, "timer_step_ns", &session->timer_step_ns,
			"ns_per_cycle", &session->ns_per_cycle, "counting", &counting, "noise",
			&of_noise, "maps", &maps[0], &maps[1], &maps[2]))
		return -EPROTO;
	session->maps = (struct guest_maps){ maps[0], maps[1], maps[2] };
	err = counting_from_json(&session->counting, counting);
	if (!err)
		err = noise_from_json(&noise, of_noise);
	if (err)
		return err;
	noise_merge(&session->noise, &noise);
	reader->journal->seconds += seconds;
	return 0;
}

/* Of another selection: the run was resumed with other arguments, or by hand. */
static int take_cell(struct reader *reader, json_t *line)
{
	if (!find_cell(reader->session, line))
		return -EPROTO;
	return json_array_append(reader->pending, line) ? -ENOMEM : 0;
}

static int launch_ended(struct reader *reader, const json_t *line)
{
	struct journal *journal = reader->journal;
	json_int_t launch = json_integer_value(json_object_get(line, "launch"));
	const char *stopped = json_string_value(json_object_get(line, "stopped"));
	int err;

	if (launch < 0 || launch >= LAUNCHES_MAX)
		return -EPROTO;
	if (!json_is_true(json_object_get(line, "complete"))) {
		journal->stop = (int)json_integer_value(json_object_get(line, "stop"));
		snprintf(journal->stop_text, sizeof(journal->stop_text), "%s",
			 stopped ? stopped : "");
		json_decref(reader->partial);
		reader->partial = json_incref(reader->pending);
		return merge_launch(reader, line);
	}
	/* One that a damaged line has robbed of a cell is measured again. */
	if (journal->done[launch] || json_array_size(reader->pending) != reader->session->cells)
		return 0;
	err = merge_cells(reader, reader->pending, false);
	if (!err)
		err = merge_launch(reader, line);
	if (err)
		return err;
	journal->done[launch] = true;
	journal->launches++;
	return 0;
}

static int take_line(void *context, const char *kind, json_t *line, unsigned int number)
{
	struct reader *reader = context;
	int err = 0;

	if (!kind) {
		if (!reader->journal->damaged)
			reader->journal->damaged = number;
	} else if (!strcmp(kind, "begin")) {
		/* What ended the one before it is mended, or we would not be here. */
		reader->journal->stop = STOP_NONE;
		err = forget_pending(reader);
	} else if (!strcmp(kind, "cell")) {
		err = take_cell(reader, line);
	} else if (!strcmp(kind, "launch")) {
		err = launch_ended(reader, line);
		if (!err)
			err = forget_pending(reader);
	}
	return err;
}

int journal_read(const char *folder, struct session *session, struct journal *journal)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	int err = -ENOMEM;

	*journal = (struct journal){ .stop = STOP_NONE };
	if (!reader)
		return -ENOMEM;
	reader->session = session;
	reader->journal = journal;
	reader->pending = json_array();
	if (reader->pending)
		err = journal_lines(folder, &journal->end, take_line, reader);
	if (!err && reader->partial)
		err = merge_cells(reader, reader->partial, true);
	json_decref(reader->pending);
	json_decref(reader->partial);
	tallies_destroy(&reader->scratch.tallies);
	free(reader);
	return err;
}
