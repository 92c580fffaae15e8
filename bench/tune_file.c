// SPDX-License-Identifier: GPL-2.0-or-later
#include "tune_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tune.h"

/* Tests have a machine of their own below a directory. */
const char *tune_root(void)
{
	const char *directory = getenv("RINGWALK_TUNE_ROOT");

	return directory ? directory : "";
}

int tune_read(const char *path, char *value, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;
	int err;

	if (fd < 0)
		return -errno;
	length = read(fd, value, size - 1);
	err = length < 0 ? -errno : 0;
	close(fd);
	value[length > 0 ? length : 0] = '\0';
	value[strcspn(value, "\n")] = '\0';
	return err;
}

int tune_write(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	err = write(fd, value, strlen(value)) < 0 ? -errno : 0;
	close(fd);
	return err;
}

/*
 * Opened and locked, or negative errno; -EBUSY: locked by a run that lives. It is a record lock,
 * which goes with this process alone: children that outlive it do not inherit it. The file is
 * emptied but never removed, so that whoever has the lock has the lock of the file that others see.
 */
int tune_file_open(int flags)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[256];
	int fd, err;

	snprintf(path, sizeof(path), "%s" TUNE_FILE, tune_root());
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_SETLK, &lock) == 0)
		return fd;
	err = errno == EACCES || errno == EAGAIN ? -EBUSY : -errno;
	close(fd);
	return err;
}

/* One line of the file, "PATH VALUE". A setting that has gone, with its CPU, needs nothing. */
static void put_back(char *line)
{
	char now[TUNE_VALUE_SIZE], *value = strchr(line, ' ');
	int err;

	if (!value)
		return;
	*value++ = '\0';
	err = tune_read(line, now, sizeof(now));
	if (!err && strcmp(now, value) != 0)
		err = tune_write(line, value);
	if (err && err != -ENOENT)
		fprintf(stderr, "ringwalk: %s was '%s' and could not be set back: %s\n", line,
			value, strerror(-err));
}

/*
 * Puts back what the file names, and empties it. What is not a whole line was torn by the death of
 * its writer, who had not changed anything by then.
 */
void tune_file_restore(int fd)
{
	struct stat status;
	char *text = NULL, *line, *end;
	ssize_t length = -1;

	if (fstat(fd, &status) == 0)
		text = malloc((size_t)status.st_size + 1);
	if (text)
		length = pread(fd, text, (size_t)status.st_size, 0);
	if (length < 0) {
		fprintf(stderr, "ringwalk: the settings in " TUNE_FILE " were not put back: %s\n",
			strerror(errno));
		free(text);
		return;
	}
	text[length] = '\0';
	for (line = text; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		put_back(line);
	}
	free(text);
	if (ftruncate(fd, 0))
		fprintf(stderr, "ringwalk: " TUNE_FILE ": %s\n", strerror(errno));
}

/* What a run that was killed has left there. */
void tune_file_recover(int fd)
{
	if (lseek(fd, 0, SEEK_END) <= 0)
		return;
	tune_file_restore(fd);
	fputs("ringwalk: put back the settings that a run with --tune had left changed\n", stderr);
}

int tune_recover(void)
{
	int fd = tune_file_open(0);

	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fd;
	tune_file_recover(fd);
	close(fd);
	return 0;
}
