// SPDX-License-Identifier: GPL-2.0-or-later
#include "scenarios.h"

struct ring_config scenario_ring(const struct scenario *scenario)
{
	return (struct ring_config){
		.num = scenario->ring_size,
		.layout = scenario->axes.layout,
		.neighbour = scenario->target == TARGET_NEIGHBOUR ||
			     scenario->target == TARGET_MIXED,
		.heads = scenario->heads,
		.format = scenario->format,
		.in_order = scenario->in_order,
		.indirect_one_in = scenario->indirect,
		.count = scenario_queues(scenario) * scenario_workers(scenario),
	};
}

static void aim_at(struct invalidator_config *config, unsigned int ring, unsigned int area)
{
	config->target[config->targets++] = (struct guest_target){ .ring = ring, .area = area };
}

static void aim_at_areas(struct invalidator_config *config, unsigned int ring)
{
	for_each_area(area)
		aim_at(config, ring, area);
}

void scenario_aim(const struct scenario *scenario, unsigned int ring,
		  struct invalidator_config *config)
{
	config->rate = scenario->rate;
	config->invalidators = scenario->invalidators;
	config->event = scenario->event;
	config->own_one_in = scenario->own_one_in;
	config->page_by_page = scenario->axes.page_by_page;
	config->nonblock = scenario->axes.nonblock;
	config->notify_only = scenario->target == TARGET_NOTIFY;
	config->targets = 0;
	switch (scenario->target) {
	case TARGET_NONE:
		break;
	case TARGET_METADATA:
	case TARGET_NOTIFY:
		aim_at_areas(config, ring);
		break;
	case TARGET_MIXED:
		aim_at_areas(config, ring);
		aim_at(config, ring, NEIGHBOUR);
		aim_at(config, ring, BYSTANDER);
		break;
	case TARGET_NEIGHBOUR:
		aim_at(config, ring, NEIGHBOUR);
		break;
	case TARGET_BYSTANDER:
		aim_at(config, ring, BYSTANDER);
		break;
	}
}
