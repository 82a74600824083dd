# SPDX-License-Identifier: GPL-2.0-only
# One line a series over the size of something, named where it ends; whiskers
# for the blocks. Names are moved apart, a thin line leads to each.
# Takes: data, out, width, height, title, unit, xlabel, nline, styles, xmin,
# xmax, xticks (words), ymin, ymax, logy, yticks (words, for a log axis), texts
# (quoted), places (of the texts), endx, endy, label_px, top_px, bottom_px.
# Data, one index a line: size, median, whisker's ends, whether it is cut off
# (0/1), kind (0 floor 1 attested 2 unattested 3 contradicted 4 oversubscribed).
load here.'/style.gp'
unset key
set label 1 title at screen 8.0 / width, screen 1 - 14.0 / height left font "sans-serif,13" textcolor rgb C_FG
set tmargin at screen 1 - 1.0 * top_px / height
set bmargin at screen 1.0 * bottom_px / height
set lmargin at screen 84.0 / width
set rmargin at screen 1 - 1.0 * label_px / width
set logscale x 2
set xrange [xmin : xmax]
set xtics ()
do for [t in xticks] { set xtics add (t real(t)) }
set xlabel xlabel offset 0, 0.3
set ylabel unit
set yrange [ymin : ymax]
if (logy) {
	set logscale y
	set ytics ()
	do for [t in yticks] { set ytics add (t real(t)) }
}
style(i) = int(word(styles, i + 1))
do for [i = 1 : nline] {
	set label (i + 1) word(texts, i) at screen 1 - (label_px - 30.0) / width, screen real(word(places, i)) left textcolor ls style(i - 1)
	set arrow i from first real(word(endx, i)), first real(word(endy, i)) to screen 1 - (label_px - 26.0) / width, screen real(word(places, i)) nohead lw .6 lc rgb C_DIM dt (2,3) back
}
# The points of the contradicted are theirs whatever the line.
plot for [i = 0 : nline - 1] data index i using 1:2 with lines ls style(i), \
     for [i = 0 : nline - 1] data index i using 1:($6 == 3 ? NaN : $2):3:4 with yerrorbars ls style(i) dt 1 lw 1 pt -1, \
     for [i = 0 : nline - 1] data index i using 1:($6 == 3 ? $2 : NaN):3:4 with yerrorbars lc rgb C_BAD dt 1 lw 1 pt -1, \
     for [i = 0 : nline - 1] data index i using 1:($5 == 1 ? $2 : NaN):(0):($4 - $2) with vectors filled size screen .008, 25 ls style(i) dt 1 lw 1, \
     for [i = 0 : nline - 1] data index i using 1:($6 <= 1 ? $2 : NaN) with points ls style(i) pt 7 ps .7, \
     for [i = 0 : nline - 1] data index i using 1:($6 == 2 ? $2 : NaN) with points ls style(i) pt 6 ps .8, \
     for [i = 0 : nline - 1] data index i using 1:($6 == 3 ? $2 : NaN) with points lc rgb C_BAD pt 13 ps 1, \
     for [i = 0 : nline - 1] data index i using 1:($6 == 4 ? $2 : NaN) with points ls style(i) pt 4 ps .8
