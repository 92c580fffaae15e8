# SPDX-License-Identifier: GPL-2.0-or-later
# The share of accesses that take longer than a time: the tail that percentiles are points of.
load templates.'/style.gp'
headline = 'ringwalk: latency of one metadata access, complementary distribution'
points = 0
y_room = 1.2
load templates.'/curves.gp'
