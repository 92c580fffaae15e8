# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who costs less, map or copy, by the size of an access and the rate of invalidations: a panel for each
# strategy, a cell for each place that was measured, and where it turns as a curve.
load templates.'/style.gp'

left_px = 104
right_px = 24
panel_px = 360
plot_px = 260
above_px = 58
below_px = 64
top_px = 46
foot_px = 40 + 20 * footers + 12
lines = (panels + columns - 1) / columns
width_px = columns * (left_px + panel_px + right_px)
width_px = width_px < 760 ? 760 : width_px
height_px = top_px + lines * (above_px + plot_px + below_px) + foot_px

eval open_terminal(width_px, height_px)
set output picture

X(px) = 1.0 * px / width_px
Y(px) = 1.0 - 1.0 * px / height_px

map_color = sky
copy_color = orange
tie_color = pale
color_of(w) = w == 0 ? map_color : w == 1 ? copy_color : tie_color
of(w) = $7 == w ? $1 : NaN

unset grid
set logscale xy 10
set xrange [size_low:size_high]
set yrange [rate_low:rate_high]
set xtics ('2 B' 2, '16 B' 16, '128 B' 128, '1 KiB' 1024, '8 KiB' 8192, '64 KiB' 65536) \
	scale 0.4 font small
set ytics scale 0.4 font small
set format y '%g'
set style fill solid 1.0 noborder

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
	if (p == 1) {
		set label 1 'ringwalk: where map and copy cost the same' at screen X(20), Y(24) \
			font large textcolor rgb black
	}
	set label 2 value(sprintf('title_%d', p)) at screen X(left), Y(top - 34) textcolor rgb black
	set label 3 value(sprintf('subtitle_%d', p)) at screen X(left), Y(top - 14) \
		font small textcolor rgb ink
	set xlabel 'size of an access' font small offset 0,0.4 textcolor rgb ink
	set ylabel 'invalidations a second' font small offset 0.6,0 textcolor rgb ink
	plot for [w = 0:2] data index 2 * p - 2 using (of(w)):2:3:4:5:6 \
		with boxxyerror fs solid 1.0 noborder lc rgb color_of(w) notitle, \
	     '' index 2 * p - 2 using ($8 == 1 ? $1 : NaN):2:3:4:5:6 \
		with boxxyerror fs transparent pattern 4 noborder lc rgb 'white' notitle, \
	     '' index 2 * p - 2 using 1:2:(stringcolumn(9)) \
		with labels font small textcolor rgb black notitle, \
	     '' index 2 * p - 1 using 1:2:3:4 \
		with yerrorbars lw 2 pt 7 ps 0.6 * marker lc rgb black notitle, \
	     '' index 2 * p - 1 using 1:2 with lines lw 2.4 lc rgb black notitle
}

# What the colours mean, and where the figures come from.
unset label
unset logscale
unset border
unset tics
unset xlabel
unset ylabel
legend_px = top_px + lines * (above_px + plot_px + below_px)
set lmargin at screen X(20)
set rmargin at screen X(width_px - 20)
set tmargin at screen Y(legend_px)
set bmargin at screen Y(legend_px + 26)
set xrange [0:1]
set yrange [0:1]
set key at graph 0, graph 0.5 left center horizontal Left reverse samplen 1.5 maxrows 1 \
	textcolor rgb black
do for [i = 1:footers] {
	set label 10 + i value(sprintf('footer_%d', i)) at screen X(20), \
		Y(legend_px + 42 + 20 * (i - 1)) font small textcolor rgb ink
}
plot 2 notitle, \
     keyentry with boxes fs solid 1.0 lc rgb map_color title 'the map costs less', \
     keyentry with boxes fs solid 1.0 lc rgb copy_color title 'the copy costs less', \
     keyentry with boxes fs solid 1.0 lc rgb tie_color title 'tied', \
     keyentry with linespoints lw 2.4 pt 7 ps 0.6 * marker lc rgb black title 'where it turns'
unset multiplot
set output
