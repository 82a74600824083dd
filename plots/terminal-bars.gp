# SPDX-License-Identifier: GPL-2.0-only
# bars.gp for a character terminal: one line a row, '=' to the median and '|'
# at p99 (not drawn where it leaves the axis; the number is at the right).
# Takes: data, width, height (characters), title, unit, nrow, xmax, xstep, left, right.
# Data: y, label, p50, p99 or NaN, text; rows without a bar have p50 NaN.
dumb = 1
load here.'/style.gp'
unset key
set border 1
set title title
set xlabel unit
set lmargin left
set rmargin right
set tmargin 2
set bmargin 3
set yrange [nrow : -1]
set xrange [0 : xmax]
unset ytics
set xtics 0, xstep, xmax scale 0
plot for [k = 1 : 200] data using (column(3) * k / 200):1 with points pt '=', \
     data using 4:1 with points pt '|', \
     data using (0):1:2 with labels right offset -1, 0, \
     data using (xmax):1:5 with labels left offset 1, 0
