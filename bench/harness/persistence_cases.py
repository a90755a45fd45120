"""What bench/persistence measures: rewriting, restarting, saving and loading, appending, and what clients notice of it.

Each function takes a Setting and gives a list of Row. Servers take turns: when one is measured no other one runs.
"""

import os
import time
from dataclasses import dataclass
from statistics import median
from typing import Callable

from harness.cases import BIG_SET, BIG_STREAM, BIG_ZSET, LISTS, SMALL_HASHES, replace_field
from harness.load import Load, fill, fill_containers, require_clean, run_load
from harness.rows import Row, at_most
from harness.tier_cases import cpu_us, spill_all, wait_until_written

OURS, THEIRS, RATIO = "tidemark", "redis-server", "ratio"
CONNECTIONS = 50
BYTES_PER_COLD_KEY = 80
DEADLINE_SECONDS = 600
POLL_SECONDS = 0.02


@dataclass
class Setting:
    """The sizes: `ram_bytes` is maxmemory where most is on flash, `keys` and `restart_ram_bytes` are of the restart; `scale`
    is the share of the data that the other cases have in RAM."""

    make_server: Callable
    load: str
    load_cpus: str
    ram_bytes: int
    times_ram: float
    keys: int
    restart_ram_bytes: int
    verify_percent: float
    scale: float
    rounds: int
    seconds: float
    seed: int

    def server(self, name, **directives):
        return self.make_server(name, {key.replace("_", "-"): str(value) for key, value in directives.items()})

    def tiered(self, ram_bytes, **directives):
        """A server with a flash tier, whose log is turned on when the data is there, so that filling does not make it long."""
        return self.server(OURS, tier_enabled="yes", tier_dir="{dir}/tier", maxmemory=ram_bytes, maxmemory_policy="noeviction",
                           auto_aof_rewrite_percentage=0, **directives)

    def fill(self, server, keys, value_bytes):
        fill(self.load, server, self.load_cpus, keys, value_bytes)

    def run(self, server, **options):
        result = run_load(self.load, server, self.load_cpus, **{"seed": self.seed, **options})
        require_clean(result, server.name)
        return result

    def in_turns(self, round_number):
        """The servers' names, in another order in every other round."""
        return (OURS, THEIRS) if round_number % 2 == 0 else (THEIRS, OURS)


def compared(what, figures, unit, most=None):
    """Rows for both servers' medians and the median of the ratios, round by round. `figures` is {server: [one a round]}."""
    ratio = median(ours / theirs for ours, theirs in zip(figures[OURS], figures[THEIRS]) if theirs)
    return [
        Row(what, OURS, median(figures[OURS]), unit),
        Row(what, THEIRS, median(figures[THEIRS]), unit),
        Row(what, RATIO, ratio, "x") if most is None else at_most(what, RATIO, ratio, "x", most),
    ]


def both():
    return {OURS: [], THEIRS: []}


# --- children


def wait_for_child(server, field):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while server.info("persistence")[field]:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{server.name}: {field} has been 1 for {DEADLINE_SECONDS} s")
        time.sleep(POLL_SECONDS)


def in_child(server, command):
    """Runs BGSAVE or BGREWRITEAOF to its end: the seconds it took, and the child's CPU seconds."""
    field, outcome = {
        "BGSAVE": ("rdb_bgsave_in_progress", "rdb_last_bgsave_status"),
        "BGREWRITEAOF": ("aof_rewrite_in_progress", "aof_last_bgrewrite_status"),
    }[command]
    cpu = server.children_cpu_seconds()
    started = time.monotonic()
    with server.client() as client:
        client.execute_command(command)
    wait_for_child(server, field)
    seconds = time.monotonic() - started
    if server.info("persistence")[outcome] != "ok":
        raise RuntimeError(f"{server.name}: {command} failed")
    return seconds, server.children_cpu_seconds() - cpu


def turn_log_on(server):
    with server.client() as client:
        client.config_set("appendonly", "yes")
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not server.info("persistence").get("aof_base_size"):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{server.name}: no base file after {DEADLINE_SECONDS} s")
        time.sleep(POLL_SECONDS)
    wait_for_child(server, "aof_rewrite_in_progress")


def base_file_bytes(server):
    folder = os.path.join(server.directory, "appendonlydir")
    bases = [os.path.join(folder, name) for name in os.listdir(folder) if ".base." in name]
    return max(map(os.path.getsize, bases))


# --- rewriting


def rewrite(setting, value_bytes=1024):
    keys = int(setting.times_ram * setting.ram_bytes / value_bytes)
    rows = []
    for form, directive in (("a checkpoint", "yes"), ("a copy", "no")):
        shares, written, seconds, cpu = [], [], [], []
        with setting.tiered(setting.ram_bytes, tier_checkpoint=directive) as server:
            setting.fill(server, keys, value_bytes)
            wait_until_written(server)
            turn_log_on(server)
            for _ in range(setting.rounds):
                before = server.written_bytes()
                took, child = in_child(server, "BGREWRITEAOF")
                base = base_file_bytes(server)
                bound = server.info("memory")["used_memory"] + BYTES_PER_COLD_KEY * server.tier()["tier_cold_keys"]
                shares.append(base / bound)
                written.append(server.written_bytes() - before)
                seconds.append(took)
                cpu.append(child)
        what = f"rewriting to {form}, {setting.times_ram:g} x RAM on flash"
        share = f"{what}: base file, of used_memory + {BYTES_PER_COLD_KEY} bytes a cold key"
        rows += [
            at_most(share, OURS, median(shares), "x", 1) if form == "a checkpoint" else Row(share, OURS, median(shares), "x"),
            Row(f"{what}: bytes written meanwhile, of all values", OURS, median(written) / (keys * value_bytes), "x"),
            Row(f"{what}: time", OURS, median(seconds), "s"),
            Row(f"{what}: CPU of the child", OURS, median(cpu), "s"),
        ]
    return rows


# --- restarting


def verify(setting, server, keys, value_bytes):
    """Compares every value, or the share that is asked for, byte by byte."""
    requests = max(1, int(keys * setting.verify_percent / 100))
    setting.run(server, command="get", order="shuffled", connections=16, pipeline=64, keys=keys, value_bytes=value_bytes,
                requests=requests)
    with server.client() as client:
        if client.dbsize() != keys:
            raise RuntimeError(f"{server.name}: {client.dbsize()} keys of {keys} after the restart")


def restarts(setting, server, value_bytes):
    """Kills and starts the server round by round: the seconds until it is ready, its CPU seconds until then, and the most that
    was resident."""
    seconds, cpu, resident = [], [], []
    for _ in range(setting.rounds):
        server.kill()
        seconds.append(server.start(DEADLINE_SECONDS))
        cpu.append(server.cpu_seconds())
        resident.append(server.status_bytes("VmHWM"))
    verify(setting, server, setting.keys, value_bytes)
    return seconds, cpu, resident


def restart(setting, value_bytes=1024):
    bound = 1.05 * setting.restart_ram_bytes + (32 << 20)
    cold, mixed = "all values on flash", "RAM full"
    seconds, cpu, resident = {}, {}, {}
    for state in (mixed, cold):
        with setting.tiered(setting.restart_ram_bytes, tier_checkpoint="yes") as server:
            setting.fill(server, setting.keys, value_bytes)
            if state == cold:
                spill_all(server, setting.keys)
            wait_until_written(server)
            turn_log_on(server)
            server.directives["appendonly"] = "yes"
            seconds[state], cpu[state], resident[state] = restarts(setting, server, value_bytes)
    with setting.server(THEIRS) as server:
        setting.fill(server, setting.keys, value_bytes)
        with server.client() as client:
            client.save()
        seconds[THEIRS], cpu[THEIRS], _ = restarts(setting, server, value_bytes)
    rows = []
    for state in (cold, mixed):
        what = f"restart, {setting.keys} values of {value_bytes} bytes, {state}"
        rows += compared(f"{what}: time", {OURS: seconds[state], THEIRS: seconds[THEIRS]}, "s", 0.2 if state == cold else None)
        rows += compared(f"{what}: CPU", {OURS: cpu[state], THEIRS: cpu[THEIRS]}, "s")
        rows.append(at_most(f"{what}: RSS, of 1.05 x maxmemory + 32 MB", OURS, max(resident[state]) / bound, "x", 1))
    return rows


# --- saving and loading


def strings(setting, server):
    setting.fill(server, int(1_000_000 * setting.scale), 100)


def mix(setting, server):
    setting.fill(server, int(200_000 * setting.scale), 100)
    big = [replace_field(data, "members", 500_000) for data in (BIG_SET, BIG_ZSET)]
    for data in [SMALL_HASHES, LISTS, BIG_STREAM, *big]:
        fill_containers(setting.load, server, setting.load_cpus, data.scaled(setting.scale))


SNAPSHOT_DATA = {"strings of 100 bytes": strings, "a mix of types": mix}


def snapshots(setting):
    rows = []
    for name, fill_with in SNAPSHOT_DATA.items():
        saving, wall, loading, ready = both(), both(), both(), both()
        for round_number in range(setting.rounds):
            for who in setting.in_turns(round_number):
                with setting.server(who) as server:
                    idle = server.cpu_seconds()
                    fill_with(setting, server)
                    took, cpu = in_child(server, "BGSAVE")
                    server.kill()
                    ready[who].append(server.start(DEADLINE_SECONDS))
                    loading[who].append(server.cpu_seconds() - idle)
                    saving[who].append(cpu)
                    wall[who].append(took)
        rows += compared(f"BGSAVE, {name}: CPU of the child", saving, "s", 1)
        rows += compared(f"BGSAVE, {name}: time (steps of 0.1 s)", wall, "s")
        rows += compared(f"loading at start, {name}: CPU", loading, "s", 1)
        rows += compared(f"loading at start, {name}: time", ready, "s")
    return rows


# --- appending


def appending(setting, value_bytes=64):
    keys = int(1_000_000 * setting.scale)
    kinds = ("no", "everysec", "always")
    cpu = {kind: both() for kind in kinds}
    piped = {kind: both() for kind in kinds}
    rate = {kind: both() for kind in kinds}
    for round_number in range(setting.rounds):
        for who in setting.in_turns(round_number):
            for kind in kinds if round_number % 2 == 0 else kinds[::-1]:
                log = {} if kind == "no" else {"appendonly": "yes", "appendfsync": kind, "auto_aof_rewrite_percentage": 0}
                with setting.server(who, **log) as server:
                    setting.fill(server, keys, value_bytes)
                    options = dict(command="set", connections=CONNECTIONS, keys=keys, value_bytes=value_bytes,
                                   seconds=setting.seconds, warmup_seconds=0.3, seed=setting.seed + round_number)
                    one = setting.run(server, **options)
                    many = setting.run(server, pipeline=16, **options)
                cpu[kind][who].append(cpu_us(one))
                piped[kind][who].append(cpu_us(many))
                rate[kind][who].append(one["ops_per_second"])

    def dearer(costs, who):
        return median(with_log / without for with_log, without in zip(costs["everysec"][who], costs["no"][who]))

    rows = []
    for what, costs in (("SET one by one", cpu), ("SET, pipelines of 16", piped)):
        for kind in kinds:
            label = "without a log" if kind == "no" else f"appendfsync {kind}"
            rows += compared(f"{what}, {label}: CPU", costs[kind], "us")
        ratio = f"{what}: CPU with appendfsync everysec, of that without a log"
        rows.append(at_most(ratio, OURS, dearer(costs, OURS), "x", 1.15) if costs is cpu else Row(ratio, OURS, dearer(costs, OURS), "x"))
        rows.append(Row(ratio, THEIRS, dearer(costs, THEIRS), "x"))
    for kind in kinds:
        label = "without a log" if kind == "no" else f"appendfsync {kind}"
        rows += compared(f"SET one by one, {label}: requests/s", rate[kind], "/s")
    return rows


# --- what clients notice


def noticed(setting, server, command, reading, writing):
    """The load's result for one client that reads while a child is at work (`command`; None: for a while) and another one writes."""
    writer = Load(setting.load, server, setting.load_cpus, command="set", connections=1, seed=setting.seed, **writing)
    time.sleep(0.3)
    reader = Load(setting.load, server, setting.load_cpus, command="get", connections=1, seed=setting.seed + 1, **reading)
    time.sleep(0.3)
    if command is None:
        time.sleep(setting.seconds)
    else:
        in_child(server, command)
        time.sleep(0.1)
    result = reader.stop()
    require_clean(result, server.name)
    require_clean(writer.stop(), server.name)
    return result


TASKS = {None: "no child", "BGSAVE": "BGSAVE", "BGREWRITEAOF": "BGREWRITEAOF"}


def stalls(setting, value_bytes=1024):
    keys = int((1 << 20) * setting.scale)
    longest = {command: both() for command in TASKS}
    p999 = {command: both() for command in TASKS}
    for round_number in range(setting.rounds):
        for who in setting.in_turns(round_number):
            with setting.server(who, auto_aof_rewrite_percentage=0) as server:
                setting.fill(server, keys, value_bytes)
                turn_log_on(server)
                data = dict(keys=keys, value_bytes=value_bytes)
                for command in TASKS:
                    result = noticed(setting, server, command, data, data)
                    longest[command][who].append(result["max_us"] / 1000)
                    p999[command][who].append(result["p999_us"] / 1000)
    rows = []
    for command, name in TASKS.items():
        what = f"GET, {keys * value_bytes >> 20} MB in RAM, another client writes, {name}"
        rows += compared(f"{what}: longest reply", longest[command], "ms")
        rows += compared(f"{what}: p99.9", p999[command], "ms")
    return rows


def tier_stalls(setting, value_bytes=1024, hot_keys=1000):
    """The same with most values on flash: the reader's are in RAM, the writer overwrites any."""
    keys = int(setting.times_ram * setting.ram_bytes / value_bytes)
    rows = []
    for form, directive in (("", "no"), (", a checkpoint", "yes")):
        longest = {command: [] for command in TASKS}
        p999 = {command: [] for command in TASKS}
        with setting.tiered(setting.ram_bytes, tier_checkpoint=directive) as server:
            setting.fill(server, keys, value_bytes)
            wait_until_written(server)
            turn_log_on(server)
            commands = list(TASKS) if not form else ["BGREWRITEAOF"]
            setting.run(server, command="get", connections=1, keys=hot_keys, value_bytes=value_bytes, requests=20 * hot_keys)
            for _ in range(setting.rounds):
                for command in commands:
                    result = noticed(setting, server, command, dict(keys=hot_keys, value_bytes=value_bytes),
                                     dict(keys=keys, value_bytes=value_bytes))
                    longest[command].append(result["max_us"] / 1000)
                    p999[command].append(result["p999_us"] / 1000)
        for command in commands:
            what = f"hot GET, {setting.times_ram:g} x RAM on flash, another client writes, {TASKS[command]}{form}"
            rows.append(Row(f"{what}: longest reply", OURS, median(longest[command]), "ms"))
            rows.append(Row(f"{what}: p99.9", OURS, median(p999[command]), "ms"))
    return rows


CASES = {"rewrite": rewrite, "restart": restart, "snapshots": snapshots, "appending": appending, "stalls": stalls,
         "tier-stalls": tier_stalls}
