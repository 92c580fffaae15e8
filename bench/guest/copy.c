// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copies across the address-space boundary, by the worker: what access_process_vm() is to a
 * kernel thread. A copy in flight pins its pages; how, is said at vq->copies.
 */
#include <errno.h>
#include <sys/uio.h>

#include <ringwalk/barrier.h>
#include <ringwalk/torture.h>

#include "guest/internal.h"
#include "guest/oracle.h"

/*
 * The worker's plain counter is odd from before the copy looks at the guest's page table until it
 * is done. Migration unmaps first, then runs membarrier(), which stands for a full barrier between
 * the two sides here, and then waits for the counter: a copy that it does not see finds the page
 * unmapped. (Pairs with drain_copies() in migrate.c.)
 */
static void copy_begins(struct vq *vq)
{
	WRITE_ONCE(vq->copies, vq->copies + 1);
	barrier();
}

static void copy_ends(struct vq *vq)
{
	/* Release: the copy before the count; pairs with the acquire in drain_copies(). */
	smp_store_release(&vq->copies, vq->copies + 1);
}

/* The fault of a copy: take it as the page-fault handler does, by waiting for the entries. */
static int fault_in(struct guest *guest, __u64 uaddr, __u32 bytes)
{
	uint64_t base = (uint64_t)(uintptr_t)guest->base;
	uint64_t first, last;
	int err = 0;

	if (uaddr < base || uaddr + bytes > base + ((uint64_t)guest->pages << GUEST_PAGE_SHIFT))
		return -EFAULT;
	first = (uaddr - base) >> GUEST_PAGE_SHIFT;
	last = (uaddr + bytes - 1 - base) >> GUEST_PAGE_SHIFT;
	mmap_read_lock(guest);
	for (uint64_t gpn = first; gpn <= last && !err; gpn++)
		err = pte_wait(guest->shared, (uint32_t)gpn, &guest->dead);
	mmap_read_unlock(guest);
	return err;
}

typedef ssize_t copy_fn(pid_t pid, const struct iovec *local, unsigned long locals,
			const struct iovec *remote, unsigned long remotes, unsigned long flags);

/* Retries of a copy whose entries are all present: a mapping that is not there is a bug, not a wait. */
#define COPY_RETRIES 1000000

static int copy_whole(struct vq *vq, copy_fn *copy, __u64 uaddr, void *buffer, __u32 bytes)
{
	const struct iovec remote = { .iov_base = (void *)(uintptr_t)uaddr, .iov_len = bytes };
	bool write = copy == process_vm_writev;

	torture_may_sleep("copy");
	for (unsigned int tries = 0; tries < COPY_RETRIES; tries++) {
		void *slow = oracle_slow_buffer(buffer, bytes, write);
		const struct iovec local = {
			.iov_base = slow ? slow : buffer,
			.iov_len = bytes,
		};
		ssize_t done;
		int err;

		copy_begins(vq);
		done = copy(vq->guest->pid, &local, 1, &remote, 1, 0);
		err = done < 0 ? -errno : 0;
		copy_ends(vq);
		if (slow)
			oracle_copied(slow, buffer, bytes, write);
		if (done == (ssize_t)bytes)
			return 0;
		if (err == -ESRCH)
			guest_check(vq->guest);
		if (err && err != -EFAULT)
			return err;
		/* Nothing, or half an element across a page boundary: the whole again. */
		err = fault_in(vq->guest, uaddr, bytes);
		if (err)
			return err;
	}
	return -EFAULT;
}

int vq_copy_in_uaddr(struct vq *vq, __u64 uaddr, void *dst, __u32 bytes)
{
	return copy_whole(vq, process_vm_readv, uaddr, dst, bytes);
}

int vq_copy_in(struct vq *vq, unsigned int area, __u32 offset, void *dst, __u32 bytes)
{
	return copy_whole(vq, process_vm_readv, vq->addresses.area[area].uaddr + offset, dst,
			  bytes);
}

int vq_copy_out(struct vq *vq, unsigned int area, __u32 offset, const void *src, __u32 bytes)
{
	return copy_whole(vq, process_vm_writev, vq->addresses.area[area].uaddr + offset,
			  (void *)(uintptr_t)src, bytes);
}

int vq_replay_refill(struct vq *vq, __u16 idx)
{
	struct guest *guest = vq->guest;
	__u64 uaddr = vq->addresses.area[VQ_AVAIL].uaddr + VIRTQ_AVAIL_IDX;
	uint32_t gpn = (uint32_t)((uaddr - (uintptr_t)guest->base) >> GUEST_PAGE_SHIFT);

	for (;;) {
		uint32_t pte;
		int err;

		copy_begins(vq);
		pte = atomic_load_explicit(&guest->shared->pte[gpn], memory_order_relaxed);
		if (likely(pte_state(pte) == PTE_PRESENT)) {
			char *page = guest_direct_map(guest, pte_pfn(pte));

			WRITE_ONCE(*(__u16 *)(page + (uaddr & (GUEST_PAGE_SIZE - 1))), idx);
			copy_ends(vq);
			return 0;
		}
		copy_ends(vq);
		err = pte_wait(guest->shared, gpn, &guest->dead);
		if (err)
			return err;
	}
}
