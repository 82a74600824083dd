# SPDX-License-Identifier: GPL-2.0-only
"""What plots/report is made of: result files in, one page of plots out."""
