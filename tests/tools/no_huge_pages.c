// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * no_huge_pages COMMAND...
 *
 * Runs a command that gets no transparent huge pages, as on a machine that has none: by a prctl()
 * that everything that it starts inherits.
 *
 * Exits 2 on bad usage, 3 where the kernel cannot do that, 127 if the command cannot be run.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: no_huge_pages COMMAND...\n");
		return 2;
	}
	if (prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)) {
		fprintf(stderr, "no_huge_pages: prctl(PR_SET_THP_DISABLE): %s\n", strerror(errno));
		return 3;
	}
	execvp(argv[1], argv + 1);
	fprintf(stderr, "no_huge_pages: %s: %s\n", argv[1], strerror(errno));
	return 127;
}
