"""What a member of a container costs in RAM, next to redis-server's: one container with a million members, and a million
small ones."""

from dataclasses import dataclass

from harness.cases import Data
from harness.load import fill_containers
from harness.report import megabytes, print_table, verdict


@dataclass(frozen=True)
class MemoryCase:
    name: str
    title: str
    data: Data
    item: str
    # Containers are the items where there are many, else members.
    per_container: bool
    goal_bytes: float


def cases():
    return [
        MemoryCase(
            name="zset",
            title="one sorted set, members of 16 characters",
            data=Data("z", "zadd", keys=1, members=1_000_000),
            item="member",
            per_container=False,
            goal_bytes=65,
        ),
        MemoryCase(
            name="set",
            title="one set, members of 16 characters",
            data=Data("s", "sadd", keys=1, members=1_000_000),
            item="member",
            per_container=False,
            goal_bytes=44,
        ),
        MemoryCase(
            name="hashes",
            title="hashes of ten fields, 2 characters, with values of 10",
            data=Data("h", "hset", keys=1_000_000, members=10, member_bytes=2, value_bytes=10),
            item="hash",
            per_container=True,
            goal_bytes=245,
        ),
    ]


def measure_one(args, factory, case, data):
    with factory() as server:
        before = server.settled_rss()
        fill_containers(args.load, server, args.load_cpus, data)
        after = server.settled_rss()
        with server.client() as client:
            used = client.info("memory")["used_memory"]
        items = data.keys if case.per_container else data.members
        return server.name, items, before, after, used


def measure(args, factories):
    """RSS per item, for each case and each server in turn. The goals are for the first server."""
    all_met, results = True, {}
    chosen = [case for case in cases() if not args.only or case.name in args.only]
    if not chosen:
        raise RuntimeError(f"--only: there are {', '.join(case.name for case in cases())}")
    for case in chosen:
        data = case.data if args.scale == 1.0 else case.data.scaled(args.scale)
        rows, per_item = [], {}
        for factory in factories:
            name, items, before, after, used = measure_one(args, factory, case, data)
            per_item[name] = (after - before) / items
            rows.append([name, items, megabytes(before), megabytes(after), megabytes(used), f"{per_item[name]:.1f}"])
        header = ["", "items", "RSS at start", "RSS filled", "used_memory", f"RSS bytes per {case.item}"]
        print_table(case.title, header, rows)
        names = list(per_item)
        met = per_item[names[0]] <= case.goal_bytes
        all_met &= met
        print(f"  ratio {names[0]} : {names[-1]} = {per_item[names[0]] / per_item[names[-1]]:.3f}")
        print(f"  goal: {names[0]} at most {case.goal_bytes} bytes per {case.item}: {verdict(met)}", flush=True)
        results[case.name] = per_item
    return all_met, results
