// SPDX-License-Identifier: GPL-2.0-only
/* The tests of /dev/ipi: `test-dev IPI.KO`, as root, where that is loaded. */
#include "dev.h"

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: test-dev IPI.KO, while it is loaded\n");
		return 2;
	}
	test_fields();
	test_paths();
	test_ends();
	test_unload();
	test_life(argv[1]);
	return say_done();
}
