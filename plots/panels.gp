# SPDX-License-Identifier: GPL-2.0-or-later
#
# The one layout: a panel for each scenario (or event), in it a row for each strategy, in the order
# of the table, on one logarithmic axis. The figure stands beside its point. `empty` is no
# competitor: it is the line that nothing gets below. What is known to be broken is crossed out.
#
# A template sets headline, axis, floor_name, by_class (markers tell classes, not series) and scale
# with ticks (the axis' unit and format), then loads this.

many = words(series)
step = many + (many > 1 ? 1 : 0)
unit_px = many > 1 ? 19 : 28
head_rows = many > 1 ? 2.1 : 1.5
left_px = 30 + 9 * name_chars
right_px = 24
# Long names do not take from the panel: below this, figures have no room beside their points.
panel_px = (columns > 1 ? 700 : 900) - left_px - right_px
panel_px = panel_px < 500 ? 500 : panel_px
width_px = columns * (left_px + panel_px + right_px)
plot_px = (rows * step + head_rows) * unit_px
above_px = 56
below_px = 62
top_px = 52
foot_px = 44 + 20 * footers + 12
lines = (panels + columns - 1) / columns
height_px = top_px + lines * (above_px + plot_px + below_px) + foot_px

eval open_terminal(width_px, height_px)
set output picture

X(px) = 1.0 * px / width_px
Y(px) = 1.0 - 1.0 * px / height_px

low = scale * least * 0.6
high = scale * most / 0.6
high = high > 10 * low ? high : 10 * low
set logscale x 10
set xrange [low:high]
set yrange [rows * step - (many > 1 ? 0.6 : 0.4):-head_rows]
set format x ticks
set ytics scale 0
set xlabel axis offset 0,0.3 textcolor rgb ink

row_y(row, s) = row * step + s
middle(row) = row * step + (many - 1) / 2.0
# What is 0 has no place on this axis; it stands at the edge, and its figure says 0. What stands on
# the very edge is not drawn, by rounding.
edge = low * 1.001
clip(v) = scale * v > edge ? scale * v : edge
# A figure stands to the right of its point, or to the left where the panel ends too soon, or, where
# the interval takes up both, at the end.
at_px(v) = panel_px * log(clip(v) / low) / log(high / low)
label_px(text) = 14 + char_px * strlen(text)
fits(v, text) = at_px(v) + label_px(text) + 18 < panel_px
figure(grey) = strcol(4) ne 'note' && $10 == grey
on_right(grey) = figure(grey) && fits($8, strcol(9)) ? clip($8) : NaN
before(v, text) = at_px(v) > label_px(text) ? clip(v) : high
on_left(grey) = figure(grey) && !fits($8, strcol(9)) ? before($7, strcol(9)) : NaN
of_class(c, m) = strcol(4) eq word(class_names, c) && $5 == m
of_series(s) = strcol(4) ne 'note' && $2 == s - 1

turn(s) = (s - 1) % words(series_points) + 1

broken = strstrt(classes, 'broken') > 0
set style textbox opaque noborder margins 0.2,0 fillcolor rgb 'white'

set multiplot
do for [p = 1:panels] {
	column = (p - 1) % columns
	line = (p - 1) / columns
	left = column * width_px / columns + left_px
	top = top_px + line * (above_px + plot_px + below_px) + above_px
	set lmargin at screen X(left)
	set rmargin at screen X(left + panel_px)
	set tmargin at screen Y(top)
	set bmargin at screen Y(top + plot_px)
	unset label
	unset arrow
	if (p == 1) {
		set label 1 headline.(noisy ? '  (one CPU for all: noisy)' : '') at screen X(20), Y(28) \
			font large textcolor rgb black
	}
	set label 2 value(sprintf('title_%d', p)) at screen X(left - left_px + 20), Y(top - 38) \
		textcolor rgb black
	set label 3 value(sprintf('subtitle_%d', p)) at screen X(left - left_px + 20), Y(top - 16) \
		font small textcolor rgb ink
	floor_at = scale * value(sprintf('floor_%d', p))
	if (floor_at > 0) {
		set arrow 1 from floor_at, graph 0 to floor_at, graph 1 nohead lw 2 dt 2 lc rgb ink
		set label 4 sprintf('%s %.3g ns', floor_name, floor_at / scale) at floor_at, graph 1 \
			offset 0.6,-0.7 font small textcolor rgb ink
	}
	plot data index p - 1 using (edge):(middle($1)):ytic(3) with points pt -1 notitle, \
	     '' index p - 1 using (edge):(row_y($1, $2)):(clip($6) - edge):(0) \
		with vectors nohead lw 0.8 dt 3 lc rgb pale notitle, \
	     '' index p - 1 using (edge):(middle($1)):(strcol(4) eq 'note' ? strcol(9) : '') \
		with labels left offset 0.6,0 font small textcolor rgb ink notitle, \
	     for [g = 0:1] \
	     '' index p - 1 using (on_right(g)):(row_y($1, $2)):9 \
		with labels left offset 1.2,0 font small textcolor rgb (g ? grey : black) notitle, \
	     for [g = 0:1] \
	     '' index p - 1 using (on_left(g)):(row_y($1, $2)):9 \
		with labels right boxed offset -1.2,0 font small textcolor rgb (g ? grey : black) notitle, \
	     for [c = 1:(by_class ? words(class_names) : 0)] for [m = 0:1] \
	     '' index p - 1 using (of_class(c, m) ? clip($6) : NaN):(row_y($1, $2)):(clip($7)):(clip($8)) \
		with xerrorbars lw 1.8 ps marker lc rgb word(class_colors, c) \
		pt int(word(m ? class_hollow : class_filled, c)) notitle, \
	     for [s = 1:(by_class ? 0 : many)] \
	     '' index p - 1 using (of_series(s) ? clip($6) : NaN):(row_y($1, $2)) \
		with points lw 1.8 ps marker lc rgb word(series_colors, turn(s)) \
		pt int(word(series_points, turn(s))) notitle, \
	     '' index p - 1 using (strcol(4) eq 'broken' ? clip($6) : NaN):(row_y($1, $2)) \
		with points lw 1.8 ps 1.5 * marker lc rgb black pt crossed notitle
}

# What the markers mean, and where the figures come from.
unset label
unset arrow
unset logscale
unset border
unset tics
unset grid
unset xlabel
unset ylabel
legend_px = top_px + lines * (above_px + plot_px + below_px)
set lmargin at screen X(20)
set rmargin at screen X(width_px - 20)
set tmargin at screen Y(legend_px)
set bmargin at screen Y(legend_px + 34)
set xrange [0:1]
set yrange [0:1]
set key at graph 0, graph 0.5 left center horizontal Left reverse samplen 1.5 maxrows 1 \
	textcolor rgb black
do for [i = 1:footers] {
	set label 10 + i value(sprintf('footer_%d', i)) at screen X(20), \
		Y(legend_px + 50 + 20 * (i - 1)) font small textcolor rgb ink
}
if (by_class) {
	array shown[5]
	count = 0
	do for [c = 1:words(class_names)] {
		if (strstrt(classes, word(class_names, c)) && word(class_names, c) ne 'broken') { count = count + 1; shown[count] = c }
	}
	plot 2 notitle, for [i = 1:count] \
		keyentry with points lw 1.8 ps marker lc rgb word(class_colors, shown[i]) \
		pt int(word(class_filled, shown[i])) title word(class_names, shown[i]), \
	     for [i = 1:models] \
		keyentry with points lw 1.8 ps marker lc rgb ink pt 6 title 'hollow*: model', \
	     for [i = 1:broken] \
		keyentry with points lw 1.8 ps 1.5 * marker lc rgb black pt crossed title 'crossed: broken'
} else {
	plot 2 notitle, for [s = 1:many] \
		keyentry with points lw 1.8 ps marker lc rgb word(series_colors, turn(s)) \
		pt int(word(series_points, turn(s))) title word(series, s), \
	     for [i = 1:broken] \
		keyentry with points lw 1.8 ps 1.5 * marker lc rgb black pt crossed title 'crossed: broken'
}
unset multiplot
set output
