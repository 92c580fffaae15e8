// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shows with every strategy that several workers with several queues each, in windows as a run has them,
 * consume each entry of each queue once and in order, while the queues' areas migrate in turn: the
 * used ring that the guest sees has as many elements as its worker says, and in each slot the head
 * that stood in the avail ring's; and no queue was left out.
 */
#include <sys/uio.h>

#include "conformance.h"
#include "phase.h"

#define WORKERS 3
#define QUEUES	2
#define NUM	64
#define WINDOWS 3 /* the third is a timed one */

static struct noise noise;
static struct session session;

static void read_guest(uint64_t uaddr, void *to, size_t bytes)
{
	struct iovec local = { to, bytes }, remote = { (void *)(uintptr_t)uaddr, bytes };

	assert_int_equal(process_vm_readv(guest_pid(session.guest), &local, 1, &remote, 1, 0), bytes);
}

static void check_queue(const struct vq *vq, unsigned int ring)
{
	_Alignas(struct virtq_used) char used_bytes[sizeof(struct virtq_used) +
						    NUM * sizeof(struct virtq_used_elem)];
	_Alignas(struct virtq_avail) char avail_bytes[sizeof(struct virtq_avail) +
						      NUM * sizeof(uint16_t)];
	const struct virtq_avail *avail = (const void *)avail_bytes;
	const struct virtq_used *used = (const void *)used_bytes;
	struct vq_addresses addresses;

	/* Where the areas are by now. */
	guest_ring_addresses(session.guest, ring, &addresses);
	read_guest(addresses.area[VQ_USED].uaddr, used_bytes, sizeof(used_bytes));
	read_guest(addresses.area[VQ_AVAIL].uaddr, avail_bytes, sizeof(avail_bytes));
	assert_int_equal(vq->last_used_idx, vq->last_avail_idx);
	assert_int_equal(used->idx, vq->last_used_idx);
	assert_int_equal(vq->failed, 0);
	for (unsigned int i = 0; i < NUM; i++)
		assert_int_equal(used->ring[i].id, avail->ring[i]);
}

static void check_cell(struct cell *cell)
{
	uint64_t entries = cell->entries;

	for (unsigned int w = 0; w < WORKERS; w++) {
		const struct cell *worker = cell_worker(cell, w);

		for (unsigned int q = 0; q < QUEUES; q++)
			check_queue(worker->queue[q], cell->ring + w * QUEUES + q);
	}
	/* Each of them walked: a worker in the mean has all entries over the workers'. */
	assert_in_range(cell->tallies.count[COUNT_SLOWEST_WORKER], 1, entries);
	assert_in_range(cell->tallies.count[COUNT_FASTEST_WORKER], entries, WORKERS * entries);
	assert_true(cell->samples[0] > 0);
}

static void take_samples_away(void)
{
	struct sample sample;

	while (sample_queue_get(&session.samples, &sample))
		assert_true(sample.entries > 0);
}

static void measure(struct cell *cell)
{
	struct phase phase;

	session.cell = cell;
	session.cells = 1;
	assert_int_equal(phase_init(&phase, &session, &noise, true), 0);
	assert_int_equal(phase.cells, 1);
	noise_begin(&noise, 0);
	windows_phase(&phase);
	phase_destroy(&phase);
	if (session_stopping(&session))
		fail_msg("%s", session.stop_text);
	take_samples_away();
}

static void each_entry_of_each_queue_once(void **state)
{
	const struct scenario scenario = {
		.name = "workers", .ring_size = NUM, .burst = 16, .section = SECTION_ACCESS,
		.target = TARGET_METADATA, .rate = 1000, .workers = WORKERS, .queues = QUEUES,
		.place = WORKERS_SHARED,
	};
	const struct guest_config config = { .ring = { scenario_ring(&scenario) }, .rings = 1 };
	const struct strategy *strategy = *state;
	struct cell *cell = calloc(1, sizeof(*cell));
	struct worker_cpus cpus;
	char error[200] = "", reason[200];

	if ((strategy->expected[SECTION_ACCESS] & VERDICT_DEADLOCK) ||
	    (strategy->available && strategy->available(reason, sizeof(reason)))) {
		free(cell);
		skip();
	}
	assert_non_null(cell);
	if (guest_start(&config, &session.guest, error, sizeof(error)))
		fail_msg("%s", error);
	assert_int_equal(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0),
			 0);
	topology_pin_thread(session.topology, session.placement.worker_cpu);
	if (strategy->worker_start)
		assert_int_equal(strategy->worker_start(), 0);
	cell->strategy = strategy;
	cell->scenario = &scenario;
	cell->epoch_entries = 256;
	worker_cpus_choose(session.topology, &session.placement, scenario.place, WORKERS, &cpus);
	assert_int_equal(cpus.placed, WORKERS);
	assert_int_equal(cell_create(cell, session.guest, WINDOWS), 0);
	assert_int_equal(cell_add_workers(cell, session.guest, session.topology, &cpus), 0);
	measure(cell);
	check_cell(cell);
	cell_destroy(cell);
	if (strategy->worker_stop)
		strategy->worker_stop();
	guest_stop(session.guest);
	free(cell);
}

int main(void)
{
	static struct options options = { .windows = WINDOWS, .window_ms = 10, .seed = 1 };
	struct topology *topology;
	int failed;

	if (topology_open(&topology))
		return 1;
	pthread_mutex_init(&session.stop_lock, NULL);
	session.options = &options;
	session.topology = topology;
	topology_place(topology, &session.placement);
	session.counters = counters_open(NULL);
	failed = run_for_each_strategy("workers", each_entry_of_each_queue_once);
	counters_close(session.counters);
	topology_close(topology);
	return failed;
}
