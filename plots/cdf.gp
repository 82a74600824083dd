# SPDX-License-Identifier: GPL-2.0-only
# Left, the share of samples at most x; right, the share at least x on a log
# scale, down to the single slowest sample. Steps at the buckets' own edges:
# nothing is smoothed or left out.
# Takes: data, out, width, height, title, unit, nseries, styles (one
# number each), xmin, xmax, logx, xticks (words, for a log axis), ymin, key_px.
# Data: two indices per series (left under a header line, right), then one per
# series of marks: x, share at most, share at least, which percentile.
load here.'/style.gp'
set multiplot
set label 1 title at screen 8.0 / width, screen 1 - 14.0 / height left font "sans-serif,13" textcolor rgb C_FG
bottom = (key_px + 52.0) / height
set tmargin at screen 1 - 34.0 / height
set bmargin at screen bottom
set xrange [xmin : xmax]
if (logx) {
	set logscale x
	set xtics ()
	do for [t in xticks] { set xtics add (t real(t)) }
}
set xlabel unit offset 0, 0.4
style(i) = int(word(styles, i + 1))

set lmargin at screen 74.0 / width
set rmargin at screen 0.49
set yrange [0 : 100]
set ytics 0, 10, 100
set ylabel 'samples at most this long, %'
set key at screen 62.0 / width, screen (key_px + 2.0) / height left top Left reverse samplen 4 spacing 1.1 width -4
plot for [i = 0 : nseries - 1] data index 2 * i using 1:($2 * 100) with steps ls style(i) title columnheader(1), \
     for [i = 0 : nseries - 1] data index 2 * nseries + i using ($4 == 50 ? $1 : NaN):($2 * 100) with points ls style(i) pt 7 ps .9 notitle, \
     for [i = 0 : nseries - 1] data index 2 * nseries + i using ($4 == 99 ? $1 : NaN):($2 * 100) with points ls style(i) pt 13 ps 1.1 notitle

unset label 1
unset key
set lmargin at screen 0.49 + 74.0 / width
set rmargin at screen 1 - 24.0 / width
set yrange [100 * ymin : 100]
set logscale y
set ytics 10
set format y '%g'
set ylabel 'samples at least this long, %'
plot for [i = 0 : nseries - 1] data index 2 * i + 1 using 1:($2 * 100) with fsteps ls style(i) notitle, \
     for [i = 0 : nseries - 1] data index 2 * nseries + i using ($4 == 50 ? $1 : NaN):($3 * 100) with points ls style(i) pt 7 ps .9 notitle, \
     for [i = 0 : nseries - 1] data index 2 * nseries + i using ($4 == 99 ? $1 : NaN):($3 * 100) with points ls style(i) pt 13 ps 1.1 notitle
unset multiplot
