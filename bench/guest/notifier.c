// SPDX-License-Identifier: GPL-2.0-or-later
/* mm/mmu_notifier.c: who is told of invalidations, and the telling. */
#include <errno.h>
#include <stdlib.h>

#include <ringwalk/torture.h>

#include "guest/notifier.h"
#include "guest/oracle.h"

/* mm_take_all_locks(): waits until no invalidation runs, and keeps new ones out. */
static void registration_begin(struct guest *guest)
{
	pthread_mutex_lock(&guest->notifier_lock);
	guest->registering++;
	while (guest->invalidations)
		pthread_cond_wait(&guest->notifier_idle, &guest->notifier_lock);
}

static void registration_end(struct guest *guest)
{
	guest->registering--;
	pthread_cond_broadcast(&guest->notifier_idle);
	pthread_mutex_unlock(&guest->notifier_lock);
}

/* Room for one more. */
static int make_room(struct guest *guest)
{
	unsigned int most = 2 * guest->notifiers + 8;
	struct notifier *more;

	if (guest->notifiers < guest->notifiers_max)
		return 0;
	more = realloc(guest->notifier, most * sizeof(*more));
	if (!more)
		return -ENOMEM;
	guest->notifier = more;
	guest->notifiers_max = most;
	return 0;
}

int guest_register(struct guest *guest, const struct strategy *strategy, struct vq *vq)
{
	int err;

	registration_begin(guest);
	err = make_room(guest);
	if (!err)
		guest->notifier[guest->notifiers++] = (struct notifier){ strategy, vq };
	registration_end(guest);
	return err;
}

void guest_unregister(struct guest *guest, struct vq *vq)
{
	registration_begin(guest);
	for (unsigned int i = 0; i < guest->notifiers; i++) {
		if (guest->notifier[i].vq != vq)
			continue;
		guest->notifier[i] = guest->notifier[--guest->notifiers];
		break;
	}
	registration_end(guest);
}

void invalidation_enter(struct guest *guest, bool nested)
{
	pthread_mutex_lock(&guest->notifier_lock);
	/* A nested one must not wait for who waits for the outer one. */
	while (guest->registering && !nested)
		pthread_cond_wait(&guest->notifier_idle, &guest->notifier_lock);
	guest->invalidations++;
	pthread_mutex_unlock(&guest->notifier_lock);
}

void invalidation_leave(struct guest *guest)
{
	pthread_mutex_lock(&guest->notifier_lock);
	if (!--guest->invalidations && guest->registering)
		pthread_cond_broadcast(&guest->notifier_idle);
	pthread_mutex_unlock(&guest->notifier_lock);
}

static void end_first(struct guest *guest, const struct mmu_range *range, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct notifier *notifier = &guest->notifier[i];

		if (notifier->strategy->invalidate_end)
			notifier->strategy->invalidate_end(notifier->vq, range);
	}
}

int notify_start(struct guest *guest, const struct mmu_range *range, bool blockable)
{
	for (unsigned int i = 0; i < guest->notifiers; i++) {
		const struct notifier *notifier = &guest->notifier[i];
		int err;

		if (!notifier->strategy->invalidate_start)
			continue;
		oracle_start_begins();
		err = notifier->strategy->invalidate_start(notifier->vq, range, blockable);
		oracle_start_ends();
		if (err) {
			oracle_refused(err, blockable);
			end_first(guest, range, i);
			return err;
		}
	}
	return 0;
}

void notify_end(struct guest *guest, const struct mmu_range *range)
{
	end_first(guest, range, guest->notifiers);
}
