/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * signal: a real-time signal by tgkill(2). Real-time signals queue, so each
 * notify is one entry; the queue is bounded by RLIMIT_SIGPENDING per user,
 * also for root, and a full one answers EAGAIN.
 */
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/internal.h"
#include "user/delivery.h"

/* Domains that use a signal number share its handler. */
static struct {
	unsigned users;
	struct sigaction old;
} installed[NSIG];
static pthread_mutex_t installed_lock = PTHREAD_MUTEX_INITIALIZER;

static void on_signal(int signo, siginfo_t *info, void *context)
{
	int saved = errno;

	for (unsigned slot = 0; slot < ipi_thread.cpus; slot++) {
		struct ipi_cpu *cpu = ipi_thread.cpu[slot];

		if (cpu && cpu->dom->env.signo == signo)
			ipi_interrupt(cpu->dom, cpu);
	}
	errno = saved;
}

static const char *signal_probe(void)
{
	return NULL;
}

static int install(int signo)
{
	struct sigaction action = { .sa_sigaction = on_signal,
				    .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigaction old;

	if (installed[signo].users++)
		return 0;
	sigemptyset(&action.sa_mask);
	if (sigaction(signo, NULL, &old) || old.sa_handler != SIG_DFL ||
	    sigaction(signo, &action, &installed[signo].old)) {
		installed[signo].users--;
		return -EBUSY; /* somebody else handles it */
	}
	return 0;
}

static int signal_open(struct ipi_domain *dom, const struct ipi_params *params)
{
	int signo = params->signo ? params->signo : SIGRTMIN + 2;
	int err;

	if (signo < SIGRTMIN || signo > SIGRTMAX)
		return -EINVAL;
	dom->env.signo = signo;
	pthread_mutex_lock(&installed_lock);
	err = install(signo);
	pthread_mutex_unlock(&installed_lock);
	return err;
}

static void signal_close(struct ipi_domain *dom)
{
	int signo = dom->env.signo;

	pthread_mutex_lock(&installed_lock);
	if (--installed[signo].users == 0) {
		/* What is still queued must not meet the default action. */
		signal(signo, SIG_IGN);
		sigaction(signo, &installed[signo].old, NULL);
	}
	pthread_mutex_unlock(&installed_lock);
}

static void signal_attach(struct ipi_domain *dom, struct ipi_cpu *cpu)
{
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, dom->env.signo);
	pthread_sigmask(SIG_UNBLOCK, &set, &old);
	cpu->env.restore_block = sigismember(&old, dom->env.signo);
}

static void signal_detach(struct ipi_domain *dom, struct ipi_cpu *cpu)
{
	sigset_t set;

	if (!cpu->env.restore_block)
		return;
	sigemptyset(&set);
	sigaddset(&set, dom->env.signo);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static int signal_notify(struct ipi_domain *dom, struct ipi_cpu *target)
{
	int saved = errno, err = 0;

	if (syscall(SYS_tgkill, getpid(), target->env.tid, dom->env.signo))
		err = errno == EAGAIN ? -EAGAIN : -ESRCH;
	errno = saved;
	return err;
}

const struct ipi_delivery ipi_delivery_signal = {
	.name = "signal",
	.word_base = 0,
	.probe = signal_probe,
	.open = signal_open,
	.close = signal_close,
	.attach = signal_attach,
	.detach = signal_detach,
	.notify = signal_notify,
};
