/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's memory as the worker and the strategies may use it: get_user_pages, the direct map,
 * the copies. Implemented in bench/guest/; modelled on mm/gup.c and kernel's access_process_vm().
 *
 * Errors are negative errno. "May sleep" means never inside a section (DESIGN: nothing that
 * invalidate_start() waits for is held across it).
 */
#ifndef RINGWALK_GUEST_MEMORY_H
#define RINGWALK_GUEST_MEMORY_H

#include "barrier.h"
#include "virtqueue.h"

#define GUEST_PAGE_SHIFT 12
#define GUEST_PAGE_SIZE  (1UL << GUEST_PAGE_SHIFT)

/* A range of guest user-space addresses, [start, end), as struct mmu_notifier_range has it. */
struct mmu_range {
	__u64 start;
	__u64 end;
};

enum gup_flags {
	GUP_PIN = 1, /* hold the pages until guest_unpin(): migration of them is refused */
};

/*
 * get_user_pages(): looks up the pages of [uaddr, uaddr + pages) and, where an entry is migrating,
 * waits for it. May sleep. Any thread.
 * Returns the first pfn if the pages are contiguous in guest memory; -EXDEV if they are not,
 * -EFAULT if there is no memory at uaddr, -ESRCH if the guest is gone.
 *
 * Where the guest's pages are laid out to be mapped by vmap(), it has done that too, and what it
 * returns is the first of pages beyond the memory's, which guest_direct_map() and guest_unpin() take
 * like any other. There is no vunmap(): like the kernel's it is lazy, and whoever keeps an old pointer
 * keeps the old pages. So a reader is the same in both layouts, and only the lookup is dearer.
 */
long gup(struct guest *guest, __u64 uaddr, unsigned int pages, enum gup_flags flags);

/*
 * get_user_pages_fast_only(): one atomic look at the page table, no lock, no sleep. Any thread, in
 * any context. Returns as gup(), and -EAGAIN where a page is not present. (The kernel's vmap() may
 * sleep: who calls this under a spinlock could not have that layout there.)
 */
long gup_fast(struct guest *guest, __u64 uaddr, unsigned int pages, enum gup_flags flags);

/* Gives back what GUP_PIN took: pages starting at pfn. Any thread. */
void guest_unpin(struct guest *guest, long pfn, unsigned int pages);

/*
 * The guest's mmap_lock, fair (locks.h). gup() and the faults of copies take it for reading; events
 * that change mappings hold it as DESIGN's table of lock contexts says. May sleep. Any thread.
 */
void mmap_read_lock(struct guest *guest);
void mmap_read_unlock(struct guest *guest);

/*
 * set_page_dirty_lock(): takes the lock of each page, which migration and reclaim hold over
 * invalidate_start(). May sleep. Any thread.
 */
void guest_set_pages_dirty(struct guest *guest, long pfn, unsigned int pages);

/*
 * The worker's linear mapping of all guest memory, as the kernel's direct map: constant for the
 * life of the guest, and always mapped. That a pointer works says nothing about whose page it is.
 * Of a pfn beyond the memory's: where gup() has mapped it.
 */
char *guest_direct_map(const struct guest *guest, long pfn);

/*
 * Around whatever uses the guest's pages for a moment by having just looked them up: a copy, an
 * access under a short pin. vq->copies is odd from before the look at the guest's page table until
 * the last access. An event unmaps first, then runs membarrier(), which stands for a full barrier
 * between the two sides here, and then waits for the counter: a copy that it does not see finds the
 * page unmapped. (Pairs with drain_copies() in bench/guest/move.c.) The queue's worker; no sleep
 * between the two but what the copy itself does.
 */
static __always_inline void vq_copy_begins(struct vq *vq)
{
	WRITE_ONCE(vq->copies, vq->copies + 1);
	barrier();
}

static __always_inline void vq_copy_ends(struct vq *vq)
{
	/* Release: the copy before the count; pairs with the acquire in drain_copies(). */
	smp_store_release(&vq->copies, vq->copies + 1);
}

/*
 * The fallback, and the copy class's own access: `bytes` from or to byte `offset` of an area by
 * process_vm_readv/writev (a model of access_process_vm, not of copy_from_user). A fault waits
 * for the migrating entry and the whole element is copied again. May sleep. The queue's worker.
 * Returns 0; -EFAULT if there is no memory, -ESRCH if the guest is gone, -EPERM if not permitted.
 */
int vq_copy_in(struct vq *vq, unsigned int area, __u32 offset, void *dst, __u32 bytes);
int vq_copy_out(struct vq *vq, unsigned int area, __u32 offset, const void *src, __u32 bytes);

/* Bytes of an area that lie together. */
struct copy_piece {
	__u32 offset; /* from the area's first byte */
	__u32 bytes;
};

/*
 * The same for up to WALK_BURST_MAX pieces in one system call; in dst and src they lie one after
 * the other. Pieces that a fault cut short are copied again as a whole.
 */
int vq_copy_in_pieces(struct vq *vq, unsigned int area, const struct copy_piece *piece,
		      unsigned int pieces, void *dst);
int vq_copy_out_pieces(struct vq *vq, unsigned int area, const struct copy_piece *piece,
		       unsigned int pieces, const void *src);

/*
 * The same by pread() and pwrite() of the guest's /proc/PID/mem. guest_mem_open() returns its file
 * descriptor, which the caller closes, or negative errno; it serves as long as the guest lives.
 */
int guest_mem_open(const struct guest *guest);
int vq_mem_copy_in(struct vq *vq, int mem, unsigned int area, __u32 offset, void *dst,
		   __u32 bytes);
int vq_mem_copy_out(struct vq *vq, int mem, unsigned int area, __u32 offset, const void *src,
		    __u32 bytes);

/* The same from any guest user-space address: indirect tables, payload. */
int vq_copy_in_uaddr(struct vq *vq, __u64 uaddr, void *dst, __u32 bytes);

/*
 * Replay: the driver makes `lap` more entries available by storing avail->idx. A pinned access in
 * the sense of `copies`, through the direct map, so that it costs little and survives migration.
 * May sleep (a migrating page is waited for). The queue's worker, outside any section.
 *
 * A packed ring has no index that would do: its lap is written anew from last_avail_idx on, whatever
 * `idx` is. What that takes is added to vq->refill_cycles.
 */
int vq_replay_refill(struct vq *vq, __u16 idx);

#endif
