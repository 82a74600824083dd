# SPDX-License-Identifier: GPL-2.0-only
# Bars from 0 to the median, a whisker to p99, and both as numbers; one or
# more columns side by side on one axis. All in data coordinates, so that text
# stays beside its bar whatever the font.
# Takes: data, out, width, height, title, unit, ncol, nrow, xmax, xstep,
# label_px, bar_px, text_px, heads (quoted, one a column).
# Data, one index per column: y, label, p50, whisker's end, cut off (0/1),
# kind (0 yardstick 1 attested 2 unattested 3 contradicted 4 group), text of
# p50, of p99, of the verdict.
load here.'/style.gp'
set multiplot
unset key
unset border
unset ytics
set tmargin at screen 1 - 44.0 / height
set bmargin at screen 44.0 / height
px = 1.0 * xmax / bar_px
set label 1 title at screen 8.0 / width, screen 1 - 14.0 / height left font "sans-serif,13" textcolor rgb C_FG
set style fill solid border
do for [c = 0 : ncol - 1] {
	labels = c == 0 ? label_px : 0
	start = c == 0 ? 0.0 : label_px + 1.0 * c * (bar_px + text_px)
	set lmargin at screen start / width
	set rmargin at screen (start + 1.0 * labels + bar_px + text_px) / width
	set xrange [-labels * px : (bar_px + text_px) * px]
	set yrange [nrow : 0]
	set xtics 0, xstep, xmax
	set label 2 (ncol > 1 ? word(heads, c + 1) : '') at 0, graph 1 offset 0, 0.7 left textcolor rgb C_DIM
	set label 3 'p50' at (bar_px + 56) * px, graph 1 offset 0, 0.7 right textcolor rgb C_DIM
	set label 4 'p99' at (bar_px + 112) * px, graph 1 offset 0, 0.7 right textcolor rgb C_DIM
	set label 5 unit at xmax / 2, graph 0 offset 0, -2 center textcolor rgb C_FG
	set arrow 1 from 0, graph 0 to 0, graph 1 nohead lc rgb C_DIM
	is(k) = column(6) == k ? $3 : NaN
	plot data index c using (is(0)):1:(0):(is(0)):($1-.3):($1+.3) with boxxyerror fs pattern 5 lc rgb C_YARD, \
	     '' index c using (is(1)):1:(0):(is(1)):($1-.3):($1+.3) with boxxyerror fs solid lc rgb C_BAR, \
	     '' index c using (is(2)):1:(0):(is(2)):($1-.3):($1+.3) with boxxyerror fs pattern 1 lc rgb C_BAR, \
	     '' index c using (is(3)):1:(0):(is(3)):($1-.3):($1+.3) with boxxyerror fs pattern 4 lc rgb C_BAD, \
	     '' index c using ($5 == 0 && $6 < 4 ? $3 : NaN):1:($4-$3):(0) with vectors nohead lc rgb C_FG lw 1.2, \
	     '' index c using ($5 == 0 && $6 < 4 && $4 > $3 ? $4 : NaN):($1-.18):(0):(.36) with vectors nohead lc rgb C_FG lw 1.2, \
	     '' index c using ($5 == 1 ? $3 : NaN):1:($4-$3):(0) with vectors filled size xmax * .02, 25 lc rgb C_FG lw 1.2, \
	     '' index c using ($6 == 4 ? 0 : NaN):1:2 with labels left offset 0.5, 0 textcolor rgb C_DIM, \
	     '' index c using (c == 0 && $6 < 3 ? -6 * px : NaN):1:2 with labels right textcolor rgb C_FG, \
	     '' index c using (c == 0 && $6 == 3 ? -6 * px : NaN):1:2 with labels right textcolor rgb C_BAD, \
	     '' index c using ($6 < 4 ? (bar_px + 56) * px : NaN):1:7 with labels right textcolor rgb C_FG, \
	     '' index c using ($6 < 4 ? (bar_px + 112) * px : NaN):1:8 with labels right textcolor rgb C_FG, \
	     '' index c using ($6 < 3 ? (bar_px + 122) * px : NaN):1:9 with labels left textcolor rgb C_DIM, \
	     '' index c using ($6 == 3 ? (bar_px + 122) * px : NaN):1:9 with labels left textcolor rgb C_BAD
	unset label 1
}
unset multiplot
