# SPDX-License-Identifier: GPL-2.0-or-later
# How each strategy's figures change with one parameter.
load templates.'/style.gp'
headline = 'ringwalk: a sweep, by strategy'
points = 1
y_room = 2
load templates.'/curves.gp'
