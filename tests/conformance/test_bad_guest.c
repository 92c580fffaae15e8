// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows that under every strategy and section a guest that breaks the virtqueue's rules ends the
 * walk with -EPROTO and the rule's name, never with a crash or a hang, and that the death of the
 * guest is an error too.
 */
#include <signal.h>

#include "conformance.h"

#define DESC(i, field) ((uint32_t)((i) * sizeof(struct virtq_desc) + offsetof(struct virtq_desc, field)))

/* Stores that break one rule of a freshly filled ring of 256 (bench/guest/ring.c). */
struct offence {
	enum ring_fault fault;
	struct {
		unsigned int area;
		uint32_t offset;
		uint16_t value;
	} store[3];
	unsigned int stores;
};

static const struct offence offences[] = {
	{ RING_HEAD_RANGE, { { VQ_AVAIL, VIRTQ_AVAIL_RING(3), 256 } }, 1 },
	{ RING_HEAD_RANGE, { { VQ_AVAIL, VIRTQ_AVAIL_RING(0), 65535 } }, 1 },
	{ RING_NEXT_RANGE, { { VQ_DESC, DESC(1, next), 256 } }, 1 },
	/* Descriptors 1 and 2 are a chain of device-readable ones: a loop adds them up for ever. */
	{ RING_CHAIN_LOOP,
	  { { VQ_DESC, DESC(2, flags), VIRTQ_DESC_F_NEXT }, { VQ_DESC, DESC(2, next), 1 } },
	  2 },
	{ RING_CHAIN_LOOP,
	  { { VQ_DESC, DESC(0, flags), VIRTQ_DESC_F_NEXT }, { VQ_DESC, DESC(0, next), 0 } },
	  2 },
	{ RING_BUFFER_RANGE, { { VQ_DESC, DESC(0, addr) + 6, 0xffff } }, 1 },
	{ RING_BUFFER_RANGE, { { VQ_DESC, DESC(0, len) + 2, 0xffff } }, 1 },
	/* 6 and 7 are device-writable. */
	{ RING_ORDER, { { VQ_DESC, DESC(7, flags), 0 } }, 1 },
	{ RING_INDIRECT_NEST,
	  { { VQ_DESC, DESC(1, flags), VIRTQ_DESC_F_INDIRECT | VIRTQ_DESC_F_NEXT } },
	  1 },
	{ RING_INDIRECT_TABLE, { { VQ_DESC, DESC(0, flags), VIRTQ_DESC_F_INDIRECT } }, 1 },
	{ RING_INDIRECT_TABLE,
	  { { VQ_DESC, DESC(0, flags), VIRTQ_DESC_F_INDIRECT }, { VQ_DESC, DESC(0, len), 0 } },
	  2 },
};

static void assert_offence(struct rig *rig, enum section_granularity section,
			   const struct offence *offence)
{
	struct vq *vq = rig->vq;
	long n;

	assert_int_equal(guest_ring_reset(rig->guest, 0), 0);
	for (unsigned int i = 0; i < offence->stores; i++)
		assert_int_equal(guest_poke(rig->guest, 0, offence->store[i].area,
					    offence->store[i].offset, offence->store[i].value),
				 0);
	vq->last_avail_idx = vq->last_used_idx = vq->signalled_used = 0;
	vq->fault = RING_OK;
	n = rig->strategy->walks->replay[section](vq, 1000);
	if (n != -EPROTO || vq->fault != offence->fault)
		fail_msg("%s, section %s: the walk returned %ld (%s), not -EPROTO (%s)",
			 rig->strategy->name, section_name(section), n,
			 ring_fault_names[vq->fault], ring_fault_names[offence->fault]);
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
}

static void every_offence_is_named(void **state)
{
	struct rig rig;

	rig_start(&rig, *state, 256, 0);
	for (unsigned int section = 0; section < SECTIONS; section++) {
		for (size_t i = 0; i < sizeof(offences) / sizeof(offences[0]); i++)
			assert_offence(&rig, (enum section_granularity)section, &offences[i]);
		assert_avail_jump(&rig, (enum section_granularity)section);
	}

	/* And then it dies: what must ask the guest says so, from then on. */
	assert_int_equal(guest_check(rig.guest), 0);
	kill(guest_pid(rig.guest), SIGKILL);
	for (int i = 0; i < 1000 && !guest_check(rig.guest); i++)
		usleep(1000);
	assert_int_equal(guest_check(rig.guest), -ESRCH);
	assert_string_equal(guest_death(rig.guest), "killed by signal 9");
	assert_int_equal(guest_migrate(rig.guest, &(struct guest_target){ 0, VQ_USED }, NULL),
			 -ESRCH);
	if (rig.strategy->class == CLASS_COPY)
		assert_int_equal(rig.strategy->walks->replay[0](rig.vq, 1000), -ESRCH);
	rig_stop(&rig);
}

int main(void)
{
	return run_for_each_strategy("bad_guest", every_offence_is_named);
}
