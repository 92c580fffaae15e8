# SPDX-License-Identifier: GPL-2.0-or-later
# What one ring entry costs under each strategy.
load templates.'/style.gp'
headline = 'ringwalk: time per ring entry, by strategy'
axis = 'ns per entry, logarithmic, with 95 % interval'
by_class = 1
floor_name = 'floor (empty)'
scale = 1
ticks = '%g'
load templates.'/panels.gp'
