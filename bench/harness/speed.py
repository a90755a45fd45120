"""Speed and CPU cost of requests to keys in RAM: two servers take turns on one core, the load runs on another.

Each round starts fresh processes, fills both, and runs every case on one and then on the other (in the other order in the
next round), the idle one being paused. Ratios are formed inside a round.
"""

from statistics import median

from harness.load import fill, fill_containers, request_bytes, require_clean, run_load
from harness.report import print_table, ratios, spread, verdict
from harness.server import NullResponder

METRICS = [
    ("throughput", "requests/s", lambda r: r["ops_per_second"], 0),
    ("p50", "p50, us", lambda r: r["p50_us"], 1),
    ("p99", "p99, us", lambda r: r["p99_us"], 1),
    ("cpu", "CPU s per million", lambda r: r["server_cpu_seconds"] * 1e6 / r["replies"], 3),
    ("user", "  user", lambda r: r["server_user_seconds"] * 1e6 / r["replies"], 3),
    ("system", "  system", lambda r: r["server_system_seconds"] * 1e6 / r["replies"], 3),
    ("load", "busy share of the load", lambda r: r["load_cpu_seconds"] / r["seconds"], 2),
]
READERS = {key: read for key, _, read, _ in METRICS}


def measure_case(args, server, case, seed, verify):
    options = case.data.options() if case.data else {"keys": args.keys, "value_bytes": args.value_bytes}
    result = run_load(
        args.load,
        server,
        args.load_cpus,
        command=case.command,
        pipeline=case.pipeline,
        connections=args.connections,
        seed=seed,
        warmup_seconds=0.3,
        seconds=args.seconds,
        verify=verify,
        **options,
    )
    require_clean(result, f"{server.name}, {case.title}")
    return result


def measure_floor(args, case, seed):
    value_bytes = args.value_bytes if case.command == "get" else 0
    with NullResponder(args.null, args.server_cpus, request_bytes(case.command, args.value_bytes), value_bytes) as server:
        return measure_case(args, server, case, seed, "shape")


def fill_for(args, server, cases):
    """What the cases run over. Returns the RSS per string key, or None if no case wants strings."""
    per_key = None
    if any(case.data is None for case in cases):
        before = server.settled_rss()
        fill(args.load, server, args.load_cpus, args.keys, args.value_bytes)
        per_key = (server.settled_rss() - before) / args.keys
    for data in dict.fromkeys(case.data for case in cases if case.data):
        fill_containers(args.load, server, args.load_cpus, data)
    return per_key


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
                per_key = fill_for(args, server, cases)
                if per_key is not None:
                    memory.setdefault(server.name, []).append(per_key)
                server.pause()
            for case in cases:
                for server in servers if round_number % 2 == 0 else reversed(servers):
                    server.resume()
                    results[case].setdefault(server.name, []).append(measure_case(args, server, case, seed, "bytes"))
                    server.pause()
                if args.floor and case.command in ("get", "set"):
                    results[case].setdefault("floor", []).append(measure_floor(args, case, seed))
        print(f"round {round_number + 1} of {args.runs} done (seed {seed})", flush=True)
    names = (first.name, second.name)
    met = [print_case(case, results[case], names) for case in cases]
    if len(cases) > 1:
        print_summary(cases, results, names)
    if memory:
        rows = [[name, spread(memory[name], 1)] for name in names]
        rows.append(["ratio", spread(ratios(memory[names[0]], memory[names[1]]))])
        print_table("RSS per key after the fill, bytes", ["", "median (min..max)"], rows)
    return all(met), {
        "cases": {case.title: results[case] for case in cases},
        "rss_bytes_per_key": memory,
    }


def values_of(results, name, metric):
    return [READERS[metric](result) for result in results[name]]


def print_case(case, by_server, names):
    first, second = names
    others = [name for name in by_server if name not in names]
    rows = []
    all_met = True
    for key, label, _, digits in METRICS:
        values = {name: values_of(by_server, name, key) for name in by_server}
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


def print_summary(cases, results, names):
    """One line a case: CPU per request of both, their ratio, and the goals."""
    first, second = names
    rows = []
    for case in cases:
        cpu = {name: values_of(results[case], name, "cpu") for name in names}
        row = [case.title, spread(cpu[first], 3), spread(cpu[second], 3), spread(ratios(cpu[first], cpu[second]), 3)]
        judged = []
        for goal in case.goals:
            ratio = ratios(*(values_of(results[case], name, goal[0]) for name in names))
            judged.append(f"{goal[0]} {judge(goal, ratio)}")
        rows.append(row + [", ".join(judged)])
    print_table("CPU s per million requests", ["", first, second, f"{first} : {second}", "goal"], rows)


def judge(goal, ratio):
    _, sign, bound = goal
    # A run too short for the process clock to tick has no ratio.
    if not ratio:
        return f"{sign} {bound} not measured"
    met = median(ratio) <= bound if sign == "<=" else median(ratio) >= bound
    return f"{sign} {bound} {verdict(met)}"
