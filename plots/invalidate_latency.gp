# SPDX-License-Identifier: GPL-2.0-or-later
# What the owner of the memory waits for each strategy's readers.
load templates.'/style.gp'
headline = 'ringwalk: latency of invalidate_start(), by strategy'
axis = 'time in invalidate_start(), logarithmic'
by_class = 0
floor_name = ''
scale = 1e-9
ticks = '%.0s %cs'
load templates.'/panels.gp'
