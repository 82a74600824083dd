# SPDX-License-Identifier: GPL-2.0-only
# One value per CPU in the order of the topology: one source's whole row, or
# how often each target was the last. Dots, for the axis need not begin at 0.
# Takes: data, out, width, height, title, ylabel, ncpu, names, ymin, ymax, logy,
# impulses (0/1). Data: 0 position, value; 1 boundaries (position, rank);
# 2 ticks; 3 groups (position, text).
load here.'/style.gp'
set label 1 title at screen 8.0 / width, screen 1 - 14.0 / height left font "sans-serif,13" textcolor rgb C_FG
unset key
set tmargin at screen 1 - 34.0 / height
set bmargin at screen 58.0 / height
set lmargin at screen 84.0 / width
set rmargin at screen 1 - 30.0 / width
set xrange [-.5 : ncpu - .5]
if (logy) set logscale y
set yrange [ymin : ymax]
set ylabel ylabel
set xlabel 'target CPU, ordered as the topology'
set xtics () scale 0
set grid noxtics
tick = names ? 2 : 3
ps = ncpu > 64 ? .45 : .8
plot data index 1 using 1:(ymin):(0):(ymax - ymin) with vectors nohead lc rgb C_DIM dt (2,4) lw 1, \
     data index 0 using 1:(impulses ? $2 : NaN) with impulses lc rgb C_BAR lw (ncpu > 64 ? 2 : 6), \
     data index 0 using 1:(impulses ? NaN : $2) with points pt 7 ps ps lc rgb C_BAR, \
     data index tick using 1:(ymin):(0):xtic(2) with points pt -1
