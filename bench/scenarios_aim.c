// SPDX-License-Identifier: GPL-2.0-or-later
#include "scenarios.h"

struct ring_config scenario_ring(const struct scenario *scenario)
{
	return (struct ring_config){
		.num = scenario->ring_size,
		.layout = scenario->axes.layout,
		.count = 1,
	};
}

void scenario_aim(const struct scenario *scenario, unsigned int ring,
		  struct invalidator_config *config)
{
	config->rate = scenario->rate;
	config->page_by_page = scenario->axes.page_by_page;
	config->nonblock = scenario->axes.nonblock;
	config->notify_only = scenario->target == TARGET_NOTIFY;
	config->targets = 0;
	if (scenario->target == TARGET_BYSTANDER) {
		config->target[config->targets++] =
			(struct guest_target){ .ring = ring, .area = VQ_AREAS };
		return;
	}
	for_each_area(area)
		config->target[config->targets++] =
			(struct guest_target){ .ring = ring, .area = area };
}
