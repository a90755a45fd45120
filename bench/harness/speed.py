"""Speed and CPU cost of requests to keys in RAM: two servers take turns on one core, the load runs on another.

Each round starts fresh processes, fills both, and runs every case on one and then on the other (in the other order in the
next round), the idle one being paused. Ratios are formed inside a round.
"""

from dataclasses import dataclass
from statistics import median

from harness.load import fill, request_bytes, require_clean, run_load
from harness.report import print_table, ratios, spread, verdict
from harness.server import NullResponder


@dataclass(frozen=True)
class Case:
    command: str
    pipeline: int
    # metric -> bound of the median ratio: ("<=", 0.55) or (">=", 1)
    goals: tuple = ()

    @property
    def title(self):
        return f"{self.command.upper()}, pipeline {self.pipeline}"


RAM_SUITE = [
    Case("get", 16, (("cpu", "<=", 0.55),)),
    Case("set", 16, (("cpu", "<=", 0.55),)),
    Case("get", 1, (("throughput", ">=", 1.0),)),
    Case("set", 1, (("throughput", ">=", 1.0),)),
]

METRICS = [
    ("throughput", "requests/s", lambda r: r["ops_per_second"], 0),
    ("p50", "p50, us", lambda r: r["p50_us"], 1),
    ("p99", "p99, us", lambda r: r["p99_us"], 1),
    ("cpu", "CPU s per million", lambda r: r["server_cpu_seconds"] * 1e6 / r["replies"], 3),
    ("user", "  user", lambda r: r["server_user_seconds"] * 1e6 / r["replies"], 3),
    ("system", "  system", lambda r: r["server_system_seconds"] * 1e6 / r["replies"], 3),
    ("load", "busy share of the load", lambda r: r["load_cpu_seconds"] / r["seconds"], 2),
]


def measure_case(args, server, case, seed, verify):
    result = run_load(
        args.load,
        server,
        args.load_cpus,
        command=case.command,
        pipeline=case.pipeline,
        connections=args.connections,
        keys=args.keys,
        value_bytes=args.value_bytes,
        seed=seed,
        warmup_seconds=0.3,
        seconds=args.seconds,
        verify=verify,
    )
    require_clean(result, f"{server.name}, {case.title}")
    return result


def measure_floor(args, case, seed):
    value_bytes = args.value_bytes if case.command == "get" else 0
    with NullResponder(args.null, args.server_cpus, request_bytes(case.command, args.value_bytes), value_bytes) as server:
        return measure_case(args, server, case, seed, "shape")


def compare(args, make_first, make_second, cases):
    """Returns {case: {server name: [result per round]}}, and prints tables whose ratios are first : second."""
    results = {case: {} for case in cases}
    memory = {}
    for round_number in range(args.runs):
        seed = args.seed + round_number
        with make_first() as first, make_second() as second:
            servers = [first, second]
            for server in servers:
                server.pause()
            for server in servers:
                server.resume()
                before = server.settled_rss()
                fill(args.load, server, args.load_cpus, args.keys, args.value_bytes)
                per_key = (server.settled_rss() - before) / args.keys
                memory.setdefault(server.name, []).append(per_key)
                server.pause()
            for case in cases:
                for server in servers if round_number % 2 == 0 else reversed(servers):
                    server.resume()
                    results[case].setdefault(server.name, []).append(measure_case(args, server, case, seed, "bytes"))
                    server.pause()
                if args.floor and case.command != "mixed":
                    results[case].setdefault("floor", []).append(measure_floor(args, case, seed))
        print(f"round {round_number + 1} of {args.runs} done (seed {seed})", flush=True)
    names = (first.name, second.name)
    met = [print_case(case, results[case], names) for case in cases]
    rows = [[name, spread(memory[name], 1)] for name in names]
    rows.append(["ratio", spread(ratios(memory[names[0]], memory[names[1]]))])
    print_table("RSS per key after the fill, bytes", ["", "median (min..max)"], rows)
    return all(met), {
        "cases": {case.title: results[case] for case in cases},
        "rss_bytes_per_key": memory,
    }


def print_case(case, by_server, names):
    first, second = names
    others = [name for name in by_server if name not in names]
    rows = []
    all_met = True
    for key, label, read, digits in METRICS:
        values = {name: [read(r) for r in by_server[name]] for name in by_server}
        ratio = ratios(values[first], values[second])
        goal = next((g for g in case.goals if g[0] == key), None)
        row = [label, spread(values[first], digits), spread(values[second], digits)]
        row.append(spread(ratio, 3) if ratio and key != "load" else "")
        row += [spread(values[name], digits) for name in others]
        row.append(judge(goal, ratio) if goal else "")
        all_met &= not row[-1].endswith("MISSED")
        rows.append(row)
    print_table(case.title, ["", first, second, f"{first} : {second}", *others, "goal"], rows)
    return all_met


def judge(goal, ratio):
    _, sign, bound = goal
    met = median(ratio) <= bound if sign == "<=" else median(ratio) >= bound
    return f"{sign} {bound} {verdict(met)}"
