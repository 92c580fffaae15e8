/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a guest can break the rules of virtio 1.2, section 2.7, and how it only just keeps them. */
#ifndef OFFENCES_H
#define OFFENCES_H

#include <stddef.h>

#include <ringwalk/virtqueue.h>

#define DESC(i, field)                                                                             \
	((uint32_t)((i) * sizeof(struct virtq_desc) + offsetof(struct virtq_desc, field)))

#define NEXT	 VIRTQ_DESC_F_NEXT
#define WRITE	 VIRTQ_DESC_F_WRITE
#define INDIRECT VIRTQ_DESC_F_INDIRECT

/* Not an area but the offence's own table: 256 bytes of zeroes in the guest's payload. */
#define TABLE VQ_AREAS

/* Two bytes. */
struct store {
	unsigned int area;
	uint32_t offset;
	uint16_t value;
};

/*
 * Stores that break one rule, or none (RING_OK), of a freshly filled ring of 256
 * (bench/guest/ring.c): chains begin at 0, 1, 3 and 6; 1 and 2 are device-readable, 6 and 7
 * device-writable.
 */
struct offence {
	enum ring_fault fault;
	uint16_t index; /* where it is found: vq->fault_index */
	struct store store[8]; /* up to the first {} */
	unsigned int table_at; /* 1 + the descriptor that points to the table, or 0 */
	uint64_t memory_bytes; /* what the worker takes for the size of memory; 0: what it is */
	uint32_t len; /* RING_OK: in the used element of the entry whose head is `index` */
};

/* Names descriptor `i` of the ring as one that points to the table, `bytes` long. */
#define POINTS_TO_TABLE(i, bytes)                                                                  \
	{ VQ_DESC, DESC(i, flags), INDIRECT },                                                     \
	{                                                                                          \
		VQ_DESC, DESC(i, len), bytes                                                       \
	}

static const struct offence offences[] = {
	{ .fault = RING_HEAD_RANGE,
	  .index = 256,
	  .store = { { VQ_AVAIL, VIRTQ_AVAIL_RING(3), 256 } } },
	{ .fault = RING_HEAD_RANGE,
	  .index = 65535,
	  .store = { { VQ_AVAIL, VIRTQ_AVAIL_RING(0), 65535 } } },
	{ .fault = RING_NEXT_RANGE, .index = 256, .store = { { VQ_DESC, DESC(1, next), 256 } } },
	/* Descriptors 1 and 2 are a chain of device-readable ones: a loop adds them up for ever. */
	{ .fault = RING_CHAIN_LOOP,
	  .index = 1,
	  .store = { { VQ_DESC, DESC(2, flags), NEXT }, { VQ_DESC, DESC(2, next), 1 } } },
	{ .fault = RING_CHAIN_LOOP,
	  .index = 0,
	  .store = { { VQ_DESC, DESC(0, flags), NEXT }, { VQ_DESC, DESC(0, next), 0 } } },
	{ .fault = RING_BUFFER_RANGE,
	  .index = 0,
	  .store = { { VQ_DESC, DESC(0, addr) + 6, 0xffff } } },
	{ .fault = RING_BUFFER_RANGE,
	  .index = 2,
	  .store = { { VQ_DESC, DESC(2, len) + 2, 0xffff } } },
	{ .fault = RING_BUFFER_RANGE,
	  .index = 6,
	  .store = { { VQ_DESC, DESC(6, addr), 0xffff },
		     { VQ_DESC, DESC(6, addr) + 2, 0x7fff },
		     { VQ_DESC, DESC(6, len), 2 } },
	  .memory_bytes = 0x80000000 },
	{ .fault = RING_ORDER, .index = 7, .store = { { VQ_DESC, DESC(7, flags), 0 } } },
	{ .fault = RING_INDIRECT_NEST,
	  .index = 1,
	  .store = { { VQ_DESC, DESC(1, flags), INDIRECT | NEXT } } },
	{ .fault = RING_INDIRECT_NEST,
	  .index = 1,
	  .store = { { VQ_DESC, DESC(2, flags), INDIRECT | NEXT },
		     { VQ_DESC, DESC(2, len), 16 } } },
	/* Its length is not of whole descriptors, or none at all. */
	{ .fault = RING_INDIRECT_TABLE, .index = 0, .store = { POINTS_TO_TABLE(0, 0) } },
	{ .fault = RING_INDIRECT_TABLE, .index = 0, .store = { POINTS_TO_TABLE(0, 15) } },
	{ .fault = RING_INDIRECT_TABLE, .index = 0, .store = { POINTS_TO_TABLE(0, 17) } },
	/* It lies outside of memory, at both ends or at one. */
	{ .fault = RING_INDIRECT_TABLE,
	  .index = 0,
	  .store = { POINTS_TO_TABLE(0, 16), { VQ_DESC, DESC(0, addr) + 6, 0xffff } } },
	{ .fault = RING_INDIRECT_TABLE,
	  .index = 0,
	  .store = { POINTS_TO_TABLE(0, 32),
		     { VQ_DESC, DESC(0, addr), 0xfff0 },
		     { VQ_DESC, DESC(0, addr) + 2, 0x3fff } },
	  .memory_bytes = 1 << 30 },
	/* 32769 descriptors, one too many; in memory that could hold them. */
	{ .fault = RING_INDIRECT_TABLE,
	  .index = 0,
	  .store = { POINTS_TO_TABLE(0, 16), { VQ_DESC, DESC(0, len) + 2, 8 } },
	  .table_at = 1,
	  .memory_bytes = 1 << 30 },
	/* Within the table: */
	{ .fault = RING_CHAIN_LOOP,
	  .index = 0,
	  .store = { POINTS_TO_TABLE(0, 16), { TABLE, DESC(0, flags), NEXT } },
	  .table_at = 1 },
	{ .fault = RING_CHAIN_LOOP,
	  .index = 0,
	  .store = { POINTS_TO_TABLE(0, 32),
		     { TABLE, DESC(0, flags), NEXT },
		     { TABLE, DESC(0, next), 1 },
		     { TABLE, DESC(1, flags), NEXT } },
	  .table_at = 1 },
	{ .fault = RING_NEXT_RANGE,
	  .index = 0,
	  .store = { POINTS_TO_TABLE(0, 32),
		     { TABLE, DESC(0, flags), NEXT },
		     { TABLE, DESC(0, next), 2 } },
	  .table_at = 1 },
	{ .fault = RING_NEXT_RANGE,
	  .index = 0,
	  .store = { POINTS_TO_TABLE(0, 32),
		     { TABLE, DESC(0, flags), NEXT },
		     { TABLE, DESC(0, next), 65535 } },
	  .table_at = 1 },
	{ .fault = RING_INDIRECT_NEST,
	  .index = 0,
	  .store = { POINTS_TO_TABLE(0, 16),
		     { TABLE, DESC(0, flags), INDIRECT },
		     { TABLE, DESC(0, len), 16 } },
	  .table_at = 1 },
	{ .fault = RING_INDIRECT_NEST,
	  .index = 0,
	  .store = { POINTS_TO_TABLE(0, 32),
		     { TABLE, DESC(0, flags), NEXT },
		     { TABLE, DESC(0, next), 1 },
		     { TABLE, DESC(1, flags), INDIRECT } },
	  .table_at = 1 },
	{ .fault = RING_BUFFER_RANGE,
	  .index = 0,
	  .store = { POINTS_TO_TABLE(0, 16), { TABLE, DESC(0, addr) + 6, 0xffff } },
	  .table_at = 1 },
	{ .fault = RING_BUFFER_RANGE,
	  .index = 0,
	  .store = { POINTS_TO_TABLE(0, 16), { TABLE, DESC(0, len) + 2, 0xffff } },
	  .table_at = 1 },
	{ .fault = RING_ORDER,
	  .index = 0,
	  .store = { POINTS_TO_TABLE(0, 32),
		     { TABLE, DESC(0, flags), NEXT | WRITE },
		     { TABLE, DESC(0, len), 1 },
		     { TABLE, DESC(0, next), 1 } },
	  .table_at = 1 },
	/* The order holds for the chain as a whole: 6 is device-writable, the table is not. */
	{ .fault = RING_ORDER,
	  .index = 6,
	  .store = { POINTS_TO_TABLE(7, 16), { TABLE, DESC(0, len), 1 } },
	  .table_at = 8 },
	/*
	 * 2^32 bytes. The buffers are longer than the guest's memory: the worker is told that there
	 * is more of it, and never looks at them.
	 */
	{ .fault = RING_LENGTH,
	  .index = 1,
	  .store = { { VQ_DESC, DESC(1, len) + 2, 0x8000 },
		     { VQ_DESC, DESC(1, len), 0 },
		     { VQ_DESC, DESC(2, len) + 2, 0x8000 },
		     { VQ_DESC, DESC(2, len), 0 } },
	  .memory_bytes = 1ULL << 40 },
	/* Of both directions together. */
	{ .fault = RING_LENGTH,
	  .index = 1,
	  .store = { { VQ_DESC, DESC(1, len) + 2, 0x8000 },
		     { VQ_DESC, DESC(1, len), 0 },
		     { VQ_DESC, DESC(2, len) + 2, 0x8000 },
		     { VQ_DESC, DESC(2, len), 0 },
		     { VQ_DESC, DESC(2, flags), WRITE } },
	  .memory_bytes = 1ULL << 40 },
	/* Before the table: 3 and 4 are linked, 5 points to a table that adds nothing. */
	{ .fault = RING_LENGTH,
	  .index = 3,
	  .store = { { VQ_DESC, DESC(3, len) + 2, 0x8000 },
		     { VQ_DESC, DESC(4, len) + 2, 0x8000 },
		     POINTS_TO_TABLE(5, 16) },
	  .table_at = 6,
	  .memory_bytes = 1ULL << 40 },
	/* In the table, and the two parts together. */
	{ .fault = RING_LENGTH,
	  .index = 0,
	  .store = { POINTS_TO_TABLE(0, 32),
		     { TABLE, DESC(0, len) + 2, 0x8000 },
		     { TABLE, DESC(0, flags), NEXT },
		     { TABLE, DESC(0, next), 1 },
		     { TABLE, DESC(1, len) + 2, 0x8000 } },
	  .table_at = 1,
	  .memory_bytes = 1ULL << 40 },
	{ .fault = RING_LENGTH,
	  .index = 1,
	  .store = { { VQ_DESC, DESC(1, len) + 2, 0x8000 },
		     { VQ_DESC, DESC(1, len), 0 },
		     POINTS_TO_TABLE(2, 16),
		     { TABLE, DESC(0, len) + 2, 0x8000 },
		     { TABLE, DESC(0, flags), WRITE } },
	  .table_at = 3,
	  .memory_bytes = 1ULL << 40 },
	{ .fault = RING_LENGTH,
	  .index = 6,
	  .store = { { VQ_DESC, DESC(6, len) + 2, 0x8000 },
		     { VQ_DESC, DESC(6, len), 0 },
		     POINTS_TO_TABLE(7, 16),
		     { TABLE, DESC(0, len) + 2, 0x8000 },
		     { TABLE, DESC(0, flags), WRITE } },
	  .table_at = 8,
	  .memory_bytes = 1ULL << 40 },
	/* One byte less is none too many. */
	{ .fault = RING_OK,
	  .index = 6,
	  .store = { { VQ_DESC, DESC(6, len) + 2, 0x8000 },
		     { VQ_DESC, DESC(6, len), 0 },
		     { VQ_DESC, DESC(7, len) + 2, 0x7fff },
		     { VQ_DESC, DESC(7, len), 0xffff } },
	  .memory_bytes = 1ULL << 40,
	  .len = 0xffffffff },
	{ .fault = RING_OK,
	  .index = 6,
	  .store = { { VQ_DESC, DESC(6, len) + 2, 0x8000 },
		     { VQ_DESC, DESC(6, len), 0 },
		     POINTS_TO_TABLE(7, 16),
		     { TABLE, DESC(0, len) + 2, 0x7fff },
		     { TABLE, DESC(0, len), 0xffff },
		     { TABLE, DESC(0, flags), WRITE } },
	  .table_at = 8,
	  .memory_bytes = 1ULL << 40,
	  .len = 0xffffffff },
	/* A buffer may end where memory does. */
	{ .fault = RING_OK,
	  .index = 6,
	  .store = { { VQ_DESC, DESC(6, addr), 0xffff },
		     { VQ_DESC, DESC(6, addr) + 2, 0x7fff },
		     { VQ_DESC, DESC(6, len), 1 } },
	  .memory_bytes = 0x80000000,
	  .len = 1 + 1514 },
	/* 2.7.5.3.2: a table after direct descriptors, of either direction; from 0 to 2 in it. */
	{ .fault = RING_OK,
	  .index = 1,
	  .store = { POINTS_TO_TABLE(2, 48),
		     { TABLE, DESC(0, len), 5 },
		     { TABLE, DESC(0, flags), NEXT },
		     { TABLE, DESC(0, next), 2 },
		     { TABLE, DESC(1, addr) + 6, 0xffff },
		     { TABLE, DESC(2, len), 7 },
		     { TABLE, DESC(2, flags), WRITE } },
	  .table_at = 3,
	  .len = 7 },
	{ .fault = RING_OK,
	  .index = 6,
	  .store = { POINTS_TO_TABLE(7, 16),
		     { TABLE, DESC(0, len), 7 },
		     { TABLE, DESC(0, flags), WRITE } },
	  .table_at = 8,
	  .len = 12 + 7 },
	/* "The device MUST ignore the write-only flag" of what points to the table (2.7.5.3.2). */
	{ .fault = RING_OK,
	  .index = 0,
	  .store = { POINTS_TO_TABLE(0, 16), { VQ_DESC, DESC(0, flags), INDIRECT | WRITE } },
	  .table_at = 1,
	  .len = 0 },
	/* A chain may have as many descriptors as its table. */
	{ .fault = RING_OK,
	  .index = 0,
	  .store = { POINTS_TO_TABLE(0, 32),
		     { TABLE, DESC(0, flags), NEXT },
		     { TABLE, DESC(0, next), 1 },
		     { TABLE, DESC(1, len), 9 },
		     { TABLE, DESC(1, flags), WRITE } },
	  .table_at = 1,
	  .len = 9 },
};

#endif
