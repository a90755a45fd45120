"""Do cold reads block? A client that reads a few hot keys, alone and then beside one that sweeps all keys, most of them
on flash. Both clients are processes of their own; every value either of them gets is checked byte by byte.
"""

import time
from statistics import median

from harness.load import Load, fill, run_load
from harness.report import megabytes, print_table, ratios, spread, verdict

P99_GOAL_RATIO = 2.0
RSS_FACTOR = 1.1
RSS_SLACK_BYTES = 48 * 1048576
SWEEPER_LEAD_SECONDS = 1.0
HOT_WARMUP_SECONDS = 3.0


def parse_bytes(text):
    for suffix, factor in (("kb", 1 << 10), ("mb", 1 << 20), ("gb", 1 << 30)):
        if text.lower().endswith(suffix):
            return int(text[:-2]) * factor
    return int(text)


class Sweep:
    def __init__(self, args, server):
        self.args = args
        self.server = server
        self.keys = args.keys or 2_000_000
        self.value_bytes = args.value_bytes or 1024
        self.totals = {"errors": 0, "misses": 0, "wrong": 0, "first_error": ""}

    def count(self, result):
        for name in ("errors", "misses", "wrong"):
            self.totals[name] += result[name]
        self.totals["first_error"] = self.totals["first_error"] or result["first_error"]
        return result

    def hot(self, seed, warmup_seconds):
        """One connection, one request at a time, over the hot keys."""
        result = run_load(
            self.args.load,
            self.server,
            self.args.hot_cpus,
            command="get",
            connections=1,
            pipeline=1,
            keys=self.args.hot_keys,
            value_bytes=self.value_bytes,
            seed=seed,
            warmup_seconds=warmup_seconds,
            seconds=self.args.seconds,
        )
        return self.count(result)

    def start_sweeper(self, seed, keys, **more):
        return Load(
            self.args.load,
            self.server,
            self.args.sweeper_cpus,
            command="get",
            order="shuffled",
            connections=self.args.sweeper_connections,
            pipeline=self.args.sweeper_pipeline,
            keys=keys,
            value_bytes=self.value_bytes,
            seed=seed,
            **more,
        )

    def hot_beside(self, seed, swept_keys):
        sweeper = self.start_sweeper(seed, swept_keys)
        time.sleep(SWEEPER_LEAD_SECONDS)
        hot = self.hot(seed, 0)
        return hot, self.count(sweeper.stop())


def measure(args, make_server):
    with make_server() as server:
        sweep = Sweep(args, server)
        print(f"filling {sweep.keys} keys with {sweep.value_bytes}-byte values under maxmemory {args.maxmemory}", flush=True)
        filled = fill(args.load, server, args.load_cpus, sweep.keys, sweep.value_bytes)
        print(f"  {filled['ops_per_second']:.0f} sets/s, p99 {filled['p99_us'] / 1e3:.1f} ms, longest {filled['max_us'] / 1e3:.1f} ms")
        print_tier(server)
        phases = {"alone": [], "beside a sweep of all keys": []}
        if args.control:
            phases["beside a sweep of the hot keys"] = []
        sweeps = []
        for run in range(args.runs):
            seed = args.seed + run
            phases["alone"].append(sweep.hot(seed, HOT_WARMUP_SECONDS))
            hot, swept = sweep.hot_beside(seed, sweep.keys)
            phases["beside a sweep of all keys"].append(hot)
            sweeps.append(swept)
            if args.control:
                phases["beside a sweep of the hot keys"].append(sweep.hot_beside(seed, args.hot_keys)[0])
            print(f"run {run + 1} of {args.runs} done (seed {seed})", flush=True)
        full = sweep.count(sweep.start_sweeper(args.seed, sweep.keys, requests=sweep.keys).result())
        return report(args, server, sweep, phases, sweeps, full)


def report(args, server, sweep, phases, sweeps, full):
    def values(name, metric):
        return [result[metric] for result in phases[name]]

    rows = []
    for name in phases:
        row = [name, spread(values(name, "ops_per_second"), 0)]
        row += [spread(values(name, metric), 1) for metric in ("p50_us", "p99_us", "p999_us")]
        row += [f"{max(values(name, 'max_us')) / 1e3:.1f}", spread(ratios(values(name, "p99_us"), values("alone", "p99_us")))]
        rows.append(row)
    header = ["hot client", "requests/s", "p50, us", "p99, us", "p99.9, us", "longest, ms", "p99 : alone"]
    print_table(f"one client over {args.hot_keys} hot keys, {args.seconds} s a phase", header, rows)

    rates = [result["ops_per_second"] for result in sweeps]
    waits = [result["p99_us"] / 1e3 for result in sweeps]
    print(f"  sweeper ({args.sweeper_connections} x pipeline {args.sweeper_pipeline}): {spread(rates, 0)} reads/s, p99 {spread(waits, 1)} ms")
    print(f"  last, every key once in random order: {full['replies']} values at {full['ops_per_second']:.0f}/s")
    print_tier(server)

    p99_ratio = median(ratios(values("beside a sweep of all keys", "p99_us"), values("alone", "p99_us")))
    totals = sweep.totals
    clean = not (totals["errors"] or totals["misses"] or totals["wrong"]) and full["replies"] == sweep.keys
    most = server.status_bytes("VmHWM")
    bound = RSS_FACTOR * parse_bytes(args.maxmemory) + RSS_SLACK_BYTES
    print(f"  p99 beside a sweep at most {P99_GOAL_RATIO} x alone: {p99_ratio:.2f}: {verdict(p99_ratio <= P99_GOAL_RATIO)}")
    print(
        f"  errors {totals['errors']}, missing {totals['misses']}, wrong values {totals['wrong']}"
        f"{', first error: ' + totals['first_error'] if totals['first_error'] else ''}: {verdict(clean)}"
    )
    print(f"  RSS at most {megabytes(most)} of {megabytes(bound)} (1.1 x maxmemory + 48 MB): {verdict(most <= bound)}")
    return p99_ratio <= P99_GOAL_RATIO and clean and most <= bound, {
        "phases": phases,
        "sweeper": sweeps,
        "full_pass": full,
        "p99_ratio": p99_ratio,
        "rss_max_bytes": most,
        "totals": totals,
    }


def print_tier(server):
    fields = server.tier()
    print("  INFO tiering: " + (", ".join(f"{name} {value}" for name, value in fields.items()) or "nothing (no tier)"))
