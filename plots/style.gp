# SPDX-License-Identifier: GPL-2.0-or-later
#
# One style for all pictures. Colours are those of Okabe and Ito, which the colour-blind can tell
# apart; every class and series also has a shape of its own, for grey print. Sizes are pixels.

# Gets: format, picture, templates, data and the other variables of bench/report/plot.c.
set encoding utf8
set datafile separator "\t"
set datafile missing 'NaN'

ink = '#222222'
pale = '#bbbbbb'
grey = '#777777'
black = '#000000'
orange = '#e69f00'
sky = '#56b4e9'
green = '#009e73'
blue = '#0072b2'
vermillion = '#d55e00'
purple = '#cc79a7'

# Markers of a class: filled where the figures are the kernel's own way, hollow for a model; crossed,
# in every picture, where the strategy is known to be wrong.
class_names = 'pinned quiesce retry copy broken'
class_filled = '7 5 9 13 15'
class_hollow = '6 4 8 12 14'
class_colors = black.' '.blue.' '.green.' '.vermillion.' '.purple

crossed = 2

# Markers of a series: percentiles, or scenarios.
series_points = '7 9 5 12 11 4'
series_colors = blue.' '.orange.' '.vermillion.' '.black.' '.green.' '.purple

# A terminal in pixels for both formats; names have underscores, so no markup.
sans = format eq 'svg' ? 'sans-serif' : 'sans'
font_size = format eq 'svg' ? 15 : 12
small = sprintf('%s,%d', sans, font_size - (format eq 'svg' ? 2 : 1))
large = sprintf('%s,%d', sans, font_size + (format eq 'svg' ? 5 : 4))
# A character of the small font, about; SVG is drawn by fonts that nobody knows.
char_px = 7.6
# The terminals do not agree on how big a marker of size 1 is.
marker = format eq 'svg' ? 0.85 : 1.25
open_terminal(w, h) = format eq 'svg' ? \
	sprintf("set terminal svg noenhanced size %d,%d font '%s,%d' background rgb 'white'", \
		w, h, sans, font_size) : \
	sprintf("set terminal pngcairo noenhanced size %d,%d font '%s,%d'", w, h, sans, font_size)

set border 3 lw 1 lc rgb ink
set tics nomirror textcolor rgb ink
set grid xtics back lt 1 lw 0.8 lc rgb '#dddddd'
unset key
set errorbars small
