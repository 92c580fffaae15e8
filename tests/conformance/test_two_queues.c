// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that two workers on two queues share no line that their readers write: of every strategy whose
 * sections need a map, what a section of one queue changes in the process lies in that queue, in the
 * worker's own thread or in the guest's memory. Not a byte of the other queue changes, and not one of
 * the program's static data, which would be every worker's: not in the middle of a section, where a
 * count is up or a lock is taken, and not after a walk. But refcount's one count for all is what it is
 * about, and is seen.
 */
#include <sys/mman.h>

#include <stdio.h>

#include "cell.h"
#include "conformance.h"

/* The program's writable static data, by the linker. */
extern char __data_start[], _end[];

static size_t queue_bytes(const struct strategy *s)
{
	size_t bytes = sizeof(struct vq) + s->state_bytes;

	return (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

static void make_cell(struct cell *cell, const struct strategy *s, struct guest *guest,
		      unsigned int ring)
{
	*cell = (struct cell){ .strategy = s, .scenario = scenario_find("steady"), .ring = ring };
	assert_int_equal(cell_create(cell, guest, 1), 0);
	/* No line belongs to two allocations. */
	assert_int_equal((uintptr_t)cell->vq % CACHE_LINE, 0);
	assert_int_equal(cell_attach(cell), 0);
	assert_int_equal(cell_prepare(cell, SAMPLE_TIME, 640), 0);
}

static void walk_all(const struct cell *cell)
{
	for (int section = 0; section < SECTIONS; section++)
		assert_int_equal(cell->strategy->walks->replay[section](cell->vq, 640), 640);
	assert_int_equal(cell->vq->fallbacks, 0);
}

/* The first byte that differs; `bytes` if none does. */
static size_t first_change(const char *now, const char *before, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (now[i] != before[i])
			return i;
	return bytes;
}

/* What is written in a section and put back at its end is seen in the middle of it. */
static bool section_writes_statics(const struct cell *cell, char *before, size_t statics)
{
	const struct reader_ops *ops = cell->strategy->ops;
	struct section s;
	size_t changed;

	if (ops->online)
		ops->online(cell->vq);
	memcpy(before, __data_start, statics);
	assert_true(ops->begin(cell->vq, VQ_ALL_AREAS, &s));
	changed = first_change(__data_start, before, statics);
	ops->end(cell->vq, &s);
	if (ops->offline)
		ops->offline(cell->vq);
	return changed != statics;
}

static void nothing_is_shared(void **state)
{
	const struct strategy *s = *state;
	struct guest_config config = {
		.ring = { { .num = 256 }, { .num = 256 } }, .rings = 2, .cpu = 0,
	};
	size_t statics = (size_t)(_end - __data_start);
	/* Not by malloc(), whose own records are static data. */
	char *before = mmap(NULL, statics, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);
	char error[200] = "", reason[200];
	char *queue_before;
	struct guest *guest;
	struct cell cell[2];
	size_t changed;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	/* All static data is looked at, what lies between the variables too: nobody else may do that. */
	puts("it reads the static data's red zones");
	skip();
#endif
	if (!s->ops->begin || (s->available && s->available(reason, sizeof(reason))))
		skip();
	assert_ptr_not_equal(before, MAP_FAILED);
	if (guest_start(&config, &guest, error, sizeof(error)))
		fail_msg("%s", error);
	if (s->worker_start)
		assert_int_equal(s->worker_start(), 0);
	make_cell(&cell[0], s, guest, 0);
	make_cell(&cell[1], s, guest, 1);
	queue_before = malloc(queue_bytes(s));
	assert_non_null(queue_before);
	walk_all(&cell[0]);

	memcpy(queue_before, cell[1].vq, queue_bytes(s));
	memcpy(before, __data_start, statics);
	walk_all(&cell[0]);
	changed = first_change(__data_start, before, statics);
	if (changed != statics)
		fail_msg("static data at %p was written", (void *)(__data_start + changed));
	assert_int_equal(section_writes_statics(&cell[0], before, statics),
			 !strcmp(s->name, "refcount"));
	changed = first_change((char *)cell[1].vq, queue_before, queue_bytes(s));
	if (changed != queue_bytes(s))
		fail_msg("the other queue was written, at byte %zu of %zu", changed,
			 queue_bytes(s));
	/* And that something does change where it should, so that the look is not in vain. */
	memcpy(queue_before, cell[0].vq, queue_bytes(s));
	walk_all(&cell[0]);
	assert_int_not_equal(first_change((char *)cell[0].vq, queue_before, queue_bytes(s)),
			     queue_bytes(s));

	for (int i = 0; i < 2; i++) {
		cell_detach(&cell[i]);
		cell_destroy(&cell[i]);
	}
	if (s->worker_stop)
		s->worker_stop();
	guest_stop(guest);
	free(queue_before);
	munmap(before, statics);
}

int main(void)
{
	return run_for_each_strategy("two_queues", nothing_is_shared);
}
