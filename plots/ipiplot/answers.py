# SPDX-License-Identifier: GPL-2.0-only
"""The answer in words, above its plot: what the blocks support and no more."""
from . import claims
from . import families as F
from . import series as S

WHAT = {"interval": "a message", "rtt": "a round trip", "send": "of the sender's a send",
        "stolen": "of the target's a message"}
COUNTED = {"senders_n": "senders", "targets_n": "targets", "burst": "messages a burst",
           "inflight": "messages in flight", "depth": "nodes of room"}
WHERE = {"incast": "With {} to one CPU", "alltoall": "With {} CPUs that all tell each other",
         "multicast": "With {}", "burst": "In bursts of {}"}
ONE = {"senders_n": "sender", "targets_n": "target", "inflight": "message in flight",
       "depth": "node of room"}
BESIDE_SIZES = 3
# A difference so large that blocks which hide it say nothing.
BLURRED = 1.5


def answers(fam, result):
    """[sentence] of one family."""
    tick = ((result.get("context") or {}).get("clock") or {}).get("tick_ns") or 0.0
    said = limits(fam, result) + [left_out(fam)]
    if len(fam.series) > 1 or fam.x is None:
        said += [race(fam, x, tick) for x in told(fam)]
    said += [floor(fam, x) for x in told(fam)]
    said += [growth(fam, tick), coalesced(fam)]
    return [s for s in said if s]


# Who may be compared

def able(fam, x):
    """[(name, record)], the fastest first, of those whose verdict allows it."""
    found = [(name, recs[x]) for name, recs in fam.series.items() if x in recs]
    return sorted(((n, r) for n, r in found if trusted(r)), key=lambda item: claims.middle(item[1]))


def trusted(rec):
    return S.is_yardstick(rec) or S.verdict(rec) in ("attested", "not applicable")


def left_out(fam):
    """Those that no claim is built on, and why."""
    why = {}
    for name, recs in fam.series.items():
        for x, rec in recs.items():
            if not trusted(rec):
                why.setdefault((name, S.verdict(rec)), []).append((x, rec))
    said = [f"{name}{at(bad, fam)} ({kind.upper() if kind == 'contradicted' else kind}: "
            f"{reason(bad[0][1])})" for (name, kind), bad in why.items()]
    return f"Left out of every comparison: {'; '.join(said)}." if said else ""


def at(bad, fam):
    """Of which sizes, if not of all."""
    every = {x for x, _ in bad}
    return "" if every == set(F.sizes(fam)) else f" at {', '.join(map(str, sorted(every)))}"


def reason(rec):
    return (rec.get("attestation") or {}).get("why") or "no reason given"


def told(fam):
    """The sizes that are put in words: few, all; of many the ends, and the
    largest that the machine has processors for."""
    every = F.sizes(fam)
    if len(every) <= BESIDE_SIZES:
        return every
    roomy = [x for x in every if not crowded(fam, x)]
    return sorted({every[0], every[-1], *roomy[-1:]})


def crowded(fam, x):
    return any(recs[x].get("crowded") for recs in fam.series.values() if x in recs)


# Words

def listed(names):
    names = list(names)
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def where(fam, x):
    """The regime."""
    if x is None:
        rel = F.records_of(fam)[0].get("relation")
        return f"{fam.shape}, {S.relation_name(rel)}:"
    count = f"{x} {ONE.get(fam.x) if x == 1 else COUNTED[fam.x]}"
    if fam.shape == "alltoall" or fam.x == "burst":
        count = x
    head = WHERE.get(fam.shape, "With {}") if fam.x in ("senders_n", "targets_n", "burst") \
        else "With {}"
    return head.format(count) + (" (oversubscribed)" if crowded(fam, x) else "") + ":"


def times(claim):
    return f"{ratio(claim.ratio)} times that {between(claim)}"


def between(claim):
    return f"({ratio(claim.low)} to {ratio(claim.high)})"


def ratio(value):
    """So many digits that what is not 1 does not look like it."""
    if abs(value - 1) < 0.1:
        return f"{value:.3f}"
    return f"{value:.2f}" if value < 10 else S.number(value)


def percent(value):
    return f"{100 * value:.0f} %" if abs(value) >= 0.1 else f"{100 * value:.1f} %"


# Sentences

def race(fam, x, tick_ns):
    found = able(fam, x)
    if len(found) < 2:
        return f"{where(fam, x)} there are not two that may be compared." \
            if len(fam.series) > 1 else ""
    (best, rec), others = found[0], found[1:]
    alpha = claims.among(len(found))
    said = {name: claims.compare(rec, other, alpha, tick_ns) for name, other in others}
    slower = {n: c for n, c in said.items() if c.kind == "more"}
    few = {n: c for n, c in said.items() if c.kind == "few"}
    ties = [n for n, c in said.items() if c.kind in ("tie", "less")]
    if len(few) == len(said):
        return (f"{where(fam, x)} too few blocks to tell {listed([best, *few])} apart"
                f"{few_words(few)}.")
    head = f"{where(fam, x)} "
    if not slower and not few:
        return head + indistinguishable(found, said.values(), fam.metric)
    value = f"{S.with_unit(claims.middle(rec))} {WHAT.get(fam.metric, '')}".rstrip()
    head += f"{best} leads" if ties or few else f"{best} is fastest"
    parts = [f"{head}: {value}"]
    if ties:
        parts.append(f"{listed(ties)} can't be told apart from it")
    parts += [f"{n} takes {times(c)}" for n, c in slower.items()]
    if few:
        parts.append(f"too few blocks to tell of {listed(few)}{few_words(few)}")
    return "; ".join(parts) + "."


def few_words(few):
    claim = min(few.values(), key=lambda c: c.pairs)
    return f" ({claim.pairs} that alternate, {claim.needed} are needed)"


def indistinguishable(found, said, metric):
    low, high = (S.with_unit(claims.middle(found[i][1])) for i in (0, -1))
    values = low if low == high else f"{low} to {high}"
    most = max(1.0, *(c.high for c in said))
    names, values = listed(n for n, _ in found), f"{values} {WHAT.get(metric, '')}".rstrip()
    if most > BLURRED:
        return (f"{names} can't be told apart: {values}; the blocks scatter so much that even "
                f"{ratio(most)} times the fastest would not show.")
    return (f"{names} are indistinguishable: {values}; by these blocks none takes more than "
            f"{ratio(most)} times {found[0][0]}.")


def floor(fam, x):
    """The share of the path that the design can explain."""
    found = able(fam, x)
    said = []
    # Of two floors the bare thing says more than null, which carries nothing.
    bare = {n: r for n, r in fam.floors.items() if n != F.NULL and x in r} or fam.floors
    for name, recs in bare.items() if found else ():
        if x in recs and trusted(recs[x]):
            said.append(floor_words(name, recs[x], *found[0]))
    return f"{where(fam, x)} {'; '.join(said)}." if said else ""


def floor_words(name, low, best, rec):
    comma = "," if name == F.NULL else ""
    of = (f"of the {S.with_unit(claims.middle(rec))} of {best} {name}{comma} takes "
          f"{S.with_unit(claims.middle(low))}")
    share = claims.share_above(low, rec)
    if share is None:
        return of + ", but there are too few blocks to tell the share above it"
    value, least, most = share
    if least <= 0:
        return of + (f": the rest, {percent(value)} ({percent(least)} to {percent(most)}), is "
                     "indistinguishable from nothing")
    if name == F.NULL:
        return of + (f": queue, cache lines and target together explain at most "
                     f"{percent(most)}")
    return of + (f": the library, the queue in it, explains {percent(value)} ({percent(least)} "
                 f"to {percent(most)})")


def growth(fam, tick_ns):
    """From the smallest to the largest size, of each series."""
    every = F.sizes(fam)
    both = {name: (recs[every[0]], recs[every[-1]]) for name, recs in fam.series.items()
            if all(x in recs and trusted(recs[x]) for x in (every[0], every[-1]))}
    if len(every) < 2 or not both:
        return ""
    alternated = any(len(claims.paired(*ends)) > 1 for ends in both.values())
    said = {}
    for name, ends in both.items():
        kind, text = grown(name, *ends, claims.ALPHA / len(both), tick_ns)
        said.setdefault(kind, []).append(text)
    parts = [listed(said["moved"])] if "moved" in said else []
    parts += [f"{listed(said['still'])} can't be told from unchanged"] if "still" in said else []
    parts += [f"too few blocks to tell of {listed(said['few'])}"] if "few" in said else []
    counted = "CPUs" if fam.shape == "alltoall" else COUNTED[fam.x]
    text = f"From {every[0]} to {every[-1]} {counted}, time: {'; '.join(parts)}."
    if not alternated:
        text += (" These sizes did not alternate: only those whose blocks don't overlap at all "
                 "are told apart.")
    if crowded(fam, every[-1]) and not crowded(fam, every[0]):
        text += " The larger is oversubscribed: the scheduler is in it."
    return text


def grown(name, small, large, alpha, tick_ns):
    """(moved, still or few; the words)."""
    claim = claims.compare(small, large, alpha, tick_ns)
    if claim.kind in ("more", "less"):
        return "moved", f"{name} {ratio(claim.ratio)} times {between(claim)}"
    if claim.kind == "tie":
        return "still", name
    apart = claims.apart(small, large)
    if apart is None:
        return "few", name
    return ("still", name) if apart == 1.0 else ("moved", f"{name} {ratio(apart)} times")


def coalesced(fam):
    """What share of a burst's sends needed no notification of their own."""
    if fam.x != "burst" or fam.metric != "interval":
        return ""
    last = F.sizes(fam)[-1]
    said = [f"{name} {percent(recs[last]['coalesced'])}" for name, recs in fam.series.items()
            if last in recs and recs[last].get("coalesced") is not None]
    return f"Sends that found work pending, in bursts of {last}: {listed(said)}." if said else ""


# What this machine can't tell

def limits(fam, result):
    cpus = (result.get("topology") or {}).get("cpus") or []
    out = []
    if "home" in fam.varied and len({c.get("node") for c in cpus}) == 1:
        out.append("This machine has one node, so source and target name the same memory: where "
                   "a mailbox should live can't be told here. What follows is A against A.")
    if {"members", "order"} & set(fam.varied) and flat(cpus):
        out.append("All CPUs of this machine are equally far from each other: who should be told "
                   "first can't be told here. What follows is A against A.")
    return out


def flat(cpus):
    """Whether no CPU has a nearer and a farther one."""
    def kinds(one):
        return {tuple(one.get(k) == c.get(k) for k in ("core", "llc", "node", "socket"))
                for c in cpus if c is not one}
    return bool(cpus) and all(len(kinds(c)) <= 1 for c in cpus)
