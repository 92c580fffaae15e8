// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The events. Each is a row of locks and an effect, after the function of mm/ that it names; all
 * share one course: locks, start, the entries change and the guest's mapping goes, end, and the
 * memory comes back, at the place and the time that the row says.
 *
 * No event takes the contents away: what a guest throws away it cannot expect its device to see. So
 * MADV_DONTNEED, munmap and the reaper are followed by the same contents in other frames, as if
 * the guest had mapped them again.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringwalk/barrier.h>
#include <ringwalk/torture.h>

#include "guest/events.h"
#include "guest/notifier.h"
#include "guest/oracle.h"
#include "measure/clock.h"

enum mmap_mode {
	MMAP_NONE,
	MMAP_READ,
	MMAP_READ_TRY,
	MMAP_WRITE,
	MMAP_WRITE_DOWNGRADED, /* before start */
};

enum effect {
	MOVE_AFTER_END,  /* inaccessible from start on, elsewhere some time after end */
	MOVE_BEFORE_END, /* elsewhere already when end is called */
	PROTECT,         /* read-only for a time; nothing moves */
};

struct event {
	const char *name;
	enum mmap_mode mmap_lock;
	enum { PAGE_NONE, PAGE_LOCK, PAGE_TRYLOCK } page_lock;
	bool blockable;
	bool respects_pins; /* folio_migrate_mapping(), reclaim and KSM leave pinned pages alone */
	enum effect effect;
};

static const struct event events[EVENTS] = {
	/* migrate_pages(): try_to_migrate_one() has start and end, the move comes after. */
	[EVENT_MIGRATE] = { "migrate", MMAP_NONE, PAGE_LOCK, true, true, MOVE_AFTER_END },
	/* shrink_folio_list(): try_to_unmap_one(). */
	[EVENT_PAGEOUT] = { "pageout", MMAP_NONE, PAGE_TRYLOCK, true, true, MOVE_AFTER_END },
	/* folio_mkclean(): page_vma_mkclean_one(). */
	[EVENT_WRPROTECT] = { "wrprotect", MMAP_NONE, PAGE_LOCK, true, false, PROTECT },
	/* ksm.c: write_protect_page(), under try_to_merge_one_page()'s trylock. */
	[EVENT_KSM] = { "ksm", MMAP_READ, PAGE_TRYLOCK, true, true, PROTECT },
	/* memory.c: wp_page_copy() sets the new entry before end. */
	[EVENT_COW] = { "cow", MMAP_READ, PAGE_NONE, true, false, MOVE_BEFORE_END },
	/* zap_page_range_single(). */
	[EVENT_DONTNEED] = { "dontneed", MMAP_READ, PAGE_NONE, true, false, MOVE_AFTER_END },
	/* do_vmi_align_munmap(): unmap_region() runs under the downgraded lock. */
	[EVENT_MUNMAP] = { "munmap", MMAP_WRITE_DOWNGRADED, PAGE_NONE, true, false,
			   MOVE_AFTER_END },
	/* mmap_region(): the old mapping goes and the new one comes under one hold. */
	[EVENT_MAP_FIXED] = { "map_fixed", MMAP_WRITE, PAGE_NONE, true, false, MOVE_BEFORE_END },
	/* move_page_tables(), there and back. */
	[EVENT_MREMAP] = { "mremap", MMAP_WRITE, PAGE_NONE, true, false, MOVE_BEFORE_END },
	/* change_protection(). */
	[EVENT_MPROTECT] = { "mprotect", MMAP_WRITE, PAGE_NONE, true, false, PROTECT },
	/* __oom_reap_task_mm(). */
	[EVENT_REAPER] = { "reaper", MMAP_READ_TRY, PAGE_NONE, false, false, MOVE_AFTER_END },
};

const char *event_name(enum event_type type)
{
	return events[type].name;
}

/* --- locks ----------------------------------------------------------------------------------- */

static bool take_mmap_lock(struct guest *guest, enum mmap_mode mode)
{
	switch (mode) {
	case MMAP_NONE:
		return true;
	case MMAP_READ:
		down_read(&guest->mmap_lock);
		return true;
	case MMAP_READ_TRY:
		return down_read_trylock(&guest->mmap_lock);
	case MMAP_WRITE:
		down_write(&guest->mmap_lock);
		return true;
	case MMAP_WRITE_DOWNGRADED:
		down_write(&guest->mmap_lock);
		downgrade_write(&guest->mmap_lock);
		return true;
	}
	return false;
}

static void drop_mmap_lock(struct guest *guest, enum mmap_mode mode)
{
	if (mode == MMAP_WRITE)
		up_write(&guest->mmap_lock);
	else if (mode != MMAP_NONE)
		up_read(&guest->mmap_lock);
}

static bool take_locks(struct guest *guest, const struct event *event, struct guest_object *object)
{
	if (!take_mmap_lock(guest, event->mmap_lock))
		return false;
	if (event->page_lock == PAGE_LOCK) {
		fair_mutex_lock(&object->page_lock);
	} else if (event->page_lock == PAGE_TRYLOCK && !fair_mutex_trylock(&object->page_lock)) {
		drop_mmap_lock(guest, event->mmap_lock);
		return false;
	}
	return true;
}

static void drop_page_lock(const struct event *event, struct guest_object *object)
{
	if (event->page_lock != PAGE_NONE)
		fair_mutex_unlock(&object->page_lock);
}

static struct guest_object *object_of_frame(struct guest *guest, long pfn)
{
	for (unsigned int r = 0; r < guest->rings; r++)
		for_each_area(area) {
			struct guest_object *object = &guest->ring[r].area[area];

			if (pfn >= object->pfn && pfn < object->pfn + object->pages)
				return object;
		}
	return NULL;
}

void guest_set_pages_dirty(struct guest *guest, long pfn, unsigned int pages)
{
	struct guest_object *object = object_of_frame(guest, pfn);

	/* An area's pages share one lock here, as they migrate together. */
	(void)pages;
	torture_may_sleep("page lock");
	if (!object)
		return;
	fair_mutex_lock(&object->page_lock);
	fair_mutex_unlock(&object->page_lock);
}

/* --- moving ---------------------------------------------------------------------------------- */

/*
 * Waits until no copy is in flight that may have found the old pages. The membarrier is what the
 * TLB shootdown's interrupt is to a real worker's CPU, and every strategy pays it alike.
 */
static int drain_copies(struct guest *guest)
{
	/* Pairs with copy_begins(): a copy whose odd count we miss below finds the page unmapped. */
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0))
		return -errno;
	for (unsigned int i = 0; i < guest->notifiers; i++) {
		struct vq *vq = guest->notifier[i].vq;
		/* Acquire: the copy's stores before we read the pages; pairs with copy_ends(). */
		__u32 seen = smp_load_acquire(&vq->copies);

		/* Changed is enough: a copy that began since then finds the page unmapped. */
		while (seen & 1 && smp_load_acquire(&vq->copies) == seen &&
		       !atomic_load(&guest->dead))
			sched_yield();
	}
	return 0;
}

static bool run_is_pinned(struct guest *guest, uint32_t pfn, uint32_t pages)
{
	for (uint32_t i = 0; i < pages; i++)
		if (atomic_load(&guest->pins[pfn + i]))
			return true;
	return false;
}

/* Maps the object at `pfn` and lets those go on who wait for its entries. */
static int map_at(struct guest *guest, const struct guest_object *object, uint32_t pfn)
{
	struct guest_command map = {
		.op = OP_MAP, .gpn = object->gpn, .pages = object->pages, .pfn = pfn
	};
	int err = guest_execute(guest, &map);

	pte_set_run(guest->shared, object->gpn, object->pages, pfn,
		    err ? PTE_ABSENT : PTE_PRESENT);
	return err;
}

/* The first free run that nobody has pinned; -1 if there is none. */
static int find_spare(struct guest *guest, const struct guest_object *object)
{
	for (unsigned int i = 0; i < SPARE_RUNS; i++) {
		unsigned int spare = (object->next_spare + i) % SPARE_RUNS;

		if (!run_is_pinned(guest, object->spare[spare], object->pages))
			return (int)spare;
	}
	return -1;
}

static void copy_pages(struct guest *guest, uint32_t to, uint32_t from, uint32_t pages)
{
	memcpy(guest_direct_map(guest, to), guest_direct_map(guest, from),
	       (size_t)pages << GUEST_PAGE_SHIFT);
}

/* To new frames; or, where that is refused, back. The entries say "migrating". */
static int move(struct guest *guest, const struct event *event, struct guest_object *object)
{
	uint32_t old = object->pfn, new;
	int spare = find_spare(guest, object);
	int err;

	err = drain_copies(guest);
	/* folio_migrate_mapping(): somebody else holds the pages, so they stay. */
	if (!err && event->respects_pins && run_is_pinned(guest, old, object->pages))
		err = -EBUSY;
	if (!err && spare < 0)
		err = -ENOMEM;
	if (err) {
		int back;

		oracle_permit(guest, old, object->pages);
		back = map_at(guest, object, old);
		return back ? back : err;
	}
	new = object->spare[spare];
	oracle_reuse(guest, object, (unsigned int)spare);
	copy_pages(guest, new, old, object->pages);
	object->spare[spare] = old;
	object->next_spare = (unsigned int)spare + 1;
	atomic_store(&object->pfn, new);
	oracle_free(guest, object, (unsigned int)spare);
	/* What was forbidden while the invalidation ran is now forbidden as somebody else's. */
	oracle_permit(guest, old, object->pages);
	return map_at(guest, object, new);
}

/* Readable only, from start to end and a while longer; then a write is let through again. */
static void watch_protected(struct guest *guest, const struct guest_object *object)
{
	uint64_t checksum;

	/* A write in flight since before start may still land; it has pinned the page. */
	drain_copies(guest);
	checksum = oracle_checksum(guest, object->pfn, object->pages);
	oracle_stall();
	oracle_unchanged(guest, object->pfn, object->pages, checksum);
}

/* --- one event ------------------------------------------------------------------------------- */

static struct guest_object *target_object(struct guest *guest, const struct guest_target *target)
{
	if (target->area == VQ_AREAS)
		return &guest->bystander;
	return &guest->ring[target->ring].area[target->area];
}

static struct mmu_range object_range(const struct guest *guest, const struct guest_object *object)
{
	return (struct mmu_range){
		.start = guest_uaddr(guest, object->gpn),
		.end = guest_uaddr(guest, object->gpn + object->pages),
	};
}

/* Between start and end: the entries change and the guest's mapping goes. */
static int take_away(struct guest *guest, const struct event *event, struct guest_object *object)
{
	struct guest_command command = {
		.op = event->effect == PROTECT ? OP_PROTECT : OP_UNMAP,
		.gpn = object->gpn,
		.pages = object->pages,
	};

	/* Until the entries change gup still returns the old page: the window. */
	oracle_stall();
	pte_set_run(guest->shared, object->gpn, object->pages, object->pfn,
		    event->effect == PROTECT ? PTE_PROTECTED : PTE_MIGRATING);
	return guest_execute(guest, &command);
}

/* Reclaim from within an invalidation, by the same task, of another area. */
static void nest(struct guest *guest, const struct guest_object *outer)
{
	const struct guest_object *inner = &guest->ring[0].area[VQ_DESC];
	struct mmu_range range;

	if (inner == outer)
		inner = &guest->ring[0].area[VQ_USED];
	range = object_range(guest, inner);
	invalidation_enter(guest, true);
	if (!notify_start(guest, &range, true))
		notify_end(guest, &range);
	invalidation_leave(guest);
}

struct event_clock {
	uint64_t begin, started, changed, ended;
};

/* From start to end, for who may change the entries. */
static int bracket(struct guest *guest, const struct event *event, struct guest_object *object,
		   struct event_clock *clock)
{
	const struct mmu_range range = object_range(guest, object);
	uint32_t pfn;
	int err;

	clock->begin = clock_monotonic_ns();
	err = notify_start(guest, &range, event->blockable);
	clock->started = clock_monotonic_ns();
	if (err)
		return err;
	/* Taken late, as by the page-table lock: who comes second finds nothing to change. */
	if (atomic_exchange(&object->changing, true)) {
		notify_end(guest, &range);
		return -EALREADY;
	}
	pfn = object->pfn;
	oracle_forbid(guest, pfn, object->pages);
	err = take_away(guest, event, object);
	if (!err && oracle_wants_nesting())
		nest(guest, object);
	if (!err && event->effect == PROTECT)
		watch_protected(guest, object);
	if (!err && event->effect == MOVE_BEFORE_END)
		err = move(guest, event, object);
	if (event->effect == PROTECT)
		oracle_permit(guest, pfn, object->pages);
	clock->changed = clock_monotonic_ns();
	notify_end(guest, &range);
	clock->ended = clock_monotonic_ns();
	return err;
}

/* After end: what the event left to be done. */
static int complete(struct guest *guest, const struct event *event, struct guest_object *object)
{
	if (event->effect == MOVE_AFTER_END) {
		oracle_stall();
		return move(guest, event, object);
	}
	if (event->effect == PROTECT) {
		oracle_stall();
		return map_at(guest, object, object->pfn);
	}
	return 0;
}

int guest_event(struct guest *guest, enum event_type type, const struct guest_target *target,
		struct migration_times *times)
{
	const struct event *event = &events[type];
	struct guest_object *object = target_object(guest, target);
	struct event_clock clock = { 0 };
	int err;

	if (!take_locks(guest, event, object))
		return -EAGAIN;
	torture_perturb();
	invalidation_enter(guest, false);
	err = bracket(guest, event, object, &clock);
	invalidation_leave(guest);
	drop_mmap_lock(guest, event->mmap_lock);
	if (err != -EALREADY && err != -EAGAIN) {
		if (!err)
			err = complete(guest, event, object);
		else if (err == -ESRCH)
			pte_set_run(guest->shared, object->gpn, object->pages, object->pfn,
				    PTE_ABSENT);
		atomic_store(&object->changing, false);
	}
	drop_page_lock(event, object);
	if (times && (!err || err == -EBUSY)) {
		times->start_ns = clock.started - clock.begin;
		times->end_ns = clock.ended - clock.changed;
		times->model_ns = (clock.changed - clock.started) +
				  (clock_monotonic_ns() - clock.ended);
	}
	return err;
}

int guest_migrate(struct guest *guest, const struct guest_target *target,
		  struct migration_times *times)
{
	return guest_event(guest, EVENT_MIGRATE, target, times);
}

int guest_notify_only(struct guest *guest, unsigned int ring, unsigned int areas, bool blockable)
{
	struct mmu_range range = { .start = UINT64_MAX };
	uint32_t pfn[VQ_AREAS];
	int err;

	for_each_area(area) {
		struct mmu_range one = object_range(guest, &guest->ring[ring].area[area]);

		if (!(areas & BIT(area)))
			continue;
		range.start = one.start < range.start ? one.start : range.start;
		range.end = one.end > range.end ? one.end : range.end;
	}
	invalidation_enter(guest, false);
	err = notify_start(guest, &range, blockable);
	if (!err) {
		for_each_area(area) {
			const struct guest_object *object = &guest->ring[ring].area[area];

			pfn[area] = object->pfn;
			if (areas & BIT(area))
				oracle_forbid(guest, pfn[area], object->pages);
		}
		torture_perturb();
		for_each_area(area)
			if (areas & BIT(area))
				oracle_permit(guest, pfn[area],
					      guest->ring[ring].area[area].pages);
		notify_end(guest, &range);
	}
	invalidation_leave(guest);
	return err;
}
