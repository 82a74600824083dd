/* SPDX-License-Identifier: GPL-2.0-only */
/* What scenarios share: their list, and what several of them do. */
#ifndef MODEL_SCENARIOS_H
#define MODEL_SCENARIOS_H

#include "model/scenario.h"

#define ALL 0x7u
#define THREADS(...) { __VA_ARGS__ }

#define SCENARIO(name) extern const struct scenario scenario_##name;
#include "model/scenarios.def"
#undef SCENARIO

void broadcast_wait(void);
void register_0(void);
void trigger_1_any(void);
void trigger_1_twice(void);
void trigger_then_unregister(void);
void unicast_1_wait(void);

#endif
