# SPDX-License-Identifier: GPL-2.0-or-later
# The share of accesses, and of what else is timed, that takes longer than a time: the tail that
# percentiles are points of.
load templates.'/style.gp'
headline = 'ringwalk: latencies, complementary distributions'
points = 0
y_room = 1.2
load templates.'/curves.gp'
