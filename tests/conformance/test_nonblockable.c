// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows of every strategy with a notifier what its invalidate_start() answers where it may not block:
 * -EAGAIN only if it would have to block and the range overlaps an area, so never for memory that is
 * no metadata, and never while nothing is mapped; that a refusal changes nothing; that 0 has taken the
 * map away as ever; and that who claims FROM_NONBLOCKABLE never refuses, and who does not claim it
 * does while a section runs. Without the filter every range overlaps.
 */
#include "conformance.h"

/* Enough walks that a refresh has mapped all that it can. */
static void walk_a_while(struct rig *rig)
{
	walk_fn *walk = rig->strategy->walks->replay[SECTION_ACCESS];

	for (int i = 0; i < 4; i++)
		assert_int_equal(walk(rig->vq, 64), 64);
	rig->vq->fallbacks = 0;
	assert_int_equal(walk(rig->vq, 64), 64);
}

/* Of the walk just made. */
static bool is_mapped(struct rig *rig)
{
	return rig->vq->fallbacks == 0;
}

static struct mmu_range range_of(const struct rig *rig, unsigned int area)
{
	const struct vq_range *r = &rig->addresses.area[area];

	return (struct mmu_range){ r->uaddr, r->uaddr + r->bytes };
}

static int start(struct rig *rig, const struct mmu_range *range)
{
	return rig->strategy->invalidate_start(rig->vq, range, false);
}

static void end(struct rig *rig, const struct mmu_range *range)
{
	rig->strategy->invalidate_end(rig->vq, range);
}

/* Page by page around the areas, and far away. */
static void unrelated_ranges_are_let_by(struct rig *rig)
{
	struct mmu_range desc = range_of(rig, VQ_DESC), used = range_of(rig, VQ_USED);
	const struct mmu_range ranges[] = {
		{ 0, GUEST_PAGE_SIZE },
		{ desc.start - GUEST_PAGE_SIZE, desc.start },
		{ used.start + GUEST_PAGE_SIZE, used.start + 2 * GUEST_PAGE_SIZE },
		{ 1ULL << 46, 1ULL << 47 },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		assert_int_equal(start(rig, &ranges[i]), 0);
		end(rig, &ranges[i]);
	}
	walk_a_while(rig);
	assert_true(is_mapped(rig));
}

/* Between start and end. (Not by a walk: its refresh may wait for the end.) */
static void assert_taken_away(struct rig *rig, unsigned int area)
{
	const struct reader_ops *ops = rig->strategy->ops;
	struct section s;

	if (ops->online)
		ops->online(rig->vq);
	assert_false(ops->begin(rig->vq, BIT(area), &s));
	if (ops->offline)
		ops->offline(rig->vq);
	/* As the walk would, so that the next one refreshes. */
	vq_missed(rig->vq);
}

/* Outside any section. Returns whether it was refused. */
static bool try_area(struct rig *rig, unsigned int area)
{
	struct mmu_range range = range_of(rig, area);
	int err = start(rig, &range);

	if (err) {
		assert_int_equal(err, -EAGAIN);
		walk_a_while(rig);
		assert_true(is_mapped(rig));
		return true;
	}
	assert_taken_away(rig, area);
	end(rig, &range);
	walk_a_while(rig);
	assert_true(is_mapped(rig));
	return false;
}

/* Inside a section: now there is something to wait for, and who cannot refuses. */
static void refuse_in_section(struct rig *rig)
{
	const struct reader_ops *ops = rig->strategy->ops;

	if (ops->online)
		ops->online(rig->vq);
	for_each_area(area) {
		struct mmu_range range = range_of(rig, area);
		struct section s;

		assert_true(ops->begin(rig->vq, BIT(area), &s));
		assert_int_equal(start(rig, &range), -EAGAIN);
		ops->end(rig->vq, &s);
	}
	if (ops->offline)
		ops->offline(rig->vq);
	walk_a_while(rig);
	assert_true(is_mapped(rig));
}

static void nothing_mapped_is_no_reason(struct rig *rig)
{
	const struct strategy *s = rig->strategy;

	if (!s->live_update)
		guest_unregister(rig->guest, rig->vq);
	assert_int_equal(s->update(rig->vq, NULL), 0);
	assert_int_equal(s->update(rig->vq, &rig->addresses), 0);
	if (!s->live_update)
		assert_int_equal(guest_register(rig->guest, s, rig->vq), 0);
	for_each_area(area) {
		struct mmu_range range = range_of(rig, area);

		assert_int_equal(start(rig, &range), 0);
		end(rig, &range);
	}
	walk_a_while(rig);
	assert_true(is_mapped(rig));
}

static void answers_as_it_says(void **state)
{
	const struct strategy *strategy = *state;
	unsigned int refused = 0;
	char reason[200];
	struct rig rig;

	if (!strategy->invalidate_start || !strategy->ops->begin)
		skip();
	if (strategy->available && strategy->available(reason, sizeof(reason)))
		skip();
	rig_start(&rig, strategy, 256, 0);
	walk_a_while(&rig);
	assert_true(is_mapped(&rig));
	unrelated_ranges_are_let_by(&rig);
	for_each_area(area)
		refused += try_area(&rig, area);
	nothing_mapped_is_no_reason(&rig);
	if (strategy->usable_from & FROM_NONBLOCKABLE)
		assert_int_equal(refused, 0);
	else
		refuse_in_section(&rig);

	rig.vq->filter = false;
	if (refused) {
		assert_int_equal(start(&rig, &(struct mmu_range){ 0, GUEST_PAGE_SIZE }), -EAGAIN);
	} else {
		assert_int_equal(start(&rig, &(struct mmu_range){ 0, GUEST_PAGE_SIZE }), 0);
		for_each_area(area)
			assert_taken_away(&rig, area);
		end(&rig, &(struct mmu_range){ 0, GUEST_PAGE_SIZE });
	}
	walk_a_while(&rig);
	assert_true(is_mapped(&rig));
	rig_stop(&rig);
}

int main(void)
{
	return run_for_each_strategy("nonblockable", answers_as_it_says);
}
