// SPDX-License-Identifier: GPL-2.0-or-later
/* Moving memory to other frames or other guest pages, and the wait for copies in flight. */
#include <errno.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringwalk/barrier.h>

#include "guest/move.h"
#include "guest/oracle.h"

int drain_copies(struct guest *guest)
{
	/* Pairs with copy_begins(): a copy whose odd count we miss below finds the page unmapped. */
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0))
		return -errno;
	for (unsigned int i = 0; i < guest->notifiers; i++) {
		struct vq *vq = guest->notifier[i].vq;
		/* Acquire: the copy's stores before we read the pages; pairs with copy_ends(). */
		__u32 seen = smp_load_acquire(&vq->copies);

		/* Changed is enough: a copy that began since then finds the page unmapped. */
		while (seen & 1 && smp_load_acquire(&vq->copies) == seen)
			sched_yield();
	}
	return 0;
}

void frames_of(struct guest *guest, const struct part *part, struct frames *frames)
{
	frames->pages = part->pages;
	for (uint32_t i = 0; i < part->pages; i++)
		frames->pfn[i] = pte_pfn(atomic_load(&guest->shared->pte[part->gpn + i]));
}

static bool any_pinned(struct guest *guest, const struct frames *frames)
{
	for (uint32_t i = 0; i < frames->pages; i++)
		if (atomic_load(&guest->pins[frames->pfn[i]].count))
			return true;
	return false;
}

int map_again(struct guest *guest, const struct part *part)
{
	struct guest_command map = { .op = OP_MAP, .gpn = part->gpn, .pages = part->pages };
	int err = guest_execute(guest, &map);

	pte_set_state(guest->shared, part->gpn, part->pages, err ? PTE_ABSENT : PTE_PRESENT);
	return err;
}

/* Where the part's pages can go to in this spare run. */
static struct spare_frame *spare_of(const struct part *part, unsigned int run)
{
	return &part->object->spare[run][part->gpn - part->object->gpn];
}

/*
 * Nobody has pinned it, and no invalidation still forbids it: one that began before the ring moved
 * away does so by the old address, and would forbid what the new one may have.
 */
static bool is_free(struct guest *guest, const struct part *part, unsigned int run)
{
	for (uint32_t i = 0; i < part->pages; i++) {
		uint32_t pfn = spare_of(part, run)[i].pfn;

		if (atomic_load(&guest->pins[pfn].count) || atomic_load(&guest->forbidden[pfn]))
			return false;
	}
	return true;
}

/* The first spare run that has what the part needs; -1 if there is none. */
static int find_spare(struct guest *guest, const struct part *part)
{
	for (unsigned int i = 0; i < SPARE_RUNS; i++) {
		unsigned int run = (part->object->next_spare + i) % SPARE_RUNS;

		if (is_free(guest, part, run))
			return (int)run;
	}
	return -1;
}

static void move_page(struct guest *guest, uint32_t gpn, struct spare_frame *spare)
{
	uint32_t old = pte_pfn(atomic_load(&guest->shared->pte[gpn]));

	oracle_reuse(guest, spare);
	memcpy(guest_direct_map(guest, spare->pfn), guest_direct_map(guest, old), GUEST_PAGE_SIZE);
	/* Still migrating: who waits goes on waiting. */
	pte_set_run(guest->shared, gpn, 1, spare->pfn, PTE_MIGRATING);
	spare->pfn = old;
	oracle_free(guest, spare);
}

int move_part(struct guest *guest, const struct part *part, bool respects_pins)
{
	int spare = find_spare(guest, part);
	struct frames old;
	int err;

	frames_of(guest, part, &old);
	err = drain_copies(guest);
	/* folio_migrate_mapping(): somebody else holds the pages, so they stay. */
	if (!err && respects_pins && any_pinned(guest, &old))
		err = -EBUSY;
	if (!err && spare < 0)
		err = -ENOMEM;
	if (err) {
		int back;

		oracle_permit(guest, &old);
		back = map_again(guest, part);
		return back ? back : err;
	}
	for (uint32_t i = 0; i < part->pages; i++)
		move_page(guest, part->gpn + i, &spare_of(part, (unsigned int)spare)[i]);
	part->object->next_spare = (unsigned int)spare + 1;
	/* What was forbidden while the invalidation ran is now forbidden as somebody else's. */
	oracle_permit(guest, &old);
	return map_again(guest, part);
}

/* The entries of the other home say what those of this one said; these, that nothing is here. */
static void change_home(struct guest *guest, struct guest_object *object)
{
	struct guest_shared *shared = guest->shared;
	uint32_t from = object->gpn;
	uint32_t to = object->home[from == object->home[0]];

	pthread_mutex_lock(&guest->home_lock);
	for (uint32_t i = 0; i < object->pages; i++) {
		atomic_store(&shared->pte[to + i], atomic_load(&shared->pte[from + i]));
		pte_set_run(shared, from + i, 1, 0, PTE_ABSENT);
	}
	WRITE_ONCE(object->gpn, to);
	pthread_mutex_unlock(&guest->home_lock);
}

int move_away(struct guest *guest, struct part *part)
{
	/* What may still be forbidden by the old address must not come along to the new one. */
	if (find_spare(guest, part) < 0) {
		struct frames frames;

		frames_of(guest, part, &frames);
		oracle_permit(guest, &frames);
		map_again(guest, part);
		return -ENOMEM;
	}
	change_home(guest, part->object);
	part->gpn = part->object->gpn;
	return move_part(guest, part, false);
}

int take_for_good(struct guest *guest, const struct part *part)
{
	int err = drain_copies(guest);
	struct frames frames;

	frames_of(guest, part, &frames);
	for (uint32_t i = 0; i < part->pages; i++) {
		struct spare_frame *gone = &part->object->gone[i];

		gone->pfn = frames.pfn[i];
		oracle_free(guest, gone);
		pte_set_run(guest->shared, part->gpn + i, 1, 0, PTE_ABSENT);
	}
	oracle_permit(guest, &frames);
	return err;
}
