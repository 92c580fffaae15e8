/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples on their way from the worker, which must not write files, to the main thread, which does. */
#ifndef BENCH_SAMPLE_QUEUE_H
#define BENCH_SAMPLE_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>

#include <ringwalk/compiler.h>

#include "report/report.h"

#define SAMPLE_QUEUE_SIZE 16384u

struct sample_queue {
	/* The worker's to write. */
	__cacheline_aligned _Atomic uint32_t head;
	/* The main thread's. */
	__cacheline_aligned _Atomic uint32_t tail;
	__cacheline_aligned struct sample sample[SAMPLE_QUEUE_SIZE];
};

/* The worker. False: full. */
static inline bool sample_queue_put(struct sample_queue *queue, const struct sample *sample)
{
	uint32_t head = atomic_load_explicit(&queue->head, memory_order_relaxed);

	/* Acquire: the slot has been read; pairs with the release in sample_queue_get(). */
	if (head - atomic_load_explicit(&queue->tail, memory_order_acquire) == SAMPLE_QUEUE_SIZE)
		return false;
	queue->sample[head % SAMPLE_QUEUE_SIZE] = *sample;
	/* Release: the sample before the head; pairs with the acquire in sample_queue_get(). */
	atomic_store_explicit(&queue->head, head + 1, memory_order_release);
	return true;
}

/* The main thread. False: empty. */
static inline bool sample_queue_get(struct sample_queue *queue, struct sample *sample)
{
	uint32_t tail = atomic_load_explicit(&queue->tail, memory_order_relaxed);

	if (tail == atomic_load_explicit(&queue->head, memory_order_acquire))
		return false;
	*sample = queue->sample[tail % SAMPLE_QUEUE_SIZE];
	atomic_store_explicit(&queue->tail, tail + 1, memory_order_release);
	return true;
}

#endif
