/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Our tracepoints, for ftrace, perf and BPF: a send's way from CPU to CPU.
 *
 *   post     it is in the target's mailbox, or its id's bit is set; one for each
 *            target, also where nobody has to be interrupted. A target that polls
 *            may have taken it by then
 *   notify   the interrupt has been asked for; number: the post that it was for
 *   entry    the interrupt has come; source and number: whose notify was the last
 *            to be for this CPU. The next dequeues here are its work
 *   dequeue  the target has it, its handler is about to run
 *   done     the handler has returned, and the sender's answer is given
 *
 * number: of a trigger its id, below 2^32, and source is -1 when it is taken,
 * for a bit has no sender. Of a message (source, target, number) is its own
 * among those under way. A message that a sender runs in place has no events.
 * The designs' names tell domains apart; no address is shown.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ipi_ko

#if !defined(IPI_KMOD_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define IPI_KMOD_TRACE_H

#include <linux/tracepoint.h>

#ifndef IPI_TRACE_NAME
#define IPI_TRACE_NAME 8 /* bytes of a design's name */
int ipi_traced_inc(void);
void ipi_traced_dec(void);
#endif

DECLARE_EVENT_CLASS(ipi_ko_step,
	TP_PROTO(u64 number, int source, int target, const char *queue,
		 const char *delivery),
	TP_ARGS(number, source, target, queue, delivery),
	TP_STRUCT__entry(
		__field(u64, number)
		__field(int, source)
		__field(int, target)
		__array(char, queue, IPI_TRACE_NAME)
		__array(char, delivery, IPI_TRACE_NAME)
	),
	TP_fast_assign(
		__entry->number = number;
		__entry->source = source;
		__entry->target = target;
		strscpy(__entry->queue, queue, IPI_TRACE_NAME);
		strscpy(__entry->delivery, delivery, IPI_TRACE_NAME);
	),
	TP_printk("number=%llu source=%d target=%d queue=%s delivery=%s",
		  __entry->number, __entry->source, __entry->target,
		  __entry->queue, __entry->delivery)
);

#define IPI_KO_EVENT(name)                                                     \
	DEFINE_EVENT_FN(ipi_ko_step, name,                                     \
		TP_PROTO(u64 number, int source, int target,                   \
			 const char *queue, const char *delivery),             \
		TP_ARGS(number, source, target, queue, delivery),              \
		ipi_traced_inc, ipi_traced_dec)

IPI_KO_EVENT(post);
IPI_KO_EVENT(notify);
IPI_KO_EVENT(entry);
IPI_KO_EVENT(dequeue);
IPI_KO_EVENT(done);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
