// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of what the machine and the program were like. */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/environment.h"
#include "measure/environment_build.h"
#include "measure/environment_sources.h"

#define VULNERABILITIES "/sys/devices/system/cpu/vulnerabilities"

/* What a failure leaves behind, environment_free() can free. */
int environment_add(struct environment *environment, const char *key, const char *value,
		    const char *reason)
{
	size_t size = (environment->facts + 1) * sizeof(*environment->fact);
	struct fact *fact = realloc(environment->fact, size);

	if (!fact)
		return -ENOMEM;
	environment->fact = fact;
	fact += environment->facts++;
	fact->key = strdup(key);
	fact->value = value ? strdup(value) : NULL;
	fact->reason = reason ? strdup(reason) : NULL;
	return fact->key && (fact->value || fact->reason) ? 0 : -ENOMEM;
}

static int add_source(struct environment *environment, const struct source *source)
{
	char value[SOURCE_VALUE_MAX], reason[SOURCE_VALUE_MAX];
	int err = source->read(source, value, sizeof(value));

	if (!err)
		return environment_add(environment, source->key, value, NULL);
	if (err == -ENODATA && source->field)
		snprintf(reason, sizeof(reason), "no '%s' in %s", source->field, source->path);
	else if (err == -ENODATA)
		snprintf(reason, sizeof(reason), "%s does not say", source->path);
	else
		snprintf(reason, sizeof(reason), "%s: %s", source->path, strerror(-err));
	return environment_add(environment, source->key, NULL, reason);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* One fact for each file: which there are depends on the kernel. */
static int add_mitigations(struct environment *environment)
{
	char key[sizeof("mitigation_") + NAME_MAX], path[sizeof(VULNERABILITIES "/") + NAME_MAX];
	const struct source source = { .key = key, .path = path, .read = source_line };
	struct dirent **entry;
	int count = scandir(VULNERABILITIES, &entry, is_visible, alphasort);
	int err = 0;

	if (count < 0 && errno == ENOMEM)
		return -ENOMEM;
	if (count < 0)
		return environment_add(environment, "mitigations", NULL,
				       VULNERABILITIES " cannot be read");
	for (int i = 0; i < count; i++) {
		snprintf(key, sizeof(key), "mitigation_%s", entry[i]->d_name);
		snprintf(path, sizeof(path), VULNERABILITIES "/%s", entry[i]->d_name);
		if (!err)
			err = add_source(environment, &source);
		free(entry[i]);
	}
	free(entry);
	return err;
}

static int add_build(struct environment *environment)
{
	if (environment_add(environment, "compiler", build_compiler, NULL) ||
	    environment_add(environment, "compiler_flags", build_flags, NULL) ||
	    environment_add(environment, "git_revision", build_revision, build_revision_reason))
		return -ENOMEM;
	return 0;
}

int environment_warn(struct environment *environment, const char *format, ...)
{
	size_t size = (environment->warnings + 1) * sizeof(*environment->warning);
	char **warning = realloc(environment->warning, size);
	va_list arguments;
	int length;

	if (!warning)
		return -ENOMEM;
	environment->warning = warning;
	va_start(arguments, format);
	length = vasprintf(&warning[environment->warnings], format, arguments);
	va_end(arguments);
	if (length < 0)
		return -ENOMEM;
	environment->warnings++;
	return 0;
}

int environment_read(struct environment *environment)
{
	int err = 0;

	memset(environment, 0, sizeof(*environment));
	for (size_t i = 0; !err && i < environment_source_count; i++)
		err = add_source(environment, &environment_sources[i]);
	if (!err)
		err = add_mitigations(environment);
	if (!err)
		err = add_build(environment);
	if (!err)
		err = environment_judge(environment);
	if (err)
		environment_free(environment);
	return err;
}

void environment_free(struct environment *environment)
{
	for (size_t i = 0; i < environment->facts; i++) {
		free(environment->fact[i].key);
		free(environment->fact[i].value);
		free(environment->fact[i].reason);
	}
	for (size_t i = 0; i < environment->warnings; i++)
		free(environment->warning[i]);
	free(environment->fact);
	free(environment->warning);
	memset(environment, 0, sizeof(*environment));
}

const char *environment_get(const struct environment *environment, const char *key)
{
	for (size_t i = 0; i < environment->facts; i++)
		if (strcmp(environment->fact[i].key, key) == 0)
			return environment->fact[i].value;
	return NULL;
}
