// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a CPU's descriptor: from attach until no sender may write to it.
 */
#include "contract.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static bool has_descriptors(void)
{
	if (contract_delivers("eventfd"))
		return true;
	contract_skip("this delivery has no descriptor");
	return false;
}

static unsigned descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	if (!dir)
		contract_lost(__FILE__, __LINE__, "/proc/self/fd");
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* The numbers below the limit are all taken. */
static void test_attach_without_a_descriptor_left(void)
{
	struct world w;
	struct rlimit limit, low;
	struct ipi_domain *dom;
	int err, next;

	if (!has_descriptors())
		return;
	world_open(&w, 1);
	CHECK_EQ(ipi_domain_create(&contract_params, &dom), 0);
	CHECK_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
	next = dup(STDERR_FILENO);
	close(next);
	low = limit;
	low.rlim_cur = (rlim_t)next;
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
	err = ipi_domain_attach(dom, NULL, NULL);
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	CHECK_EQ(err, -EMFILE);
	CHECK(!ipi_domain_curcpu(dom));
	CHECK_EQ(ipi_domain_ncpu(dom), 0);
	CHECK_EQ(ipi_domain_detach(dom), -EPERM);
	CHECK_EQ(ipi_domain_attach(dom, NULL, NULL), 0);
	CHECK_EQ(ipi_domain_detach(dom), 0);
	CHECK_EQ(ipi_domain_destroy(dom), 0);
	world_close(&w);
}

static void *thread_ends_attached(void *arg)
{
	struct world *w = arg;

	CHECK_EQ(ipi_domain_attach(w->dom, NULL, NULL), 0);
	CHECK(ipi_domain_fd(w->dom) >= 0);
	return NULL;
}

static atomic_int vanishing;

static void *thread_vanishes_attached(void *arg)
{
	struct world *w = arg;

	CHECK_EQ(ipi_domain_attach(w->dom, NULL, NULL), 0);
	atomic_store(&vanishing, (int)syscall(SYS_gettid));
	syscall(SYS_exit, 0);
	return NULL;
}

static bool robust_lists_are_kept(void)
{
	void *head;
	size_t length;

	return !syscall(SYS_get_robust_list, 0, &head, &length);
}

static void check_child_has_none(struct world *w, unsigned before)
{
	int status = 0;
	pid_t child = fork();

	CHECK(child >= 0);
	if (!child)
		_exit(ipi_domain_fd(w->dom) == -EPERM &&
		      descriptors() == before);
	CHECK_EQ(waitpid(child, &status, 0), child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

static void test_descriptors_end_with_their_cpus(void)
{
	unsigned before = descriptors();
	struct world w;

	world_open(&w, 3);
	CHECK_EQ(descriptors() - before, contract_delivers("eventfd") ? 3 : 0);
	if (contract_delivers("eventfd")) {
		check_child_has_none(&w, before);
		CHECK_EQ(descriptors() - before, 3);
		pthread_join(thread_start(thread_ends_attached, &w), NULL);
		CHECK_EQ(descriptors() - before, 3);
	}
	if (contract_delivers("eventfd") && robust_lists_are_kept()) {
		atomic_store(&vanishing, 0);
		thread_start(thread_vanishes_attached, &w);
		UNTIL_SERVING(&w, atomic_load(&vanishing) &&
					  syscall(SYS_tgkill, getpid(),
						  atomic_load(&vanishing), 0));
		CHECK_EQ(descriptors() - before, 4);
	}
	world_close(&w);
	CHECK_EQ(descriptors(), before);
}

static void job_ask(struct peer *self, void *fd)
{
	*(int *)fd = ipi_domain_fd(self->world->dom);
}

static void job_send_to_1(struct peer *self, void *msg)
{
	CHECK_EQ(send_unicast(self->world, msg, 1, 0), 0);
}

/* A number closed too soon is somebody else's when the sender writes. */
static void test_a_descriptor_outlives_who_writes_to_it(void)
{
	struct world w;
	struct gate gate = { 0 };
	atomic_uint ran = 0;
	ipi_msg_t msg = { .func = handler_count, .arg = &ran };
	int fd = -1;

	if (!has_descriptors())
		return;
	world_open(&w, 3);
	peer_do(&w.peer[1], job_ask, &fd);
	peer_join(&w.peer[1]);
	trap_set(0, 2, IPI_POINT_PUBLISHED, trap_gate, &gate);
	peer_do(&w.peer[2], job_send_to_1, &msg);
	UNTIL(atomic_load(&gate.in));
	atomic_store(&w.peer[1].quit, true);
	CHECK(STAYS_FALSE(fcntl(fd, F_GETFD) < 0, 30));
	gate_open(&gate);
	peer_stop(&w.peer[1]);
	CHECK(fcntl(fd, F_GETFD) < 0);
	peer_join(&w.peer[2]);
	ipi_domain_wait(w.dom, &msg);
	CHECK_EQ(atomic_load(&ran), 1);
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "attach_without_a_descriptor_left",
	  test_attach_without_a_descriptor_left },
	{ "descriptors_end_with_their_cpus",
	  test_descriptors_end_with_their_cpus },
	{ "a_descriptor_outlives_who_writes_to_it",
	  test_a_descriptor_outlives_who_writes_to_it, .hooks = true },
	{ 0 }
};
