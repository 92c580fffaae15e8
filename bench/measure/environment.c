// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of what the machine was like, and the warnings that follow from it. */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/environment.h"
#include "measure/environment_sources.h"

#define VULNERABILITIES "/sys/devices/system/cpu/vulnerabilities"

/* One of value and reason is NULL. What a failure leaves behind, environment_free() can free. */
static int add_fact(struct environment *environment, const char *key, const char *value,
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
		return add_fact(environment, source->key, value, NULL);
	if (err == -ENODATA && source->field)
		snprintf(reason, sizeof(reason), "no '%s' in %s", source->field, source->path);
	else if (err == -ENODATA)
		snprintf(reason, sizeof(reason), "%s does not say", source->path);
	else
		snprintf(reason, sizeof(reason), "%s: %s", source->path, strerror(-err));
	return add_fact(environment, source->key, NULL, reason);
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
		return add_fact(environment, "mitigations", NULL,
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

/* The fact's value where it is there and is not `good`: what a warning is about. */
static const char *unlike(const struct environment *environment, const char *key, const char *good)
{
	const char *value = environment_get(environment, key);

	return value && strcmp(value, good) != 0 ? value : NULL;
}

/* Does nothing without `about`, so that each warning is one call. */
__attribute__((format(printf, 3, 4))) static int
warn_about(struct environment *environment, const char *about, const char *format, ...)
{
	size_t size = (environment->warnings + 1) * sizeof(*environment->warning);
	char **warning;
	va_list arguments;
	int length;

	if (!about)
		return 0;
	warning = realloc(environment->warning, size);
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

static int warn_about_load(struct environment *environment)
{
	const char *load = environment_get(environment, "loadavg");
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (!load || strtod(load, NULL) <= 0.5 * (double)cpus)
		return 0;
	return warn_about(environment, load,
			  "the load average is %.2f on %ld CPUs: other work disturbs the figures; "
			  "see who with: top",
			  strtod(load, NULL), cpus);
}

static int warn_about_clock(struct environment *environment)
{
#ifdef __x86_64__
	const char *clocksource = unlike(environment, "clocksource", "tsc");

	return warn_about(environment, clocksource,
			  "the clocksource is '%s', not 'tsc': reading the time is slow; boot with "
			  "clocksource=tsc tsc=reliable if the TSC is invariant",
			  clocksource);
#else
	(void)environment;
	return 0;
#endif
}

static int add_warnings(struct environment *environment)
{
	const char *governor = unlike(environment, "governor", "performance");
	const char *hypervisor = unlike(environment, "hypervisor", "none");
	const char *quota = environment_get(environment, "cgroup_cpu_max");

	/* "max 100000": no quota, whatever the period. */
	if (quota && strncmp(quota, "max", 3) == 0)
		quota = NULL;
	if (warn_about(environment, governor,
		       "the frequency governor is '%s', not 'performance': cpupower frequency-set "
		       "-g performance",
		       governor) ||
	    warn_about(
		    environment, hypervisor,
		    "this is a virtual machine (%s): other guests share the hardware, so figures "
		    "are for comparisons within this run",
		    hypervisor) ||
	    warn_about_clock(environment) || warn_about_load(environment) ||
	    warn_about(
		    environment, quota,
		    "the cgroup's CPU quota is '%s' (quota and period, us): the kernel will stop "
		    "threads in mid-run; lift it with: echo max > cpu.max in the cgroup",
		    quota))
		return -ENOMEM;
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
		err = add_warnings(environment);
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
