/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lean driver: what its loop, its formats of rings and its thread share, in the guest. */
#ifndef GUEST_LIVE_H
#define GUEST_LIVE_H

#include "guest/internal.h"
#include "guest/schedule.h"

/* A descriptor as it is written for each entry of its chain, as from a driver's scatter list. */
struct live_desc {
	struct virtq_desc desc;
	uint32_t at; /* its place in the table */
};

struct live_chain {
	uint32_t head;
	uint32_t first, descs; /* of live->desc */
	uint64_t used; /* the used element that it must come back with: len << 32 | id */
};

struct live {
	/* Constant while it runs. */
	struct guest *guest;
	unsigned int ring;
	uint32_t num, burst, chains;
	bool timed; /* samples latencies */
	struct live_chain *chain;
	struct live_desc *desc;
	uint64_t *sent; /* timed, by chain: when its entry was made available */
	/* The number of an entry to its chain, whose number is its id: in turn, where none overtakes. */
	uint16_t *free_id;
	/* Of a packed ring: */
	bool in_order;
	struct pvirtq_desc *packed; /* in place of `desc`, without what says that it is available */
	uint64_t *number;           /* by chain: of its entry */
	bool *out;                  /* by chain: it has not come back */
	uint16_t back[VIRTQ_SIZE_MAX]; /* the chains of the last completions */
	uint64_t made, seen;               /* descriptors; free running */

	void *area[VQ_AREAS]; /* where they are now */
	struct schedule schedule;
	uint64_t produced, completed;  /* free running */
	uint64_t limit;                /* produces up to here */
	uint64_t base;                 /* the first one that is measured */
	uint32_t next_put, next_done;  /* chains */
	uint32_t phase;                /* enum live_phase, as followed */
	uint64_t kicks;
	uint32_t idle;  /* looks at the used ring in a row that found nothing */
	bool told;      /* used_event asks for a notification */
};

/* What a format of rings does; constants where the loop is inlined. */
struct live_ops {
	/* Takes back at most `most` completions, checked: how many. */
	uint32_t (*complete)(struct live *live, uint32_t most);
	/* Makes n entries available at once; counts a kick if the device asks for one. */
	void (*put)(struct live *live, uint32_t n);
	/* Asks to be told when most of what is in flight has completed; asks for nothing. */
	void (*ask)(struct live *live);
	void (*silence)(struct live *live);
	bool any_order; /* entries come back as live->back says */
};

static inline uint32_t live_id(const struct live *live, uint64_t number)
{
	return live->free_id[number % live->chains];
}

/* Of a used index that has passed all entries there are. */
#define LIVE_NONE UINT64_MAX

/* A completion that is not what it should be: for the report. */
void live_wrong(struct live *live, uint64_t found, uint64_t expected);

/* live_split.c, live_packed.c: the loop until it is to end. */
void live_run_split(struct live *live);
void live_run_packed(struct live *live);

#endif
