// SPDX-License-Identifier: GPL-2.0-or-later
#include "crew/crew.h"

static const struct crew_member *const members[] = {
	&crew_driver,
	&crew_workers, /* walk when the others begin */
	&crew_invalidators,
	&crew_updater,
	&crew_preempter,
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

/* The first `n` of the table. */
static int stop_first(struct session *session, struct cell *cell, size_t n)
{
	int err = 0;

	while (n--) {
		int one = members[n]->wanted(cell->scenario) ? members[n]->stop(session, cell) : 0;

		err = err ? err : one;
	}
	return err;
}

int crew_start(struct session *session, struct cell *cell, uint64_t seed)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		int err;

		if (!members[i]->wanted(cell->scenario))
			continue;
		err = members[i]->start(session, cell, seed);
		if (err) {
			stop_first(session, cell, i);
			return err;
		}
	}
	return 0;
}

int crew_stop(struct session *session, struct cell *cell)
{
	return stop_first(session, cell, MEMBERS);
}
