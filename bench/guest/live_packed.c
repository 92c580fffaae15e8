// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lean driver on a packed ring, after drivers/virtio/virtio_ring.c. In the guest. Entries may come
 * back in any order: a buffer's id is free again when it has.
 */
#include "guest/live_loop.h"

/* The buffer is back, the n-th of this look: its id goes behind those that are free. Returns n + 1. */
static __always_inline uint32_t take_back(struct live *live, uint32_t id, uint32_t n)
{
	live->back[n] = (uint16_t)id;
	live->free_id[(live->completed + n) % live->chains] = (uint16_t)id;
	live->seen += live->chain[id].descs;
	live->out[id] = false;
	return n + 1;
}

/* The used descriptor is what its id must come back with? */
static __always_inline bool is_right(const struct live *live, uint32_t id, uint32_t len,
				     uint16_t flags)
{
	/* 2.8.4: without the flag the length says nothing. */
	uint64_t used = (uint64_t)(flags & VIRTQ_DESC_F_WRITE ? len : 0) << 32 | id;

	return id < live->chains && live->out[id] && live->chain[id].used == used;
}

static __always_inline uint32_t packed_complete(struct live *live, uint32_t most)
{
	const struct pvirtq_desc *slot = live->area[VQ_DESC];
	uint32_t n = 0;

	while (n < most) {
		const struct pvirtq_desc *desc = &slot[live->seen & (live->num - 1)];
		uint16_t flags = READ_ONCE(desc->flags);
		uint32_t id, len;

		if (live->produced - live->completed == n ||
		    !pvirtq_is_used(flags, (uint16_t)live->seen, live->num))
			break;
		/* The flags before the rest; pairs with the worker's smp_wmb before it stores them. */
		smp_rmb();
		id = READ_ONCE(desc->id);
		len = READ_ONCE(desc->len);
		if (unlikely(!is_right(live, id, len, flags))) {
			live->completed += n;
			live_wrong(live, (uint64_t)len << 32 | id,
				   id < live->chains && live->out[id] ? live->chain[id].used :
									0xffffffff);
			return 0;
		}
		/* 2.8.8: in order, one is for all up to its own, whose ids went out in this order. */
		while (live->in_order && live_id(live, live->completed + n) != id)
			n = take_back(live, live_id(live, live->completed + n), n);
		n = take_back(live, id, n);
	}
	live->completed += n;
	return n;
}

/* virtqueue_kick_prepare_packed() */
static __always_inline bool packed_kicks(const struct live *live, uint16_t old)
{
	const struct pvirtq_event_suppress *device = live->area[VQ_USED];
	uint16_t flags;

	/* The flags of what is available before the device's; pairs with the worker's smp_mb. */
	smp_mb();
	flags = READ_ONCE(device->flags) & 3;
	if (flags != RING_EVENT_FLAGS_DESC)
		return flags == RING_EVENT_FLAGS_ENABLE;
	return pvirtq_need_event(READ_ONCE(device->desc), (uint16_t)live->made, old, live->num);
}

/* virtqueue_add_packed(), for each of n entries; the flags of the first descriptor are the last store. */
static __always_inline void packed_put(struct live *live, uint32_t n)
{
	struct pvirtq_desc *slot = live->area[VQ_DESC];
	struct pvirtq_desc *head = &slot[live->made & (live->num - 1)];
	uint16_t old = (uint16_t)live->made, first = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t id = live_id(live, live->produced + i);
		const struct live_chain *chain = &live->chain[id];

		live->out[id] = true;
		live->number[id] = live->produced + i;
		for (uint32_t d = chain->first; d < chain->first + chain->descs; d++, live->made++) {
			struct pvirtq_desc *to = &slot[live->made & (live->num - 1)];
			const struct pvirtq_desc *from = &live->packed[d];
			uint16_t flags = from->flags |
					 pvirtq_avail_flags((uint16_t)live->made, live->num);

			to->addr = from->addr;
			to->len = from->len;
			to->id = from->id;
			if (to == head)
				first = flags;
			else
				to->flags = flags;
		}
	}
	live->produced += n;
	/* All of them before the first one's flags; pairs with the worker's smp_rmb. */
	smp_wmb();
	WRITE_ONCE(head->flags, first);
	live->kicks += packed_kicks(live, old);
}

/* virtqueue_enable_cb_delayed(): told of three quarters of what is in flight. */
static void packed_ask(struct live *live)
{
	struct pvirtq_event_suppress *event = live->area[VQ_AVAIL];
	uint64_t place = live->seen + (live->made - live->seen) * 3 / 4;

	WRITE_ONCE(event->desc, pvirtq_event_desc((uint16_t)place, live->num));
	/* The place before the flags that make it count; pairs with the worker's smp_rmb. */
	smp_wmb();
	WRITE_ONCE(event->flags, RING_EVENT_FLAGS_DESC);
	/* They before the ring, which is looked at next; pairs with the worker's smp_mb. */
	smp_mb();
}

static void packed_silence(struct live *live)
{
	struct pvirtq_event_suppress *event = live->area[VQ_AVAIL];

	WRITE_ONCE(event->flags, RING_EVENT_FLAGS_DISABLE);
}

static const struct live_ops packed_ops = {
	.complete = packed_complete,
	.put = packed_put,
	.ask = packed_ask,
	.silence = packed_silence,
	.any_order = true,
};

void live_run_packed(struct live *live)
{
	packed_silence(live);
	live_run(live, &packed_ops);
}
