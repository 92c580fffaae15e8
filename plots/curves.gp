# SPDX-License-Identifier: GPL-2.0-or-later
#
# Curves, one for each strategy, in panels that share the horizontal axis. A template sets headline,
# points (0: lines alone) and y_room (so many times less and more than there is a vertical axis shows;
# intervals that go further are cut off there), then loads this.

many = words(series)
left_px = 96
right_px = 26
panel_px = columns > 1 ? 560 : 860
plot_px = 400
above_px = 60
below_px = 62
top_px = 48
lines = (panels + columns - 1) / columns
width_px = columns * (left_px + panel_px + right_px)
legend_columns = (width_px - 40) / 190
legend_rows = (many + legend_columns - 1) / legend_columns
legend_px = 22 * legend_rows + 10
foot_px = legend_px + 20 * footers + 24
height_px = top_px + lines * (above_px + plot_px + below_px) + foot_px

eval open_terminal(width_px, height_px)
set output picture

X(px) = 1.0 * px / width_px
Y(px) = 1.0 - 1.0 * px / height_px

# Colours come again after as many as there are, and then with another shape.
color_of(s) = word(series_colors, (s - 1) % words(series_colors) + 1)
shape_of(s) = int(word(curve_points, (s - 1) % words(curve_points) + 1))
curve_points = '7 9 5 13 11 4 6'
# empty is no competitor: what nothing gets below.
dash_of(s) = word(series, s) eq 'empty' ? 2 : 1
ink_of(s) = word(series, s) eq 'empty' ? black : color_of(s)

if (x_log) { set logscale x 10 }
set xrange [x_least * (x_log ? 0.8 : 1):x_most * (x_log ? 1.25 : 1.02)]
set logscale y 10
set format x '%g'
if (x_zero > 0) { set xtics add ('0' x_zero) }
set format y '%g'
set grid xtics ytics back lt 1 lw 0.8 lc rgb '#dddddd'
set xlabel x_title offset 0,0.3 textcolor rgb ink

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
	unset object
	if (p == 1) {
		set label 1 headline.(noisy ? '  (one CPU for all: noisy)' : '') at screen X(20), Y(26) \
			font large textcolor rgb black
	}
	set label 2 value(sprintf('title_%d', p)) at screen X(left - left_px + 20), Y(top - 38) \
		textcolor rgb black
	set label 3 value(sprintf('subtitle_%d', p)) at screen X(left - left_px + 20), Y(top - 16) \
		font small textcolor rgb ink
	if (x_coarse > x_least * 0.8) {
		set object 1 rectangle from graph 0, graph 0 to first x_coarse, graph 1 behind \
			fillcolor rgb '#e4e4e4' fillstyle solid noborder
	}
	y_least = value(sprintf('y_least_%d', p))
	y_most = value(sprintf('y_most_%d', p))
	if (y_most > 0) { set yrange [y_least / y_room:y_most * y_room] } else { set yrange [0.1:10] }
	set ylabel value(sprintf('y_title_%d', p)) offset 0.6,0 textcolor rgb ink
	plot for [s = 1:(points ? many : 0)] data index (p - 1) * many + s - 1 using 1:2:3:4 \
		with yerrorbars lw 1.2 ps marker pt shape_of(s) lc rgb color_of(s) notitle, \
	     for [s = 1:(points ? many : 0)] data index (p - 1) * many + s - 1 using 1:2 \
		with lines lw 1.8 dt dash_of(s) lc rgb ink_of(s) notitle, \
	     for [s = 1:(points ? 0 : many)] data index (p - 1) * many + s - 1 using 1:2 \
		with steps lw 1.8 dt dash_of(s) lc rgb ink_of(s) notitle
}

# What the curves are, and where the figures come from.
unset label
unset object
unset logscale
unset border
unset tics
unset grid
unset xlabel
unset ylabel
at_px = top_px + lines * (above_px + plot_px + below_px)
set lmargin at screen X(20)
set rmargin at screen X(width_px - 20)
set tmargin at screen Y(at_px)
set bmargin at screen Y(at_px + legend_px)
set xrange [0:1]
set yrange [0:1]
do for [i = 1:footers] {
	set label 10 + i value(sprintf('footer_%d', i)) at screen X(20), \
		Y(at_px + legend_px + 12 + 20 * (i - 1)) font small textcolor rgb ink
}
do for [s = 1:many] {
	set label 100 + s word(series, s) at screen X(66 + 190 * ((s - 1) % legend_columns)), \
		Y(at_px + 12 + 22 * ((s - 1) / legend_columns)) font small textcolor rgb black
	set arrow s from screen X(24 + 190 * ((s - 1) % legend_columns)), \
		Y(at_px + 12 + 22 * ((s - 1) / legend_columns)) rto screen X(34), 0 nohead lw 2.4 \
		dt dash_of(s) lc rgb ink_of(s)
	set label 200 + s '' at screen X(41 + 190 * ((s - 1) % legend_columns)), \
		Y(at_px + 12 + 22 * ((s - 1) / legend_columns)) \
		point pt shape_of(s) ps (points ? marker : 0) lc rgb color_of(s)
}
plot 2 notitle
unset multiplot
set output
