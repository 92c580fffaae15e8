// SPDX-License-Identifier: GPL-2.0-or-later
/* Notifiers, and migration as mm/rmap.c and mm/migrate.c have it. */
#include <errno.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <ringwalk/barrier.h>

#include "guest/internal.h"
#include "measure/clock.h"

int guest_register(struct guest *guest, const struct strategy *strategy, struct vq *vq)
{
	int err = -ENOSPC;

	pthread_mutex_lock(&guest->event_lock);
	if (guest->notifiers < NOTIFIERS_MAX) {
		guest->notifier[guest->notifiers++] = (struct notifier){ strategy, vq };
		err = 0;
	}
	pthread_mutex_unlock(&guest->event_lock);
	return err;
}

void guest_unregister(struct guest *guest, struct vq *vq)
{
	pthread_mutex_lock(&guest->event_lock);
	for (unsigned int i = 0; i < guest->notifiers; i++) {
		if (guest->notifier[i].vq != vq)
			continue;
		guest->notifier[i] = guest->notifier[--guest->notifiers];
		break;
	}
	pthread_mutex_unlock(&guest->event_lock);
}

static void notify_end(struct guest *guest, const struct mmu_range *range, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct notifier *notifier = &guest->notifier[i];

		if (notifier->strategy->invalidate_end)
			notifier->strategy->invalidate_end(notifier->vq, range);
	}
}

/* mn_hlist_invalidate_range_start(): where one refuses, those before it get their end. */
static int notify_start(struct guest *guest, const struct mmu_range *range, bool blockable)
{
	for (unsigned int i = 0; i < guest->notifiers; i++) {
		const struct notifier *notifier = &guest->notifier[i];
		int err;

		if (!notifier->strategy->invalidate_start)
			continue;
		err = notifier->strategy->invalidate_start(notifier->vq, range, blockable);
		if (err) {
			notify_end(guest, range, i);
			return err;
		}
	}
	return 0;
}

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
		__u32 seen = READ_ONCE(vq->copies);

		/* Changed is enough: a copy that began since then finds the page unmapped. */
		while (seen & 1 && READ_ONCE(vq->copies) == seen)
			sched_yield();
	}
	/* The copy's stores before ours read the pages. */
	smp_rmb();
	return 0;
}

static bool pinned(struct guest *guest, const struct guest_object *object)
{
	for (uint32_t i = 0; i < object->pages; i++)
		if (atomic_load(&guest->pins[object->pfn + i]))
			return true;
	return false;
}

/* Maps the object at `pfn` again and lets those go on who wait for its entries. */
static int map_back(struct guest *guest, const struct guest_object *object, uint32_t pfn)
{
	struct guest_command map = {
		.op = OP_MAP, .gpn = object->gpn, .pages = object->pages, .pfn = pfn
	};
	int err = guest_execute(guest, &map);

	pte_set_run(guest->shared, object->gpn, object->pages, pfn,
		    err ? PTE_ABSENT : PTE_PRESENT);
	return err;
}

/* After the entries say "migrating" and end has been called: to new frames, or back. */
static int move(struct guest *guest, struct guest_object *object)
{
	uint32_t *spare = &object->spare[object->next_spare % SPARE_RUNS];
	uint32_t old = object->pfn, new = *spare;
	int err;

	err = drain_copies(guest);
	/* folio_migrate_mapping(): somebody else holds the pages, so they stay. */
	if (!err && pinned(guest, object))
		err = -EBUSY;
	if (err) {
		int back = map_back(guest, object, old);

		return back ? back : err;
	}
	memcpy(guest_direct_map(guest, new), guest_direct_map(guest, old),
	       (size_t)object->pages << GUEST_PAGE_SHIFT);
	*spare = old;
	object->next_spare++;
	object->pfn = new;
	return map_back(guest, object, new);
}

static struct guest_object *target_object(struct guest *guest, const struct guest_target *target)
{
	if (target->area == VQ_AREAS)
		return &guest->bystander;
	return &guest->ring[target->ring].area[target->area];
}

static int migrate_locked(struct guest *guest, struct guest_object *object,
			  struct migration_times *times)
{
	const struct mmu_range range = {
		.start = guest_uaddr(guest, object->gpn),
		.end = guest_uaddr(guest, object->gpn + object->pages),
	};
	struct guest_command unmap = { .op = OP_UNMAP, .gpn = object->gpn, .pages = object->pages };
	uint64_t begin, started, unmapped, ended;
	int err;

	begin = clock_monotonic_ns();
	err = notify_start(guest, &range, true);
	started = clock_monotonic_ns();
	if (err)
		return err;
	/* From here to the next line gup still returns the old page. */
	pte_set_run(guest->shared, object->gpn, object->pages, object->pfn, PTE_MIGRATING);
	err = guest_execute(guest, &unmap);
	unmapped = clock_monotonic_ns();
	notify_end(guest, &range, guest->notifiers);
	ended = clock_monotonic_ns();
	if (err)
		pte_set_run(guest->shared, object->gpn, object->pages, object->pfn, PTE_ABSENT);
	else
		err = move(guest, object);
	if (times) {
		times->start_ns = started - begin;
		times->end_ns = ended - unmapped;
		times->model_ns = (unmapped - started) + (clock_monotonic_ns() - ended);
	}
	return err;
}

int guest_migrate(struct guest *guest, const struct guest_target *target,
		  struct migration_times *times)
{
	int err;

	pthread_mutex_lock(&guest->event_lock);
	err = migrate_locked(guest, target_object(guest, target), times);
	pthread_mutex_unlock(&guest->event_lock);
	return err;
}
