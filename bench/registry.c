// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "registry.h"

/* The linker's names for the ends of the section that STRATEGY() fills. */
extern const struct strategy *const __start_ringwalk_strategies[];
extern const struct strategy *const __stop_ringwalk_strategies[];

static const struct strategy *sorted[128];
static size_t count;

const char *const ring_fault_names[RING_FAULTS] = {
	[RING_OK] = "no fault",
	[RING_AVAIL_JUMP] = "the avail index moved by more than the queue size",
	[RING_HEAD_RANGE] = "a head is beyond the queue size",
	[RING_NEXT_RANGE] = "a descriptor's next is beyond its table",
	[RING_CHAIN_LOOP] = "a descriptor chain loops",
	[RING_BUFFER_RANGE] = "a buffer is not in the guest's memory",
	[RING_LENGTH] = "a chain is longer than 2^32 - 1 bytes",
	[RING_ORDER] = "a device-readable buffer follows a device-writable one",
	[RING_INDIRECT_TABLE] = "an indirect table has a bad length or place",
	[RING_INDIRECT_NEST] = "an indirect descriptor stands where none may",
};

const char *class_name(enum strategy_class class)
{
	static const char *const names[CLASSES] = {
		[CLASS_FLOOR] = "floor",     [CLASS_COPY] = "copy",   [CLASS_PINNED] = "pinned",
		[CLASS_QUIESCE] = "quiesce", [CLASS_RETRY] = "retry", [CLASS_BROKEN] = "broken",
	};

	return names[class];
}

const char *family_name(enum strategy_family family)
{
	static const char *const names[FAMILIES] = {
		[FAMILY_FLOOR] = "floor", [FAMILY_PINS] = "pins",
		[FAMILY_RCU] = "rcu",     [FAMILY_SRCU] = "srcu",
		[FAMILY_RETRY] = "retry", [FAMILY_COUNTERS] = "counters",
		[FAMILY_LOCKS] = "locks", [FAMILY_COPIES] = "copies",
	};

	return names[family];
}

const char *section_name(enum section_granularity section)
{
	static const char *const names[SECTIONS] = {
		[SECTION_ACCESS] = "access",
		[SECTION_ENTRY] = "entry",
		[SECTION_BURST] = "burst",
	};

	return names[section];
}

void verdict_text(unsigned int verdict, char *text, size_t size)
{
	static const char *const names[] = {
		"stale", "lost write", "deadlock", "failed accesses", "starves", "incoherent",
		"refuses migration", "leaks",
	};
	size_t used = 0;

	snprintf(text, size, "safe");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && used < size; i++)
		if (verdict & BIT(i))
			used += (size_t)snprintf(text + used, size - used, "%s%s",
						 used ? ", " : "", names[i]);
}

static int by_class_and_name(const void *a, const void *b)
{
	const struct strategy *x = *(const struct strategy *const *)a;
	const struct strategy *y = *(const struct strategy *const *)b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	return strcmp(x->name, y->name);
}

static bool has_misplaced_counter(const struct strategy *s)
{
	unsigned int n = 0;

	for (const struct strategy_counter *c = s->counters; c && c->name; c++)
		if (++n > STRATEGY_COUNTERS_MAX ||
		    c->offset + sizeof(unsigned long) > s->state_bytes)
			return true;
	return false;
}

/* What is missing of a strategy, or NULL. */
static const char *defect(const struct strategy *s)
{
	const struct reader_ops *ops = s->ops;

	if (!s->name || !s->summary || !s->source)
		return "name, summary or source";
	if (s->class >= CLASSES)
		return "a class";
	if (!ops || !s->walks)
		return "reader_ops or its walks (RING_WALK_INSTANCES)";
	if (!ops->no_access && !ops->copy_in != !ops->copy_out)
		return "one of copy_in and copy_out";
	if (!ops->copy_in_pieces != !ops->copy_out_pieces || (ops->copy_in_pieces && !ops->copy_in))
		return "one of copy_in, copy_in_pieces and copy_out_pieces";
	if (!ops->no_access && !ops->copy_in && (!ops->begin || !ops->end))
		return "begin and end, or copy_in and copy_out";
	if (!ops->write_begin != !ops->write_end)
		return "one of write_begin and write_end";
	if (!s->invalidate_start != !s->invalidate_end)
		return "one of invalidate_start and invalidate_end";
	if (s->class == CLASS_RETRY && !ops->write_begin)
		return "write_begin: a write cannot be thrown away";
	if (!ops->no_access && !s->update)
		return "update";
	if (has_misplaced_counter(s))
		return "room for its counters in state_bytes";
	return NULL;
}

int registry_init(char *error, size_t size)
{
	const struct strategy *const *entry = __start_ringwalk_strategies;

	count = 0;
	for (; entry < __stop_ringwalk_strategies; entry++) {
		const char *missing = defect(*entry);

		if (missing || count == sizeof(sorted) / sizeof(sorted[0])) {
			snprintf(error, size, "strategy '%s' lacks %s",
				 (*entry)->name ? (*entry)->name : "?",
				 missing ? missing : "room in the registry");
			return -EINVAL;
		}
		sorted[count++] = *entry;
	}
	qsort(sorted, count, sizeof(sorted[0]), by_class_and_name);
	return 0;
}

size_t registry_count(void)
{
	return count;
}

const struct strategy *registry_at(size_t i)
{
	return sorted[i];
}

const struct strategy *registry_find(const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(sorted[i]->name, name))
			return sorted[i];
	return NULL;
}
