// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A second linear mapping of all frames, by huge pages, as the kernel's direct map has them: the
 * same memory as the plain one's, so that a run can hold one against the other. Its pages have
 * numbers behind all others, as vmap()'s have.
 *
 * The memfd's pages are made huge, and each mapping has them as its address permits: the plain one
 * begins a small page off, so that it never has huge ones, and the guest maps pieces that are too
 * small for one. MFD_HUGETLB would not do: of such memory nobody can map 4 KiB.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "guest/internal.h"

/* Linux 6.1; older headers lack it. */
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

#define SETTINGS "/sys/kernel/mm/transparent_hugepage/"

/* Bytes of the mapping that begins at `at` that are mapped by huge pages; -1: not known. */
static long huge_bytes_at(const char *at)
{
	FILE *maps = fopen("/proc/self/smaps", "re");
	unsigned long start, kib;
	char line[500], dash;
	bool found = false;
	long bytes = -1;

	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx%c", &start, &dash) == 2 && dash == '-')
			found = start == (uintptr_t)at;
		else if (found && sscanf(line, "ShmemPmdMapped: %lu", &kib) == 1)
			bytes = (long)(kib << 10);
	}
	if (maps)
		fclose(maps);
	return bytes;
}

/* "always within_size advise [never] deny force" */
static void read_setting(const char *name, char *value, size_t size)
{
	char path[100], text[200], *chosen;
	FILE *file;

	snprintf(path, sizeof(path), SETTINGS "%s", name);
	file = fopen(path, "re");
	if (!file || !fgets(text, sizeof(text), file))
		*text = '\0';
	if (file)
		fclose(file);
	chosen = strchr(text, '[');
	snprintf(value, size, "%.*s", chosen ? (int)strcspn(chosen + 1, "]") : 0,
		 chosen ? chosen + 1 : "");
}

/* Why there are none, by what there is to be read: a sentence, with what can be done. */
static void find_reason(struct guest *guest, int err)
{
	size_t size = sizeof(guest->huge_reason);
	char *text = guest->huge_reason;
	char setting[40];

	read_setting("shmem_enabled", setting, sizeof(setting));
	if (prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) > 0)
		snprintf(text, size,
			 "no huge pages: this process may have none (prctl PR_SET_THP_DISABLE)");
	else if (!*setting)
		snprintf(text, size,
			 "no huge pages: this kernel has none for shared memory (" SETTINGS
			 "shmem_enabled is not there)");
	else if (!strcmp(setting, "deny") || (err == EINVAL && !strcmp(setting, "never")))
		snprintf(text, size,
			 "no huge pages: " SETTINGS "shmem_enabled is '%s'; `echo advise >` it, as root",
			 setting);
	else if (guest->huge_bytes < 0)
		snprintf(text, size, "no huge pages that one knows of: /proc/self/smaps has no "
				     "ShmemPmdMapped");
	else
		snprintf(text, size,
			 "no huge pages: the kernel made such of %ld of %zu KiB; the machine's free "
			 "memory may be in pieces (echo 1 >/proc/sys/vm/compact_memory)",
			 guest->huge_bytes >> 10, huge_size(guest) >> 10);
}

size_t huge_size(const struct guest *guest)
{
	size_t bytes = (size_t)guest->frames << GUEST_PAGE_SHIFT;

	return (bytes + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES;
}

int huge_map(struct guest *guest)
{
	char *at = guest_direct_map(guest, guest->huge_first);
	size_t bytes = huge_size(guest);
	int err;

	if (mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, guest->memfd, 0) ==
	    MAP_FAILED)
		return -errno;
	/* Where the setting is "advise" or more, the first touch makes them huge... */
	madvise(at, bytes, MADV_HUGEPAGE);
	for (size_t i = 0; i < bytes; i += HUGE_BYTES)
		WRITE_ONCE(at[i], 0);
	/* ...and this whatever it is, but for "deny". */
	err = madvise(at, bytes, MADV_COLLAPSE) ? errno : 0;
	/* What counts is neither's answer, but what is mapped. */
	guest->huge_bytes = huge_bytes_at(at);
	if (guest->huge_bytes != (long)bytes)
		find_reason(guest, err);
	return 0;
}

void guest_look_at_maps(const struct guest *guest, struct guest_maps *maps)
{
	maps->bytes = (int64_t)huge_size(guest);
	maps->plain_huge = huge_bytes_at(guest->direct);
	maps->huge = -1;
	if (guest->huge_first)
		maps->huge = huge_bytes_at(guest_direct_map(guest, guest->huge_first));
}

const char *guest_lacks_huge_pages(const struct guest *guest)
{
	return *guest->huge_reason ? guest->huge_reason : NULL;
}
