/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A folder for each test, removed after it, and what looks into it. After cmocka.h.
 */
#ifndef TEST_SAMPLE_FOLDER_H
#define TEST_SAMPLE_FOLDER_H

#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[PATH_MAX];

static inline char *join(const char *name)
{
	static char path[4][2 * PATH_MAX];
	static unsigned int turn;
	char *p = path[turn++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", root, name);
	return p;
}

static inline int make_root(void **state)
{
	const char *where = getenv("TMPDIR");

	(void)state;
	snprintf(root, sizeof(root), "%s/ringwalk-report-XXXXXX", where ? where : "/tmp");
	return mkdtemp(root) ? 0 : -1;
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static inline int remove_root(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Inlined, gcc 12 takes what is found in the text for a pointer to the variable. */
static __attribute__((__noinline__, unused)) char *read_whole(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	assert_non_null(in);
	if (getdelim(&text, &size, '\0', in) < 0) {
		free(text);
		text = strdup("");
	}
	fclose(in);
	return text;
}

static inline size_t count_entries(const char *path)
{
	DIR *folder = opendir(path);
	size_t entries = 0;

	assert_non_null(folder);
	while (readdir(folder))
		entries++;
	closedir(folder);
	return entries - 2;
}

/* A full disk in small: writes beyond `bytes` fail with EFBIG. */
static inline void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_root, remove_root)

#endif
