// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The oracles. The rule itself is the first to fire nearly always: the frames of a range are forbidden
 * as soon as start has returned, and every direct access looks before it is made.
 */
#include <errno.h>
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
static unsigned int expected;
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
	expected = strategy->expected[run->section];
	began_ns = clock_monotonic_ns();
}

void oracle_found(enum finding finding, const char *format, ...)
{
	char *text = result->evidence[finding];
	uint64_t none = 0;
	va_list args;
	int used;

	if (atomic_fetch_add(&result->count[finding], 1))
		return;
	/* The step: with the seed it says where in the run this was. */
	used = snprintf(text, EVIDENCE_BYTES, "at access %llu, invalidation %llu: ",
			(unsigned long long)atomic_load(&result->accesses),
			(unsigned long long)atomic_load(&result->invalidations));
	va_start(args, format);
	vsnprintf(text + used, (size_t)(EVIDENCE_BYTES - used), format, args);
	va_end(args);
	if (finding != FOUND_SLEPT &&
	    atomic_compare_exchange_strong(&result->first_ns, &none,
					   clock_monotonic_ns() - began_ns))
		atomic_store(&result->first, finding);
}

bool oracle_has_found(void)
{
	return atomic_load(&result->first_ns) != 0;
}

bool oracle_decided(void)
{
	return oracle_has_found() && judge_complete(expected, judge_found(strategy, result));
}

/* --- the rule -------------------------------------------------------------------------------- */

void oracle_forbid(struct guest *guest, const struct frames *frames)
{
	for (uint32_t i = 0; i < frames->pages; i++)
		atomic_fetch_add(&guest->forbidden[frames->pfn[i]], 1);
}

void oracle_permit(struct guest *guest, const struct frames *frames)
{
	for (uint32_t i = 0; i < frames->pages; i++)
		atomic_fetch_sub(&guest->forbidden[frames->pfn[i]], 1);
}

/*
 * Who has no notifier cannot keep to what was announced, and need not: it uses pages that it has
 * pinned, and those are nobody else's.
 */
static bool is_forbidden(long pfn)
{
	if (strategy->invalidate_start && atomic_load(&this_guest->forbidden[pfn]))
		return true;
	return !atomic_load(&this_guest->owned[pfn]);
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

/* A quarter of all time. */
static bool is_sluggish_time(void)
{
	return clock_monotonic_ns() / 67000000 % 4 == 0;
}

/*
 * Between the load of the map and its use: long enough for a start to return. In sluggish times
 * sections last as long as grace periods and migrations, so that some begin in the middle of one start
 * and still run in the middle of the next. No system call, but for pauses by the end of which the
 * store buffer is long empty.
 */
static void stall_before_access(void)
{
	uint32_t dice = perturb_random(1024);

	if (dice < 32)
		perturb_spin(perturb_random(3000));
	else if (dice == 32)
		perturb_spin(perturb_random(100000));
	else if (dice == 33 && perturb_random(64) == 0)
		/* It has lost its CPU: nobody may count on a section to be short. */
		perturb_sleep(perturb_random(20000));
	else if (dice < 50 && is_sluggish_time())
		perturb_sleep(perturb_random(500));
}

void torture_access(struct vq *vq, const char *at, bool write)
{
	long pfn = guest_frame_at(this_guest, at);

	stall_before_access();
	atomic_fetch_add_explicit(&result->accesses, 1, memory_order_relaxed);
	if (pfn < 0) {
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

void oracle_refused(int err, bool blockable)
{
	if (blockable || err != -EAGAIN)
		oracle_found(FOUND_REFUSED, "a start that may%s block returned: %s",
			     blockable ? "" : " not", strerror(-err));
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

static uint64_t frame_checksum(struct guest *guest, uint32_t pfn, uint64_t sum)
{
	const uint64_t *words = frame_words(guest, pfn);

	for (size_t i = 0; i < GUEST_PAGE_SIZE / sizeof(*words); i++)
		sum = (sum ^ READ_ONCE(words[i])) * 0x100000001b3u;
	return sum;
}

uint64_t oracle_checksum(struct guest *guest, const struct frames *frames)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < frames->pages; i++)
		sum = frame_checksum(guest, frames->pfn[i], sum);
	return sum;
}

void oracle_unchanged(struct guest *guest, const struct frames *frames, uint64_t checksum)
{
	if (oracle_checksum(guest, frames) != checksum)
		oracle_found(FOUND_PROTECTED, "frame %u was written while it was write-protected",
			     frames->pfn[0]);
}

void oracle_free(struct guest *guest, struct spare_frame *spare)
{
	uint64_t *words = frame_words(guest, spare->pfn);

	/* A pinned page stays with who has pinned it. */
	if (atomic_load(&guest->pins[spare->pfn].count))
		return;
	atomic_store(&guest->owned[spare->pfn], 0);
	for (size_t i = 0; i < GUEST_PAGE_SIZE / sizeof(*words); i++)
		WRITE_ONCE(words[i], words[i] ^ POISON);
	spare->sum = frame_checksum(guest, spare->pfn, 0);
	spare->poisoned = true;
}

static void check_poison(struct guest *guest, const struct spare_frame *spare)
{
	if (spare->poisoned && frame_checksum(guest, spare->pfn, 0) != spare->sum)
		oracle_found(FOUND_POISON, "frame %u was written while it was somebody else's",
			     spare->pfn);
}

void oracle_reuse(struct guest *guest, struct spare_frame *spare)
{
	check_poison(guest, spare);
	spare->poisoned = false;
	atomic_store(&guest->owned[spare->pfn], 1);
}

static void check_freed_of(const struct guest_object *object)
{
	for (uint32_t i = 0; i < object->pages; i++) {
		for (unsigned int run = 0; run < SPARE_RUNS; run++)
			check_poison(this_guest, &object->spare[run][i]);
		check_poison(this_guest, &object->gone[i]);
	}
}

void oracle_check_freed(void)
{
	for (unsigned int ring = 0; ring < this_guest->rings; ring++)
		for_each_area(area)
			check_freed_of(&this_guest->ring[ring].area[area]);
	check_freed_of(&this_guest->bystander);
}
