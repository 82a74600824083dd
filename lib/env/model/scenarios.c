/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of scenarios: small enough for every interleaving, each at a place
 * where something could go wrong. What must hold in all of them is in judge.c.
 */
#include "model/scenarios.h"

const struct scenario *const scenarios[] = {
#define SCENARIO(name) &scenario_##name,
#include "model/scenarios.def"
#undef SCENARIO
	NULL,
};
