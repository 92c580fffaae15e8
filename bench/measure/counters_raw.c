// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events without a name, as perf writes them: "r1a8", and "pmu/term=value,.../" with the terms that
 * the kernel describes under the PMU's format/ and the names that it gives under events/.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/counters_kernel.h"
#include "measure/counters_names.h"
#include "measure/counters_pmu.h"

/* A name of the kernel's may be made of terms, and those of no further names. */
#define DEPTH_MAX 2

struct raw {
	const char *name; /* the whole of it, for errors */
	char pmu[64];
	struct perf_event_attr *attr;
	char *error;
	size_t size;
};

/* "u", "k" or both, or nothing: then `privilege` says which. */
static int take_modifiers(const char *text, int privilege, struct perf_event_attr *attr)
{
	bool user = strchr(text, 'u') != NULL, kernel = strchr(text, 'k') != NULL;

	if (text[strspn(text, "uk:")])
		return -EINVAL;
	if (!user && !kernel) {
		user = privilege & PFM_PLM3;
		kernel = privilege & PFM_PLM0;
	}
	attr->exclude_user = !user;
	attr->exclude_kernel = !kernel;
	attr->exclude_hv = 1;
	return 0;
}

/* --- rNNN ------------------------------------------------------------------------------------ */

bool counter_is_code(const char *name)
{
	size_t digits = strspn(name + (*name == 'r'), "0123456789abcdefABCDEF");

	return *name == 'r' && digits >= 1 && digits <= 16 &&
	       (!name[1 + digits] || name[1 + digits] == ':');
}

static int encode_code(struct raw *raw, int privilege)
{
	char *end;

	raw->attr->type = PERF_TYPE_RAW;
	raw->attr->config = strtoull(raw->name + 1, &end, 16);
	if (take_modifiers(end, privilege, raw->attr)) {
		snprintf(raw->error, raw->size, "behind a raw code comes :u or :k, or nothing");
		return -EINVAL;
	}
	return 0;
}

/* --- pmu/.../ -------------------------------------------------------------------------------- */

/* What is in a folder of the PMU's, for an error's sentence. */
static void list_folder(const struct raw *raw, const char *folder, const char *intro)
{
	char path[512];
	size_t length = strlen(raw->error);
	struct dirent *entry;
	DIR *directory;

	snprintf(path, sizeof(path), "%s/%s/%s", counters_kernel->pmus, raw->pmu, folder);
	directory = opendir(path);
	while (directory && (entry = readdir(directory)) && length < raw->size) {
		if (entry->d_name[0] == '.' || strchr(entry->d_name, '.'))
			continue;
		length += (size_t)snprintf(raw->error + length, raw->size - length, "%s %s", intro,
					   entry->d_name);
		intro = "";
	}
	if (directory)
		closedir(directory);
}

/* Puts a value into the bits of a format: "config:0-7,32-35", the low bits first. */
static int put_bits(struct perf_event_attr *attr, const char *format, uint64_t value)
{
	__u64 *config = &attr->config;

	if (!strncmp(format, "config1", 7))
		config = &attr->config1;
	else if (!strncmp(format, "config2", 7))
		config = &attr->config2;
	format += strcspn(format, ":");
	while (*format == ':' || *format == ',') {
		char *end;
		unsigned long bit = strtoul(format + 1, &end, 10), last = bit;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		for (; bit <= last && bit < 64; bit++, value >>= 1)
			*config |= (value & 1) << bit;
		format = end;
	}
	return value ? -ERANGE : 0;
}

static int take_terms(struct raw *raw, char *terms, int depth);

/* A term that is no format: one of the kernel's names for terms. */
static int take_alias(struct raw *raw, const char *term, int depth)
{
	char file[128], terms[256];

	snprintf(file, sizeof(file), "events/%s", term);
	if (depth < DEPTH_MAX &&
	    !counter_read_line(counters_kernel->pmus, raw->pmu, file, terms, sizeof(terms)))
		return take_terms(raw, terms, depth + 1);
	snprintf(raw->error, raw->size, "'%s' is no term of %s; it has config config1 config2",
		 term, raw->pmu);
	list_folder(raw, "format", "");
	list_folder(raw, "events", "; and");
	return -EINVAL;
}

static int take_term(struct raw *raw, char *term, int depth)
{
	char *value_text = strchr(term, '='), *end = NULL;
	char file[128], format[128];
	uint64_t value = 1;

	if (value_text) {
		*value_text++ = '\0';
		value = strtoull(value_text, &end, 0);
		if (!isdigit((unsigned char)*value_text) || *end) {
			snprintf(raw->error, raw->size, "%s='%s': a number was expected", term,
				 value_text);
			return -EINVAL;
		}
	}
	snprintf(file, sizeof(file), "format/%s", term);
	if (!strcmp(term, "config") || !strcmp(term, "config1") || !strcmp(term, "config2"))
		snprintf(format, sizeof(format), "%s:0-63", term);
	else if (strchr(term, '/') ||
		 counter_read_line(counters_kernel->pmus, raw->pmu, file, format, sizeof(format)))
		return take_alias(raw, term, depth);
	if (put_bits(raw->attr, format, value)) {
		snprintf(raw->error, raw->size, "%s=%#llx does not fit into %s", term,
			 (unsigned long long)value, format);
		return -EINVAL;
	}
	return 0;
}

static int take_terms(struct raw *raw, char *terms, int depth)
{
	char *rest = NULL;
	int err = 0;

	for (char *term = strtok_r(terms, ",", &rest); term && !err;
	     term = strtok_r(NULL, ",", &rest))
		err = take_term(raw, term, depth);
	return err;
}

/* What counts for cores tells user and kernel apart; what counts for the chip does not. */
static bool tells_apart(const char *pmu)
{
	char line[256];

	return !strcmp(pmu, "cpu") ||
	       !counter_read_line(counters_kernel->pmus, pmu, "cpus", line, sizeof(line));
}

static int encode_terms(struct raw *raw, int privilege)
{
	const char *open = strchr(raw->name, '/'), *close = strrchr(raw->name, '/');
	char line[32], terms[COUNTER_NAME_MAX];
	int err;

	if (open == close || close - open > (long)sizeof(terms)) {
		snprintf(raw->error, raw->size, "a PMU's terms stand between two slashes");
		return -EINVAL;
	}
	snprintf(raw->pmu, sizeof(raw->pmu), "%.*s", (int)(open - raw->name), raw->name);
	if (!*raw->pmu ||
	    counter_read_line(counters_kernel->pmus, raw->pmu, "type", line, sizeof(line))) {
		snprintf(raw->error, raw->size, "there is no PMU '%s'; there are", raw->pmu);
		*raw->pmu = '\0';
		list_folder(raw, "", "");
		return -EINVAL;
	}
	raw->attr->type = (uint32_t)strtoul(line, NULL, 10);
	snprintf(terms, sizeof(terms), "%.*s", (int)(close - open - 1), open + 1);
	err = take_terms(raw, terms, 0);
	if (err)
		return err;
	if (take_modifiers(close + 1, privilege, raw->attr)) {
		snprintf(raw->error, raw->size, "behind a PMU's terms comes u or k, or nothing");
		return -EINVAL;
	}
	if (!tells_apart(raw->pmu))
		raw->attr->exclude_user = raw->attr->exclude_kernel = raw->attr->exclude_hv = 0;
	return 0;
}

int counter_encode_raw(const char *name, int privilege, struct perf_event_attr *attr, char *error,
		       size_t size)
{
	struct raw raw = { .name = name, .attr = attr, .error = error, .size = size };

	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	if (counter_is_code(name))
		return encode_code(&raw, privilege);
	return strchr(name, '/') ? encode_terms(&raw, privilege) : -ENOENT;
}
