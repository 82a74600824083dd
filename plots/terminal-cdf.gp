# SPDX-License-Identifier: GPL-2.0-only
# The left half of cdf.gp for a character terminal.
# Takes: data, width, height (characters), title, unit, nseries, xmin, xmax,
# logx. Data: one index per series of steps, no header.
dumb = 1
load here.'/style.gp'
unset key
set title title
set xlabel unit
set ylabel '%'
set yrange [0 : 100]
set xrange [xmin : xmax]
if (logx) {
	set logscale x
	set xtics ()
	do for [t in xticks] { set xtics add (t real(t)) }
}
set ytics 0, 25, 100
plot for [i = 0 : nseries - 1] data index i using 1:($2 * 100) with steps lt i + 1
