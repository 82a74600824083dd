# SPDX-License-Identifier: GPL-2.0-only
# Stages of interrupts as stacked bars, drawn as they come: everything has its
# place in pixels from the left and from the top.
# Takes: data, out, width, height, title.
# Data, one index for each kind: 0 stages, 1 frames of those not seen, 2 the
# probes' own part (x, y, left, right, top, bottom, colour), 3 lines (x, y, dx,
# dy), then texts (x, y, text): 4 from the left, 5 up to the right, 6 centred,
# 7 faint, 8 contradicted; 9 marks, as lines.
load here.'/style.gp'
set label 1 title at screen 8.0 / width, screen 1 - 14.0 / height left font "sans-serif,13" textcolor rgb C_FG
unset key
unset border
unset tics
unset grid
set lmargin at screen 0
set rmargin at screen 1
set tmargin at screen 1
set bmargin at screen 0
set xrange [0 : width]
set yrange [height : 0]
# The handler as a whole is none of its parts.
array C[6] = ['#e69f00', '#56b4e9', '#8c6d1f', '#009e73', '#cc79a7', C_BAR]
set style fill solid noborder
plot data index 3 using 1:2:3:4 with vectors nohead lc rgb C_GRID, \
     for [i = 1 : 6] data index 0 using ($7 == i ? $1 : NaN):2:3:4:5:6 with boxxyerror lc rgb C[i], \
     data index 1 using 1:2:3:4:5:6 with boxxyerror fs empty border lc rgb C_DIM lc rgb C_DIM, \
     data index 2 using 1:2:3:4:5:6 with boxxyerror lc rgb C_YARD, \
     data index 4 using 1:2:3 with labels left textcolor rgb C_FG, \
     data index 5 using 1:2:3 with labels right textcolor rgb C_FG, \
     data index 6 using 1:2:3 with labels center textcolor rgb C_DIM, \
     data index 7 using 1:2:3 with labels right textcolor rgb C_DIM, \
     data index 8 using 1:2:3 with labels right textcolor rgb C_BAD, \
     data index 9 using 1:2:3:4 with vectors nohead lc rgb C_FG lw 1.4
