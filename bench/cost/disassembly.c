// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Each instruction that was executed, wherever its code lies (the program, a library, the vdso), is
 * written into a slot of its own of a flat file, followed by no-ops, so that whatever objdump makes
 * of the bytes after it ends before the next slot: the first line of each slot is the instruction.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "disassembly.h"

#define SLOT (2 * TRACE_CODE_BYTES)

#if defined(__x86_64__)
#define MACHINE "i386:x86-64"
static const unsigned char nop[] = { 0x90 };
#else
#define MACHINE "aarch64"
static const unsigned char nop[] = { 0x1f, 0x20, 0x03, 0xd5 };
#endif

/* A file without a name that holds the slots: its descriptor, or negative errno. */
static int write_slots(const struct trace *trace)
{
	unsigned char slot[SLOT];
	int fd = memfd_create("ringwalk-trace", 0);

	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < SLOT; i++)
		slot[i] = nop[i % sizeof(nop)];
	for (size_t i = 0; i < trace->steps; i++) {
		memcpy(slot, trace->step[i].code, TRACE_CODE_BYTES);
		if (write(fd, slot, SLOT) != SLOT) {
			int err = -errno;

			close(fd);
			return err;
		}
	}
	return fd;
}

/* Without comments (" # 0x2ee0") and with single blanks. */
static void copy_text(char *to, size_t size, const char *from)
{
	size_t used = 0;

	for (; *from && *from != '#' && *from != '\n' && used + 1 < size; from++)
		if (!isspace((unsigned char)*from))
			to[used++] = *from;
		else if (used && to[used - 1] != ' ')
			to[used++] = ' ';
	while (used && to[used - 1] == ' ')
		used--;
	to[used] = '\0';
}

/* Reads all lines; how many instructions were found. */
static size_t parse(FILE *objdump, struct insn *insn, size_t count)
{
	unsigned long at, first = SLOT;
	size_t found = 0;
	char line[300];

	while (fgets(line, sizeof(line), objdump)) {
		char *text;

		at = strtoul(line, &text, 16);
		if (text == line || *text != ':')
			continue;
		if (at % SLOT == 0 && at / SLOT < count) {
			copy_text(insn[at / SLOT].text, sizeof(insn->text), text + 1);
			first = at;
			found++;
		} else if (at > first) {
			/* The second of its slot: where the instruction ends. */
			insn[first / SLOT].bytes = (unsigned int)(at - first);
			first = ~0ul;
		}
	}
	return found;
}

int disassemble(const struct trace *trace, struct insn **insns)
{
	char command[240];
	FILE *objdump;
	size_t found;
	int fd, status;

	*insns = calloc(trace->steps, sizeof(**insns));
	if (!*insns)
		return -ENOMEM;
	fd = write_slots(trace);
	if (fd < 0)
		return fd;
	snprintf(command, sizeof(command),
		 "command -v objdump >/dev/null || exit 127; "
		 "LC_ALL=C objdump -D -z -b binary -m %s --no-show-raw-insn /proc/self/fd/%d",
		 MACHINE, fd);
	objdump = popen(command, "re");
	if (!objdump) {
		close(fd);
		return -ENOMEM;
	}
	found = parse(objdump, *insns, trace->steps);
	status = pclose(objdump);
	close(fd);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return -ENOENT;
	return found == trace->steps ? 0 : -EIO;
}
