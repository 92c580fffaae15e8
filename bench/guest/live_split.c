// SPDX-License-Identifier: GPL-2.0-or-later
/* The lean driver on a split ring, after drivers/virtio/virtio_ring.c. In the guest. */
#include <string.h>

#include "guest/live_loop.h"

static __always_inline uint32_t split_complete(struct live *live, uint32_t most)
{
	struct virtq_used *used = live->area[VQ_USED];
	uint32_t n = (uint16_t)(READ_ONCE(used->idx) - (uint16_t)live->completed);
	uint32_t chain = live->next_done;

	if (!n)
		return 0;
	if (unlikely(n > live->produced - live->completed)) {
		live_wrong(live, LIVE_NONE, LIVE_NONE);
		return 0;
	}
	if (n > most)
		n = most;
	/* The index before the elements; pairs with the worker's smp_wmb before it stores the index. */
	smp_rmb();
	for (uint32_t i = 0; i < n; i++) {
		uint64_t elem;

		memcpy(&elem, &used->ring[(live->completed + i) & (live->num - 1)], sizeof(elem));
		if (unlikely(elem != live->chain[chain].used)) {
			live->completed += i;
			live_wrong(live, elem, live->chain[chain].used);
			return 0;
		}
		if (++chain == live->chains)
			chain = 0;
	}
	live->next_done = chain;
	live->completed += n;
	return n;
}

/* virtqueue_kick_prepare(): has the device asked to be told of one of the entries up to `idx`? */
static __always_inline bool split_kicks(const struct live *live, uint16_t idx, uint32_t n)
{
	const char *used = live->area[VQ_USED];

	/* avail->idx before avail_event; pairs with the worker's smp_mb between the same two. */
	smp_mb();
	return vring_need_event(READ_ONCE(*(const uint16_t *)(used + VIRTQ_AVAIL_EVENT(live->num))),
				idx, (uint16_t)(idx - n));
}

/* virtqueue_add_split(), for each of n entries, and the index once for all. */
static __always_inline void split_put(struct live *live, uint32_t n)
{
	struct virtq_desc *table = live->area[VQ_DESC];
	struct virtq_avail *avail = live->area[VQ_AVAIL];
	uint32_t slot = (uint32_t)live->produced, next = live->next_put;

	for (uint32_t i = 0; i < n; i++) {
		const struct live_chain *chain = &live->chain[next];

		for (uint32_t d = chain->first; d < chain->first + chain->descs; d++)
			table[live->desc[d].at] = live->desc[d].desc;
		avail->ring[slot++ & (live->num - 1)] = (uint16_t)chain->head;
		if (++next == live->chains)
			next = 0;
	}
	live->next_put = next;
	live->produced += n;
	/* The entries before the index; pairs with the worker's smp_rmb after it has read it. */
	smp_wmb();
	WRITE_ONCE(avail->idx, (uint16_t)live->produced);
	live->kicks += split_kicks(live, (uint16_t)live->produced, n);
}

static void set_used_event(struct live *live, uint16_t event)
{
	struct virtq_avail *avail = live->area[VQ_AVAIL];

	WRITE_ONCE(avail->ring[live->num], event);
	/* used_event before used->idx, which is read next; pairs with the worker's smp_mb. */
	smp_mb();
}

/* virtqueue_enable_cb_delayed(): told of three quarters of what is in flight. */
static void split_ask(struct live *live)
{
	uint64_t pending = live->produced - live->completed;

	set_used_event(live, (uint16_t)(live->completed + pending * 3 / 4));
}

/*
 * virtqueue_disable_cb(): an index that was passed a lap ago is not passed again for long; and not by
 * the burst either whose index we have seen before the worker has looked at used_event.
 */
static void split_silence(struct live *live)
{
	set_used_event(live, (uint16_t)(live->completed - live->num - 1));
}

static const struct live_ops split_ops = {
	.complete = split_complete,
	.put = split_put,
	.ask = split_ask,
	.silence = split_silence,
};

void live_run_split(struct live *live)
{
	split_silence(live);
	live_run(live, &split_ops);
}
