// SPDX-License-Identifier: GPL-2.0-only
/* The ladder climbed. */
#include "climb.h"

#include <errno.h>

int climb_stage(const struct climb *c, struct choice *choice)
{
	const struct stage *stage = choice->stage;
	const struct rung *wanted = c->probe ? ladder_find(stage, c->probe)
					     : NULL,
			  *r;
	struct tool_error err;

	for (r = stage->rungs; r < stage->rungs + STAGE_RUNGS && r->name; r++) {
		if (wanted && r != wanted)
			continue;
		c->close(c->of);
		choice->rung = r;
		if (!c->attempt(c->of, choice, choice->test, &err))
			return 0;
		snprintf(choice->why[r - stage->rungs], sizeof(choice->why[0]),
			 "%.199s", err.text);
	}
	choice->rung = NULL;
	return -ENODEV;
}

int climb_refuse(const struct choice *choice, struct tool_error *err)
{
	char why[360];

	ladder_reasons(choice, why, sizeof(why));
	return tool_fail(err, -ENODEV, "no probe for %s works here: %s",
			 choice->stage->name, why);
}

int climb(const struct climb *c, struct tool_error *err)
{
	bool loaded = false;
	size_t i;

	for (i = 0; i < c->stages_n; i++)
		c->plan[i] = (struct choice){ .stage = &c->stages[i] };
	for (i = 0; i < c->stages_n; i++) {
		loaded = !climb_stage(c, &c->plan[i]);
		if (!loaded && i < c->needed)
			return climb_refuse(&c->plan[i], err);
	}
	if (loaded)
		return 0;
	c->close(c->of);
	return c->attempt(c->of, NULL, NULL, err);
}
