# SPDX-License-Identifier: GPL-2.0-only
# The median of each block over time, p99 above it where there is one; blocks
# with a mark are ringed and numbered, and stay.
# Takes: data, out, width, height, title, unit, nseries, styles, ymin, ymax,
# logy, key_px. Data: two indices per series: blocks of t, p50, p99 under a
# header line, then marked blocks of t, p50, number.
load here.'/style.gp'
set label 1 title at screen 8.0 / width, screen 1 - 14.0 / height left font "sans-serif,13" textcolor rgb C_FG
set tmargin at screen 1 - 34.0 / height
set bmargin at screen (key_px + 52.0) / height
set lmargin at screen 84.0 / width
set rmargin at screen 1 - 30.0 / width
set xlabel 'time since the run began, s'
set ylabel unit
if (logy) set logscale y
set yrange [ymin : ymax]
set offsets graph 0.02, graph 0.05, 0, 0
style(i) = int(word(styles, i + 1))
set key at screen 72.0 / width, screen (key_px + 2.0) / height left top Left reverse samplen 4 spacing 1.1 width -4
plot for [i = 0 : nseries - 1] data index 2 * i using 1:2 with linespoints ls style(i) ps .6 title columnheader(1), \
     for [i = 0 : nseries - 1] data index 2 * i using 1:3 with points ls style(i) pt 1 ps .7 lw 1.2 notitle, \
     for [i = 0 : nseries - 1] data index 2 * i + 1 using 1:2 with points pt 6 ps 1.8 lw 1.6 lc rgb C_BAD notitle, \
     for [i = 0 : nseries - 1] data index 2 * i + 1 using 1:2:3 with labels offset 0, 1 textcolor rgb C_BAD notitle
