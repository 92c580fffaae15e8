// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that under each strategy a section around larger accesses brings the bytes that are there,
 * piece by piece, while the memory migrates: by the map, by the fallback where there is none, and by
 * a map that a refresh has brought back.
 */
#include "conformance.h"

/* A table of 16 KiB: 4 pages. */
#define RING  1024
#define BYTES (RING * 16u)
#define BURST_MOST 32
#define PIECES_MOST 8

#define TIME_NS  20000000u
#define LIMIT_NS 10000000000u

static unsigned char expected[BYTES];

/* Every four bytes of the table say where they lie. */
static void fill_table(struct rig *rig)
{
	for (uint32_t at = 0; at < BYTES; at += sizeof(uint32_t)) {
		uint32_t word = (at + 1) * 2654435761u;

		memcpy(expected + at, &word, sizeof(word));
	}
	for (uint32_t at = 0; at < BYTES; at += GUEST_PAGE_SIZE) {
		long pfn = gup(rig->guest, rig->addresses.area[VQ_DESC].uaddr + at, 1, 0);

		assert_true(pfn >= 0);
		memcpy(guest_direct_map(rig->guest, pfn), expected + at, GUEST_PAGE_SIZE);
	}
}

static void choose_pieces(struct copy_piece *piece, struct probe_copy *copy)
{
	static const uint32_t bytes[] = { 2, 16, 100, 700 };
	uint32_t each = bytes[rand() % 4];

	copy->pieces = 1 + (uint32_t)rand() % PIECES_MOST;
	copy->accesses = 1 + (uint32_t)rand() % BURST_MOST;
	copy->per_section = 1 + (uint32_t)rand() % copy->accesses;
	for (uint32_t i = 0; i < copy->accesses * copy->pieces; i++)
		piece[i] = (struct copy_piece){
			.offset = (uint32_t)rand() % (BYTES - each) / 8 * 8, .bytes = each
		};
}

/* What the last access has left is what lies at its pieces. */
static void check_last(const struct copy_piece *piece, const struct probe_copy *copy)
{
	const char *dst = copy->dst;

	piece += (copy->accesses - 1) * copy->pieces;
	for (uint32_t k = 0; k < copy->pieces; dst += piece[k++].bytes)
		if (memcmp(dst, expected + piece[k].offset, piece[k].bytes) != 0)
			fail_msg("piece %u, %u bytes at %u, is not what is there", k, piece[k].bytes,
				 piece[k].offset);
}

static void probe(struct rig *rig, uint64_t began)
{
	static struct copy_piece piece[BURST_MOST * PIECES_MOST];
	static char dst[PIECES_MOST * 700] __attribute__((aligned(16)));
	const struct vq *vq = rig->vq;
	uint64_t passed;

	do {
		struct probe_copy copy = { .piece = piece, .dst = dst };
		uint64_t bursts = 1 + (uint64_t)rand() % 3;

		choose_pieces(piece, &copy);
		memset(dst, 0x5a, sizeof(dst));
		assert_int_equal(rig->strategy->walks->probe_pieces(rig->vq, &copy, bursts),
				 bursts * copy.accesses);
		check_last(piece, &copy);
		passed = clock_monotonic_ns() - began;
		assert_true(passed < LIMIT_NS);
		/* Until the map has been gone at least once, however busy the machine is. */
	} while (passed < TIME_NS ||
		 (rig->strategy->ops->refresh && (!vq->fallbacks || vq->refreshes < 2)));
}

static void reads_what_is_there(void **state)
{
	const struct invalidator_config config = {
		.target = { { .area = VQ_DESC } }, .targets = 1, .rate = 3000, .cpu = 0, .seed = 1,
	};
	static struct invalidator_report report;
	struct invalidator_config aimed = config;
	struct invalidator *invalidator;
	struct rig rig;

	rig_start(&rig, *state, RING, 0);
	fill_table(&rig);
	aimed.guest = rig.guest;
	memset(&report, 0, sizeof(report));
	assert_int_equal(invalidator_start(&aimed, &invalidator), 0);
	probe(&rig, clock_monotonic_ns());
	invalidator_stop(invalidator, &report);
	assert_int_equal(report.error, 0);
	assert_true(report.done > 0);
	rig_stop(&rig);
}

int main(void)
{
	return run_for_each_strategy("probe_pieces", reads_what_is_there);
}
