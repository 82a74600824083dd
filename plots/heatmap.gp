# SPDX-License-Identifier: GPL-2.0-only
# The median of every ordered pair, CPUs in the order of the topology. Many
# CPUs: an image, one pixel a pair. A few measured pairs of many CPUs: marks
# larger than a cell. Blank: not measured.
# Takes: data, out, width, height, title, title2, unit, ncpu, mode (image marks),
# nodes (quoted names, to stand beside the ticks) and
# places (of their middles), turned (0/1: they have no room to lie), top_px, left_px, cmin, cmax, logc, cbticks (words, for
# a log scale), names (0/1: a tick for each CPU), side_px.
# Data: 0 the matrix or rows of x, y, value; 1 boundaries (x, y, dx, dy, rank
# 1 node 2 socket); 2 ticks (position, text); 3 groups (position, text);
# 4 numbers in cells (x, y, text, 1 on dark).
load here.'/style.gp'
set label 1 title at screen 8.0 / width, screen 1 - 14.0 / height left font "sans-serif,13" textcolor rgb C_FG
set label 2 title2 at screen 8.0 / width, screen 1 - 33.0 / height left textcolor rgb C_FG
unset key
unset grid
set border 15 lc rgb C_DIM
left = 1.0 * left_px
side = 1.0 * side_px
set lmargin at screen left / width
set rmargin at screen (left + side) / width
set tmargin at screen 1 - 1.0 * top_px / height
set bmargin at screen (height - top_px - side) / height
set xrange [-.5 : ncpu - .5]
set yrange [ncpu - .5 : -.5]
set tics scale 0
unset xtics
unset ytics
set cbrange [cmin : cmax]
if (logc) {
	set logscale cb
	set cbtics ()
	do for [t in cbticks] { set cbtics add (t real(t)) }
}
set format cb '%g'
set cblabel 'p50 of the pair, '.unit offset 1.5, 0 textcolor rgb C_FG
set colorbox user origin screen (left + side + 24) / width, screen (height - top_px - side) / height \
	size screen 18.0 / width, screen side / height
tick = names ? 2 : 3
if (mode eq 'marks') {
	load here.'/heatmap-axes.gp'
	plot data index 1 using 1:2:3:4 with vectors nohead lc rgb C_DIM lw .8, \
	     data index 1 using ($5 == 2 ? $1 : NaN):2:3:4 with vectors nohead lc rgb C_FG lw 2, \
	     data index 0 using 1:2 with points pt 5 ps .75 lc rgb C_DIM, \
	     data index 0 using 1:2:3 with points pt 5 ps .55 lc palette, \
	     data index tick using 1:(ncpu - .5):(0):xtic(2) with points pt -1, \
	     data index tick using (-.5):1:(0):ytic(2) with points pt -1
	exit
}
set multiplot
# Viewers smooth an enlarged image; few cells are drawn as rectangles.
if (ncpu <= 64) {
	plot data index 0 matrix with image pixels
} else {
	plot data index 0 matrix with image
}
unset colorbox
unset label 1
unset label 2
load here.'/heatmap-axes.gp'
do for [i = 1 : words(places)] {
	place = real(word(places, i))
	if (turned) {
		set label (10 + 2 * i) word(nodes, i) at first place, graph 1 offset 0, .5 left rotate textcolor rgb C_FG
	} else {
		set label (10 + 2 * i) word(nodes, i) at first place, graph 1 offset 0, .7 center textcolor rgb C_FG
	}
	set label (11 + 2 * i) word(nodes, i) at screen (left - 34) / width, first place right textcolor rgb C_FG
}
plot data index 1 using ($5 == 1 ? $1 : NaN):2:3:4 with vectors nohead lc rgb C_LIT lw 3, \
     data index 1 using ($5 == 1 ? $1 : NaN):2:3:4 with vectors nohead lc rgb C_INK lw 1.3, \
     data index 1 using ($5 == 2 ? $1 : NaN):2:3:4 with vectors nohead lc rgb C_LIT lw 6, \
     data index 1 using ($5 == 2 ? $1 : NaN):2:3:4 with vectors nohead lc rgb C_INK lw 2.4, \
     data index tick using 1:(ncpu - .5):(0):xtic(2) with points pt -1, \
     data index tick using (-.5):1:(0):ytic(2) with points pt -1, \
     data index 4 using 1:2:($4 == 1 ? '' : stringcolumn(3)) with labels textcolor rgb C_INK, \
     data index 4 using 1:2:($4 == 1 ? stringcolumn(3) : '') with labels textcolor rgb C_LIT
unset multiplot
