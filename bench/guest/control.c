// SPDX-License-Identifier: GPL-2.0-or-later
/* What the harness asks of a running guest, and may know of it. */
#include <errno.h>
#include <sys/uio.h>

#include "guest/internal.h"

int guest_pid(const struct guest *guest)
{
	return guest->pid;
}

int guest_copies_permitted(struct guest *guest)
{
	uint64_t probe;
	struct iovec local = { &probe, sizeof(probe) };
	struct iovec remote = {
		(void *)(uintptr_t)guest_uaddr(guest, guest->payload_gpn), sizeof(probe)
	};

	if (process_vm_readv(guest->pid, &local, 1, &remote, 1, 0) < 0 ||
	    process_vm_writev(guest->pid, &local, 1, &remote, 1, 0) < 0)
		return -errno;
	return 0;
}

void guest_ring_addresses(const struct guest *guest, unsigned int ring,
			  struct vq_addresses *addresses)
{
	const struct guest_ring *r = &guest->ring[ring];

	for_each_area(area) {
		addresses->area[area].uaddr =
			guest_uaddr(guest, r->area[area].gpn) + r->area[area].offset;
		addresses->area[area].bytes = ring_area_bytes(&r->config, area);
	}
}

void guest_describe_memory(struct guest *guest, struct vq *vq)
{
	vq->guest = guest;
	vq->memory_uaddr = guest_uaddr(guest, 0);
	vq->memory_bytes = (uint64_t)guest->pages << GUEST_PAGE_SHIFT;
}

uint32_t guest_ring_chains(const struct guest *guest, unsigned int ring)
{
	return guest->ring[ring].chains;
}

int guest_driver_start(struct guest *guest, unsigned int ring, uint64_t entries)
{
	struct guest_command command = {
		.op = OP_DRIVER_START, .ring = ring, .value = entries
	};

	return guest_execute(guest, &command);
}

void guest_driver_finish(struct guest *guest)
{
	atomic_store(&guest->shared->driver_finish, true);
}

bool guest_driver_done(const struct guest *guest)
{
	return atomic_load(&guest->shared->driver_done);
}

void guest_driver_report(const struct guest *guest, struct driver_report *report)
{
	*report = guest->shared->driver;
}

int guest_driver_stop(struct guest *guest, unsigned int ring)
{
	struct guest_command command = { .op = OP_DRIVER_STOP, .ring = ring };

	return guest_execute(guest, &command);
}

int guest_poke(struct guest *guest, unsigned int ring, unsigned int area, uint32_t offset,
	       uint16_t value)
{
	struct guest_command command = {
		.op = OP_POKE, .ring = ring, .area = area, .offset = offset, .value = value
	};

	return guest_execute(guest, &command);
}

int guest_ring_reset(struct guest *guest, unsigned int ring)
{
	struct guest_command command = { .op = OP_FILL_RING, .ring = ring };

	return guest_execute(guest, &command);
}
