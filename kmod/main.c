// SPDX-License-Identifier: GPL-2.0-only
/* ipi.ko: the library's core inside Linux. Init, and its exact reverse. */
#include <linux/module.h>

#include "delivery.h"
#include "dev.h"
#include "domain.h"
#include "selftest.h"

static char *queue, *ack, *delivery;
module_param(queue, charp, 0444);
MODULE_PARM_DESC(queue, "queue design of the default domain");
module_param(ack, charp, 0444);
MODULE_PARM_DESC(ack, "acknowledgement design of the default domain");
module_param(delivery, charp, 0444);
MODULE_PARM_DESC(delivery, "how the default domain interrupts a CPU");

static int sets_get(char *buffer, const struct kernel_param *param)
{
	struct ipi_domain *dom = ipi_domain_default();
	uint64_t by_mask = 0, by_shorthand = 0;

	if (dom)
		ipi_domain_sets(dom, &by_mask, &by_shorthand);
	return sysfs_emit(buffer, "%llu %llu\n", by_mask, by_shorthand);
}

static const struct kernel_param_ops sets_ops = { .get = sets_get };
module_param_cb(sets, &sets_ops, NULL, 0444);
MODULE_PARM_DESC(sets, "sets of the default domain sent whole: by mask, by all-but-self");

/* Why there is no default domain; the number says the rest. */
static const char *why_not(void)
{
	const char *name = delivery ?: IPI_DEFAULT_DELIVERY;
	int n = ipi_design_find(ipi_delivery_name, name);
	const char *why = ipi_delivery_probe(name);

	if (!why && ipi_deliveries[n]->private_only)
		why = "this delivery is for private domains";
	return why ?: "unknown design, or no memory";
}

static int __init ipi_module_init(void)
{
	const struct ipi_params params = {
		.queue = queue,
		.ack = ack,
		.delivery = delivery,
	};
	int err;

	err = ipi_deliveries_init();
	if (err)
		return err;
	err = ipi_domains_init();
	if (err)
		goto err_deliveries;
	err = ipi_selftest();
	if (err)
		goto err_domains;
	err = ipi_init(&params);
	if (err) {
		pr_err("ipi: no default domain: %s (%d)\n", why_not(), err);
		goto err_domains;
	}
	err = ipi_dev_init();
	if (err)
		goto err_default;
	return 0;

err_default:
	ipi_fini();
err_domains:
	ipi_domains_exit();
err_deliveries:
	ipi_deliveries_exit();
	return err;
}

static void __exit ipi_module_exit(void)
{
	ipi_dev_exit();
	ipi_fini();
	ipi_domains_exit();
	ipi_deliveries_exit();
}

module_init(ipi_module_init);
module_exit(ipi_module_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("ipi(9): inter-processor interrupts as a library and a benchmark");
MODULE_VERSION(IPI_VERSION);
