// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One pread() or pwrite() of the guest's /proc/PID/mem per access: what is left where
 * process_vm_readv() is not to be had. It goes the same way through the kernel, access_remote_vm(),
 * but by way of a page of the kernel's own, and it forces its way past mprotect().
 *
 * The indirect tables, buffers like any other, are read by process_vm_readv() as everywhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ringwalk/ring_walk.h>

struct proc_mem_vq {
	int mem; /* the guest's /proc/PID/mem */
};

static __always_inline int proc_mem_copy_in(struct vq *vq, unsigned int area, __u32 offset,
					    void *dst, __u32 bytes)
{
	return vq_mem_copy_in(vq, vq_state(vq, struct proc_mem_vq)->mem, area, offset, dst, bytes);
}

static __always_inline int proc_mem_copy_out(struct vq *vq, unsigned int area, __u32 offset,
					     const void *src, __u32 bytes)
{
	return vq_mem_copy_out(vq, vq_state(vq, struct proc_mem_vq)->mem, area, offset, src, bytes);
}

static const struct reader_ops proc_mem_ops = {
	.copy_in = proc_mem_copy_in,
	.copy_out = proc_mem_copy_out,
};

RING_WALK_INSTANCES(proc_mem, proc_mem_ops)

/*
 * Without /proc it is not there, and a kernel can be told to refuse writes
 * (proc_mem.restrict_write, since 6.12), which it does at open(). Our own is asked: of another
 * process, the right to process_vm_writev(), which the harness needs anyway, is the right to this.
 */
static int proc_mem_available(char *reason, size_t size)
{
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	uint16_t from = 1, to = 0;
	ssize_t done;
	int err;

	if (mem < 0) {
		err = -errno;
		snprintf(reason, size, "/proc/self/mem: %s", strerror(-err));
		return err;
	}
	done = pwrite(mem, &from, sizeof(from), (off_t)(uintptr_t)&to);
	err = done == sizeof(from) ? 0 : done < 0 ? -errno : -EIO;
	close(mem);
	if (err)
		snprintf(reason, size, "pwrite of /proc/self/mem: %s", strerror(-err));
	return err;
}

static int proc_mem_setup(struct vq *vq)
{
	int mem = guest_mem_open(vq->guest);

	if (mem < 0)
		return mem;
	vq_state(vq, struct proc_mem_vq)->mem = mem;
	return 0;
}

static void proc_mem_teardown(struct vq *vq)
{
	close(vq_state(vq, struct proc_mem_vq)->mem);
}

static int proc_mem_update(struct vq *vq, const struct vq_addresses *addresses)
{
	if (addresses)
		vq->addresses = *addresses;
	return 0;
}

STRATEGY(proc_mem) = {
	.name = "proc_mem",
	.summary = "pread and pwrite of the guest's /proc/PID/mem, one per access",
	.source = "proc(5); fs/proc/base.c: mem_rw()",
	.model = "a system call that copies twice stands for access_process_vm",
	.own_calls = "vq_mem_copy_in vq_mem_copy_out",
	.family = FAMILY_COPIES,
	.class = CLASS_COPY,
	.usable_from = FROM_PROCESS | FROM_NONBLOCKABLE,
	.ops = &proc_mem_ops,
	.walks = &proc_mem_walks,
	.state_bytes = sizeof(struct proc_mem_vq),
	.available = proc_mem_available,
	.setup = proc_mem_setup,
	.teardown = proc_mem_teardown,
	.update = proc_mem_update,
};
