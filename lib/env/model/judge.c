/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The calls as scenarios make them, and what must hold of each: the right CPU,
 * once and only once, nothing early, nothing late, both memory orders, and in
 * the end nothing left, nothing leaked and counters that add up.
 *
 * "Nothing late" is judged by order, not by the clock: once a message, an id or
 * its payload is the caller's again, the caller stores to it plainly, so that
 * whatever still touches it is a data race, whether it comes before or after.
 */
#include <string.h>

#include "model/scenario.h"

struct payload {
	uint32_t word; /* of this send */
	uint32_t reply[MODEL_THREADS];
};

struct id_payload {
	uint32_t closed; /* unregister has returned */
	ipi_a32 seq[MODEL_THREADS]; /* by sender: its last trigger */
};

/* In the arena: what threads share. */
struct judge_memory {
	ipi_msg_t msg[JUDGE_MSGS];
	struct payload payload[JUDGE_MSGS];
	struct id_payload id[JUDGE_IDS];
};

/* Out of it: what the judge knows. */
static struct {
	bool sent; /* and not yet waited for */
	uint32_t word;
	unsigned targets, runs[MODEL_THREADS];
	unsigned sends; /* that succeeded, or may */
	unsigned count, given;
	void (*more)(unsigned m);
} messages[JUDGE_MSGS];

static struct {
	unsigned id;
	unsigned registrar; /* the thread, and when */
	uint32_t registered;
	bool closing; /* unregister is called: it may drop triggers */
	unsigned asked[MODEL_THREADS]; /* triggers, by target */
	unsigned runs[MODEL_THREADS];
	bool closed;
	bool active[MODEL_THREADS];
	uint32_t seq[MODEL_THREADS];
	uint32_t owed[MODEL_THREADS][MODEL_THREADS]; /* by target, sender */
	uint32_t seen[MODEL_THREADS][MODEL_THREADS];
	void (*more)(unsigned slot);
} ids[JUDGE_IDS];

static uint32_t next_word;
static unsigned message_runs, id_runs, given_up;
static bool someone_left;

static struct judge_memory *memory(void)
{
	return (struct judge_memory *)(world + 1);
}

const char *judge_place(const void *where, char *out, size_t size)
{
	const struct judge_memory *j = memory();
	size_t at = (size_t)((const char *)where - (const char *)j);
	size_t m;

	if (at >= sizeof(*j))
		return NULL;
	if (at < sizeof(j->msg)) {
		static const char *const names[] = { "func",   "arg",
						     "live",   "counter",
						     "handle", "sender" };

		m = at % sizeof(ipi_msg_t) / 8;
		__builtin_snprintf(
			out, size, "msg[%zu].%s%s", at / sizeof(ipi_msg_t),
			m < 6 ? names[m] : "pad", at % 8 ? "+4" : "");
	} else if (at < offsetof(struct judge_memory, id)) {
		at -= offsetof(struct judge_memory, payload);
		m = at % sizeof(struct payload) / 4;
		if (m)
			__builtin_snprintf(out, size, "payload[%zu].reply[%zu]",
					   at / sizeof(struct payload), m - 1);
		else
			__builtin_snprintf(out, size, "payload[%zu].word",
					   at / sizeof(struct payload));
	} else {
		at -= offsetof(struct judge_memory, id);
		m = at % sizeof(struct id_payload) / 4;
		if (m)
			__builtin_snprintf(out, size, "id[%zu].payload[%zu]",
					   at / sizeof(struct id_payload),
					   m - 1);
		else
			__builtin_snprintf(out, size, "id[%zu].closed",
					   at / sizeof(struct id_payload));
	}
	return out;
}

static unsigned me(void)
{
	return current->cpu ? current->cpu->index : current->index;
}

static bool someone_died(void)
{
	for (unsigned i = 0; i < threads_n; i++)
		if (threads[i].status == ST_DEAD)
			return true;
	return false;
}

static bool is_dead(unsigned cpu)
{
	for (unsigned i = 0; i < threads_n; i++)
		if (threads[i].status == ST_DEAD && threads[i].cpu &&
		    threads[i].cpu->index == cpu)
			return true;
	return false;
}

bool judge_disturbed(void)
{
	return someone_left || someone_died();
}

/* Is that the answer that the scenario wants, or one of the environment's? */
static void expect(const char *call, int got, int want)
{
	if (got == want || want == JUDGE_ANY)
		return;
	if (judge_disturbed() && (got == -ENXIO || got == -EPERM || got == 0))
		return;
	violation("%s returns %d, not %d", call, got, want);
}

/* ---- messages ----------------------------------------------------------- */

static void on_message(void *arg)
{
	struct payload *p = arg;
	unsigned m = (unsigned)(p - memory()->payload), cpu = me();
	uint32_t word = p->word;

	trace_event(current, "runs message %u", m);
	if (!current->handlers)
		violation("message %u runs with delivery on", m);
	if (!messages[m].sent || word != messages[m].word)
		violation("message %u runs when it is not sent", m);
	if (!(messages[m].targets >> cpu & 1))
		violation("message %u runs on CPU %u, which it was not sent to",
			  m, cpu);
	if (messages[m].runs[cpu]++ >= messages[m].sends)
		violation("message %u runs once too often on CPU %u", m, cpu);
	p->reply[cpu] = word + cpu;
	message_runs++;
	if (messages[m].more)
		messages[m].more(m);
}

void judge_on_message(unsigned m, void (*more)(unsigned m))
{
	messages[m].more = more;
}

/* Message m is the caller's: fill it in, with garbage in its private part. */
static void prepare(unsigned m, unsigned targets)
{
	ipi_msg_t *msg = &memory()->msg[m];
	struct payload *p = &memory()->payload[m];

	memset(messages[m].runs, 0, sizeof(messages[m].runs));
	messages[m].sent = true;
	messages[m].targets = targets;
	messages[m].given = 0;
	messages[m].sends = messages[m].count = 0;
	messages[m].word = next_word += 0x100;
	p->word = messages[m].word;
	for (unsigned i = 0; i < MODEL_THREADS; i++)
		p->reply[i] = 0;
	msg->func = on_message;
	msg->arg = p;
	for (unsigned i = 0; i < 6; i++)
		msg->ipi_private[i] = UINT64_C(0x6a6b6c6d6e6f7071) * (i + 1);
}

static bool message_ran(unsigned m)
{
	for (unsigned i = 0; i < MODEL_THREADS; i++)
		if (messages[m].runs[i])
			return true;
	return someone_died();
}

static int sent(unsigned m, int got, int want, const char *call)
{
	ipi_msg_t *msg = &memory()->msg[m];

	expect(call, got, want);
	if (!got && messages[m].sends > 1 && !message_ran(m))
		violation("message %u is sent again while it is live", m);
	if (got < 0)
		messages[m].sends--;
	else
		messages[m].count += ipi_msg_count(msg);
	if (got < 0 && got != -EBUSY && !ipi_domain_done(&world->dom, msg))
		violation("message %u is live after its send failed", m);
	if (got < 0 && got != -EBUSY)
		messages[m].sent = false;
	return got;
}

/*
 * Before a send. One that is sent already is sent again as it is: -EBUSY must
 * come of it unless it is complete by then.
 */
static ipi_msg_t *to_send(unsigned m, unsigned targets)
{
	sched_between();
	if (!messages[m].sent)
		prepare(m, targets);
	messages[m].sends++;
	return &memory()->msg[m];
}

int judge_unicast(unsigned m, unsigned cpu, unsigned flags, int want)
{
	ipi_msg_t *msg = to_send(m, 1u << cpu);

	return sent(m,
		    ipi_domain_unicast(&world->dom, msg,
				       ipi_domain_cpu(&world->dom, cpu), flags),
		    want, "unicast");
}

int judge_multicast(unsigned m, unsigned cpus, unsigned flags, int want)
{
	ipi_msg_t *msg = to_send(m, cpus);
	struct ipi_cpuset set;

	ipi_cpuset_zero(&set);
	for (unsigned i = 0; i < MODEL_THREADS; i++)
		if (cpus >> i & 1)
			ipi_cpuset_set(&set, i);
	return sent(m, ipi_domain_multicast(&world->dom, msg, &set, flags),
		    want, "multicast");
}

int judge_broadcast(unsigned m, unsigned flags, int want)
{
	ipi_msg_t *msg = to_send(m, (1u << MODEL_THREADS) - 1);

	return sent(m, ipi_domain_broadcast(&world->dom, msg, flags), want,
		    "broadcast");
}

/* All is in: who ran it has answered, and it is the caller's again. */
static void finish(unsigned m)
{
	ipi_msg_t *msg = &memory()->msg[m];
	struct payload *p = &memory()->payload[m];
	unsigned runs = 0;

	for (unsigned i = 0; i < MODEL_THREADS; i++) {
		uint32_t reply = p->reply[i];

		if (messages[m].runs[i] && reply != messages[m].word + i &&
		    !is_dead(i))
			violation("the answer of CPU %u to message %u is not "
				  "seen",
				  i, m);
		runs += messages[m].runs[i];
	}
	if (runs + messages[m].given > messages[m].count ||
	    (runs + messages[m].given < messages[m].count && !someone_died()))
		violation("message %u went to %u CPUs, ran on %u, and %u were "
			  "given up",
			  m, messages[m].count, runs, messages[m].given);
	messages[m].sent = false;
	p->word = 0;
	for (unsigned i = 0; i < MODEL_THREADS; i++)
		p->reply[i] = 0;
	for (unsigned i = 0; i < 6; i++)
		msg->ipi_private[i] = UINT64_MAX;
	msg->func = NULL;
}

void judge_wait(unsigned m)
{
	sched_between();
	/* Not yet sent, where a handler interrupts the send. */
	if (!messages[m].sent || !messages[m].count)
		return;
	ipi_domain_wait(&world->dom, &memory()->msg[m]);
	finish(m);
}

int judge_wait_timeout(unsigned m)
{
	int err;

	sched_between();
	if (!messages[m].sent)
		return 0;
	err = ipi_domain_wait_timeout(&world->dom, &memory()->msg[m], 1000);
	if (!err)
		finish(m);
	else if (err != -ETIMEDOUT)
		violation("wait_timeout returns %d", err);
	return err;
}

int judge_detach(unsigned m)
{
	int given;

	sched_between();
	if (!messages[m].sent)
		return 0;
	given = ipi_domain_msg_detach(&world->dom, &memory()->msg[m]);
	if (given < 0)
		violation("detach returns %d", given);
	messages[m].given = (unsigned)given;
	given_up += (unsigned)given;
	finish(m);
	return given;
}

bool judge_done(unsigned m)
{
	sched_between();
	return ipi_domain_done(&world->dom, &memory()->msg[m]);
}

/* ---- ids ---------------------------------------------------------------- */

/*
 * A trigger that had not begun its work when its id was taken away meets the
 * next owner of the number, of which it then knows. One that had must not.
 */
static bool met_anew(unsigned slot)
{
	for (unsigned i = 0; i < threads_n; i++)
		if (&threads[i] != current && i != ids[slot].registrar &&
		    threads[i].clock[ids[slot].registrar] >=
			    ids[slot].registered)
			return true;
	return false;
}

static void on_id(void *arg)
{
	struct id_payload *p = arg;
	unsigned slot = (unsigned)(p - memory()->id), cpu = me();

	trace_event(current, "runs id %u", slot);
	if (!current->handlers)
		violation("id %u runs with delivery on", slot);
	if (p->closed || ids[slot].closed)
		violation("id %u runs after its unregister returned", slot);
	if (++ids[slot].runs[cpu] > ids[slot].asked[cpu] && !met_anew(slot))
		violation("id %u runs on CPU %u untriggered", slot, cpu);
	if (ids[slot].active[cpu])
		violation("id %u is nested on CPU %u", slot, cpu);
	ids[slot].active[cpu] = true;
	for (unsigned i = 0; i < threads_n; i++) {
		uint32_t seen = ipi_load_relaxed(&p->seq[i]);

		if (seen > ids[slot].seen[cpu][i])
			ids[slot].seen[cpu][i] = seen;
	}
	id_runs++;
	if (ids[slot].more)
		ids[slot].more(slot);
	ids[slot].active[cpu] = false;
}

void judge_on_id(unsigned slot, void (*more)(unsigned slot))
{
	ids[slot].more = more;
}

void judge_register(unsigned slot)
{
	sched_between();
	memory()->id[slot].closed = 0;
	ids[slot].id =
		ipi_domain_register(&world->dom, on_id, &memory()->id[slot]);
	if (!ids[slot].id)
		violation("register returns 0");
	ids[slot].registrar = current->index;
	ids[slot].registered = current->clock[current->index];
}

unsigned judge_id(unsigned slot)
{
	return ids[slot].id;
}

int judge_unregister(unsigned slot, int want)
{
	int err;

	sched_between();
	ids[slot].closing = true;
	err = ipi_domain_unregister(&world->dom, ids[slot].id);
	if (err != want && want != JUDGE_ANY)
		violation("unregister returns %d, not %d", err, want);
	if (!err) {
		memory()->id[slot].closed = 1;
		ids[slot].closed = true;
	}
	return err;
}

static uint32_t next_seq(unsigned slot)
{
	uint32_t seq;

	sched_between();
	seq = ++ids[slot].seq[current->index];
	ipi_store_relaxed(&memory()->id[slot].seq[current->index], seq);
	return seq;
}

int judge_trigger(unsigned slot, unsigned cpu, int want)
{
	uint32_t seq = next_seq(slot);
	int err;

	/* Once unregister is called the number may be somebody else's. */
	sched_mix(current, ids[slot].closing);
	if (ids[slot].closing)
		return -EINVAL;
	ids[slot].asked[cpu]++;
	err = ipi_domain_trigger(&world->dom, ids[slot].id,
				 ipi_domain_cpu(&world->dom, cpu));

	expect("trigger", err, want);
	if (!err)
		ids[slot].owed[cpu][current->index] = seq;
	return err;
}

int judge_trigger_multi(unsigned slot, unsigned cpus, int want)
{
	uint32_t seq = next_seq(slot);
	struct ipi_cpuset set;
	int err;

	ipi_cpuset_zero(&set);
	for (unsigned i = 0; i < MODEL_THREADS; i++)
		if (cpus >> i & 1)
			ipi_cpuset_set(&set, i);
	for (unsigned i = 0; i < MODEL_THREADS; i++)
		ids[slot].asked[i] += cpus >> i & 1;
	err = ipi_domain_trigger_multi(&world->dom, ids[slot].id, &set);
	expect("trigger_multi", err, want);
	for (unsigned i = 0; !err && i < scenario->cpus; i++)
		if (cpus >> i & 1 && !someone_left)
			ids[slot].owed[i][current->index] = seq;
	return err;
}

/* ---- CPUs --------------------------------------------------------------- */

void judge_attach(int index)
{
	int err;

	sched_between();
	err = world_attach(index);
	if (err && !someone_died())
		violation("attach returns %d", err);
}

void judge_leave(void)
{
	if (!quiet)
		someone_left = true;
	expect("detach", world_detach(false), 0);
}

void judge_end_thread(unsigned m)
{
	struct ipi_counters c;

	sched_between();
	if (!current->cpu)
		return;
	someone_left = true;
	(void)world_detach(true);
	ipi_domain_counters(&world->dom, &c);
	given_up = (unsigned)c.abandoned;
	messages[m].given = given_up;
	if (messages[m].sent)
		finish(m);
}

/* By a thread that is no CPU: when all have left, it may free the domain. */
void judge_destroy(void)
{
	ipi_reap_dead(&world->dom, NULL);
	while (!ipi_cpus_all_left(&world->dom)) {
		ipi_a32 *word = (ipi_a32 *)&world->dom.attached;
		const struct waiting w = {
			.word = word,
			.seen = (uint32_t)memory_latest(
				&world->dom.attached.word[0], 8),
		};

		memory_saw(current, word);
		if (w.seen && sched_wait(&w) & IPI_TURN_SLOW)
			ipi_reap_dead(&world->dom, NULL);
	}
	race_plain(&world->dom, offsetof(struct world, pool), true,
		   __builtin_return_address(0));
}

void judge_idle(uint64_t timeout_ns)
{
	int n;

	sched_between();
	n = ipi_domain_idle(&world->dom, timeout_ns);
	if (n < 0)
		expect("idle", n, 0);
}

/* ---- a run's beginning and end ------------------------------------------ */

void judge_begin(void)
{
	memset(messages, 0, sizeof(messages));
	memset(ids, 0, sizeof(ids));
	next_word = message_runs = id_runs = given_up = 0;
	someone_left = false;
	world_set();
	for (unsigned i = 0; i < scenario->cpus; i++) {
		current = &threads[i];
		judge_attach((int)i);
		memory_join(&threads[(i + 1) % threads_n], current);
	}
	current = &threads[0];
	if (scenario->setup)
		scenario->setup();
}

static void end_messages(void)
{
	for (unsigned m = 0; m < JUDGE_MSGS; m++) {
		if (!messages[m].sent)
			continue;
		if (!ipi_domain_done(&world->dom, &memory()->msg[m]) &&
		    !someone_died())
			violation("message %u is never answered", m);
	}
}

static void end_ids(void)
{
	for (unsigned slot = 0; slot < JUDGE_IDS; slot++)
		for (unsigned c = 0; c < MODEL_THREADS; c++)
			for (unsigned s = 0; s < threads_n; s++)
				if (ids[slot].seen[c][s] <
					    ids[slot].owed[c][s] &&
				    !ids[slot].closing && !is_dead(c))
					violation(
						"trigger %u of thread %u is "
						"lost: CPU %u has last seen %u",
						ids[slot].owed[c][s], s, c,
						ids[slot].seen[c][s]);
}

static void end_mailboxes(void)
{
	for (unsigned i = 0; i < threads_n; i++)
		if (threads[i].cpu && threads[i].status != ST_DEAD &&
		    memory_latest(&threads[i].cpu->notify, 4) & IPI_W_WORK)
			violation("CPU %u has work and nobody tells it",
				  threads[i].cpu->index);
}

/* Everybody leaves; the dead are buried. */
static void end_cpus(void)
{
	for (unsigned i = 0; i < threads_n; i++) {
		current = &threads[i];
		if (current->status == ST_DEAD || !current->cpu)
			continue;
		ipi_reap_dead(&world->dom, current->cpu);
		if (current->spl)
			world_splx(0);
		if (world_detach(false))
			violation("CPU %u can't leave", i);
		memory_join(&threads[(i + 1) % threads_n], current);
	}
	current = &threads[0];
	ipi_reap_dead(&world->dom, NULL);
	if (!ipi_cpus_all_left(&world->dom))
		violation("a CPU has not left");
}

static void end_nodes(void)
{
	for (unsigned i = 0; i < world->dom.cpus_max; i++)
		for (unsigned n = 0; n < world->dom.pool_nodes; n++) {
			const struct ipi_node *node = &world->pool[i][n];

			if (memory_latest(&node->done, 4) >> 1 !=
			    memory_latest(&node->seq, 4))
				violation(
					"node %u of CPU %u is never free again",
					n, i);
		}
}

static void end_counters(void)
{
	struct ipi_counters c;
	uint64_t runs;

	/* Who dies within a call leaves it half counted. */
	if (someone_died())
		return;
	ipi_domain_counters(&world->dom, &c);
	runs = c.run_interrupt + c.run_waiter + c.run_poll + c.run_unhold +
	       c.run_idle + c.run_local;
	if (c.asked !=
	    c.notified + c.already_pending + c.polled + c.local + c.refused)
		violation("counters: asked %u, notified %u, already pending "
			  "%u, polled %u, local %u, refused %u",
			  (unsigned)c.asked, (unsigned)c.notified,
			  (unsigned)c.already_pending, (unsigned)c.polled,
			  (unsigned)c.local, (unsigned)c.refused);
	if (c.notified != c.entries + c.merged)
		violation("counters: notified %u, entries %u, merged %u",
			  (unsigned)c.notified, (unsigned)c.entries,
			  (unsigned)c.merged);
	if (runs != message_runs)
		violation("counters: %u messages run, %u counted", message_runs,
			  (unsigned)runs);
	if (c.runs != id_runs)
		violation("counters: %u id handlers run, %u counted", id_runs,
			  (unsigned)c.runs);
	if (c.abandoned != given_up)
		violation("counters: %u given up, %u counted", given_up,
			  (unsigned)c.abandoned);
}

void judge_end(void)
{
	current = &threads[0];
	end_mailboxes();
	end_messages();
	end_ids();
	end_cpus();
	end_nodes();
	end_counters();
	if (scenario->end)
		scenario->end();
}
