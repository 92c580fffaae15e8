# SPDX-License-Identifier: GPL-2.0-or-later
#
# The history of each cell, run by run: a panel a series. Points with the runs' own intervals, a line for
# each level, and where one ends and the next begins, by how much. Axes do not begin at 0, and no two
# panels have the same: what is looked for is small, and stands in figures beside it.
load templates.'/style.gp'

left_px = 84
right_px = 44
panel_px = 320
plot_px = 190
above_px = 54
below_px = 52
top_px = 46
foot_px = 34 + 20 * footers + 12
lines = (panels + columns - 1) / columns
width_px = columns * (left_px + panel_px + right_px)
width_px = width_px < 760 ? 760 : width_px
height_px = top_px + lines * (above_px + plot_px + below_px) + foot_px

eval open_terminal(width_px, height_px)
set output picture

X(px) = 1.0 * px / width_px
Y(px) = 1.0 - 1.0 * px / height_px

set grid noxtics ytics back lt 1 lw 0.8 lc rgb '#dddddd'
set ytics 4
set ytics auto
set format y '%g'
set xtics scale 0.4 font small
set ytics font small
set offsets graph 0, graph 0, graph 0.28, graph 0.12
set style textbox opaque noborder margins 0.2,0 fillcolor rgb 'white'

of(outlier) = $5 == outlier ? $2 : NaN
change_color(worse) = worse == 1 ? vermillion : green

set multiplot
do for [p = 1:panels] {
	column = (p - 1) % columns
	line = (p - 1) / columns
	left = column * (left_px + panel_px + right_px) + left_px
	top = top_px + line * (above_px + plot_px + below_px) + above_px
	set lmargin at screen X(left)
	set rmargin at screen X(left + panel_px)
	set tmargin at screen Y(top)
	set bmargin at screen Y(top + plot_px)
	unset label
	unset arrow
	if (p == 1) {
		set label 1 'ringwalk: from run to run, by revision' at screen X(20), Y(24) \
			font large textcolor rgb black
	}
	set label 2 value(sprintf('title_%d', p)) at screen X(left - left_px + 20), Y(top - 36) \
		textcolor rgb black
	set label 3 value(sprintf('subtitle_%d', p)) at screen X(left - left_px + 20), Y(top - 16) \
		font small textcolor rgb ink
	last = value(sprintf('last_%d', p))
	set xrange [-0.6:last + 0.6]
	plot data index 2 * p - 2 using 1:2:3:4:xtic(6) \
		with yerrorbars lw 1 pt 7 ps 0.5 * marker lc rgb grey notitle, \
	     '' index 2 * p - 2 using 1:(of(1)) \
		with points lw 1.6 pt 6 ps 1.2 * marker lc rgb orange notitle, \
	     '' index 2 * p - 1 using 1:3 with steps lw 1 dt 3 lc rgb blue notitle, \
	     '' index 2 * p - 1 using 1:3:($2 - $1):(0) \
		with vectors nohead lw 2.4 lc rgb blue notitle, \
	     for [w = 0:1] \
	     '' index 2 * p - 1 using ($5 == w ? $1 : NaN):3:4 \
		with labels boxed center offset 0,1.3 font small \
		textcolor rgb change_color(w) notitle
}

# What the markers mean, and where the figures come from.
unset label
unset arrow
unset border
unset tics
unset grid
legend_px = top_px + lines * (above_px + plot_px + below_px)
set lmargin at screen X(20)
set rmargin at screen X(width_px - 20)
set tmargin at screen Y(legend_px)
set bmargin at screen Y(legend_px + 26)
set xrange [0:1]
set yrange [0:1]
set offsets 0, 0, 0, 0
set key at graph 0, graph 0.5 left center horizontal Left reverse samplen 1.5 maxrows 1 \
	textcolor rgb black
do for [i = 1:footers] {
	set label 10 + i value(sprintf('footer_%d', i)) at screen X(20), \
		Y(legend_px + 40 + 20 * (i - 1)) font small textcolor rgb ink
}
plot 2 notitle, \
     keyentry with points pt 7 ps 0.7 * marker lc rgb grey title 'a run and its interval', \
     keyentry with points lw 1.6 pt 6 ps 1.2 * marker lc rgb orange title 'far off its level', \
     keyentry with lines lw 2.4 lc rgb blue title 'level'
unset multiplot
set output
