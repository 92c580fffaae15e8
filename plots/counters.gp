# SPDX-License-Identifier: GPL-2.0-or-later
# What the hardware counted, by event.
load templates.'/style.gp'
headline = 'ringwalk: hardware events per ring entry, by strategy'
axis = 'events per entry, logarithmic'
by_class = 0
floor_name = ''
scale = 1
ticks = '%g'
load templates.'/panels.gp'
