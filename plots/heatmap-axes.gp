# SPDX-License-Identifier: GPL-2.0-only
# The axes of heatmap.gp: a name for each CPU, or for each node of many.
set xlabel 'target CPU'
set label 3 'source CPU' at screen 14.0 / width, screen (height - top_px - side / 2) / height center rotate textcolor rgb C_FG
if (names && ncpu > 16) {
	set xtics () rotate by 90 right
} else {
	set xtics () norotate center
}
set ytics ()
set tics scale 0
