// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory that each queue says a CPU takes is what is really asked of the
 * system for one: the library is linked with its mmap() led through here,
 * which is mmap64() by name where files may be large.
 */
#include <stdio.h>
#include <sys/mman.h>

#include <ipi/ipi.h>

void *__real_mmap64(void *at, size_t size, int prot, int flags, int fd,
		    off_t off);
void *__wrap_mmap64(void *at, size_t size, int prot, int flags, int fd,
		    off_t off);

static size_t asked;

void *__wrap_mmap64(void *at, size_t size, int prot, int flags, int fd,
		    off_t off)
{
	asked += size;
	return __real_mmap64(at, size, prot, flags, fd, off);
}

/* What one CPU's attach asks for. */
static size_t attach_bytes(const struct ipi_params *params)
{
	struct ipi_domain *dom;
	size_t bytes = 0;

	if (ipi_domain_create(params, &dom))
		return 0;
	asked = 0;
	if (!ipi_domain_attach(dom, NULL, NULL)) {
		bytes = asked;
		ipi_domain_detach(dom);
	}
	ipi_domain_destroy(dom);
	return bytes;
}

static unsigned try_one(unsigned n, uint32_t cpus, uint32_t depth)
{
	const struct ipi_params params = {
		.queue = ipi_queue_name(n),
		.ack = "counter",
		.delivery = "poll",
		.cpus_max = cpus,
		.depth = depth,
	};
	uint64_t said = ipi_queue_bytes(n, cpus, depth);
	size_t real = attach_bytes(&params);

	if (said && real == said)
		return 0;
	printf("# %s, %u CPUs, depth %u: says %llu bytes, takes %zu\n",
	       params.queue, cpus, depth, (unsigned long long)said, real);
	return 1;
}

int main(void)
{
	static const uint32_t cpus[] = { 2, 64, 1024 };
	unsigned n, bad = 0;

	for (n = 0; ipi_queue_name(n); n++)
		for (unsigned i = 0; i < 3; i++)
			bad += try_one(n, cpus[i], 0) + try_one(n, cpus[i], 32);
	bad += ipi_queue_bytes(n, 2, 0) != 0;
	printf("%sok 1 - memory_of_a_cpu_is_what_its_queue_says\n1..1\n",
	       bad || !n ? "not " : "");
	return bad || !n;
}
