// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that under every strategy and section a guest that breaks the virtqueue's rules ends the
 * walk with -EPROTO, the rule's name and its place, never with a crash or a hang; that what only
 * just keeps the rules is consumed; and that the death of the guest is an error too.
 */
#include <signal.h>

#include "conformance.h"
#include "offences.h"

/* The first chain's buffer, where the payload begins: it holds the offences' tables. */
static uint64_t payload_of(struct rig *rig)
{
	struct virtq_desc desc;

	assert_int_equal(guest_ring_reset(rig->guest, 0), 0);
	assert_int_equal(vq_copy_in(rig->vq, VQ_DESC, 0, &desc, sizeof(desc)), 0);
	return desc.addr;
}

static void poke(struct rig *rig, const struct store *store, uint64_t table)
{
	uint32_t offset = store->offset + (store->area == TABLE ? (uint32_t)table : 0);

	assert_int_equal(guest_poke(rig->guest, 0, store->area, offset, store->value), 0);
}

static void commit_offence(struct rig *rig, const struct offence *offence, uint64_t table)
{
	struct vq *vq = rig->vq;

	assert_int_equal(guest_ring_reset(rig->guest, 0), 0);
	for (unsigned int i = 0; i < 2 && offence->table_at; i++) {
		uint32_t at = DESC(offence->table_at - 1, addr);

		poke(rig, &(struct store){ VQ_DESC, at + 2 * i, (uint16_t)(table >> 16 * i) }, 0);
	}
	for (unsigned int i = 0; i < sizeof(offence->store) / sizeof(offence->store[0]); i++) {
		const struct store *store = &offence->store[i];

		if (!store->area && !store->offset && !store->value)
			break;
		poke(rig, store, table);
	}
	vq->last_avail_idx = vq->last_used_idx = vq->signalled_used = 0;
	vq->fault = RING_OK;
	vq->fault_index = 0;
}

/* What the used ring says of the first entry whose head is `id`, or UINT64_MAX. */
static uint64_t used_len(struct rig *rig, uint32_t id)
{
	struct virtq_used_elem elem[4];

	for (uint32_t slot = 0; slot < sizeof(elem) / sizeof(elem[0]); slot++) {
		assert_int_equal(vq_copy_in(rig->vq, VQ_USED, VIRTQ_USED_RING(slot), &elem[slot],
					    sizeof(elem[slot])),
				 0);
		if (elem[slot].id == id)
			return elem[slot].len;
	}
	return UINT64_MAX;
}

static void assert_offence(struct rig *rig, walk_fn *walk, enum section_granularity section,
			   size_t number, uint64_t table)
{
	const struct offence *offence = &offences[number];
	uint64_t memory_bytes = rig->vq->memory_bytes;
	struct vq *vq = rig->vq;
	long n;

	commit_offence(rig, offence, table);
	if (offence->memory_bytes)
		vq->memory_bytes = offence->memory_bytes;
	n = walk(vq, 4);
	vq->memory_bytes = memory_bytes;
	if (n != (offence->fault ? -EPROTO : 4) || vq->fault != offence->fault)
		fail_msg("%s, section %s, offence %zu: the walk returned %ld (%s), not (%s)",
			 rig->strategy->name, section_name(section), number, n,
			 ring_fault_names[vq->fault], ring_fault_names[offence->fault]);
	if (offence->fault && vq->fault_index != offence->index)
		fail_msg("%s, section %s, offence %zu: found at %u, not at %u", rig->strategy->name,
			 section_name(section), number, vq->fault_index, offence->index);
	if (!offence->fault && used_len(rig, offence->index) != offence->len)
		fail_msg("%s, section %s, offence %zu: the used length is %#llx, not %#x",
			 rig->strategy->name, section_name(section), number,
			 (unsigned long long)used_len(rig, offence->index), offence->len);
}

/* The avail index moves by more than the queue size. */
static void assert_avail_jump(struct rig *rig, enum section_granularity section)
{
	struct vq *vq = rig->vq;

	assert_int_equal(guest_ring_reset(rig->guest, 0), 0);
	vq->last_avail_idx = vq->last_used_idx = vq->signalled_used = 0;
	assert_int_equal(guest_poke(rig->guest, 0, VQ_AVAIL, VIRTQ_AVAIL_IDX, 257), 0);
	assert_int_equal(rig->strategy->walks->replay[section](vq, 1000), -EPROTO);
	assert_int_equal(vq->fault, RING_AVAIL_JUMP);
	assert_int_equal(vq->fault_index, 257);
}

static void every_offence_is_named(const struct strategy *strategy)
{
	struct rig rig;
	uint64_t payload;

	rig_start(&rig, strategy, 256, 0);
	payload = payload_of(&rig);
	for (unsigned int section = 0; section < SECTIONS; section++) {
		const struct ring_walks *walks = strategy->walks;

		for (size_t i = 0; i < sizeof(offences) / sizeof(offences[0]); i++) {
			assert_offence(&rig, walks->replay[section],
				       (enum section_granularity)section, i, payload + i * 256);
			/* A mask hides nothing: what it would clear is named before. */
			assert_offence(&rig, walks->masked[section],
				       (enum section_granularity)section, i, payload + i * 256);
		}
		assert_avail_jump(&rig, (enum section_granularity)section);
	}

	rig_stop(&rig);
}

/* A chain of as many descriptors as there are is none too long; one more is a loop. */
static void a_chain_may_fill_the_ring(const struct strategy *strategy)
{
	struct rig rig;

	rig_start(&rig, strategy, 2, 0);
	for (unsigned int section = 0; section < SECTIONS; section++) {
		walk_fn *walk = strategy->walks->replay[section];

		assert_int_equal(guest_ring_reset(rig.guest, 0), 0);
		rig.vq->last_avail_idx = rig.vq->last_used_idx = rig.vq->signalled_used = 0;
		poke(&rig, &(struct store){ VQ_DESC, DESC(0, flags), NEXT }, 0);
		poke(&rig, &(struct store){ VQ_DESC, DESC(0, next), 1 }, 0);
		assert_int_equal(walk(rig.vq, 1), 1);
		poke(&rig, &(struct store){ VQ_DESC, DESC(1, flags), NEXT }, 0);
		assert_int_equal(walk(rig.vq, 1), -EPROTO);
		assert_int_equal(rig.vq->fault, RING_CHAIN_LOOP);
	}
	rig_stop(&rig);
}

/* The first chain of three descriptors is the third; its `next` is no index, and then a loop. */
static void a_scattered_chain_is_judged_as_any(const struct strategy *strategy)
{
	struct rig rig;
	uint16_t head;

	rig_start_on(&rig, strategy, &(struct ring_config){ .num = 64, .heads = HEADS_SCATTERED });
	for (unsigned int section = 0; section < SECTIONS; section++) {
		struct vq *vq = rig.vq;

		for (unsigned int loop = 0; loop < 2; loop++) {
			assert_int_equal(guest_ring_reset(rig.guest, 0), 0);
			vq->last_avail_idx = vq->last_used_idx = vq->signalled_used = 0;
			assert_int_equal(vq_copy_in(vq, VQ_AVAIL, VIRTQ_AVAIL_RING(2), &head,
						    sizeof(head)),
					 0);
			assert_int_not_equal(head, 3);
			poke(&rig, &(struct store){ VQ_DESC, DESC(head, next),
						    loop ? head : 64 }, 0);
			assert_int_equal(strategy->walks->replay[section](vq, 10), -EPROTO);
			assert_int_equal(vq->fault, loop ? RING_CHAIN_LOOP : RING_NEXT_RANGE);
		}
	}
	rig_stop(&rig);
}

static void the_dead_are_an_error(const struct strategy *strategy)
{
	struct rig rig;

	rig_start(&rig, strategy, 256, 0);
	/* What must ask the guest says so, from then on. */
	assert_int_equal(guest_check(rig.guest), 0);
	kill(guest_pid(rig.guest), SIGKILL);
	for (int i = 0; i < 1000 && !guest_check(rig.guest); i++)
		usleep(1000);
	assert_int_equal(guest_check(rig.guest), -ESRCH);
	assert_string_equal(guest_death(rig.guest), "killed by signal 9");
	assert_int_equal(guest_migrate(rig.guest, &(struct guest_target){ .area = VQ_USED }, NULL),
			 -ESRCH);
	if (rig.strategy->class == CLASS_COPY)
		assert_int_equal(rig.strategy->walks->replay[0](rig.vq, 1000), -ESRCH);
	rig_stop(&rig);
}

static void nothing_a_guest_does_is_fatal(void **state)
{
	every_offence_is_named(*state);
	a_chain_may_fill_the_ring(*state);
	a_scattered_chain_is_judged_as_any(*state);
	the_dead_are_an_error(*state);
}

int main(void)
{
	return run_for_each_strategy("bad_guest", nothing_a_guest_does_is_fatal);
}
