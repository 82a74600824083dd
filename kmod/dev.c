// SPDX-License-Identifier: GPL-2.0-only
/* /dev/ipi: who may, what is asked, and what is not understood. */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "delivery.h"
#include "dev.h"
#include "run.h"

struct dev_file {
	struct mutex lock; /* of making a session */
	struct run_session *session; /* once made, for the file's life */
};

static struct run_session *session_of(struct file *file)
{
	struct dev_file *f = file->private_data;

	/* What the maker stored; pairs with the store in dev_create(). */
	return smp_load_acquire(&f->session);
}

/* Each structure opens with its version. */
static int fetch(void *to, const void __user *from, size_t size)
{
	u32 version;

	if (copy_from_user(to, from, size))
		return -EFAULT;
	memcpy(&version, to, sizeof(version));
	return version == IPI_UAPI_VERSION ? 0 : -EPROTO;
}

static int hand_back(void __user *to, const void *from, size_t size)
{
	return copy_to_user(to, from, size) ? -EFAULT : 0;
}

/* ---- what there is ------------------------------------------------------- */

static int dev_version(void __user *arg)
{
	struct ipi_uapi_version v = { .version = IPI_UAPI_VERSION };

	strscpy(v.module, IPI_VERSION, sizeof(v.module));
	return hand_back(arg, &v, sizeof(v));
}

static const char *path_name(unsigned n)
{
	return n < IPI_UAPI_PATHS ? run_paths[n]->name : NULL;
}

static const char *path_help(unsigned n)
{
	return run_paths[n]->help;
}

static const struct {
	const char *(*name)(unsigned n);
	const char *(*help)(unsigned n);
} lists[IPI_UAPI_LISTS] = {
	[IPI_UAPI_LIST_QUEUES] = { ipi_queue_name, ipi_queue_help },
	[IPI_UAPI_LIST_ACKS] = { ipi_ack_name, ipi_ack_help },
	[IPI_UAPI_LIST_DELIVERIES] = { ipi_delivery_name, ipi_delivery_help },
	[IPI_UAPI_LIST_PATHS] = { path_name, path_help },
};

static int dev_query(void __user *arg)
{
	struct ipi_uapi_query q;
	const char *name, *why = NULL;
	int err = fetch(&q, arg, sizeof(q));

	if (err)
		return err;
	if (q.list >= IPI_UAPI_LISTS || q.reserved ||
	    memchr_inv(q.name, 0, sizeof(q) - offsetof(typeof(q), name)))
		return -EINVAL;
	name = lists[q.list].name(q.index);
	if (!name)
		return -ENOENT;
	strscpy(q.name, name, sizeof(q.name));
	strscpy(q.help, lists[q.list].help(q.index), sizeof(q.help));
	if (q.list == IPI_UAPI_LIST_DELIVERIES) {
		strscpy(q.row, ipi_delivery_row(q.index), sizeof(q.row));
		why = ipi_delivery_probe(name);
	}
	strscpy(q.not_here, why ?: "", sizeof(q.not_here));
	return hand_back(arg, &q, sizeof(q));
}

static int dev_cpus(void __user *arg)
{
	struct ipi_uapi_cpus c;
	int err = fetch(&c, arg, sizeof(c)), cpu;

	if (err)
		return err;
	if (memchr_inv(&c.reserved, 0,
		       sizeof(c) - offsetof(typeof(c), reserved)))
		return -EINVAL;
	c.possible = nr_cpu_ids;
	for_each_online_cpu(cpu)
	{
		if (cpu >= IPI_UAPI_CPUS_MAX)
			break;
		c.online[cpu / 64] |= 1ULL << cpu % 64;
		c.online_n++;
	}
	return hand_back(arg, &c, sizeof(c));
}

/* ---- sessions ------------------------------------------------------------ */

static int dev_create(struct file *file, const void __user *arg)
{
	struct dev_file *f = file->private_data;
	struct run_session *session;
	struct ipi_uapi_create ask;
	int err = fetch(&ask, arg, sizeof(ask));

	if (err)
		return err;
	if (mutex_lock_interruptible(&f->lock))
		return -EINTR;
	err = f->session ? -EBUSY : run_create(&ask, &session);
	if (!err)
		smp_store_release(&f->session, session);
	mutex_unlock(&f->lock);
	return err;
}

/* Results are written whatever became of the chunk, to tell who was deaf. */
static int dev_run(struct run_session *session, void __user *arg)
{
	struct ipi_uapi_run q;
	int err = fetch(&q, arg, sizeof(q));

	if (err)
		return err;
	err = run_chunk(session, &q, arg + sizeof(q));
	if (err == -EINVAL || err == -EBUSY || err == -EFAULT || err == -ESTALE)
		return err;
	return hand_back(arg, &q, sizeof(q)) ?: err;
}

static int dev_target(struct run_session *session, const void __user *arg)
{
	struct ipi_uapi_target t;
	int err = fetch(&t, arg, sizeof(t));

	if (err)
		return err;
	return t.reserved || t.reserved2 ? -EINVAL : run_target_busy(session);
}

static int dev_counters(struct run_session *session, void __user *arg)
{
	struct ipi_uapi_counters c;
	int err = fetch(&c, arg, sizeof(c));

	if (err)
		return err;
	if (memchr_inv(&c.reserved, 0,
		       sizeof(c) - offsetof(typeof(c), reserved)))
		return -EINVAL;
	run_counters(session, &c);
	return hand_back(arg, &c, sizeof(c));
}

static int dev_cancel(struct run_session *session, const void __user *arg)
{
	struct ipi_uapi_cancel c;
	int err = fetch(&c, arg, sizeof(c));

	if (err)
		return err;
	if (c.reserved)
		return -EINVAL;
	WRITE_ONCE(session->cancelled, 1);
	return 0;
}

static int in_session(struct run_session *session, unsigned int cmd,
		      void __user *arg)
{
	if (!session)
		return -ENOLINK;
	switch (cmd) {
	case IPI_UAPI_RUN:
		return dev_run(session, arg);
	case IPI_UAPI_TARGET:
		return dev_target(session, arg);
	case IPI_UAPI_COUNTERS:
		return dev_counters(session, arg);
	default:
		return dev_cancel(session, arg);
	}
}

static long dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *at = (void __user *)arg;

	switch (cmd) {
	case IPI_UAPI_VERSION_OF:
		return dev_version(at);
	case IPI_UAPI_QUERY:
		return dev_query(at);
	case IPI_UAPI_CPUS:
		return dev_cpus(at);
	case IPI_UAPI_CREATE:
		return dev_create(file, at);
	case IPI_UAPI_RUN:
	case IPI_UAPI_TARGET:
	case IPI_UAPI_COUNTERS:
	case IPI_UAPI_CANCEL:
		return in_session(session_of(file), cmd, at);
	default:
		return -ENOTTY;
	}
}

static int dev_open(struct inode *inode, struct file *file)
{
	struct dev_file *f;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	f = kzalloc(sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	mutex_init(&f->lock);
	file->private_data = f;
	return nonseekable_open(inode, file);
}

/* No command is under way: each holds the file. */
static int dev_release(struct inode *inode, struct file *file)
{
	struct dev_file *f = file->private_data;

	if (f->session)
		run_end(f->session);
	kfree(f);
	return 0;
}

/* Whoever has it open holds the module, by its owner. */
static const struct file_operations dev_ops = {
	.owner = THIS_MODULE,
	.open = dev_open,
	.release = dev_release,
	.unlocked_ioctl = dev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ipi",
	.fops = &dev_ops,
	.mode = 0600,
};

int ipi_dev_init(void)
{
	return misc_register(&dev);
}

void ipi_dev_exit(void)
{
	misc_deregister(&dev);
}
