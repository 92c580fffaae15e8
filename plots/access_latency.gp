# SPDX-License-Identifier: GPL-2.0-or-later
# How long one access takes: what the median hides.
load templates.'/style.gp'
headline = 'ringwalk: latency of one metadata access, by strategy'
axis = 'time of one access, logarithmic'
by_class = 0
note = timer_ns > 0 ? sprintf('The clock goes in steps of %.3g ns, and every sample includes the %.3g ns that reading it takes: tails can be compared, medians of a few steps cannot.', timer_step_ns, timer_ns) : ''
floor_name = 'floor (empty, p50)'
scale = 1e-9
ticks = '%.0s %cs'
room = 0.14
load templates.'/panels.gp'
