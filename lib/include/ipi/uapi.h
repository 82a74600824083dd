/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * /dev/ipi: what a program and ipi.ko say to each other.
 *
 * An open descriptor may hold one session: a private domain, or Linux's own
 * calls, with a set of target CPUs and a number of sources. A source is a thread
 * that is pinned to one CPU and runs chunks of samples there, in the kernel; it
 * gets back when each began, how long it took, and by which way each target came
 * to run it. Closing the descriptor ends the session, whatever it was doing.
 *
 * Each structure opens with the version, has a fixed size, and no address in
 * it; what is reserved must be zero. Times are in units of the clock that the
 * session was made with: counts of the TSC, or ns of CLOCK_MONOTONIC_RAW.
 *
 * Errors of all commands:
 *   -EPROTO   the version is another one; IPI_UAPI_VERSION_OF tells the module's
 *   -EINVAL   a field is out of its bounds, or a reserved one is not zero
 *   -EFAULT   the structure can't be read or written
 *   -ENOTTY   there is no such command
 *   -ENOLINK  it is about a session, and there is none yet
 * Opening it without CAP_SYS_ADMIN: -EPERM.
 */
#ifndef IPI_UAPI_H
#define IPI_UAPI_H

#include <linux/ioctl.h>

#include <ipi/types.h>

#define IPI_UAPI_VERSION 1u
#define IPI_UAPI_DEVICE "/dev/ipi"

#define IPI_UAPI_NAME_BYTES 32
#define IPI_UAPI_TEXT_BYTES 160
#define IPI_UAPI_CPUS_MAX 1024
#define IPI_UAPI_CPU_WORDS (IPI_UAPI_CPUS_MAX / 64)
/* Messages of one chunk, and those that one source may have on the way. */
#define IPI_UAPI_LOG 4096u
#define IPI_UAPI_INFLIGHT_MAX 256u
#define IPI_UAPI_COUNTERS_MAX 32
#define IPI_UAPI_WAYS 8 /* as enum ipi_way of <ipi/ipi.h>, and room */
/* Of a session's length, and of how long a target may take to answer. */
#define IPI_UAPI_CAP_MS 60000u
#define IPI_UAPI_CAP_MS_MAX 600000u
#define IPI_UAPI_DEAF_MS 3000u
#define IPI_UAPI_DEAF_MS_MAX 10000u
#define IPI_UAPI_NO_CPU 0xffffffffu

/* Who sends, and how it is waited for. */
enum ipi_uapi_path {
	IPI_UAPI_PATH_UNICAST,
	IPI_UAPI_PATH_UNICAST_COND, /* waited for as Linux waits for its calls */
	IPI_UAPI_PATH_MULTICAST,
	IPI_UAPI_PATH_BROADCAST,
	IPI_UAPI_PATH_TRIGGER,
	IPI_UAPI_PATH_INCAST, /* several sources */
	IPI_UAPI_PATH_LINUX_SINGLE,
	IPI_UAPI_PATH_LINUX_ASYNC,
	IPI_UAPI_PATH_LINUX_MANY,
	IPI_UAPI_PATH_LINUX_EACH,
	IPI_UAPI_PATH_LINUX_WAKE,
	IPI_UAPI_PATHS
};

enum ipi_uapi_list {
	IPI_UAPI_LIST_QUEUES,
	IPI_UAPI_LIST_ACKS,
	IPI_UAPI_LIST_DELIVERIES,
	IPI_UAPI_LIST_PATHS,
	IPI_UAPI_LISTS
};

enum ipi_uapi_waiter { IPI_UAPI_WAITER_RELAX, IPI_UAPI_WAITER_SPIN };

/* What the targets do while they wait. */
enum ipi_uapi_state {
	IPI_UAPI_STATE_ELSEWHERE, /* what they like: spin in a program, idle */
	IPI_UAPI_STATE_KERNEL /* a thread on each is in IPI_UAPI_TARGET */
};

enum ipi_uapi_clock { IPI_UAPI_CLOCK_RAW_NS, IPI_UAPI_CLOCK_TSC };

enum ipi_uapi_kind {
	IPI_UAPI_KIND_RTT, /* send called to wait returned */
	IPI_UAPI_KIND_SEND, /* send called to send returned */
	IPI_UAPI_KIND_STREAM /* incast: messages are counted, none is stamped */
};

/* ipi_uapi_create.flags */
#define IPI_UAPI_STAMPED 0x1u /* targets log when they began and ended */

struct ipi_uapi_version {
	uint32_t version;
	uint32_t reserved;
	char module[IPI_UAPI_NAME_BYTES]; /* the module's own version */
};

/* One entry of a list; -ENOENT: it is not that long. */
struct ipi_uapi_query {
	uint32_t version;
	uint32_t list; /* enum ipi_uapi_list */
	uint32_t index;
	uint32_t reserved;
	/* out */
	char name[IPI_UAPI_NAME_BYTES];
	/*
	 * deliveries: the row of /proc/interrupts that counts them, or what the
	 * handlers of such rows are called before their number; "": none. What
	 * follows a + is a parameter of the module that counts the rest of them.
	 */
	char row[IPI_UAPI_NAME_BYTES];
	char help[IPI_UAPI_TEXT_BYTES];
	char not_here[IPI_UAPI_TEXT_BYTES]; /* why not; "": it works here */
};

struct ipi_uapi_cpus {
	uint32_t version;
	uint32_t reserved;
	/* out */
	uint32_t possible; /* numbers are less than this */
	uint32_t online_n;
	uint64_t online[IPI_UAPI_CPU_WORDS];
};

/*
 * -EBUSY: this descriptor has a session, or another one has; -ENXIO: a target is
 * not online; -EOPNOTSUPP: the delivery or the clock can't be had here.
 */
struct ipi_uapi_create {
	uint32_t version;
	uint32_t path; /* enum ipi_uapi_path */
	char queue[IPI_UAPI_NAME_BYTES]; /* "": the default; of our own paths */
	char ack[IPI_UAPI_NAME_BYTES];
	char delivery[IPI_UAPI_NAME_BYTES];
	uint32_t waiter; /* enum ipi_uapi_waiter */
	uint32_t spin_loads; /* IPI_UAPI_WAITER_SPIN: loads before PAUSE */
	uint32_t depth; /* queue nodes per sender; 0: the queue's own */
	uint32_t state; /* enum ipi_uapi_state */
	uint32_t clock; /* enum ipi_uapi_clock */
	uint32_t flags;
	uint32_t sources; /* 1, but for incast */
	uint32_t inflight; /* messages of one source on the way; incast */
	uint32_t cap_ms; /* the session ends by itself; 0: one minute */
	uint32_t deaf_ms; /* a target must have answered; 0: three seconds */
	uint64_t targets[IPI_UAPI_CPU_WORDS]; /* by Linux's numbers */
	uint64_t reserved[4];
};

struct ipi_uapi_sample {
	uint64_t start;
	uint64_t ticks; /* of the whole batch */
};

struct ipi_uapi_stamp {
	uint64_t entry, done;
};

/*
 * One chunk, in the calling thread. What it measured follows this structure, as
 * ipi_uapi_run_bytes() counts it:
 *   struct ipi_uapi_sample [samples_max]
 *   uint8_t way [targets][samples_max * batch], filled up to 8 bytes
 *   struct ipi_uapi_stamp [targets][samples_max * batch], if stamped
 * where targets are in the order of their numbers.
 *
 * -EBUSY: another thread runs this source; -ETIMEDOUT: a target did not answer,
 * and -ENXIO: it is not online any more, or was not for a while: cpu says which;
 * -ENODEV: the thread was moved from its CPU, which cpu names; -ETIME: the session
 * is over; -ECANCELED: it was cancelled; -EINTR: the thread is being killed. The
 * structure is written all the same. -ESTALE: a chunk of this session has failed;
 * who was late then would be taken for early now: make another session.
 */
struct ipi_uapi_run {
	uint32_t version;
	uint32_t kind; /* enum ipi_uapi_kind */
	uint32_t source;
	uint32_t window; /* incast: a new number for each, from 1 */
	uint32_t samples_max; /* 0 for a stream */
	uint32_t batch; /* messages of one sample */
	uint64_t bytes; /* of all that follows this structure */
	uint64_t gap_min, gap_max; /* before each sample; both 0: none */
	uint64_t from,
		until; /* clock: not before, not after; 0: at once, never */
	uint64_t seed;
	uint64_t reserved[2];
	/* out */
	uint32_t samples;
	uint32_t cpu; /* who did not answer, or is gone; IPI_UAPI_NO_CPU: nobody */
	uint64_t sent; /* messages */
	uint64_t answered; /* stream: before the window was over */
	uint64_t end; /* stream: when the last of these was */
};

/*
 * The calling thread, pinned to a target, is busy in the kernel until the
 * session is cancelled or over. -EBUSY: another one is already; -ENODEV: the CPU
 * has gone offline.
 */
struct ipi_uapi_target {
	uint32_t version;
	uint32_t reserved;
	uint64_t reserved2;
};

struct ipi_uapi_counters {
	uint32_t version;
	uint32_t reserved;
	/* out */
	uint32_t n; /* the library's, in the order of <ipi/counters.def> */
	uint32_t padding;
	uint64_t counter[IPI_UAPI_COUNTERS_MAX];
	uint64_t came[IPI_UAPI_WAYS]; /* messages by way, as targets saw it */
};

/* Ends what runs in the session, and lets its targets go. */
struct ipi_uapi_cancel {
	uint32_t version;
	uint32_t reserved;
};

#define IPI_UAPI_VERSION_OF _IOR(0xb9, 0, struct ipi_uapi_version)
#define IPI_UAPI_QUERY _IOWR(0xb9, 1, struct ipi_uapi_query)
#define IPI_UAPI_CPUS _IOWR(0xb9, 2, struct ipi_uapi_cpus)
#define IPI_UAPI_CREATE _IOW(0xb9, 3, struct ipi_uapi_create)
#define IPI_UAPI_RUN _IOWR(0xb9, 4, struct ipi_uapi_run)
#define IPI_UAPI_TARGET _IOW(0xb9, 5, struct ipi_uapi_target)
#define IPI_UAPI_COUNTERS _IOWR(0xb9, 6, struct ipi_uapi_counters)
#define IPI_UAPI_CANCEL _IOW(0xb9, 7, struct ipi_uapi_cancel)

/* Bytes of the ways that follow the samples. */
static inline uint64_t ipi_uapi_way_bytes(uint64_t messages, uint64_t targets)
{
	return (messages * targets + 7) & ~(uint64_t)7;
}

static inline uint64_t ipi_uapi_run_bytes(uint64_t samples_max, uint64_t batch,
					  uint64_t targets, int stamped)
{
	uint64_t messages = samples_max * batch;

	return samples_max * sizeof(struct ipi_uapi_sample) +
	       ipi_uapi_way_bytes(messages, targets) +
	       (stamped ? messages * targets * sizeof(struct ipi_uapi_stamp)
			: 0);
}

#ifdef __cplusplus
#define IPI_UAPI_SIZE(type, bytes)                                             \
	static_assert(sizeof(struct type) == (bytes), #type)
#define IPI_UAPI_AT(type, member, at)                                          \
	static_assert(__builtin_offsetof(struct type, member) == (at),         \
		      #type "." #member)
#else
#define IPI_UAPI_SIZE(type, bytes)                                             \
	_Static_assert(sizeof(struct type) == (bytes), #type)
#define IPI_UAPI_AT(type, member, at)                                          \
	_Static_assert(__builtin_offsetof(struct type, member) == (at),        \
		       #type "." #member)
#endif

IPI_UAPI_SIZE(ipi_uapi_version, 40);
IPI_UAPI_AT(ipi_uapi_version, module, 8);
IPI_UAPI_SIZE(ipi_uapi_query, 400);
IPI_UAPI_AT(ipi_uapi_query, name, 16);
IPI_UAPI_AT(ipi_uapi_query, row, 48);
IPI_UAPI_AT(ipi_uapi_query, help, 80);
IPI_UAPI_AT(ipi_uapi_query, not_here, 240);
IPI_UAPI_SIZE(ipi_uapi_cpus, 144);
IPI_UAPI_AT(ipi_uapi_cpus, possible, 8);
IPI_UAPI_AT(ipi_uapi_cpus, online, 16);
IPI_UAPI_SIZE(ipi_uapi_create, 304);
IPI_UAPI_AT(ipi_uapi_create, queue, 8);
IPI_UAPI_AT(ipi_uapi_create, waiter, 104);
IPI_UAPI_AT(ipi_uapi_create, targets, 144);
IPI_UAPI_AT(ipi_uapi_create, reserved, 272);
IPI_UAPI_SIZE(ipi_uapi_sample, 16);
IPI_UAPI_SIZE(ipi_uapi_stamp, 16);
IPI_UAPI_SIZE(ipi_uapi_run, 120);
IPI_UAPI_AT(ipi_uapi_run, bytes, 24);
IPI_UAPI_AT(ipi_uapi_run, gap_min, 32);
IPI_UAPI_AT(ipi_uapi_run, reserved, 72);
IPI_UAPI_AT(ipi_uapi_run, samples, 88);
IPI_UAPI_AT(ipi_uapi_run, sent, 96);
IPI_UAPI_SIZE(ipi_uapi_target, 16);
IPI_UAPI_SIZE(ipi_uapi_counters, 336);
IPI_UAPI_AT(ipi_uapi_counters, counter, 16);
IPI_UAPI_AT(ipi_uapi_counters, came, 272);
IPI_UAPI_SIZE(ipi_uapi_cancel, 8);

#endif
