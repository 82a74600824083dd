// SPDX-License-Identifier: GPL-2.0-only
/* Which pairs of CPUs stand for a relation class. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "planning.h"

_Static_assert((int)TOPO_SELF == (int)REL_SELF &&
		       (int)TOPO_SMT == (int)REL_SMT &&
		       (int)TOPO_LLC == (int)REL_LLC &&
		       (int)TOPO_NODE == (int)REL_NODE &&
		       (int)TOPO_SOCKET == (int)REL_SOCKET &&
		       (int)TOPO_OTHER == (int)REL_OTHER &&
		       (int)TOPO_RELATIONS == (int)REL_N,
	       "the two lists of relations are one");

/* splitmix64: a plan must come out the same from the same seed everywhere. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

struct chosen {
	struct bench_pair *pair;
	size_t n, cap;
	size_t left_out;
};

static int append(struct chosen *c, int source, int target)
{
	struct bench_pair *pair;

	if (c->n == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 16;
		pair = realloc(c->pair, c->cap * sizeof(*pair));
		if (!pair)
			return -ENOMEM;
		c->pair = pair;
	}
	c->pair[c->n++] = (struct bench_pair){ source, target };
	return 0;
}

bool plan_pair_crowds(const struct machine *machine, int source, int target)
{
	return source != target &&
	       machine_crowds(machine, (int[]){ source, target }, 2);
}

/* One pass over all pairs, each of them equally likely to stay. */
static int sample(const struct topo *topo, const struct machine *machine,
		  enum bench_relation rel, size_t k, uint64_t seed,
		  struct chosen *c)
{
	uint64_t state = seed + (uint64_t)rel, seen = 0, at;
	size_t s, t;

	for (s = 0; s < topo->n; s++)
		for (t = 0; t < topo->n; t++) {
			const struct topo_cpu *from = &topo->cpu[s];
			const struct topo_cpu *to = &topo->cpu[t];

			if ((int)topo_relate(from, to) != (int)rel)
				continue;
			if (plan_pair_crowds(machine, from->cpu, to->cpu)) {
				c->left_out++;
				continue;
			}
			seen++;
			if (!k || c->n < k) {
				if (append(c, from->cpu, to->cpu))
					return -ENOMEM;
				continue;
			}
			at = next_random(&state) % seen;
			if (at < k)
				c->pair[at] = (struct bench_pair){ from->cpu,
								   to->cpu };
		}
	return 0;
}

int plan_pairs(const struct topo *topo, const struct machine *machine,
	       enum bench_relation rel, size_t k, uint64_t seed,
	       struct bench_pair **out, size_t *n, size_t *left_out)
{
	struct chosen c = { 0 };
	int ret = sample(topo, machine, rel, k, seed, &c);

	if (!ret && !c.n) {
		c.left_out = 0;
		ret = sample(topo, NULL, rel, k, seed, &c);
	}
	if (ret) {
		free(c.pair);
		return ret;
	}
	*out = c.pair;
	*n = c.n;
	*left_out = c.left_out;
	return 0;
}

static int listed_pair(const struct topo *topo, const char **at,
		       const struct topo_cpu **from, const struct topo_cpu **to,
		       struct tool_error *err)
{
	int s, t, used = 0;

	if (sscanf(*at, "%d:%d%n", &s, &t, &used) != 2 || s < 0 || t < 0)
		return tool_fail(err, -EINVAL,
				 "pairs: not understood at '%s' (wanted: "
				 "0:1,2:3)",
				 *at);
	*at += used;
	*from = topo_find(topo, s);
	*to = topo_find(topo, t);
	if (!*from || !*to)
		return tool_fail(err, -EINVAL,
				 "pairs: CPU %d is not among those to be used",
				 *from ? t : s);
	return 0;
}

int plan_pairs_listed(const struct topo *topo, enum bench_relation rel,
		      const char *list, struct bench_pair **out, size_t *n,
		      struct tool_error *err)
{
	const struct topo_cpu *from = NULL, *to = NULL;
	struct chosen c = { 0 };
	const char *at = list;
	int ret = 0;

	for (;;) {
		ret = listed_pair(topo, &at, &from, &to, err);
		if (ret)
			break;
		if ((int)topo_relate(from, to) == (int)rel)
			ret = append(&c, from->cpu, to->cpu);
		if (ret || !*at)
			break;
		if (*at++ != ',') {
			ret = tool_fail(err, -EINVAL,
					"pairs: not understood at '%s'",
					at - 1);
			break;
		}
	}
	if (ret) {
		free(c.pair);
		return ret;
	}
	*out = c.pair;
	*n = c.n;
	return 0;
}
