/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A made-up /proc and /sys: a directory with a few files that a child makes its root, so that what
 * reads them by their names reads these. Include after cmocka.h.
 */
#ifndef UNIT_MADE_UP_MACHINE_H
#define UNIT_MADE_UP_MACHINE_H

#include <errno.h>
#include <ftw.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <unistd.h>

#include "in_child.h"
#include "measure/environment.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MOST_FILES   8
#define CPU	     "/sys/devices/system/cpu/"

struct file {
	const char *path;
	const char *text; /* NULL: a directory, which can be opened and not read */
};

struct made_up {
	const char *key;
	const char *value; /* NULL: there is none, and the reason has... */
	const char *reason; /* ...this in it */
	const char *warning; /* words of the only one; NULL: none */
	unsigned long personality;
	int32_t latency; /* /dev/cpu_dma_latency, which is binary; 0: there is none */
	struct file file[MOST_FILES];
};

static inline const struct fact *find(const struct environment *environment, const char *key)
{
	for (size_t i = 0; i < environment->facts; i++)
		if (strcmp(environment->fact[i].key, key) == 0)
			return &environment->fact[i];
	return NULL;
}

static inline bool warns_of(const struct environment *environment, const char *words)
{
	for (size_t i = 0; i < environment->warnings; i++)
		if (strstr(environment->warning[i], words))
			return true;
	return false;
}

static inline int make_file(const char *root, const struct file *file)
{
	char path[512];
	FILE *stream;
	int err;

	snprintf(path, sizeof(path), "%s%s", root, file->path);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	if (!file->text)
		return mkdir(path, 0755);
	stream = fopen(path, "we");
	if (!stream)
		return -1;
	err = fputs(file->text, stream) < 0;
	return fclose(stream) || err ? -1 : 0;
}

static inline int remove_entry(const char *path, const struct stat *status, int type,
			       struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

/* As root, or as what passes for root in a user namespace. */
static inline int change_root(const char *root)
{
	if (chroot(root) == 0)
		return 0;
	return unshare(CLONE_NEWUSER) || chroot(root) ? -1 : 0;
}

static inline void remove_root(const char *root)
{
	nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static inline int make_latency(int32_t latency)
{
	FILE *stream;
	int err;

	if (mkdir("/dev", 0755))
		return -1;
	stream = fopen("/dev/cpu_dma_latency", "we");
	if (!stream)
		return -1;
	err = fwrite(&latency, sizeof(latency), 1, stream) != 1;
	return fclose(stream) || err ? -1 : 0;
}

static inline int read_in_root(const char *root, const struct made_up *machine)
{
	struct environment environment;
	const struct fact *fact;

	if (change_root(root))
		return CHILD_CANNOT;
	personality(machine->personality);
	if (machine->latency)
		EXPECT(make_latency(machine->latency) == 0);
	EXPECT(environment_read(&environment) == 0);
	fact = find(&environment, machine->key);
	EXPECT(fact);
	if (machine->value && (!fact->value || strcmp(fact->value, machine->value) != 0)) {
		fprintf(stderr, "%s is '%s' (%s), not '%s'\n", machine->key,
			fact->value ? fact->value : "", fact->reason ? fact->reason : "",
			machine->value);
		return 1;
	}
	EXPECT(machine->value || !fact->value);
	EXPECT(machine->value || strstr(fact->reason, machine->reason));
	if (environment.warnings != (machine->warning != NULL))
		fprintf(stderr, "%s: %zu warnings\n", machine->key, environment.warnings);
	EXPECT(environment.warnings == (machine->warning != NULL));
	EXPECT(!machine->warning || warns_of(&environment, machine->warning));
	environment_free(&environment);
	return 0;
}

struct rooted {
	const char *root;
	const struct made_up *machine;
};

static inline int read_machine(const void *argument)
{
	const struct rooted *rooted = argument;

	return read_in_root(rooted->root, rooted->machine);
}

static inline void check_machines(const struct made_up *machines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char root[] = "/tmp/test_environment.XXXXXX";
		const struct rooted rooted = { root, &machines[i] };
		int result;

		assert_non_null(mkdtemp(root));
		for (const struct file *file = machines[i].file; file->path; file++)
			assert_int_equal(make_file(root, file), 0);
		result = in_child(read_machine, &rooted);
		remove_root(root);
		if (result == CHILD_CANNOT) {
			print_message("chroot: not permitted here, in a user namespace neither\n");
			skip();
		}
		assert_int_equal(result, 0);
	}
}

#endif
