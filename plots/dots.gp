# SPDX-License-Identifier: GPL-2.0-only
# A dot for the median and a whisker for the blocks, one row a series under a
# head for each size; what stands at the right is put in data coordinates, so
# that it stays beside its row.
# Takes: data, out, width, height, title, unit, nrow, xmin, xmax, xstep, logx,
# xticks (words, for a log axis), label_px, bar_px, text_px.
# Data: 0: y, name, median, whisker's ends, whether it is cut off (0/1), kind (0 floor 1 attested 2 unattested
# 3 contradicted 4 head 5 somebody else's), text of the median, of the whisker, of its standing, of the
# verdict; 1: floors: x, y, height.
load here.'/style.gp'
unset key
unset border
unset ytics
set tmargin at screen 1 - 46.0 / height
set bmargin at screen 44.0 / height
set lmargin at screen 0
set rmargin at screen (label_px + 1.0 * bar_px + text_px) / width
set label 1 title at screen 8.0 / width, screen 1 - 14.0 / height left font "sans-serif,13" textcolor rgb C_FG
# A value at so many pixels from the axis' left end.
at(px) = logx ? xmin * (xmax / xmin) ** (1.0 * px / bar_px) : xmin + (xmax - xmin) * px / bar_px
beside(px) = at(bar_px + px)
set xrange [at(-label_px) : beside(text_px)]
set yrange [nrow : 0]
if (logx) {
	set logscale x
	set xtics ()
	do for [t in xticks] { set xtics add (t real(t)) }
} else {
	set xtics 0, xstep, xmax
}
set label 2 unit at at(.5 * bar_px), graph 0 offset 0, -2 center textcolor rgb C_FG
set label 3 'median' at beside(62), graph 1 offset 0, 0.7 right textcolor rgb C_DIM
set label 4 'blocks' at beside(200), graph 1 offset 0, 0.7 right textcolor rgb C_DIM
set label 5 'to the fastest' at beside(216), graph 1 offset 0, 0.7 left textcolor rgb C_DIM
set label 6 'interrupts' at beside(308), graph 1 offset 0, 0.7 left textcolor rgb C_DIM
set arrow 1 from xmin, graph 0 to xmin, graph 1 nohead lc rgb C_DIM
is(k) = column(7) == k ? $3 : NaN
plot data index 1 using 1:2:(0):3 with vectors nohead lc rgb C_YARD dt (6,4) lw 1.6, \
     '' index 0 using (is(0)):1:4:5 with xerrorbars pt 5 ps .7 lw 1.4 lc rgb C_YARD, \
     '' index 0 using (is(1)):1:4:5 with xerrorbars pt 7 ps .8 lw 1.4 lc rgb C_BAR, \
     '' index 0 using (is(2)):1:4:5 with xerrorbars pt 6 ps .8 lw 1.4 lc rgb C_BAR, \
     '' index 0 using (is(3)):1:4:5 with xerrorbars pt 13 ps 1 lw 1.4 lc rgb C_BAD, \
     '' index 0 using (is(5)):1:4:5 with xerrorbars pt 13 ps .9 lw 1.4 lc rgb C_DIM, \
     '' index 0 using ($6 == 1 ? $3 : NaN):1:($5 - $3):(0) with vectors filled size screen .008, 25 lc rgb C_FG lw 1, \
     '' index 0 using ($7 == 4 ? at(10 - label_px) : NaN):1:2 with labels left textcolor rgb C_FG, \
     '' index 0 using ($7 != 3 && $7 != 4 ? at(-8) : NaN):1:2 with labels right textcolor rgb C_DIM, \
     '' index 0 using ($7 == 3 ? at(-8) : NaN):1:2 with labels right textcolor rgb C_BAD, \
     '' index 0 using ($7 != 4 ? beside(62) : NaN):1:8 with labels right textcolor rgb C_FG, \
     '' index 0 using ($7 != 4 ? beside(200) : NaN):1:9 with labels right textcolor rgb C_DIM, \
     '' index 0 using ($7 != 4 ? beside(216) : NaN):1:10 with labels left textcolor rgb C_FG, \
     '' index 0 using ($7 != 3 && $7 != 4 ? beside(308) : NaN):1:11 with labels left textcolor rgb C_DIM, \
     '' index 0 using ($7 == 3 ? beside(308) : NaN):1:11 with labels left textcolor rgb C_BAD
