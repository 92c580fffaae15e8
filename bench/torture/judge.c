// SPDX-License-Identifier: GPL-2.0-or-later
/* From findings to verdicts, and whether they are what the strategy's file expects. */
#include "torture/torture.h"

const char *finding_name(enum finding finding)
{
	static const char *const names[FINDINGS] = {
		[FOUND_STALE_READ] = "stale read",
		[FOUND_STALE_WRITE] = "stale write",
		[FOUND_POISON] = "write into freed memory",
		[FOUND_PROTECTED] = "write to protected memory",
		[FOUND_INCOHERENT] = "incoherent",
		[FOUND_RING_FAULT] = "garbage read as data",
		[FOUND_FAILED] = "failed access",
		[FOUND_REFUSED] = "refused invalidation",
		[FOUND_DEADLOCK] = "deadlock",
		[FOUND_READER_STARVED] = "reader starves",
		[FOUND_INVALIDATOR_STARVED] = "invalidator starves",
		[FOUND_UPDATER_STARVED] = "updater starves",
		[FOUND_LEAK] = "not freed",
		[FOUND_SLEPT] = "may sleep in a section",
	};

	return names[finding];
}

static unsigned int verdict_of(const struct strategy *s, enum finding finding)
{
	switch (finding) {
	case FOUND_STALE_READ:
	case FOUND_RING_FAULT:
		return VERDICT_STALE;
	case FOUND_STALE_WRITE:
	case FOUND_POISON:
		return VERDICT_LOST_WRITE;
	case FOUND_PROTECTED:
	case FOUND_INCOHERENT:
		/* Who has no notifier keeps its pages, whatever the guest does with its own. */
		return s->invalidate_start ? VERDICT_STALE : VERDICT_INCOHERENT;
	case FOUND_FAILED:
		return VERDICT_FAILED;
	case FOUND_REFUSED:
		return VERDICT_REFUSES;
	case FOUND_DEADLOCK:
		return VERDICT_DEADLOCK;
	case FOUND_READER_STARVED:
	case FOUND_INVALIDATOR_STARVED:
	case FOUND_UPDATER_STARVED:
		return VERDICT_STARVES;
	case FOUND_LEAK:
		return VERDICT_LEAKS;
	default:
		return VERDICT_SAFE;
	}
}

unsigned int judge_found(const struct strategy *s, const struct torture_result *result)
{
	unsigned int found = VERDICT_SAFE;

	for (int f = 0; f < FINDINGS; f++)
		if (atomic_load(&result->count[f]))
			found |= verdict_of(s, (enum finding)f);
	/* Who pins for a moment only makes a migration wait; it is tried again. */
	if (s->class == CLASS_PINNED && atomic_load(&result->refused))
		found |= VERDICT_REFUSES;
	return found;
}

#define MEMORY_VERDICTS (VERDICT_STALE | VERDICT_LOST_WRITE | VERDICT_INCOHERENT)

bool judge_is_memory(unsigned int found)
{
	return (found & MEMORY_VERDICTS) != 0;
}

bool judge_complete(unsigned int expected, unsigned int found)
{
	return found && !(expected & ~found);
}

bool judge_as_expected(unsigned int expected, unsigned int found)
{
	return judge_is_memory(expected) == judge_is_memory(found) &&
	       (expected & ~MEMORY_VERDICTS) == (found & ~MEMORY_VERDICTS);
}
