// SPDX-License-Identifier: GPL-2.0-or-later
/* The few ways in which the kernel writes a fact, each with its reader. Nothing here allocates. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/environment_readers.h"

/* The start of a file, NUL-terminated: /proc/cpuinfo's first CPU is enough. */
int source_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got;

	if (fd < 0)
		return -errno;
	do {
		got = read(fd, text + length, size - 1 - length);
		length += got > 0 ? (size_t)got : 0;
	} while (got > 0 && length < size - 1);
	text[length] = '\0';
	/* An error is one even behind a first part: half a value is a wrong one. */
	got = got < 0 ? -errno : 0;
	close(fd);
	return (int)got;
}

int source_line(const struct source *source, char *value, size_t size)
{
	int err = source_text(source->path, value, size);

	if (err)
		return err;
	value[strcspn(value, "\n")] = '\0';
	return value[0] ? 0 : -ENODATA;
}

/* An empty file is an answer: no CPU is isolated. */
int source_list(const struct source *source, char *value, size_t size)
{
	int err = source_line(source, value, size);

	if (err == -ENODATA)
		snprintf(value, size, "none");
	return err == -ENODATA ? 0 : err;
}

/* "field   : value", as in /proc/cpuinfo and /proc/meminfo. */
int source_field(const struct source *source, char *value, size_t size)
{
	char text[16384];
	size_t length = strlen(source->field);
	int err = source_text(source->path, text, sizeof(text));

	if (err)
		return err;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *colon = strchr(line, ':');

		if (!colon || strncmp(line, source->field, length) != 0 ||
		    line + length + strspn(line + length, " \t") != colon)
			continue;
		snprintf(value, size, "%s", colon + 1 + strspn(colon + 1, " \t"));
		return value[0] ? 0 : -ENODATA;
	}
	return -ENODATA;
}

int source_kib(const struct source *source, char *value, size_t size)
{
	int err = source_field(source, value, size);

	if (!err)
		value[strspn(value, "0123456789")] = '\0';
	return err;
}

/* The word in brackets or parentheses: "always [madvise] never", "none voluntary (full)". */
int source_choice(const struct source *source, char *value, size_t size)
{
	char text[SOURCE_VALUE_MAX];
	int err = source_text(source->path, text, sizeof(text));
	char *start;

	if (err)
		return err;
	start = strpbrk(text, "[(");
	if (!start)
		return -ENODATA;
	snprintf(value, size, "%.*s", (int)strcspn(start + 1, "])"), start + 1);
	return 0;
}

/* A parameter of the kernel's command line; the last one counts, as it does for the kernel. */
int source_parameter(const struct source *source, char *value, size_t size)
{
	char text[SOURCE_VALUE_MAX];
	size_t length = strlen(source->field);
	int err = source_text(source->path, text, sizeof(text));

	if (err)
		return err;
	err = -ENODATA;
	for (char *word = strtok(text, " \n"); word; word = strtok(NULL, " \n")) {
		if (strncmp(word, source->field, length) != 0 || word[length] != '=')
			continue;
		snprintf(value, size, "%s", word + length + 1);
		err = 0;
	}
	return err;
}

bool source_has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *found = text; (found = strstr(found, word)); found += length)
		if ((found == text || found[-1] == ' ') && !isgraph((unsigned char)found[length]))
			return true;
	return false;
}

int source_cpu_flags(char *flags, size_t size)
{
	static const struct source source = { .path = "/proc/cpuinfo", .field = "flags" };

	return source_field(&source, flags, size);
}

/* Whether the CPU has all of the flags in `field`. */
int source_flags(const struct source *source, char *value, size_t size)
{
	char wanted[64], flags[8192];
	int err = source_cpu_flags(flags, sizeof(flags));
	bool all = true;

	if (err)
		return err;
	snprintf(wanted, sizeof(wanted), "%s", source->field);
	for (char *flag = strtok(wanted, " "); flag; flag = strtok(NULL, " "))
		all = all && source_has_word(flags, flag);
	snprintf(value, size, "%s", all ? "yes" : "no");
	return 0;
}

int source_switch(const struct source *source, char *value, size_t size)
{
	char text[16];
	int err = source_text(source->path, text, sizeof(text));

	if (err)
		return err;
	snprintf(value, size, "%s", text[0] == '0' ? "off" : "on");
	return 0;
}

/*
 * What the files say, each word once: a single one where all CPUs have the same governor, as is
 * usual. Not by glob(), which frees twice what it has when it is out of memory (glibc 2.36).
 */
int source_each(const struct source *source, char *value, size_t size)
{
	int before = (int)strcspn(source->path, "*"), err = -ENOENT;
	char path[256], name[64];
	const struct source one = { .path = path };

	value[0] = '\0';
	for (unsigned int i = 0; i < CPU_SETSIZE && (!err || err == -ENOENT); i++) {
		snprintf(path, sizeof(path), "%.*s%u%s", before, source->path, i,
			 source->path + before + 1);
		err = source_line(&one, name, sizeof(name));
		if (!err && !source_has_word(value, name))
			snprintf(value + strlen(value), size - strlen(value), "%s%s",
				 value[0] ? " " : "", name);
	}
	if (err == -ENOENT && value[0])
		err = 0;
	return err;
}

/* How many a list such as "0-3,8" has. */
int source_count(const struct source *source, char *value, size_t size)
{
	char text[SOURCE_VALUE_MAX];
	unsigned long count = 0;
	int err = source_text(source->path, text, sizeof(text));

	if (err)
		return err;
	for (char *range = strtok(text, ",\n"); range; range = strtok(NULL, ",\n")) {
		char *end;
		unsigned long first = strtoul(range, &end, 10);

		count += (*end == '-' ? strtoul(end + 1, NULL, 10) : first) - first + 1;
	}
	snprintf(value, size, "%lu", count);
	return 0;
}
