# SPDX-License-Identifier: GPL-2.0-only
"""Guests with other kernels and other topologies."""
