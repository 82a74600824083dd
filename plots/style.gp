# SPDX-License-Identifier: GPL-2.0-only
# The one style of all plots. Colours are those of Okabe and Ito, which
# colour-blind readers can tell apart; dashes and points differ beside them.
# Vermillion is kept for contradicted records. Takes: width, height (pixels).
if (!exists("dumb")) dumb = 0
if (dumb) {
	set terminal dumb size width,height noenhanced
} else {
	set terminal svg size width,height font "sans-serif,12" noenhanced
	set output out
}

C_FG = '#000000'; C_DIM = '#666666'; C_GRID = '#dddddd'; C_YARD = '#999999'
C_BAR = '#0072b2'; C_BAD = '#d55e00'
# On top of map colours, so the same in light and dark.
C_LIT = '#fefefe'; C_INK = '#010101'

# Series or relations, 1 to 8.
set style line 1 lc rgb '#000000' dt 1         lw 1.6 pt 7
set style line 2 lc rgb '#cc79a7' dt (9,4)     lw 2.0 pt 5
set style line 3 lc rgb '#009e73' dt (3,3)     lw 2.0 pt 9
set style line 4 lc rgb '#0072b2' dt 1         lw 2.0 pt 13
set style line 5 lc rgb '#e69f00' dt (12,3,3,3) lw 2.0 pt 11
set style line 6 lc rgb '#56b4e9' dt (6,2)     lw 2.0 pt 15
set style line 7 lc rgb '#999999' dt (2,5)     lw 2.0 pt 4
set style line 8 lc rgb '#cc79a7' dt 1         lw 1.2 pt 6
# The same when contradicted.
set style line 11 lc rgb C_BAD dt 1          lw 1.8
set style line 12 lc rgb C_BAD dt (9,4)      lw 2.2
set style line 13 lc rgb C_BAD dt (3,3)      lw 2.2
set style line 14 lc rgb C_BAD dt (12,2,2,2,2,2) lw 2.2
set style line 15 lc rgb C_BAD dt (12,3,3,3) lw 2.2
set style line 16 lc rgb C_BAD dt (6,2)      lw 2.2
set style line 17 lc rgb C_BAD dt (2,5)      lw 2.2
set style line 18 lc rgb C_BAD dt (2,2)      lw 1.2
# Grid.
set style line 20 lc rgb C_GRID dt 1 lw 1

set border 3 lc rgb C_DIM
set tics nomirror textcolor rgb C_FG
set xlabel textcolor rgb C_FG
set ylabel textcolor rgb C_FG
set key textcolor rgb C_FG
if (!dumb) {
	set grid ls 20
	set title font "sans-serif,13" textcolor rgb C_FG
}
set datafile missing 'NaN'

# Dark to bright in equal steps of lightness, also without any colour vision.
set palette defined (0 '#440154', 1 '#472d7b', 2 '#3b528b', 3 '#2c728e', 4 '#21918c', \
	5 '#28ae80', 6 '#5ec962', 7 '#addc30', 8 '#fde725')
