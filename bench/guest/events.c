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
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringwalk/barrier.h>
#include <ringwalk/torture.h>

#include "guest/events.h"
#include "guest/move.h"
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
	COME_BACK,       /* inaccessible from start on, where it was some time after end */
	MOVE_AWAY,       /* elsewhere, and at other addresses, when end is called */
	VANISH,          /* gone for good when end is called */
};

struct event {
	const char *name;
	enum mmap_mode mmap_lock;
	enum { PAGE_NONE, PAGE_LOCK, PAGE_TRYLOCK } page_lock;
	bool blockable;
	bool respects_pins; /* folio_migrate_mapping(), reclaim and KSM leave pinned pages alone */
	enum effect effect;
};

static const struct event events[EVENTS_ALL] = {
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
	/* shrink_folio_list(), and do_swap_page() finds the page in the swap cache. */
	[EVENT_SWAPCACHE] = { "swapcache", MMAP_NONE, PAGE_TRYLOCK, true, false, COME_BACK },
	/* task_numa_work(): change_prot_numa(); the next access faults, and it is there again. */
	[EVENT_NUMA] = { "numa", MMAP_READ, PAGE_NONE, true, false, COME_BACK },
	/* khugepaged: collapse_huge_page() leaves pages alone that somebody holds. */
	[EVENT_COLLAPSE] = { "collapse", MMAP_WRITE, PAGE_NONE, true, true, MOVE_AFTER_END },
	/* move_vma(), to another address. */
	[EVENT_MOVE_AWAY] = { "move_away", MMAP_WRITE, PAGE_NONE, true, false, MOVE_AWAY },
	/* exit_mmap(): mmu_notifier_release() comes before any lock. */
	[EVENT_EXIT] = { "exit", MMAP_NONE, PAGE_NONE, true, false, VANISH },
};

const char *event_name(enum event_type type)
{
	return events[type].name;
}

bool event_moves_pinned(enum event_type type)
{
	const struct event *event = &events[type];

	return (event->effect == MOVE_AFTER_END || event->effect == MOVE_BEFORE_END) &&
	       !event->respects_pins;
}

bool event_never_blocks(enum event_type type)
{
	return !events[type].blockable;
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

static struct guest_object *object_of_frame(struct guest *guest, uint32_t pfn)
{
	for (uint32_t gpn = 0; gpn < guest->pages; gpn++)
		if (pte_pfn(atomic_load(&guest->shared->pte[gpn])) == pfn)
			return object_of_page(guest, gpn);
	return NULL;
}

void guest_set_pages_dirty(struct guest *guest, long pfn, unsigned int pages)
{
	struct guest_object *object =
		object_of_frame(guest, (uint32_t)frame_of_pfn(guest, pfn));

	/* An area's pages share one lock here, as they migrate together. */
	(void)pages;
	torture_may_sleep("page lock");
	if (!object)
		return;
	fair_mutex_lock(&object->page_lock);
	fair_mutex_unlock(&object->page_lock);
}

/* --- one event ------------------------------------------------------------------------------- */

/* Readable only, from start to end and a while longer; then a write is let through again. */
static void watch_protected(struct guest *guest, const struct frames *frames)
{
	uint64_t checksum;

	/* A write in flight since before start may still land; it has pinned the page. */
	drain_copies(guest);
	checksum = oracle_checksum(guest, frames);
	oracle_stall();
	oracle_unchanged(guest, frames, checksum);
}

static struct guest_object *target_object(struct guest *guest, const struct guest_target *target)
{
	if (target->area == BYSTANDER)
		return &guest->bystander;
	if (target->area == NEIGHBOUR)
		return &guest->ring[target->ring].neighbour;
	return &guest->ring[target->ring].area[target->area];
}

unsigned int guest_target_pages(const struct guest *guest, const struct guest_target *target)
{
	return target_object((struct guest *)guest, target)->pages;
}

static struct part target_part(struct guest *guest, const struct guest_target *target)
{
	struct guest_object *object = target_object(guest, target);

	if (!target->page)
		return (struct part){ object, object->gpn, object->pages };
	return (struct part){ object, object->gpn + target->page - 1, 1 };
}

static struct mmu_range page_range(const struct guest *guest, uint32_t gpn, uint32_t pages)
{
	return (struct mmu_range){
		.start = guest_uaddr(guest, gpn),
		.end = guest_uaddr(guest, gpn + pages),
	};
}

/* Between start and end: the entries change and the guest's mapping goes. */
static int take_away(struct guest *guest, const struct event *event, const struct part *part)
{
	struct guest_command command = {
		.op = event->effect == PROTECT ? OP_PROTECT : OP_UNMAP,
		.gpn = part->gpn,
		.pages = part->pages,
	};

	/* Until the entries change gup still returns the old page: the window. */
	oracle_stall();
	/* Who has exited has no mappings, and its entries change when its frames are taken. */
	if (event->effect == VANISH)
		return 0;
	pte_set_state(guest->shared, part->gpn, part->pages,
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
	range = page_range(guest, inner->gpn, inner->pages);
	invalidation_enter(guest, true);
	if (!notify_start(guest, &range, true))
		notify_end(guest, &range);
	invalidation_leave(guest);
}

struct event_clock {
	uint64_t begin, started, changed, ended;
};

/*
 * Taken late, as by the page-table lock: who comes second finds nothing to change. False: another
 * event has it, or the ring has moved away since its addresses were looked up. Who moves it or takes
 * it for good comes to that in any case.
 */
static bool claim(const struct event *event, const struct part *part)
{
	struct guest_object *object = part->object;

	while (atomic_exchange(&object->changing, true)) {
		if (event->effect != MOVE_AWAY && event->effect != VANISH)
			return false;
		sched_yield();
	}
	if (part->gpn - object->gpn < object->pages)
		return true;
	atomic_store(&object->changing, false);
	return false;
}

static void end_bracket(struct guest *guest, const struct mmu_range *range,
			struct event_clock *clock)
{
	clock->changed = clock_monotonic_ns();
	notify_end(guest, range);
	clock->ended = clock_monotonic_ns();
}

/* From start to end, for who may change the entries. */
static int bracket(struct guest *guest, const struct event *event, struct part *part,
		   struct event_clock *clock)
{
	const struct mmu_range range = page_range(guest, part->gpn, part->pages);
	struct frames frames;
	int err;

	clock->begin = clock_monotonic_ns();
	err = notify_start(guest, &range, event->blockable);
	clock->started = clock_monotonic_ns();
	if (err)
		return err;
	if (!claim(event, part)) {
		end_bracket(guest, &range, clock);
		return -EALREADY;
	}
	frames_of(guest, part, &frames);
	oracle_forbid(guest, &frames);
	err = take_away(guest, event, part);
	if (!err && oracle_wants_nesting())
		nest(guest, part->object);
	if (!err && event->effect == PROTECT)
		watch_protected(guest, &frames);
	if (!err && event->effect == MOVE_BEFORE_END)
		err = move_part(guest, part, event->respects_pins);
	if (!err && event->effect == MOVE_AWAY)
		err = move_away(guest, part);
	if (!err && event->effect == VANISH)
		err = take_for_good(guest, part);
	if (event->effect == PROTECT)
		oracle_permit(guest, &frames);
	end_bracket(guest, &range, clock);
	return err;
}

/* After end: what the event left to be done. */
static int complete(struct guest *guest, const struct event *event, const struct part *part)
{
	if (event->effect == MOVE_AFTER_END) {
		oracle_stall();
		return move_part(guest, part, event->respects_pins);
	}
	if (event->effect == PROTECT) {
		oracle_stall();
		return map_again(guest, part);
	}
	if (event->effect == COME_BACK) {
		struct frames frames;

		oracle_long_stall();
		frames_of(guest, part, &frames);
		oracle_permit(guest, &frames);
		return map_again(guest, part);
	}
	return 0;
}

static int run_event(struct guest *guest, const struct event *event,
		     const struct guest_target *target, struct migration_times *times)
{
	struct part part = target_part(guest, target);
	struct event_clock clock = { 0 };
	int err;

	if (!take_locks(guest, event, part.object))
		return -EINPROGRESS;
	torture_perturb();
	invalidation_enter(guest, false);
	err = bracket(guest, event, &part, &clock);
	drop_mmap_lock(guest, event->mmap_lock);
	if (err != -EALREADY && err != -EAGAIN) {
		if (!err)
			err = complete(guest, event, &part);
		else if (err == -ESRCH)
			pte_set_state(guest->shared, part.gpn, part.pages, PTE_ABSENT);
		/* What is gone for good nobody changes any more. */
		if (event->effect != VANISH || err)
			atomic_store(&part.object->changing, false);
	}
	/* Not before: whose copies are to drain must not change meanwhile. */
	invalidation_leave(guest);
	drop_page_lock(event, part.object);
	if (times && (!err || err == -EBUSY || err == -EALREADY)) {
		times->start_ns = clock.started - clock.begin;
		times->end_ns = clock.ended - clock.changed;
		times->model_ns = (clock.changed - clock.started) +
				  (clock_monotonic_ns() - clock.ended);
	}
	return err;
}

int guest_event(struct guest *guest, enum event_type type, const struct guest_target *target,
		struct migration_times *times)
{
	return run_event(guest, &events[type], target, times);
}

int guest_migrate(struct guest *guest, const struct guest_target *target,
		  struct migration_times *times)
{
	return guest_event(guest, EVENT_MIGRATE, target, times);
}

int guest_event_nonblock(struct guest *guest, enum event_type type,
			 const struct guest_target *target, struct migration_times *times)
{
	struct event event = events[type];

	event.blockable = false;
	return run_event(guest, &event, target, times);
}

int guest_notify_only(struct guest *guest, unsigned int ring, unsigned int areas, bool blockable,
		      struct migration_times *times)
{
	struct mmu_range range = { .start = UINT64_MAX };
	struct event_clock clock = { 0 };
	struct frames frames[VQ_AREAS];
	struct part part[VQ_AREAS];
	unsigned int forbidden = 0;
	int err;

	for_each_area(area) {
		const struct guest_target target = { .ring = ring, .area = area };
		struct mmu_range one;

		part[area] = target_part(guest, &target);
		one = page_range(guest, part[area].gpn, part[area].pages);

		if (!(areas & BIT(area)))
			continue;
		range.start = one.start < range.start ? one.start : range.start;
		range.end = one.end > range.end ? one.end : range.end;
	}
	invalidation_enter(guest, false);
	clock.begin = clock_monotonic_ns();
	err = notify_start(guest, &range, blockable);
	clock.started = clock_monotonic_ns();
	if (!err) {
		/* What has moved away since is at addresses that this range does not have. */
		pthread_mutex_lock(&guest->home_lock);
		for_each_area(area) {
			if (!(areas & BIT(area)) || part[area].object->gpn != part[area].gpn)
				continue;
			frames_of(guest, &part[area], &frames[area]);
			oracle_forbid(guest, &frames[area]);
			forbidden |= BIT(area);
		}
		pthread_mutex_unlock(&guest->home_lock);
		torture_perturb();
		for_each_area(area)
			if (forbidden & BIT(area))
				oracle_permit(guest, &frames[area]);
		clock.changed = clock_monotonic_ns();
		notify_end(guest, &range);
		clock.ended = clock_monotonic_ns();
	}
	invalidation_leave(guest);
	if (times && !err) {
		times->start_ns = clock.started - clock.begin;
		times->end_ns = clock.ended - clock.changed;
		times->model_ns = clock.changed - clock.started;
	}
	return err;
}
