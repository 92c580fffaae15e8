# SPDX-License-Identifier: GPL-2.0-or-later
# How long one access takes: what the median hides.
load templates.'/style.gp'
headline = 'ringwalk: latency of one metadata access, by strategy'
axis = 'time of one access, logarithmic'
by_class = 0
floor_name = 'floor (empty, p50)'
scale = 1e-9
ticks = '%.0s %cs'
load templates.'/panels.gp'
