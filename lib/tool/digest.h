/* SPDX-License-Identifier: GPL-2.0-only */
/* The SHA-256 of a file, by coreutils' sha256sum. */
#ifndef IPI_TOOL_DIGEST_H
#define IPI_TOOL_DIGEST_H

#define DIGEST_HEX_CHARS 64

/* 0, or -errno; hex is untouched on failure. */
int digest_file(const char *path, char hex[DIGEST_HEX_CHARS + 1]);

#endif
