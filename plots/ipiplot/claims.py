# SPDX-License-Identifier: GPL-2.0-only
"""What may be claimed of two series: all the statistics behind the sentences.

The unit is the block. Runs of one group alternate block by block, so each block
of one series has a neighbour in time of the other, and what the machine does to
both cancels in the ratio of the two medians. Of these ratios the median is the
estimate; its interval goes from the k-th smallest to the k-th largest, k being
the largest for which a fair coin is so one-sided with a probability of at most
alpha. That holds whatever the distribution, and needs no random numbers. It
needs 6 pairs for alpha = 0.05, and more the more comparisons share that alpha:
the fastest of several is known only after a look at all, so all pairs of series
count (Bonferroni). A difference is claimed if the interval leaves out 1 and the
medians are further apart than the clock's tick.

Series that did not alternate (other sizes of the same run) are told apart only
if every block of one lies above every block of the other.

None of this reaches beyond the run: another process or boot may lie elsewhere.
"""
import math
import statistics
from collections import namedtuple

ALPHA = 0.05

# kind: more, less, tie, few. ratio, low, high: of the other to the first.
# pairs: how many there were; needed: how many it takes.
Claim = namedtuple("Claim", "kind ratio low high pairs needed")


def needed(alpha):
    """The fewest pairs that can support any claim."""
    return 1 + math.ceil(math.log2(1 / alpha))


def rank(n, alpha):
    """k of the interval from the k-th smallest to the k-th largest; 0: none."""
    tail, k = 0.0, 0
    while True:
        tail += math.comb(n, k) / 2 ** n
        if 2 * tail > alpha or k >= n // 2:
            return k
        k += 1


def interval(values, alpha=ALPHA):
    """(median, low, high) of the median; low and high None where too few."""
    ordered = sorted(values)
    k = rank(len(ordered), alpha)
    middle = statistics.median(ordered)
    return (middle, ordered[k - 1], ordered[-k]) if k else (middle, None, None)


def blocks(rec):
    """[(time, median)] of the blocks that have one, in the order of time."""
    return sorted((b["t_s"], b["p50_ns"]) for b in rec.get("blocks") or []
                  if b.get("p50_ns") is not None)


def round_s(times):
    """The usual time from one block of a series to its next."""
    steps = [b - a for a, b in zip(times, times[1:])]
    return statistics.median(steps) if steps else 0.0


def paired(one, other):
    """[(median, median)] of neighbours in time, no further apart than a round:
    as many as can be had, none twice."""
    left, right = blocks(one), blocks(other)
    near = max(round_s([t for t, _ in left]), round_s([t for t, _ in right]))
    out, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        late = left[i][0] - right[j][0]
        if abs(late) <= near:
            out.append((left[i][1], right[j][1]))
        i += late <= near
        j += late >= -near
    return out


def compare(one, other, alpha=ALPHA, tick_ns=0.0):
    """The Claim about other against one, from blocks that alternated."""
    pairs = [(a, b) for a, b in paired(one, other) if a > 0 and b > 0]
    least = needed(alpha)
    if len(pairs) < least:
        return Claim("few", None, None, None, len(pairs), least)
    ratio, low, high = interval([b / a for a, b in pairs], alpha)
    tick = tick_ns if one.get("sample_kind") == "single" else 0.0
    apart = abs(statistics.median(b - a for a, b in pairs)) > tick
    kind = "more" if low > 1 and apart else "less" if high < 1 and apart else "tie"
    return Claim(kind, ratio, low, high, len(pairs), least)


def share_above(floor, rec):
    """(median, low, high) of the share of rec that lies above the floor, from
    paired blocks; None: too few."""
    shares = [(b - a) / b for a, b in paired(floor, rec) if b > 0]
    if len(shares) < needed(ALPHA):
        return None
    return interval(shares)


def apart(one, other):
    """The ratio of other to one if their blocks don't overlap at all; 1.0: they
    do; None: too few blocks. For series that did not alternate."""
    left, right = [v for _, v in blocks(one)], [v for _, v in blocks(other)]
    if min(len(left), len(right)) < needed(ALPHA):
        return None
    if max(left) < min(right) or max(right) < min(left):
        return statistics.median(right) / statistics.median(left)
    return 1.0


def among(n):
    """The alpha of each comparison when the best of n is chosen after a look."""
    return ALPHA / max(1, n * (n - 1) // 2)


def middle(rec):
    """The median of the blocks' medians: a block counts once, however many
    samples it holds. Where there are none, that of the samples."""
    values = [v for _, v in blocks(rec)]
    return statistics.median(values) if values else rec["latency_ns_p50"]


def spread(rec):
    """(low, high): where nine in ten of the blocks' medians lie."""
    values = sorted(v for _, v in blocks(rec))
    if not values:
        return rec["latency_ns_p50"], rec["latency_ns_p50"]
    last = len(values) - 1
    return values[math.floor(0.05 * last)], values[math.ceil(0.95 * last)]
