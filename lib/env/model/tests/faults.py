#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""faults.py BUILD ROOT CC [NAME...] -- CFLAGS: the judge is judged.

Core is compiled once for each entry of FAULTS, with that line broken (where two
protect the same, both), and the
model checker must find a violation in the scenario that is named. Each line is
a rule of the contract about order or life time, or a protocol of core's own.
BUILD is the folder that holds the checker's libraries."""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

TSO, C11, DEATH = ['-m', 'tso'], ['-m', 'c11', '--events', '0'], ['-m', 'c11', '--events', '1']

# name, what is broken, scenario, how, file in lib/core, line, broken line
FAULTS = (
    ('trigger-skips-a-set-bit', 'a trigger that reads its bit as set does no read-modify-write', 'trigger-handler', C11, 'ipi.c',
     'uint64_t old = ipi_fetch_or_release(&target->leaf[id / 64], bit);',
     'uint64_t old = ipi_load_relaxed(&target->leaf[id / 64]) & bit ?: ipi_fetch_or_release(&target->leaf[id / 64], bit);'),
    ('trigger-skips-a-set-bit-tso', 'likewise, with nothing else to empty the store buffer', 'trigger-handler', TSO,
     ('ipi.c', 'internal.h'),
     ('uint64_t old = ipi_fetch_or_release(&target->leaf[id / 64], bit);', '(void)ipi_xchg_seq_cst(&self->section, in);'),
     ('uint64_t old = ipi_load_relaxed(&target->leaf[id / 64]) & bit ?: ipi_fetch_or_release(&target->leaf[id / 64], bit);',
      'ipi_store_release(&self->section, in);')),
    ('publish-in-two-steps', 'the notify word is read and then set', 'trigger-handler', C11, 'internal.h',
     'uint32_t old = ipi_fetch_or_release(&target->notify, bits);',
     'uint32_t old = ipi_load_relaxed(&target->notify); (void)ipi_fetch_or_release(&target->notify, bits);'),
    ('sender-not-held', 'the sender that will notify is interrupted before it does', 'interrupted-notifier', C11, 'serve.c',
     'return ipi_load_relaxed(&self->section) & 1 ||', 'return'),
    ('noted-forgotten', 'an interrupt that came while a send was on is forgotten', 'unicast-mutual', C11, 'internal.h',
     '\tif (ipi_load_relaxed(&self->noted))\n\t\tipi_unhold(dom, self);', '\t(void)dom;'),
    ('unregister-without-sections', 'unregister does not wait for sends that have begun', 'unregister-reuse', C11, 'ipi.c',
     '\tipi_grace_sections(dom, self);', ''),
    ('unregister-leaves-the-bit', 'unregister leaves the id\'s bit set', 'unregister-reuse', C11, 'ipi.c',
     '~(UINT64_C(1) << (id % 64)));', '~UINT64_C(0));'),
    ('unregister-without-passes', 'unregister does not wait for handlers', 'unregister-running', C11, 'ipi.c',
     '\tipi_grace_passes(dom, self);', ''),
    ('unregister-twice', 'two callers take one id away', 'unregister-unregister', C11, 'ipi.c',
     'if (!ipi_cas_seq_cst(&dom->ids[id].state, IPI_ID_LIVE, IPI_ID_DEAD))',
     'if (ipi_load_seq_cst(&dom->ids[id].state) != IPI_ID_LIVE || (ipi_store_release(&dom->ids[id].state, IPI_ID_DEAD), 0))'),
    ('trigger-without-a-look', 'a trigger does not look whether its id lives', 'unregister-reuse', C11, 'ipi.c',
     '\tif (!id_is_live(dom, id))\n\t\terr = -EINVAL;', '\tif (0)\n\t\terr = -EINVAL;'),
    ('id-nested', 'a handler of an id is nested in itself', 'trigger-nested-wait', C11, 'serve.c',
     'if (self->active[n] & bit) {', 'if (0) {'),
    ('local-trigger-unnoted', 'a local trigger in a handler is left to an interrupt that does not come',
     'trigger-local-in-local', C11, 'ipi.c',
     '\t\t/* No interrupt will come for it. */\n\t\tipi_store_relaxed(&self->noted, 1);', ''),
    ('waiter-deaf', 'who waits does not serve', 'unicast-mutual', TSO, 'wait.c',
     'if (self && may_serve(self)) {', 'if (0) {'),
    ('bound-too-high', 'a handler beyond the bound may wait', 'nesting', C11, 'ipi.c',
     '\t    ipi_load_relaxed(&self->depth) >= IPI_NEST_MAX)\n\t\treturn -EDEADLK;',
     '\t    ipi_load_relaxed(&self->depth) > IPI_NEST_MAX)\n\t\treturn -EDEADLK;'),
    ('answer-before-run', 'the answer comes before the handler', 'unicast-wait', C11, 'path.h',
     '\tn->func(n->arg);', '\tipi_func_t f = n->func; void *a = n->arg; ipi_node_end(dom, n, old >> 2); f(a);'),
    ('claim-in-two-steps', 'a node is claimed by a load and a store', 'detach-unicast', C11, 'path.h',
     'uint32_t old = ipi_xchg_acq_rel(&n->claim, IPI_CLAIM_TAKEN);',
     'uint32_t old = ipi_load_acquire(&n->claim); ipi_store_relaxed(&n->claim, IPI_CLAIM_TAKEN);'),
    ('give-up-in-two-steps', 'a node is given up by a load and a store', 'detach-unicast', C11, 'internal.h',
     'ipi_cas_acq_rel(&n->claim, claim,\n\t\t\t       (claim & ~IPI_CLAIM_STATE) | IPI_CLAIM_GIVEN_UP);',
     '(ipi_store_release(&n->claim, (claim & ~IPI_CLAIM_STATE) | IPI_CLAIM_GIVEN_UP), 1);'),
    ('detach-forgets-to-wait', 'a broadcast is given up while a target runs it', 'detach-broadcast', C11, 'wait.c',
     '\tif (p->handle && given)', '\tif (given)'),
    ('complete-while-posting', 'a broadcast is complete before all is posted', 'broadcast', C11, 'ack.c',
     'ipi_store_relaxed(&p->counter, n + 1);', 'ipi_store_relaxed(&p->counter, n);'),
    ('live-message-sent', 'a live message is sent again', 'message-reuse', C11, 'ipi.c',
     '\tif (!ipi_domain_done(dom, msg))\n\t\treturn -EBUSY;', ''),
    ('node-reused', 'a node is filled again while its target has it', 'unicast-two-messages', C11, 'path.h',
     '\t\tif (ipi_node_is_free(&pool[at])) {', '\t\tif (1) {'),
    ('leave-without-sections', 'a CPU leaves while sends to it are on', 'leave-unicast', C11, 'cpu.c',
     '\tstop_sends(dom, cpu, cpu);', '\t(void)ipi_fetch_and_seq_cst(ipi_cpuset_word(&dom->running, cpu->index), ~ipi_cpuset_bit(cpu->index));'),
    ('leave-without-serving', 'a CPU leaves with mail', 'leave-unicast', C11, 'cpu.c',
     '\tipi_serve(dom, cpu, IPI_WAY_POLL);', ''),
    ('leave-without-settling', 'a CPU leaves before its own sends are answered', 'end-sender', C11, 'cpu.c',
     '\tsettle_sends(dom, cpu);', ''),
    ('send-without-a-look', 'a sender does not look whether its target is there', 'leave-unicast', C11, 'path.h',
     '\t\tif (!ipi_is_running(dom, target->index)) {', '\t\tif (0) {'),
    ('sleeper-not-woken', 'a target asleep is taken for one that polls', 'idle-unicast', C11, 'internal.h',
     '} else if (!(old & IPI_W_ASLEEP) &&', '} else if (1 &&'),
    ('asleep-with-work', 'a CPU falls asleep over its work', 'idle-unicast', C11, 'ipi.c',
     'return !(word & IPI_W_WORK) &&', 'return'),
    ('idle-without-a-second-look', 'a CPU sleeps over a handler that has just run', 'idle-unicast', C11, 'ipi.c',
     '\tif (ipi_handlers_run(self) == self->idle_seen)\n', ''),
    ('spins-over-its-work', 'a CPU that begins to spin says so over work that has come', 'idle-spin-trigger', C11, 'ipi.c',
     '\tif (!rest_as(self, IPI_W_POLLING))\n\t\treturn;', '\tipi_store_relaxed(&self->notify, spinning);'),
    ('spins-into-sleep', 'a CPU goes from spinning to sleep without a look at what has come', 'idle-spin-unicast', C11, 'ipi.c',
     '\tif (!rest_as(self, IPI_W_ASLEEP))\n\t\treturn true;', '\t(void)ipi_xchg_acq_rel(&self->notify, asleep);'),
    ('waiter-not-woken', 'the answer does not wake the waiter', 'unicast-asleep', C11, 'serve.c',
     'else if (ipi_xchg_acq_rel(&n->done, seq << 1) & IPI_DONE_SLEEPER)',
     'else if (ipi_xchg_acq_rel(&n->done, seq << 1) & 0)'),
    ('last-answer-wakes-nobody', 'the last answer of a broadcast does not wake the waiter', 'broadcast-asleep', C11, 'ack.c',
     'if (ipi_fetch_sub_acq_rel(counter, 1u) == (IPI_COUNTER_SLEEPER | 1))',
     'if (ipi_fetch_sub_acq_rel(counter, 1u) == 0)'),
    ('hold-forgets', 'work that came before delivery was held off is forgotten', 'hold-trigger', C11, 'cpu.c',
     '\t\treturn;\n\tipi_store_relaxed(&self->noted, 1);\n\tipi_unhold(dom, self);', '\t\treturn;'),
    ('burial-served', 'who buries a CPU runs handlers', 'nesting-broadcast', DEATH, ('wait.c', 'serve.c'),
     (' &&\n\t       !ipi_load_relaxed(&self->reaping);', '\t       ipi_load_relaxed(&self->reaping) || '), (';', '\t       ')),
    ('dead-sender-forgotten', 'nobody tells the targets of a sender that died', 'trigger-two-senders', DEATH, 'cpu.c',
     '\t\tpublish_for(dom, self, dead);', ''),
    ('dead-target-counted', 'a count that a dead target left too great is believed', 'broadcast', DEATH, 'ack.c',
     '\t\t  : !ipi_load_acquire(&dom->deaths))', '\t\t  : true)'),
    ('mail-left-below', 'a wait in a handler does not see what the pass below has yet to take', 'mail-below', TSO, 'path.h',
     '\t\tipi_look_set(self, IPI_LOOK_MAIL);', ''),
    ('orphan-lost', 'a node that was never posted is lost', 'unicast-wait', DEATH, 'cpu.c',
     '\t\tmark_orphan(dom, dead);', ''),
    ('dead-mail-kept', 'the mail of a dead CPU is not ended', 'unicast-wait', DEATH, 'cpu.c',
     '\tanswer_all_taken(dom, dead);', ''),
    ('dead-leaver-ignored', 'the running bit of a dead CPU stays', 'trigger-nested-wait', DEATH, 'cpu.c',
     '\tstop_sends(dom, self, dead);', ''),
    ('word-counts-the-sender-only', 'word: who waits does not look at the nodes', 'broadcast', C11 + ['-a', 'word'],
     'ack.c', '\tbool word_tells = ipi_ack_of(dom) != IPI_ACK_word;', '\tbool word_tells = true;'),
    ('tree-group-in-two-steps', 'tree: a group\'s word is counted down by a load and a store', 'detach-broadcast', C11 + ['-a', 'tree'],
     'ack.c', '\telse if (ipi_fetch_sub_acq_rel(cell, 1u) == 1)\n',
     '\telse if (ipi_store_release(cell, ipi_load_acquire(cell) - 1), !ipi_load_acquire(cell))\n'),
    ('tree-without-the-sender', 'tree: it is complete before all is posted', 'broadcast', C11 + ['-a', 'tree'],
     'ack.c', 'ipi_store_relaxed(&block->left, groups + 1);', 'ipi_store_relaxed(&block->left, groups);'),
    ('tree-block-in-use', 'tree: a block is taken that is in use', 'nesting-broadcast', C11 + ['-a', 'tree'],
     'ack.c', '\t\tif (!block->posting &&\n\t\t    ipi_load_acquire(&block->done) >> 1 == block->seq)', '\t\tif (true)'),
    ('tree-block-of-the-next', 'tree: of a block used again the next message is given up', 'detach-again', C11 + ['-a', 'tree'],
     'ack.c', 'return block_of(dom, cell) == block &&\n\t       !ipi_seq_reached(ipi_load_acquire(&block->done), p->block_seq);',
     'return block_of(dom, cell) == block;'),
    ('llist-push-in-two-steps', 'llist: a node is pushed by a load and a store', 'unicast-two-senders', C11 + ['-q', 'llist'],
     'queue_llist.c', '} while (!ipi_cas_acq_rel(TOP(target), below, n->handle));',
     '} while (ipi_store_release(TOP(target), n->handle), 0);'),
    ('llist-take-in-two-steps', 'llist: the stack is taken by a load and a store', 'unicast-two-senders', C11 + ['-q', 'llist'],
     'queue_llist.c', 'uint32_t h = ipi_xchg_acq_rel(TOP(self), 0);',
     'uint32_t h = ipi_load_acquire(TOP(self)); ipi_store_relaxed(TOP(self), 0);'),
    ('llist-told-by-nobody', 'llist: the first one leaves it to others to tell the target', 'unicast-wait', C11 + ['-q', 'llist'],
     'queue_llist.c', 'return below ? IPI_POST_BEHIND : IPI_POST_OK;', 'return IPI_POST_BEHIND;'),
    ('llist-rest-forgotten', 'llist: what was taken and not yet run is on the stack of the pass', 'mail-below',
     C11 + ['-q', 'llist'], 'queue_llist.c', '\tuint32_t h = self->taken[0];', '\tuint32_t h = *pos ? self->taken[0] : 0; *pos = 1;'),
    ('mpsc-old-tail-believed', 'mpsc: an old tail that names a node posted anew is believed', 'node-again',
     C11 + ['-q', 'mpsc'], 'queue_mpsc.c', '\t\tif (SEQ(link) != SEQ(last))\n\t\t\tcontinue;', '\t\tif (0)\n\t\t\tcontinue;'),
    ('mpsc-tail-left-behind', 'mpsc: a node is handed out that the tail still names', 'node-again', C11 + ['-q', 'mpsc', '-b', '2'],
     'queue_mpsc.c', '\tif (ipi_load_relaxed(TAIL(self)) == ref)', '\tif (0)'),
    ('mpsc-told-by-nobody', 'mpsc: the first one leaves it to others to tell the target', 'unicast-wait', C11 + ['-q', 'mpsc'],
     'queue_mpsc.c', '== STUB ? IPI_POST_OK', '== STUB ? IPI_POST_BEHIND'),
    ('mpsc-stub-first', 'mpsc: the head stays at a node that was handed out', 'unicast-two-messages', C11 + ['-q', 'mpsc'],
     'queue_mpsc.c', '\tHEAD(self) = next;\n\treturn h;', '\tHEAD(self) = h;\n\treturn h;'),
    ('ring-any-round', 'ring: a free cell does not say for which round', 'unicast-two-senders', C11 + ['-q', 'ring'],
     'queue_ring.c', '#define FREE_FOR(pos) (UINT32_C(0x80000000) | (pos))', '#define FREE_FOR(pos) (UINT32_C(0x80000000) + 0 * (pos))'),
    ('ring-tail-moved-blindly', 'ring: the tail is moved past a cell that is free by now', 'full-mailbox', C11 + ['-q', 'ring'],
     'queue_ring.c', '\t\tif (ipi_load_relaxed(cell) != FREE_FOR(pos))', '\t\tif (1)'),
    ('ring-cell-in-two-steps', 'ring: a cell is looked at and then filled', 'unicast-two-senders', C11 + ['-q', 'ring'],
     'queue_ring.c', 'if (!ipi_cas_acq_rel(cell, FREE_FOR(pos), n->handle))', 'if (ipi_store_release(cell, n->handle), 0)'),
    ('pair-post-in-two-steps', 'pair: a sender looks whether it is watched, and then posts', 'talk-idle', C11 + ['-q', 'pair'],
     'queue_pair.c', '\tif (ipi_xchg_acq_rel(&n->link, IPI_LINK_POSTED) == IPI_LINK_WATCHED)\n',
     '\tuint32_t was = ipi_load_acquire(&n->link); ipi_store_release(&n->link, IPI_LINK_POSTED);\n\tif (was == IPI_LINK_WATCHED)\n'),
    ('pair-watch-ended-blindly', 'pair: a watch ends without a last look', 'talk-idle', C11 + ['-q', 'pair'], 'queue_pair.c',
     '\tif (!ipi_cas_acq_rel(&n->link, IPI_LINK_WATCHED, 0) && is_posted(n))\n\t\treturn false;', '\t(void)ipi_cas_acq_rel(&n->link, IPI_LINK_WATCHED, 0);'),
    ('pair-watched-asleep', 'pair: who sleeps goes on watching', 'talk-idle', C11 + ['-q', 'pair'], 'ipi.c',
     '\tif (ipi_load_relaxed(&self->look))\n\t\tipi_serve(dom, self, IPI_WAY_IDLE);\n', ''),
    ('pair-told-by-nobody', 'pair: the first one leaves it to others to tell the target', 'unicast-wait', C11 + ['-q', 'pair'],
     'queue_pair.c', '\t\t       ? IPI_POST_BEHIND\n\t\t       : IPI_POST_OK;', '\t\t       ? IPI_POST_BEHIND\n\t\t       : IPI_POST_BEHIND;'),
    ('pair-rest-forgotten', 'pair: bits that were taken are forgotten when a handler waits', 'mail-below', C11 + ['-q', 'pair'],
     'queue_pair.c', '\tuint32_t h = take_of_bits(dom, self);', '\tuint32_t h = *pos ? take_of_bits(dom, self) : 0; *pos = 1;'),
    ('pair-line-of-another', 'pair: a sender waits for any node, not for one of its line', 'full-both-ways', C11 + ['-q', 'pair'],
     'path.h', '\tif (QUEUE_HAS_LINES)\n\t\tipi_wait_node(', '\tif (0)\n\t\tipi_wait_node('),
    ('lock-without-a-lock', 'lock: a list without its lock', 'unicast-two-senders', C11 + ['-q', 'lock'],
     'queue_lock.c', '\tif (!lock(target, self))\n', '\tif (!lock(target, self) && 0)\n'),
    ('lock-of-the-dead', 'lock: what a dead CPU holds is held for ever', 'unicast-two-senders', DEATH + ['-q', 'lock'],
     'queue_lock.c', 'ipi_load_relaxed(LOCK(cpu)) == dead->index + 1)', '0)'),
)


def edits(fault):
    """(file, line, broken line), one or several that make one fault."""
    return zip(*fault[4:7]) if isinstance(fault[4], tuple) else (fault[4:7],)


def build(fault, root, cc, cflags, libs, folder):
    """Core with one line broken, and the rest of the checker as it is."""
    core = os.path.join(folder, 'core')
    shutil.copytree(os.path.join(root, 'lib/core'), core)
    for name, old, new in edits(fault):
        with open(os.path.join(core, name), encoding='utf-8') as file:
            text = file.read()
        if text.count(old) != 1:
            sys.exit(f'{fault[0]}: stands {text.count(old)} times in lib/core/{name}, not once: {old!r}')
        with open(os.path.join(core, name), 'w', encoding='utf-8') as file:
            file.write(text.replace(old, new))
    changed = [name for name, _, _ in edits(fault)]
    everything = any(name.endswith('.h') for name in changed)
    objects = []
    for name in sorted(os.listdir(core)):
        # A header is in many files; a source in itself.
        if not name.endswith('.c') or name == 'hist.c' or not (everything or name in changed):
            continue
        objects.append(os.path.join(folder, name + '.o'))
        # Paths from here, so that ccache knows the same fault in another folder.
        subprocess.run([cc, *cflags, '-I.', '-I' + os.path.join(root, 'lib'), '-fsanitize=thread', '-w', '-MD',
                        f'-ffile-prefix-map={folder}=.', '-c', f'core/{name}', '-o', objects[-1]], check=True, cwd=folder)
    program = os.path.join(folder, 'model')
    # What is broken comes first; the archive has the rest.
    subprocess.run([cc, '-no-pie', '-o', program, *objects, *libs], check=True)
    return program


def judge(fault, root, cc, cflags, libs):
    with tempfile.TemporaryDirectory() as folder:
        program = build(fault, root, cc, cflags, libs, folder)
        done = subprocess.run([program, *fault[3], '-s', fault[2], '--first', '--seconds', '60'],
                              stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode == 1 and '\n  step  thread' in done.stdout and '  again: ' in done.stdout:
        return re.search(r'VIOLATION\n\n  (.*)', done.stdout)[1]
    return None


def main():
    split = sys.argv.index('--')
    build_dir, root, cc, *names = sys.argv[1:split]
    cflags = sys.argv[split + 1:]
    libs = [os.path.join(build_dir, n) for n in
            ('libipi-model-main.a', 'libipi-model-explorer.a', 'libipi-model-judged.a')]
    libs = ['-Wl,--start-group', *libs, '-Wl,--end-group']
    chosen = [f for f in FAULTS if not names or f[0] in names]
    missed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for fault, found in zip(chosen, pool.map(lambda f: judge(f, root, cc, cflags, libs), chosen)):
            print(f'{fault[0]}: {fault[1]}\n    {fault[2]}: {found or "NOT FOUND"}', flush=True)
            missed += not found
    print(f'{len(chosen)} lines broken, {missed} not found')
    sys.exit(1 if missed or not chosen else 0)


main()
