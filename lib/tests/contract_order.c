// SPDX-License-Identifier: GPL-2.0-only
/* A queue that calls itself FIFO runs what one sender posts in that order. */
#include "contract.h"

#define SENDERS 2
#define EACH 6

struct item {
	ipi_msg_t msg;
	struct order *order;
	unsigned number;
};

/* Of one sender; its messages run on CPU 1 one after the other. */
struct order {
	struct item item[EACH];
	unsigned ran, wrong;
	atomic_bool *go;
};

static void handler_in_order(void *arg)
{
	struct item *item = arg;
	struct order *order = item->order;

	order->wrong += item->number != order->ran++;
}

static void send_all(struct world *w, struct order *order)
{
	order->ran = order->wrong = 0;
	for (unsigned i = 0; i < EACH; i++) {
		order->item[i] = (struct item){
			.msg = { .func = handler_in_order,
				 .arg = &order->item[i] },
			.order = order,
			.number = i,
		};
		CHECK_EQ(send_unicast(w, &order->item[i].msg, 1, 0), 0);
	}
	for (unsigned i = 0; i < EACH; i++)
		ipi_domain_wait(w->dom, &order->item[i].msg);
	CHECK_EQ(order->ran, EACH);
	CHECK_EQ(order->wrong, 0);
}

static void job_send_all(struct peer *self, void *arg)
{
	struct order *order = arg;

	UNTIL(atomic_load(order->go));
	send_all(self->world, order);
}

static bool is_fifo(void)
{
	struct ipi_queue_info info;

	for (unsigned n = 0; !ipi_queue_info(n, &info); n++)
		if (!strcmp(info.name, contract_params.queue))
			return info.fifo;
	return false;
}

static void test_one_senders_messages_run_in_order(void)
{
	static struct order order[SENDERS];
	struct world w;

	if (!is_fifo()) {
		contract_skip("this queue promises no order");
		return;
	}
	world_open(&w, 3);
	for (unsigned round = 0; round < contract_rounds(200); round++) {
		atomic_bool go = false;

		order[1].go = &go;
		peer_do(&w.peer[2], job_send_all, &order[1]);
		atomic_store(&go, true);
		send_all(&w, &order[0]);
		peer_join(&w.peer[2]);
	}
	world_close(&w);
}

const struct contract_test contract_tests[] = {
	{ "one_senders_messages_run_in_order",
	  test_one_senders_messages_run_in_order },
	{ 0 }
};
