// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a run's files go, and how they get there: whoever reads results/ sees a file as it was
 * before or as it is after, never half of it, even if the machine stops in between.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"
#include "results.h"

int write_all(int fd, const char *bytes, size_t count)
{
	while (count) {
		ssize_t done = write(fd, bytes, count);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		bytes += done;
		count -= (size_t)done;
	}
	return 0;
}

/* A rename is only safe from a power cut once its folder is; some file systems cannot say. */
static int sync_folder(int folder)
{
	if (fsync(folder) && errno != EINVAL)
		return -errno;
	return 0;
}

static int write_synced(int folder, const char *name, const char *bytes, size_t count)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, bytes, count);
	if (!err && fsync(fd))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	return err;
}

int write_file(const char *folder, const char *name, const char *bytes, size_t count)
{
	char temporary[NAME_MAX + 1];
	int fd, err;

	if (snprintf(temporary, sizeof(temporary), ".%s.%ld.tmp", name, (long)getpid()) >=
	    (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write_synced(fd, temporary, bytes, count);
	if (!err && renameat(fd, temporary, fd, name))
		err = -errno;
	if (err)
		unlinkat(fd, temporary, 0);
	else
		err = sync_folder(fd);
	close(fd);
	return err;
}

int write_whole_file(const char *folder, const char *name, fill_fn *fill,
		     const struct record *record, const void *context)
{
	char *text = NULL;
	size_t bytes = 0;
	/* In memory first: stdio forgets which error it met, write(2) does not. */
	FILE *memory = open_memstream(&text, &bytes);
	int err;

	if (!memory)
		return -errno;
	err = fill(memory, record, context);
	if (!err && ferror(memory))
		err = -ENOMEM;
	if (fclose(memory) && !err)
		err = -errno;
	if (!err)
		err = write_file(folder, name, text, bytes);
	free(text);
	return err;
}

int make_folders(char *path)
{
	char *slash = path;

	do {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(path, 0777) && errno != EEXIST)
			return -errno;
		if (slash)
			*slash = '/';
	} while (slash);
	return 0;
}

static bool fits(int length, size_t size)
{
	return length >= 0 && (size_t)length < size;
}

int results_create(const char *root, const char *id, char *path, size_t size)
{
	char folder[PATH_MAX];
	int err;

	if (!*root || !*id)
		return -EINVAL;
	if (!fits(snprintf(folder, sizeof(folder), "%s/runs", root), sizeof(folder)))
		return -ENAMETOOLONG;
	err = make_folders(folder);
	if (err)
		return err;
	if (!fits(snprintf(path, size, "%s/runs/%s", root, id), size))
		return -ENAMETOOLONG;
	if (mkdir(path, 0777))
		return -errno;
	if (!fits(snprintf(folder, sizeof(folder), "%s/plots", path), sizeof(folder)))
		err = -ENAMETOOLONG;
	else if (mkdir(folder, 0777))
		err = -errno;
	if (err)
		rmdir(path);
	return err;
}

int results_latest(const char *root, const char *id)
{
	char target[NAME_MAX + 8], temporary[64];
	int fd, err = 0;

	if (!fits(snprintf(target, sizeof(target), "runs/%s", id), sizeof(target)))
		return -ENAMETOOLONG;
	snprintf(temporary, sizeof(temporary), ".latest.%ld.tmp", (long)getpid());
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Relative, so that results/ can be copied elsewhere. One left by a killed run goes. */
	unlinkat(fd, temporary, 0);
	if (symlinkat(target, fd, temporary) || renameat(fd, temporary, fd, "latest")) {
		err = -errno;
		unlinkat(fd, temporary, 0);
	} else {
		err = sync_folder(fd);
	}
	close(fd);
	return err;
}

void results_discard(const char *folder)
{
	static const char *const names[] = { "/plan.json", "/samples.jsonl", "/plots", "" };
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (fits(snprintf(path, sizeof(path), "%s%s", folder, names[i]), sizeof(path)))
			(void)remove(path);
}
