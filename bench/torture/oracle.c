// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The oracles. The rule itself is the first to fire nearly always: the frames of a range are forbidden
 * as soon as start has returned, and every direct access looks before it is made.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <ringwalk/cycles.h>
#include <ringwalk/torture.h>

#include "guest/oracle.h"
#include "measure/clock.h"
#include "torture/torture.h"

static struct torture_result *result;
static struct guest *this_guest;
static const struct strategy *strategy;
static uint64_t began_ns;

/* Of the worker: inside a section, and what was read in it against the rule. */
static __thread bool in_section;
static __thread unsigned int suspects;
static __thread long suspect_frame;

void oracle_init(const struct torture_run *run, struct torture_result *out, struct guest *guest)
{
	result = out;
	this_guest = guest;
	strategy = run->strategy;
	began_ns = clock_monotonic_ns();
}

void oracle_found(enum finding finding, const char *format, ...)
{
	uint64_t none = 0;
	va_list args;

	if (atomic_fetch_add(&result->count[finding], 1))
		return;
	va_start(args, format);
	vsnprintf(result->evidence[finding], sizeof(result->evidence[finding]), format, args);
	va_end(args);
	if (finding != FOUND_SLEPT)
		atomic_compare_exchange_strong(&result->first_ns, &none,
					       clock_monotonic_ns() - began_ns);
}

bool oracle_decided(void)
{
	return atomic_load(&result->first_ns) != 0;
}

/* --- the rule -------------------------------------------------------------------------------- */

void oracle_forbid(struct guest *guest, uint32_t pfn, uint32_t pages)
{
	for (uint32_t i = 0; i < pages; i++)
		atomic_fetch_add(&guest->forbidden[pfn + i], 1);
}

void oracle_permit(struct guest *guest, uint32_t pfn, uint32_t pages)
{
	for (uint32_t i = 0; i < pages; i++)
		atomic_fetch_sub(&guest->forbidden[pfn + i], 1);
}

/* Pinned pages are nobody else's, whatever was announced: their strategy has no notifier. */
static bool is_forbidden(long pfn)
{
	if (!strategy->invalidate_start)
		return false;
	return atomic_load(&this_guest->forbidden[pfn]) || !atomic_load(&this_guest->owned[pfn]);
}

void torture_section_begun(struct vq *vq)
{
	(void)vq;
	in_section = true;
	suspects = 0;
}

void torture_section_ended(struct vq *vq, bool valid)
{
	in_section = false;
	/* What is thrown away was never read. */
	if (valid && suspects)
		oracle_found(FOUND_STALE_READ,
			     "entry %u: a section ended as valid that had read frame %ld, "
			     "forbidden since invalidate_start() returned",
			     vq->last_avail_idx, suspect_frame);
	suspects = 0;
}

/* Between the load of the map and its use: long enough for a start to return. No system call. */
static void stall_before_access(void)
{
	uint32_t dice = perturb_random(1024);

	if (dice < 32)
		perturb_spin(perturb_random(3000));
	else if (dice == 32)
		perturb_spin(perturb_random(100000));
}

void torture_access(struct vq *vq, const char *at, bool write)
{
	long pfn = (at - guest_direct_map(this_guest, 0)) >> GUEST_PAGE_SHIFT;

	stall_before_access();
	atomic_fetch_add_explicit(&result->accesses, 1, memory_order_relaxed);
	if (pfn < 0 || pfn >= (long)this_guest->frames) {
		oracle_found(FOUND_STALE_READ, "entry %u: a map that is no guest memory",
			     vq->last_avail_idx);
		return;
	}
	if (likely(!is_forbidden(pfn)))
		return;
	if (write) {
		oracle_found(FOUND_STALE_WRITE,
			     "entry %u: wrote frame %ld, forbidden since invalidate_start() returned",
			     vq->last_avail_idx, pfn);
	} else {
		suspects++;
		suspect_frame = pfn;
	}
}

void torture_may_sleep(const char *what)
{
	if (in_section)
		oracle_found(FOUND_SLEPT, "inside a section: %s", what);
}

/* --- memory that is somebody else's ---------------------------------------------------------- */

/* Each byte changed: a constant could be a legal index. */
#define POISON 0xa5a5a5a5a5a5a5a5u

static uint64_t *frame_words(struct guest *guest, uint32_t pfn)
{
	return (uint64_t *)guest_direct_map(guest, pfn);
}

uint64_t oracle_checksum(struct guest *guest, uint32_t pfn, uint32_t pages)
{
	const uint64_t *words = frame_words(guest, pfn);
	uint64_t sum = 0;

	for (size_t i = 0; i < pages * GUEST_PAGE_SIZE / sizeof(*words); i++)
		sum = (sum ^ READ_ONCE(words[i])) * 0x100000001b3u;
	return sum;
}

void oracle_unchanged(struct guest *guest, uint32_t pfn, uint32_t pages, uint64_t checksum)
{
	if (oracle_checksum(guest, pfn, pages) != checksum)
		oracle_found(FOUND_PROTECTED, "frame %u was written while it was write-protected",
			     pfn);
}

void oracle_free(struct guest *guest, struct guest_object *object, unsigned int spare)
{
	uint64_t *words = frame_words(guest, object->spare[spare]);

	/* A pinned page stays with who has pinned it. */
	for (uint32_t i = 0; i < object->pages; i++)
		if (atomic_load(&guest->pins[object->spare[spare] + i]))
			return;
	for (uint32_t i = 0; i < object->pages; i++)
		atomic_store(&guest->owned[object->spare[spare] + i], 0);
	for (size_t i = 0; i < object->pages * GUEST_PAGE_SIZE / sizeof(*words); i++)
		WRITE_ONCE(words[i], words[i] ^ POISON);
	object->spare_sum[spare] = oracle_checksum(guest, object->spare[spare], object->pages);
	object->spare_poisoned[spare] = true;
}

void oracle_reuse(struct guest *guest, struct guest_object *object, unsigned int spare)
{
	uint32_t pfn = object->spare[spare];

	if (object->spare_poisoned[spare] &&
	    oracle_checksum(guest, pfn, object->pages) != object->spare_sum[spare])
		oracle_found(FOUND_POISON, "frame %u was written while it was somebody else's", pfn);
	object->spare_poisoned[spare] = false;
	for (uint32_t i = 0; i < object->pages; i++)
		atomic_store(&guest->owned[pfn + i], 1);
}
