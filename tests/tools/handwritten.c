// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What does the common ring walk cost over a loop that somebody wrote by hand for one mapped ring?
 * Runs strategy `pinned`'s walk (section access) and such a loop, which makes the same accesses and
 * the same checks with the same barriers, over the same ring in turn (ABBA, epochs of about 100
 * us), and prints the ratio of each pair's times: median and 95 % interval. Goal: at most 1.03.
 * Then both with the guest's indices masked against speculation.
 *
 * Usage: handwritten [pairs]     (default 4000: about a second)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringwalk/barrier.h>
#include <ringwalk/cycles.h>
#include <ringwalk/nospec.h>
#include <ringwalk/ring_walk.h>

#include "guest/guest.h"
#include "measure/clock.h"
#include "measure/statistics.h"
#include "registry.h"

/* A ring as somebody sees it who has it mapped and knows of nothing else. */
struct mapped_ring {
	struct virtq_desc *desc;
	struct virtq_avail *avail;
	struct virtq_used *used;
	uint32_t num, burst;
	uint64_t memory_bytes;
	uint16_t last_avail_idx, last_used_idx, signalled_used;
	uint64_t notifications;
};

/* Follows one chain. Returns what the device may write, or -1. */
static inline int64_t follow_chain(const struct mapped_ring *ring, uint32_t i, const bool masked)
{
	uint64_t in = 0, out = 0;

	for (uint32_t found = 1; found <= ring->num; found++) {
		const uint64_t *words = (const uint64_t *)&ring->desc[i];
		uint64_t addr = READ_ONCE(words[0]), rest = READ_ONCE(words[1]);
		uint32_t len = (uint32_t)rest;
		uint16_t flags = (uint16_t)(rest >> 32);

		if (unlikely(flags & VIRTQ_DESC_F_INDIRECT))
			return -1;
		if (unlikely(addr > ring->memory_bytes || len > ring->memory_bytes - addr))
			return -1;
		if (flags & VIRTQ_DESC_F_WRITE)
			in += len;
		else if (unlikely(in))
			return -1;
		else
			out += len;
		if (!(flags & VIRTQ_DESC_F_NEXT))
			return unlikely(in + out > UINT32_MAX) ? -1 : (int64_t)in;
		i = (uint32_t)(rest >> 48);
		if (unlikely(i >= ring->num))
			return -1;
		if (masked)
			i = array_index_nospec(i, ring->num);
	}
	return -1;
}

static __always_inline long handwritten(struct mapped_ring *ring, struct vq *vq, uint64_t entries,
					const bool masked)
{
	uint32_t mask = ring->num - 1;
	uint64_t left = entries;

	while (left) {
		uint32_t limit = left < ring->burst ? (uint32_t)left : ring->burst;
		uint16_t idx = READ_ONCE(ring->avail->idx);
		uint16_t n = (uint16_t)(idx - ring->last_avail_idx);
		uint16_t event;

		if (unlikely(n > ring->num))
			return -1;
		smp_rmb();
		if (n > limit)
			n = (uint16_t)limit;
		for (uint32_t i = 0; i < n; i++) {
			uint32_t slot = (ring->last_avail_idx + i) & mask;
			uint32_t head = READ_ONCE(ring->avail->ring[slot]);
			uint64_t elem;
			int64_t len;

			if (unlikely(head >= ring->num))
				return -1;
			if (masked)
				head = array_index_nospec(head, ring->num);
			len = follow_chain(ring, head, masked);
			if (unlikely(len < 0))
				return -1;
			elem = (uint64_t)len << 32 | head;
			memcpy(&ring->used->ring[(ring->last_used_idx + i) & mask], &elem,
			       sizeof(elem));
		}
		if (n) {
			ring->last_avail_idx = (uint16_t)(ring->last_avail_idx + n);
			ring->last_used_idx = (uint16_t)(ring->last_used_idx + n);
			smp_wmb();
			WRITE_ONCE(ring->used->idx, ring->last_used_idx);
			smp_mb();
			event = READ_ONCE(ring->avail->ring[ring->num]);
			if (unlikely(vring_need_event(event, ring->last_used_idx,
						      ring->signalled_used)))
				ring->notifications++;
			ring->signalled_used = ring->last_used_idx;
			left -= n;
			continue;
		}
		WRITE_ONCE(*(uint16_t *)&ring->used->ring[ring->num], idx);
		smp_mb();
		if (READ_ONCE(ring->avail->idx) == idx)
			vq_replay_refill(vq, (uint16_t)(ring->last_avail_idx + vq->lap));
	}
	return (long)entries;
}

static noinline long handwritten_plain(struct mapped_ring *ring, struct vq *vq, uint64_t entries)
{
	return handwritten(ring, vq, entries, false);
}

static noinline long handwritten_masked(struct mapped_ring *ring, struct vq *vq, uint64_t entries)
{
	return handwritten(ring, vq, entries, true);
}

typedef long handwritten_fn(struct mapped_ring *ring, struct vq *vq, uint64_t entries);

#define ENTRIES 25600

static double time_walk(walk_fn *walk, struct vq *vq)
{
	uint64_t begin;

	vq_replay_refill(vq, (uint16_t)(vq->last_avail_idx + vq->lap));
	walk(vq, vq->lap);
	begin = cycles_now_ordered();
	if (walk(vq, ENTRIES) != ENTRIES)
		abort();
	return (double)(cycles_now_ordered() - begin);
}

static double time_handwritten(handwritten_fn *loop, struct mapped_ring *ring, struct vq *vq)
{
	uint64_t begin;

	vq_replay_refill(vq, (uint16_t)(ring->last_avail_idx + vq->lap));
	loop(ring, vq, vq->lap);
	begin = cycles_now_ordered();
	if (loop(ring, vq, ENTRIES) != ENTRIES)
		abort();
	return (double)(cycles_now_ordered() - begin);
}

static struct vq *make_queue(struct guest *guest, const struct strategy *pinned)
{
	struct vq_addresses addresses;
	size_t bytes = (sizeof(struct vq) + pinned->state_bytes + CACHE_LINE - 1) / CACHE_LINE *
		       CACHE_LINE;
	struct vq *vq = aligned_alloc(CACHE_LINE, bytes);

	if (!vq)
		abort();
	memset(vq, 0, bytes);
	vq->num = 256;
	vq->burst = 32;
	vq->lap = guest_ring_chains(guest, 0);
	guest_describe_memory(guest, vq);
	guest_ring_addresses(guest, 0, &addresses);
	if (pinned->update(vq, &addresses))
		abort();
	return vq;
}

static void *map_of(const struct vq *vq, unsigned int area)
{
	long pfn = gup(vq->guest, vq->addresses.area[area].uaddr, 1, 0);

	return guest_direct_map(vq->guest, pfn);
}

/* 0, or -ENOMEM. */
static int compare(const char *what, walk_fn *walk, handwritten_fn *loop, struct mapped_ring *ring,
		   struct vq *vq, size_t pairs)
{
	double *ratio = calloc(pairs, sizeof(*ratio)), *ns = calloc(pairs, sizeof(*ns));
	struct estimate each, over;
	int err = -ENOMEM;

	if (!ratio || !ns)
		goto out;
	for (size_t i = 0; i < pairs; i++) {
		bool first = i % 4 == 0 || i % 4 == 3;
		double a = first ? time_walk(walk, vq) : 0;
		double b = time_handwritten(loop, ring, vq);

		if (!first)
			a = time_walk(walk, vq);
		ratio[i] = a / b;
		ns[i] = a * clock_ns_per_cycle() / ENTRIES;
	}
	over = estimate_median(ratio, pairs, 0.95);
	each = estimate_median(ns, pairs, 0.95);
	printf("%s %.3f ns/entry; %.4f [%.4f, %.4f] times the hand-written loop, %zu pairs\n", what,
	       each.value, over.value, over.lower, over.upper, pairs);
	err = 0;
out:
	free(ratio);
	free(ns);
	return err;
}

int main(int argc, char **argv)
{
	struct guest_config config = { .ring = { { .num = 256 } }, .rings = 1, .cpu = 0 };
	size_t pairs = argc > 1 ? strtoul(argv[1], NULL, 0) : 4000;
	const struct strategy *pinned;
	struct mapped_ring ring = { 0 };
	struct guest *guest;
	struct vq *vq;
	char error[200];
	int err;

	if (!pairs || registry_init(error, sizeof(error)) ||
	    guest_start(&config, &guest, error, sizeof(error))) {
		fprintf(stderr, "handwritten: cannot start\n");
		return 3;
	}
	clock_calibrate();
	pinned = registry_find("pinned");
	vq = make_queue(guest, pinned);
	ring = (struct mapped_ring){
		.desc = map_of(vq, VQ_DESC),
		.avail = map_of(vq, VQ_AVAIL),
		.used = map_of(vq, VQ_USED),
		.num = vq->num,
		.burst = vq->burst,
		.memory_bytes = vq->memory_bytes,
	};
	err = compare("pinned", pinned->walks->replay[SECTION_ACCESS], handwritten_plain, &ring, vq,
		      pairs);
	if (!err)
		err = compare("masked", pinned->walks->masked[SECTION_ACCESS], handwritten_masked,
			      &ring, vq, pairs);
	guest_stop(guest);
	free(vq);
	return err ? 3 : 0;
}
