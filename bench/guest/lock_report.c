// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who has which fair lock and who waits for which, for the watchdog that must say what is stuck.
 * What a thread has is only known in the torture build (torture_lock_taken()).
 */
#include <stdio.h>

#include <ringwalk/locks.h>

/* Locks and threads that reports name. Slots are taken once and reused. */
#define NAMED_MAX 64
#define HELD_MAX  8

static struct fair_rwsem *named_lock[NAMED_MAX];

/* Written by its own thread, read by the watchdog. */
struct task {
	const char *name;
	const struct fair_rwsem *waits_for;
	bool write;
	struct {
		const struct fair_rwsem *sem;
		bool write;
	} held[HELD_MAX];
};

static struct task tasks[NAMED_MAX];
static __thread struct task *this_task;
__thread const char *task_name = "main";

void task_begin(const char *name)
{
	task_name = name;
	for (int i = 0; i < NAMED_MAX; i++) {
		const char *free = NULL;

		if (!__atomic_compare_exchange_n(&tasks[i].name, &free, name, false,
						 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			continue;
		this_task = &tasks[i];
		return;
	}
}

void task_end(void)
{
	if (this_task)
		__atomic_store_n(&this_task->name, NULL, __ATOMIC_RELEASE);
	this_task = NULL;
}

void task_waits(const struct fair_rwsem *sem, bool write)
{
	if (!this_task)
		return;
	WRITE_ONCE(this_task->write, write);
	WRITE_ONCE(this_task->waits_for, sem);
}

void fair_rwsem_init(struct fair_rwsem *sem, const char *name)
{
	*sem = (struct fair_rwsem){ .name = name };
	for (int i = 0; i < NAMED_MAX; i++) {
		struct fair_rwsem *free = NULL;

		if (__atomic_compare_exchange_n(&named_lock[i], &free, sem, false,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return;
	}
}

void lock_forget(struct fair_rwsem *sem)
{
	for (int i = 0; i < NAMED_MAX; i++)
		if (__atomic_load_n(&named_lock[i], __ATOMIC_RELAXED) == sem)
			__atomic_store_n(&named_lock[i], NULL, __ATOMIC_RELEASE);
}

#ifdef RINGWALK_TORTURE

void torture_lock_taken(const struct fair_rwsem *sem, bool write)
{
	for (int i = 0; this_task && i < HELD_MAX; i++) {
		if (this_task->held[i].sem)
			continue;
		WRITE_ONCE(this_task->held[i].write, write);
		WRITE_ONCE(this_task->held[i].sem, sem);
		return;
	}
}

void torture_lock_dropped(const struct fair_rwsem *sem)
{
	for (int i = 0; this_task && i < HELD_MAX; i++) {
		if (this_task->held[i].sem != sem)
			continue;
		WRITE_ONCE(this_task->held[i].sem, NULL);
		return;
	}
}

#endif

/* --- the report ------------------------------------------------------------------------------ */

static bool has(const struct task *task, const struct fair_rwsem *sem, bool to_write)
{
	for (int i = 0; i < HELD_MAX; i++)
		if (READ_ONCE(task->held[i].sem) == sem &&
		    READ_ONCE(task->held[i].write) >= to_write)
			return true;
	return false;
}

/*
 * Does `waiter` wait for `other`? For who has the lock: to write anybody, to read a writer. A
 * reader waits behind each writer that waits, too: the lock is fair.
 */
static bool waits_for(const struct task *waiter, const struct task *other)
{
	const struct fair_rwsem *sem = READ_ONCE(waiter->waits_for);
	bool write = READ_ONCE(waiter->write);

	if (!READ_ONCE(waiter->name) || !sem || !READ_ONCE(other->name) || waiter == other)
		return false;
	if (has(other, sem, !write))
		return true;
	return !write && READ_ONCE(other->waits_for) == sem && READ_ONCE(other->write);
}

/* Follows who waits for whom from the end of path[]; the length of a circle back to path[0], or 0. */
static int find_circle(const struct task **path, int length)
{
	for (int i = 0; i < NAMED_MAX; i++) {
		bool seen = false;
		int found;

		if (!waits_for(path[length - 1], &tasks[i]))
			continue;
		if (&tasks[i] == path[0])
			return length;
		for (int j = 1; j < length; j++)
			seen |= path[j] == &tasks[i];
		if (seen)
			continue;
		path[length] = &tasks[i];
		found = find_circle(path, length + 1);
		if (found)
			return found;
	}
	return 0;
}

struct report {
	char *text;
	size_t size, used;
};

static void put(struct report *report, const char *format, const char *word)
{
	size_t left = report->size - report->used;
	int n = snprintf(report->text + report->used, left, format, word);

	report->used += n > 0 && (size_t)n < left ? (size_t)n : left - 1;
}

static void put_task(struct report *report, const struct task *task)
{
	const struct fair_rwsem *waits = READ_ONCE(task->waits_for);
	bool any = false;

	for (int i = 0; i < HELD_MAX; i++) {
		const struct fair_rwsem *sem = READ_ONCE(task->held[i].sem);

		if (!sem)
			continue;
		put(report, any ? ", %s" : " has %s", sem->name);
		put(report, " (%s)", READ_ONCE(task->held[i].write) ? "write" : "read");
		any = true;
	}
	if (waits) {
		put(report, any ? " and waits for %s" : " waits for %s", waits->name);
		put(report, " (%s)", READ_ONCE(task->write) ? "write" : "read");
	}
}

/* What is held by a thread that has no name here. */
static void put_strangers(struct report *report)
{
	for (int i = 0; i < NAMED_MAX; i++) {
		const struct fair_rwsem *sem = READ_ONCE(named_lock[i]);
		bool known = !sem || !(READ_ONCE(sem->count) & ~RWSEM_QUEUED);

		for (int j = 0; j < NAMED_MAX && !known; j++)
			known = has(&tasks[j], sem, false);
		if (known)
			continue;
		put(report, report->used ? "; somebody else has %s" : "somebody has %s", sem->name);
	}
}

enum lock_knot locks_describe(char *text, size_t size)
{
	struct report report = { text, size, 0 };
	const struct task *path[NAMED_MAX];
	enum lock_knot knot = KNOT_NONE;
	int circle = 0;

	*text = '\0';
	for (int i = 0; i < NAMED_MAX && !circle; i++) {
		path[0] = &tasks[i];
		circle = find_circle(path, 1);
	}
	for (int i = 0; i < circle; i++) {
		put(&report, i ? "; %s" : "in a circle: %s", READ_ONCE(path[i]->name));
		put_task(&report, path[i]);
	}
	for (int i = 0; i < NAMED_MAX; i++) {
		bool in_circle = false;
		const char *name = READ_ONCE(tasks[i].name);

		if (!name)
			continue;
		if (READ_ONCE(tasks[i].waits_for))
			knot = KNOT_WAITERS;
		for (int j = 0; j < circle; j++)
			in_circle |= path[j] == &tasks[i];
		if (in_circle)
			continue;
		put(&report, report.used ? "; %s" : "%s", name);
		put_task(&report, &tasks[i]);
	}
	put_strangers(&report);
	return circle ? KNOT_CIRCLE : knot;
}
