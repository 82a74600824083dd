// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPU sets, by NetBSD's names for them, against a plain array of truths.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <ipi/netbsd.h>

#define N IPI_CPUS_MAX

static unsigned failures;

#define CHECK(cond)                                                            \
	do {                                                                   \
		if (!(cond)) {                                                 \
			failures++;                                            \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond);    \
		}                                                              \
	} while (0)

/* A set and what it should hold. */
struct pair {
	kcpuset_t *set;
	bool in[N];
};

static void pair_random(struct pair *p)
{
	unsigned n = (unsigned)rand() % 4 ? (unsigned)rand() % 8
					  : (unsigned)rand() % N;

	kcpuset_zero(p->set);
	for (unsigned i = 0; i < N; i++)
		p->in[i] = false;
	while (n--) {
		unsigned i = (unsigned)rand() % N;

		kcpuset_set(p->set, i);
		p->in[i] = true;
	}
}

static void pair_check(const struct pair *p)
{
	unsigned count = 0, first = N, i, seen = 0;

	for (i = N; i-- > 0;)
		if (p->in[i]) {
			count++;
			first = i;
		}
	CHECK(kcpuset_countset(p->set) == (int)count);
	CHECK(kcpuset_iszero(p->set) == !count);
	CHECK(kcpuset_ffs(p->set) == (count ? (int)first + 1 : 0));
	for (i = 0; i < N; i++) {
		CHECK(kcpuset_isset(p->set, i) == p->in[i]);
		CHECK(kcpuset_isotherset(p->set, i) == (count > p->in[i]));
	}
	KCPUSET_FOREACH(i, p->set)
	{
		CHECK(p->in[i]);
		seen++;
	}
	CHECK(seen == count);
}

static void operate(struct pair *a, struct pair *b)
{
	bool same = true, meet = false;
	int first = 0;
	int op = rand() % 3;

	for (unsigned i = N; i-- > 0;) {
		same &= a->in[i] == b->in[i];
		if (a->in[i] && b->in[i]) {
			meet = true;
			first = (int)i + 1;
		}
	}
	CHECK(kcpuset_match(a->set, b->set) == same);
	CHECK(kcpuset_intersecting_p(a->set, b->set) == meet);
	CHECK(kcpuset_ffs_intersecting(a->set, b->set) == first);
	if (op == 0)
		kcpuset_intersect(a->set, b->set);
	else if (op == 1)
		kcpuset_merge(a->set, b->set);
	else
		kcpuset_remove(a->set, b->set);
	for (unsigned i = 0; i < N; i++)
		a->in[i] = op == 0   ? a->in[i] && b->in[i]
			   : op == 1 ? a->in[i] || b->in[i]
				     : a->in[i] && !b->in[i];
}

static void test_cpuset_operations(void)
{
	struct pair *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b));

	CHECK(!kcpuset_create(&a->set, true) && !kcpuset_create(&b->set, true));
	for (unsigned round = 0; round < 200; round++) {
		unsigned i = (unsigned)rand() % N;

		pair_random(a);
		pair_random(b);
		operate(a, b);
		pair_check(a);
		pair_check(b);
		kcpuset_clear(a->set, i);
		a->in[i] = false;
		pair_check(a);
	}
	kcpuset_copy(a->set, b->set);
	CHECK(kcpuset_match(a->set, b->set));
	kcpuset_destroy(a->set);
	CHECK(!kcpuset_clone(&a->set, b->set));
	CHECK(kcpuset_match(a->set, b->set));
	kcpuset_fill(a->set);
	CHECK(kcpuset_countset(a->set) == N);
	kcpuset_zero(a->set);
	CHECK(kcpuset_iszero(a->set));
	/* Beyond the last: not a member, nothing touched. */
	kcpuset_set(a->set, N);
	kcpuset_clear(b->set, N);
	CHECK(kcpuset_iszero(a->set));
	CHECK(!kcpuset_isset(a->set, N));
	kcpuset_destroy(a->set);
	kcpuset_destroy(b->set);
	free(a);
	free(b);
}

/* Threads that set and clear neighbours in one word do not undo each other. */
static kcpuset_t *shared;

static void *neighbour(void *arg)
{
	unsigned index = *(unsigned *)arg;

	for (unsigned i = 0; i < 20000; i++) {
		kcpuset_atomic_set(shared, index);
		if (!kcpuset_isset(shared, index))
			return arg;
		kcpuset_atomic_clear(shared, index);
		if (kcpuset_isset(shared, index))
			return arg;
	}
	return NULL;
}

static void test_cpuset_atomics(void)
{
	static unsigned index[2] = { 5, 6 };
	pthread_t thread[2];
	void *wrong;

	CHECK(!kcpuset_create(&shared, true));
	for (unsigned i = 0; i < 2; i++)
		CHECK(!pthread_create(&thread[i], NULL, neighbour, &index[i]));
	for (unsigned i = 0; i < 2; i++) {
		pthread_join(thread[i], &wrong);
		CHECK(!wrong);
	}
	CHECK(kcpuset_iszero(shared));
	kcpuset_destroy(shared);
}

int main(void)
{
	unsigned seed = (unsigned)time(NULL);

	printf("# seed %u\n", seed);
	srand(seed);
	test_cpuset_operations();
	test_cpuset_atomics();
	printf("%sok - cpusets\n", failures ? "not " : "");
	return failures != 0;
}
