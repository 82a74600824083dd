# SPDX-License-Identifier: GPL-2.0-only
"""Reads a result file and refuses, in one sentence, what it can't vouch for."""
import json
import os
import re

SCHEMA = 1

NUMBER, TEXT, LIST, DICT, BOOL = "a number", "a string", "a list", "an object", "a boolean"
TYPES = {NUMBER: (int, float), TEXT: (str,), LIST: (list,), DICT: (dict,), BOOL: (bool,)}

# key: (type, may be missing or null)
FILE_KEYS = {"complete": (BOOL, False), "headline": (TEXT, False), "tool": (DICT, True),
             "command": (LIST, True), "started_utc": (TEXT, True), "elapsed_s": (NUMBER, True),
             "machine": (TEXT, True), "context": (DICT, True), "topology": (DICT, True),
             "plan": (DICT, True), "traced": (BOOL, True), "records": (LIST, False)}
TOPOLOGY_KEYS = {"cpus": (LIST, True), "distances": (LIST, True)}
CONTEXT_KEYS = {"emulated": (DICT, True), "host_cpus": (NUMBER, True),
                "cpus_online": (NUMBER, True)}
CPU_KEYS = {"cpu": (NUMBER, False), "core": (NUMBER, True), "llc": (NUMBER, True),
            "node": (NUMBER, True), "socket": (NUMBER, True), "smt": (NUMBER, True)}
ANY_RECORD = {"run": (TEXT, False), "status": (TEXT, False), "reason": (TEXT, True),
              "driver": (TEXT, True), "driver_kind": (TEXT, True), "relation": (TEXT, True),
              "route": (TEXT, True), "metric": (TEXT, True), "comparability": (TEXT, True),
              "attestation": (DICT, True), "inject": (DICT, True), "trace": (DICT, True)}
TRACE_KEYS = {"verdict": (TEXT, True), "why": (TEXT, True), "sends": (NUMBER, True),
              "entries": (NUMBER, True), "stages": (LIST, True)}
STAGE_KEYS = {"name": (TEXT, False), "why": (TEXT, True), "p50_ns": (NUMBER, True),
              "floor_ns": (NUMBER, True)}
OK_RECORD = {
    "metric": (TEXT, False), "driver": (TEXT, False), "comparability": (TEXT, False),
    "samples_n": (NUMBER, False), "latency_ns_p50": (NUMBER, False),
    "latency_ns_min": (NUMBER, True), "latency_ns_p90": (NUMBER, True),
    "latency_ns_p99": (NUMBER, True), "latency_ns_p999": (NUMBER, True),
    "latency_ns_max": (NUMBER, True), "latency_ns_mean": (NUMBER, True),
    "error_ns": (NUMBER, True), "sample_kind": (TEXT, True), "way": (TEXT, True),
    "gap": (TEXT, True), "queue": (TEXT, True), "ack": (TEXT, True), "delivery": (TEXT, True),
    "waiter": (TEXT, True), "home": (TEXT, True), "series": (TEXT, True),
    "target_state": (TEXT, True), "targets_n": (NUMBER, True), "senders_n": (NUMBER, True),
    "inflight": (NUMBER, True), "burst": (NUMBER, True), "depth": (NUMBER, True),
    "idle_spin_ns": (NUMBER, True), "pattern": (TEXT, True), "members": (TEXT, True),
    "order": (TEXT, True), "crowded": (BOOL, True),
    "coalesced": (NUMBER, True), "steady": (BOOL, True),
    "discarded_n": (NUMBER, True), "p50_ns_without_marked": (NUMBER, True),
    "warmup_s": (NUMBER, True), "gap_ns_max": (NUMBER, True), "histogram": (DICT, True),
    "blocks": (LIST, True), "pairs": (DICT, True), "last_target_n": (DICT, True)}
BLOCK_KEYS = {"t_s": (NUMBER, False), "n": (NUMBER, True), "p50_ns": (NUMBER, True),
              "p99_ns": (NUMBER, True), "marks": (LIST, True)}
PAIR_COLUMNS = ("source", "target", "p50_ns")


class ResultError(Exception):
    """A sentence that names the file and the remedy."""


def load(path):
    """The result in a file, checked; ResultError says why not."""
    try:
        with open(path, encoding="utf-8") as src:
            text = src.read()
    except FileNotFoundError:
        raise ResultError(f"{path}: there is no such file; give the JSON file that "
                          "`ipi bench run --json FILE` wrote") from None
    except (OSError, UnicodeDecodeError) as err:
        why = err.strerror if isinstance(err, OSError) else "it is not UTF-8 text"
        raise ResultError(f"{path}: can't be read: {why}; give the JSON file that "
                          "`ipi bench run --json FILE` wrote") from None
    try:
        data = json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as err:
        raise ResultError(f"{path}: {broken(text, err)}; copy it again from where it was "
                          "measured, or measure again") from None
    try:
        check(data)
    except ResultError as err:
        raise ResultError(f"{path}: {err}") from None
    return data


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON number")


def broken(text, err):
    """Cut short, or not JSON at all: the remedies differ little, the causes do."""
    if not text.strip():
        return "the file is empty"
    if text.lstrip()[0] == "{" and not text.rstrip().endswith("}"):
        return "the file is truncated: it ends in the middle of the JSON object"
    return f"not a whole JSON file ({err})"


def check(data):
    if not isinstance(data, dict) or data.get("kind") != "ipi-result":
        raise ResultError("this is JSON, but no result of ipi (\"kind\" is not \"ipi-result\"); "
                          "give the file that `ipi bench run --json FILE` wrote")
    schema = data.get("schema")
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise ResultError("damaged: \"schema\" is not a positive number; measure again")
    if schema > SCHEMA:
        raise ResultError(f"written in schema {schema} by a newer ipi; this one reads schema "
                          f"{SCHEMA}: draw it with that version's `ipi plot`")
    keys(data, FILE_KEYS, "")
    for i, rec in enumerate(data["records"]):
        check_record(rec, f"records[{i}]")
    context = data.get("context") or {}
    keys(context, CONTEXT_KEYS, "context.")
    keys(context.get("emulated") or {}, {"by": (TEXT, True)}, "context.emulated.")
    topo = data.get("topology") or {}
    keys(topo, TOPOLOGY_KEYS, "topology.")
    for i, cpu in enumerate(topo.get("cpus") or []):
        keys(cpu, CPU_KEYS, f"topology.cpus[{i}].")


def damaged(where, what):
    return ResultError(f"damaged: \"{where}\" {what}; measure again")


def keys(obj, table, where):
    if not isinstance(obj, dict):
        raise damaged(where.rstrip("."), "is not an object")
    for key, (kind, optional) in table.items():
        value = obj.get(key)
        if value is None and optional:
            continue
        fits = isinstance(value, TYPES[kind])
        if not fits or (isinstance(value, bool) and kind is NUMBER):
            raise damaged(where + key, "is missing" if value is None else f"is not {kind}")


def check_record(rec, where):
    keys(rec, ANY_RECORD, where + ".")
    if rec["status"] not in ("ok", "failed", "skipped"):
        raise damaged(f"{where}.status", "is neither ok, failed nor skipped")
    keys(rec.get("attestation") or {}, {"verdict": (TEXT, True), "why": (TEXT, True),
                                        "machine": (DICT, True)}, f"{where}.attestation.")
    trace = rec.get("trace") or {}
    keys(trace, TRACE_KEYS, f"{where}.trace.")
    for i, stage in enumerate(trace.get("stages") or []):
        keys(stage, STAGE_KEYS, f"{where}.trace.stages[{i}].")
    if rec["status"] != "ok":
        return
    keys(rec, OK_RECORD, where + ".")
    if rec.get("histogram"):
        check_histogram(rec, where)
    for i, block in enumerate(rec.get("blocks") or []):
        keys(block, BLOCK_KEYS, f"{where}.blocks[{i}].")
    check_columns(rec.get("pairs"), PAIR_COLUMNS, f"{where}.pairs")
    check_columns(rec.get("last_target_n"), ("cpu", "count"), f"{where}.last_target_n")


def check_histogram(rec, where):
    where += ".histogram.bucket"
    rows = rec["histogram"].get("bucket")
    if not isinstance(rows, list):
        raise damaged(where, "is not a list")
    total, last = 0, float("-inf")
    for row in rows:
        if not (isinstance(row, list) and len(row) == 3 and all(map(is_number, row))
                and last <= row[0] <= row[1] and row[2] >= 0):
            raise damaged(where, "is not an ascending list of [low, high, count]")
        last = row[0]
        total += row[2]
    if total != rec["samples_n"]:
        raise damaged(where, f"holds {total} samples where samples_n says {rec['samples_n']}")


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def check_columns(cols, names, where):
    """Columns of equal length; numbers, or null where too few samples."""
    if not cols:
        return
    for name in names:
        if not isinstance(cols.get(name), list):
            raise damaged(f"{where}.{name}", "is not a list")
    lengths = {len(col) for col in cols.values() if isinstance(col, list)}
    if len(lengths) > 1:
        raise damaged(where, "has columns of different length")
    for name in names:
        if not all(is_number(v) or (v is None and name.endswith("_ns")) for v in cols[name]):
            raise damaged(f"{where}.{name}", "holds something else than numbers")


PRIVATE_CONTEXT = ("boot_id", "kernel_cmdline")


def anonymous(data):
    """Takes out what tells whose machine it was. In place."""
    context = data.get("context") or {}
    for key in PRIVATE_CONTEXT:
        context.pop(key, None)
    if isinstance(context.get("kernel"), str):
        context["kernel"] = re.sub(r"^(\d+(?:\.\d+)*).*", r"\1", context["kernel"])
    started = data.get("started_utc")
    data["started_utc"] = started[:10] if started else None
    return strip_paths(data)


def strip_paths(value):
    """Every absolute or home path in every string keeps its last part only."""
    if isinstance(value, dict):
        return {k: strip_paths(v) for k, v in value.items()}
    if isinstance(value, list):
        # Columns of numbers are long and hold no path.
        return value if value and is_number(value[0]) else [strip_paths(v) for v in value]
    if isinstance(value, str):
        return re.sub(r"(?<![\w/])(?:~[\w.-]*|\.{1,2})?/(?:[^\s/'\"]+/)*([^\s/'\"]+)",
                      lambda m: os.path.basename(m.group(0))
                      if not m.group(0).startswith("/proc/") else m.group(0), value)
    return value
