/* SPDX-License-Identifier: GPL-2.0-only */
/* The single checks of `ipi doctor`. */
#ifndef IPI_BENCH_DOCTOR_H
#define IPI_BENCH_DOCTOR_H

#include "front.h"

void check_say(struct check *c, enum check_verdict verdict, const char *fmt,
	       ...) __attribute__((format(printf, 3, 4)));

void check_machine(struct check *c);
void check_emulation(struct check *c);
void check_clock(struct check *c);
void check_affinity(struct check *c);
void check_smt(struct check *c);
void check_governor(struct check *c);
void check_idle(struct check *c);
void check_throttle(struct check *c);
void check_rt(struct check *c);
void check_sigpending(struct check *c);
void check_numa(struct check *c);
void check_steal(struct check *c);
void check_smi(struct check *c);

#endif
