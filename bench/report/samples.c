// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * samples.jsonl: every sample as it was measured, one JSON object a line, so that a run that is
 * killed or fills the disk keeps what it had. The file ends with a whole line, whatever happens.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"
#include "results.h"

#define LINE_MAX_BYTES 512

struct samples {
	int fd;
	int err; /* the first one; nothing is written after it */
	off_t whole; /* bytes of the file that are whole lines */
	size_t used;
	char buffer[64 * 1024];
};

int samples_open(const char *folder, struct samples **samples)
{
	char path[PATH_MAX];
	struct samples *s;

	if (snprintf(path, sizeof(path), "%s/samples.jsonl", folder) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (s->fd >= 0)
		s->whole = lseek(s->fd, 0, SEEK_END);
	if (s->fd < 0 || s->whole < 0) {
		int err = -errno;

		if (s->fd >= 0)
			close(s->fd);
		free(s);
		return err;
	}
	*samples = s;
	return 0;
}

int samples_write(struct samples *samples)
{
	if (samples->err || !samples->used)
		return samples->err;
	samples->err = write_all(samples->fd, samples->buffer, samples->used);
	if (!samples->err)
		samples->whole += (off_t)samples->used;
	else
		/* Where this fails too, a torn line stays: the first error is what is reported. */
		(void)!ftruncate(samples->fd, samples->whole);
	samples->used = 0;
	return samples->err;
}

/* Names are those of C symbols and of scenarios, which the command line checked: no escapes. */
static int format_line(char *line, size_t size, const struct sample *s)
{
	return snprintf(line, size,
			"{\"strategy\": \"%s\", \"variant\": %u, \"scenario\": \"%s\", "
			"\"kind\": \"%s\", \"launch\": %u, \"round\": %u, \"page_offset_bytes\": %u, "
			"\"entries\": %llu, \"elapsed_ns\": %llu, "
			"\"fallbacks\": %llu, \"retries\": %llu, \"invalidations\": %llu}\n",
			s->strategy, s->variant, s->scenario, s->kind, s->launch, s->round,
			s->page_offset,
			(unsigned long long)s->entries, (unsigned long long)s->elapsed_ns,
			(unsigned long long)s->fallbacks, (unsigned long long)s->retries,
			(unsigned long long)s->invalidations);
}

static int buffer_line(struct samples *samples, const char *line, size_t length)
{
	if (samples->err)
		return samples->err;
	if (samples->used + length > sizeof(samples->buffer) && samples_write(samples))
		return samples->err;
	if (length > sizeof(samples->buffer))
		return -ENAMETOOLONG;
	memcpy(samples->buffer + samples->used, line, length);
	samples->used += length;
	return 0;
}

int samples_append_line(struct samples *samples, const char *line)
{
	int err = buffer_line(samples, line, strlen(line));

	return err ? err : buffer_line(samples, "\n", 1);
}

int samples_append(struct samples *samples, const struct sample *sample)
{
	char line[LINE_MAX_BYTES];
	int length = format_line(line, sizeof(line), sample);

	if (length < 0 || length >= (int)sizeof(line))
		return -ENAMETOOLONG;
	return buffer_line(samples, line, (size_t)length);
}

int samples_sync(const struct samples *samples)
{
	return fdatasync(samples->fd) ? -errno : 0;
}

int samples_flush(struct samples *samples)
{
	if (!samples_write(samples) && fsync(samples->fd))
		samples->err = -errno;
	return samples->err;
}

int samples_close(struct samples *samples)
{
	int err = samples_flush(samples);

	if (close(samples->fd) && !err)
		err = -errno;
	free(samples);
	return err;
}
