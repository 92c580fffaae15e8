// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copies across the address-space boundary, by the worker: what access_process_vm() is to a
 * kernel thread. A copy in flight pins its pages; how, is said at vq->copies.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

#include <ringwalk/torture.h>

#include "guest/internal.h"
#include "guest/oracle.h"

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

/*
 * A way for bytes to cross: between pieces of the guest's memory and one buffer of ours, in which
 * they lie one after the other. Returns how many crossed, or negative errno; -EFAULT: an entry is
 * missing.
 */
struct crossing {
	ssize_t (*cross)(int whom, const struct iovec *buffer, const struct iovec *piece,
			 unsigned int pieces);
	int whom;   /* the guest's pid, or its /proc/PID/mem */
	bool write; /* into the guest */
};

static ssize_t by_process_vm_readv(int pid, const struct iovec *buffer, const struct iovec *piece,
				   unsigned int pieces)
{
	ssize_t done = process_vm_readv(pid, buffer, 1, piece, pieces, 0);

	return done < 0 ? -errno : done;
}

static ssize_t by_process_vm_writev(int pid, const struct iovec *buffer, const struct iovec *piece,
				    unsigned int pieces)
{
	ssize_t done = process_vm_writev(pid, buffer, 1, piece, pieces, 0);

	return done < 0 ? -errno : done;
}

/* mem_rw(): EIO where a page is not accessible, and 0 once the guest has no memory any more. */
static ssize_t mem_result(ssize_t done)
{
	if (!done)
		return -ESRCH;
	if (done < 0)
		return errno == EIO ? -EFAULT : -errno;
	return done;
}

static ssize_t by_mem_pread(int mem, const struct iovec *buffer, const struct iovec *piece,
			    unsigned int pieces)
{
	(void)pieces; /* one */
	return mem_result(pread(mem, buffer->iov_base, buffer->iov_len,
				(off_t)(uintptr_t)piece->iov_base));
}

static ssize_t by_mem_pwrite(int mem, const struct iovec *buffer, const struct iovec *piece,
			     unsigned int pieces)
{
	(void)pieces;
	return mem_result(pwrite(mem, buffer->iov_base, buffer->iov_len,
				 (off_t)(uintptr_t)piece->iov_base));
}

/* Of a copy whose entries are all present: a mapping that is not there is a bug, not a wait. */
#define COPY_RETRIES 1000000

static int copy_whole(struct vq *vq, const struct crossing *way, const struct iovec *piece,
		      unsigned int pieces, char *buffer)
{
	size_t bytes = 0;

	torture_may_sleep("copy");
	for (unsigned int i = 0; i < pieces; i++)
		bytes += piece[i].iov_len;
	for (unsigned int tries = 0; tries < COPY_RETRIES; tries++) {
		void *slow = oracle_slow_buffer(buffer, (uint32_t)bytes, way->write);
		const struct iovec local = {
			.iov_base = slow ? slow : buffer,
			.iov_len = bytes,
		};
		ssize_t done;
		int err;

		vq_copy_begins(vq);
		done = way->cross(way->whom, &local, piece, pieces);
		vq_copy_ends(vq);
		if (slow)
			oracle_copied(slow, buffer, (uint32_t)bytes, way->write);
		if (done == (ssize_t)bytes)
			return 0;
		if (done == -ESRCH)
			guest_check(vq->guest);
		if (done < 0 && done != -EFAULT)
			return (int)done;
		/* Whole pieces are done; one that holds half an element is copied again. */
		for (; done >= (ssize_t)piece->iov_len; piece++, pieces--) {
			done -= (ssize_t)piece->iov_len;
			buffer += piece->iov_len;
			bytes -= piece->iov_len;
		}
		WRITE_ONCE(vq->partial, vq->partial + (done > 0));
		worker_waits(vq, true);
		err = fault_in(vq->guest, (uintptr_t)piece->iov_base, (__u32)piece->iov_len);
		worker_waits(vq, false);
		if (err)
			return err;
	}
	return -EFAULT;
}

/* --- by process_vm_readv and process_vm_writev ----------------------------------------------- */

static struct crossing into_guest(const struct vq *vq)
{
	return (struct crossing){ by_process_vm_writev, vq->guest->pid, true };
}

static struct crossing from_guest(const struct vq *vq)
{
	return (struct crossing){ by_process_vm_readv, vq->guest->pid, false };
}

static struct iovec piece_at(__u64 uaddr, __u32 bytes)
{
	return (struct iovec){ (void *)(uintptr_t)uaddr, bytes };
}

static struct iovec piece_of(const struct vq *vq, unsigned int area, __u32 offset, __u32 bytes)
{
	return piece_at(vq->addresses.area[area].uaddr + offset, bytes);
}

int vq_copy_in_uaddr(struct vq *vq, __u64 uaddr, void *dst, __u32 bytes)
{
	const struct crossing way = from_guest(vq);
	const struct iovec piece = piece_at(uaddr, bytes);

	return copy_whole(vq, &way, &piece, 1, dst);
}

int vq_copy_in(struct vq *vq, unsigned int area, __u32 offset, void *dst, __u32 bytes)
{
	const struct crossing way = from_guest(vq);
	const struct iovec piece = piece_of(vq, area, offset, bytes);

	return copy_whole(vq, &way, &piece, 1, dst);
}

int vq_copy_out(struct vq *vq, unsigned int area, __u32 offset, const void *src, __u32 bytes)
{
	const struct crossing way = into_guest(vq);
	const struct iovec piece = piece_of(vq, area, offset, bytes);

	return copy_whole(vq, &way, &piece, 1, (void *)(uintptr_t)src);
}

static int copy_pieces(struct vq *vq, const struct crossing *way, unsigned int area,
		       const struct copy_piece *piece, unsigned int pieces, void *buffer)
{
	struct iovec at[WALK_BURST_MAX];

	for (unsigned int i = 0; i < pieces; i++)
		at[i] = piece_of(vq, area, piece[i].offset, piece[i].bytes);
	return copy_whole(vq, way, at, pieces, buffer);
}

int vq_copy_in_pieces(struct vq *vq, unsigned int area, const struct copy_piece *piece,
		      unsigned int pieces, void *dst)
{
	const struct crossing way = from_guest(vq);

	return copy_pieces(vq, &way, area, piece, pieces, dst);
}

int vq_copy_out_pieces(struct vq *vq, unsigned int area, const struct copy_piece *piece,
		       unsigned int pieces, const void *src)
{
	const struct crossing way = into_guest(vq);

	return copy_pieces(vq, &way, area, piece, pieces, (void *)(uintptr_t)src);
}

/* --- by /proc/PID/mem ------------------------------------------------------------------------ */

int guest_mem_open(const struct guest *guest)
{
	char path[32];
	int mem;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)guest->pid);
	mem = open(path, O_RDWR | O_CLOEXEC);
	return mem < 0 ? -errno : mem;
}

int vq_mem_copy_in(struct vq *vq, int mem, unsigned int area, __u32 offset, void *dst, __u32 bytes)
{
	const struct crossing way = { by_mem_pread, mem, false };
	const struct iovec piece = piece_of(vq, area, offset, bytes);

	return copy_whole(vq, &way, &piece, 1, dst);
}

int vq_mem_copy_out(struct vq *vq, int mem, unsigned int area, __u32 offset, const void *src,
		    __u32 bytes)
{
	const struct crossing way = { by_mem_pwrite, mem, true };
	const struct iovec piece = piece_of(vq, area, offset, bytes);

	return copy_whole(vq, &way, &piece, 1, (void *)(uintptr_t)src);
}
