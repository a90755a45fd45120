"""What bench/tier measures of one server: how fast cold values come, how memory is kept while filling, what is written.

Each function takes a Setting and gives a list of Row. A server is made by `setting.server(engine, **directives)`.
"""

import contextlib
import json
import subprocess
import threading
import time
from dataclasses import dataclass
from statistics import median
from typing import Callable

from harness.load import Load, fill, require_clean, run_load
from harness.rows import Row

CONNECTIONS = 50
BATCH = 100
KEY_FORMAT = "key:%012d"


@dataclass
class Setting:
    """The machine and the sizes: `ram_bytes` is maxmemory; data sets are multiples of it; `device` is a device.Device."""

    make_server: Callable
    load: str
    lru: str
    load_cpus: str
    device: object
    ram_bytes: int
    times_ram: float
    rounds: int
    seconds: float
    seed: int

    def server(self, engine, **directives):
        return self.make_server(engine, {name.replace("_", "-"): str(value) for name, value in directives.items()})

    def cold(self, engine, **directives):
        return self.server(engine, maxmemory=self.ram_bytes, **directives)

    def keys(self, value_bytes, times_ram=None):
        return int((times_ram or self.times_ram) * self.ram_bytes / value_bytes)

    def run(self, server, **options):
        result = run_load(self.load, server, self.load_cpus, **{"seed": self.seed, **options})
        require_clean(result, server.name)
        return result

    def exact_lru(self, keys, capacity, set_percent, warmup, requests):
        """The hit rate of an exact LRU of `capacity` values for the requests of Zipf's case."""
        words = [self.lru, *map(str, (keys, capacity, self.seed, set_percent, warmup, requests))]
        return json.loads(subprocess.run(words, capture_output=True, check=True).stdout)["hit_rate"]


def cpu_us(result):
    return 1e6 * result["server_cpu_seconds"] / max(1, result["replies"])


def change(before, after, name):
    return after[name] - before[name]


def wait_until_written(server, deadline_seconds=60):
    """Until no write is under way: what was to be spilled has been."""
    deadline = time.monotonic() + deadline_seconds
    quiet = 0
    while quiet < 3 and time.monotonic() < deadline:
        quiet = quiet + 1 if server.tier_field("tier_writes_in_flight") == 0 else 0
        time.sleep(0.1)


# --- reads


def all_in_ram(setting, value_bytes):
    """A server like the others whose values are all in RAM, to be entered, and how to measure it: CPU of a GET, microseconds."""
    keys = setting.keys(value_bytes)
    options = dict(command="get", connections=CONNECTIONS, keys=keys, value_bytes=value_bytes, seconds=setting.seconds)
    return setting.server("valuelog", maxmemory="0"), lambda server: cpu_us(setting.run(server, warmup_seconds=1, **options))


def measured(setting, server, **options):
    """The load's result and the cold reads and device reads a second that it caused."""
    before = server.tier()
    result = setting.run(server, seconds=setting.seconds, **options)
    after = server.tier()
    seconds = result["seconds"]
    return result, change(before, after, "tier_reads") / seconds, change(before, after, "tier_device_reads") / seconds


@dataclass
class DeviceRound:
    """What fio measured within one round."""

    many_rate: float  # reads a second, CONNECTIONS at once
    batch_rate: float  # BATCH at once
    batch_us: float  # BATCH that are started together, until the last has come


def device_round(device):
    return DeviceRound(device.read_rate(CONNECTIONS), device.read_rate(BATCH), device.batch_us(BATCH))


def reads(setting, engines):
    """The device, GETs from RAM and cold GETs take turns, and ratios are those of one round: machines drift."""
    rows = []
    with setting.device as device:
        rows.append(Row("device: 4 KiB reads/s, 1 at once", "fio", device.read_rate(1), "/s"))
        for value_bytes in (512, 4096):
            rows += reads_of(setting, engines, value_bytes)
    return rows


def reads_of(setting, engines, value_bytes):
    keys = setting.keys(value_bytes)
    common = dict(command="get", keys=keys, value_bytes=value_bytes)
    ram_server, ram_cpu_of = all_in_ram(setting, value_bytes)
    with contextlib.ExitStack() as stack:
        ram_server = stack.enter_context(ram_server)
        cold = {engine: stack.enter_context(setting.cold(engine)) for engine in engines}
        for server in (ram_server, *cold.values()):
            fill(setting.load, server, setting.load_cpus, keys, value_bytes)
        for server in cold.values():
            wait_until_written(server)
            setting.run(server, connections=CONNECTIONS, seconds=2, **common)
        rounds = [reads_round(setting, ram_server, ram_cpu_of, cold, common) for _ in range(setting.rounds)]
    rows = device_rows([one["device"] for one in rounds])
    rows.append(Row(f"GET of {value_bytes} bytes from RAM: CPU", "RAM", median(cpu for one in rounds for cpu in one["ram"]), "us"))
    for engine in engines:
        rows += cold_rows(engine, value_bytes, rounds, goals=engine == "valuelog")
    return rows


def reads_round(setting, ram_server, ram_cpu_of, cold, common):
    one = {"device": device_round(setting.device), "ram": []}
    one["ram"].append(ram_cpu_of(ram_server))
    for engine, server in cold.items():
        many = measured(setting, server, connections=CONNECTIONS, **common)
        one["ram"].append(ram_cpu_of(ram_server))
        one[engine] = {
            "many": many,
            "ram": (one["ram"][-2] + one["ram"][-1]) / 2,
            "piped": measured(setting, server, connections=1, pipeline=BATCH, **common),
            "gathered": measured(setting, server, connections=1, **dict(common, command="mget", keys_per_request=BATCH)),
        }
    return one


def device_rows(rounds):
    best = lambda name: max(getattr(one, name) for one in rounds)  # noqa: E731
    return [
        Row(f"device: 4 KiB reads/s, {CONNECTIONS} at once", "fio", best("many_rate"), "/s"),
        Row(f"device: 4 KiB reads/s, {BATCH} at once", "fio", best("batch_rate"), "/s"),
        Row(f"device: {BATCH} 4 KiB reads at once", "fio", min(one.batch_us for one in rounds), "us"),
    ]


def cold_rows(engine, value_bytes, rounds, goals):
    """Of one engine, against the device and GETs from RAM in the same round."""
    name = f"cold GET of {value_bytes} bytes"
    goal = lambda text: text if goals else ""  # noqa: E731
    met = lambda holds: holds if goals else None  # noqa: E731

    def over_rounds(figure):
        return median(figure(one[engine], one["device"]) for one in rounds)

    rate = over_rounds(lambda cold, device: cold["many"][1] / device.many_rate)
    ratio = over_rounds(lambda cold, device: cpu_us(cold["many"][0]) / cold["ram"])
    busy = over_rounds(lambda cold, device: cold["many"][0]["server_cpu_seconds"] / cold["many"][0]["seconds"])
    exact = over_rounds(lambda cold, device: cold["many"][2] / max(1, cold["many"][1]))
    fast_enough = rate >= 0.85 or (busy >= 0.9 and ratio <= 1.6)
    piped = over_rounds(lambda cold, device: cold["piped"][1] / device.batch_rate)
    gathered = over_rounds(lambda cold, device: cold["gathered"][0]["p50_us"] / device.batch_us)
    rows = [
        Row(f"{name}: of the device's rate", engine, rate, "x", goal(">= 0.85, or the next"), met(fast_enough)),
        Row(f"{name}: CPU, of a GET from RAM", engine, ratio, "x", goal("<= 1.6"), met(fast_enough)),
        Row(f"{name}, {CONNECTIONS} connections", engine, over_rounds(lambda cold, device: cold["many"][1]), "/s"),
        Row(f"{name}: CPU", engine, over_rounds(lambda cold, device: cpu_us(cold["many"][0])), "us"),
        Row(f"{name}: share of a core that is busy", engine, busy, ""),
    ]
    if engine == "valuelog":
        rows.append(Row(f"{name}: device reads", engine, exact, "", goal("= 1"), met(abs(exact - 1) < 0.005)))
    rows += [
        Row(f"{name}, a pipeline of {BATCH}: of the device's rate", engine, piped, "x", goal(">= 0.6"), met(piped >= 0.6)),
        Row(f"MGET of {BATCH} cold values of {value_bytes} bytes: time, of the device's", engine, gathered, "x", goal("<= 1.5"), met(gathered <= 1.5)),
    ]
    return rows


# --- hit rate


def zipf(setting, engines):
    return [row for value_bytes in (512, 1024) for row in zipf_of(setting, engines, value_bytes)]


def zipf_of(setting, engines, value_bytes):
    name = f"Zipf 0.99, {value_bytes} bytes"
    keys = setting.keys(value_bytes)
    ram_server, ram_cpu_of = all_in_ram(setting, value_bytes)
    warmup, requests = 2 * keys, keys
    rows, costs = [], {}
    for engine in engines:
        with ram_server, setting.cold(engine) as server:
            for each in (ram_server, server):
                fill(setting.load, each, setting.load_cpus, keys, value_bytes)
            options = dict(command="mixed", set_percent=5, order="zipf", connections=CONNECTIONS, keys=keys, value_bytes=value_bytes)
            setting.run(server, requests=warmup, **options)
            ram_before = ram_cpu_of(ram_server)
            before = server.tier()
            result = setting.run(server, requests=requests, **{**options, "seed": setting.seed + 1})
            after = server.tier()
            ram_cpu = (ram_before + ram_cpu_of(ram_server)) / 2
        capacity = after["tier_clean_keys"] + after["tier_resident_keys"]
        gets = 0.95 * requests
        cold = change(before, after, "tier_reads") + change(before, after, "tier_shared_reads")
        hit_rate = 1 - cold / gets
        exact = setting.exact_lru(keys, capacity, 5, warmup, requests)
        behind = 100 * (exact - hit_rate)
        costs[engine] = (cpu_us(result) - ram_cpu) / (cold / requests)
        goals = engine == "valuelog"
        rows += [
            Row(f"{name}: values in RAM", engine, capacity, ""),
            Row(f"{name}, 95% GET: hit rate of RAM", engine, 100 * hit_rate, "%"),
            Row(f"{name}: points behind an exact LRU", engine, behind, "", "<= 3" if goals else "", behind <= 3 if goals else None),
            Row(f"{name}: CPU of a cold read above a GET from RAM", engine, costs[engine], "us"),
        ]
    if {"valuelog", "rocksdb"} <= set(costs):
        share = costs["valuelog"] / costs["rocksdb"]
        rows.append(Row(f"{name}: that CPU, of what it is with rocksdb", "valuelog", share, "x", "<= 0.33", share <= 0.334))
    return rows


# --- a hot client beside a cold one


def hot(setting, engines, value_bytes=1024, hot_keys=1000):
    keys = setting.keys(value_bytes)
    rows = []
    for engine in engines:
        with setting.cold(engine) as server:
            fill(setting.load, server, setting.load_cpus, keys, value_bytes)
            wait_until_written(server)
            options = dict(command="get", connections=1, keys=hot_keys, value_bytes=value_bytes)
            ratios = []
            setting.run(server, seconds=2, **options)
            for _ in range(setting.rounds):
                alone = setting.run(server, seconds=setting.seconds, **options)
                sweeper = Load(setting.load, server, setting.load_cpus, command="get", order="shuffled", connections=1, keys=keys,
                               value_bytes=value_bytes, seed=setting.seed)
                time.sleep(0.5)
                beside = setting.run(server, seconds=setting.seconds, **options)
                require_clean(sweeper.stop(), "sweep")
                ratios.append(beside["p99_us"] / alone["p99_us"])
        ratio = median(ratios)
        goals = engine == "valuelog"
        rows.append(Row("hot GET beside a sweep of cold keys: p99, of p99 alone", engine, ratio, "x", "<= 1.3" if goals else "", ratio <= 1.3 if goals else None))
    return rows


# --- filling


class RssWatch:
    """Samples a process's resident memory until it is left."""

    def __init__(self, server, every_seconds=0.02):
        self.server = server
        self.every_seconds = every_seconds
        self.most = 0

    def __enter__(self):
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def watch(self):
        while not self.over.wait(self.every_seconds):
            self.most = max(self.most, self.server.status_bytes("VmRSS"))


def filling(setting, engines, value_bytes=1024, times_ram=5):
    keys = setting.keys(value_bytes, times_ram)
    bound = 1.05 * setting.ram_bytes + (32 << 20)
    rows = []
    for engine in engines:
        with setting.cold(engine) as server:
            with RssWatch(server) as watch:
                result = run_load(setting.load, server, setting.load_cpus, command="set", order="sequential", connections=CONNECTIONS,
                                  keys=keys, value_bytes=value_bytes, requests=keys, seed=setting.seed)
            wait_until_written(server)
            tier = server.tier()
        goals = engine == "valuelog"
        longest = result["max_us"] / 1000
        written = tier["tier_host_bytes_written"] / tier["tier_spilled_bytes"]
        rows += [
            Row(f"filling to {times_ram} x RAM: requests/s", engine, result["ops_per_second"], "/s"),
            Row(f"filling to {times_ram} x RAM: longest reply", engine, longest, "ms", "<= 50" if goals else "", longest <= 50 if goals else None),
            Row(f"filling to {times_ram} x RAM: RSS, of 1.05 x maxmemory + 32 MB", engine, watch.most / bound, "x", "<= 1" if goals else "", watch.most <= bound if goals else None),
            Row(f"filling to {times_ram} x RAM: refused", engine, result["errors"], "", "= 0" if goals else "", result["errors"] == 0 if goals else None),
            Row("bytes written, of the bytes spilled: filling", engine, written, "x", "<= 1.1" if goals else "", written <= 1.1 if goals else None),
        ]
    return rows


# --- what is written


def writing(setting, engines, value_bytes=1024, times_ram=5):
    rows = []
    for engine in engines:
        # RocksDB needs more room than that beside what lives, and refuses writes.
        for live, most in ((0.60, 1.6), (0.75, 2.3)) if engine == "valuelog" else ():
            rows.append(overwriting(setting, engine, value_bytes, times_ram, live, most))
        rows += reading_and_deleting(setting, engine, value_bytes, times_ram)
    return rows


def overwriting(setting, engine, value_bytes, times_ram, live, most):
    keys = setting.keys(value_bytes, times_ram)
    with setting.cold(engine, tier_max_size=int(keys * value_bytes / live)) as server:
        fill(setting.load, server, setting.load_cpus, keys, value_bytes)
        options = dict(command="set", connections=CONNECTIONS, pipeline=4, keys=keys, value_bytes=value_bytes)
        setting.run(server, requests=2 * keys, **options)
        before = server.tier()
        setting.run(server, requests=2 * keys, **options)
        after = server.tier()
    written = change(before, after, "tier_host_bytes_written") / change(before, after, "tier_spilled_bytes")
    goals = engine == "valuelog"
    what = f"bytes written, of the bytes spilled: overwriting, {100 * live:.0f} percent live"
    return Row(what, engine, written, "x", f"<= {most}" if goals else "", written <= most if goals else None)


def reading_and_deleting(setting, engine, value_bytes, times_ram):
    keys = setting.keys(value_bytes, times_ram)
    goals = engine == "valuelog"
    with setting.cold(engine) as server:
        fill(setting.load, server, setting.load_cpus, keys, value_bytes)
        options = dict(command="get", order="shuffled", connections=CONNECTIONS, keys=keys, value_bytes=value_bytes, requests=keys)
        spill_all(server, keys)
        wait_until_written(server)
        before = server.tier()
        setting.run(server, **options)
        wait_until_written(server)
        after = server.tier()
        again = change(before, after, "tier_host_bytes_written")
        seconds, share = space_back(server, keys, after["tier_disk_bytes"])
    return [
        Row("bytes written by evicting unchanged values again", engine, again, "", "= 0" if goals else "", again == 0 if goals else None),
        Row("space on flash a minute at most after deleting half", engine, share, "x", "<= 0.6" if goals else "", share <= 0.6 if goals else None),
        Row("time until then", engine, seconds, "s", "<= 60" if goals else "", seconds <= 60 if goals else None),
    ]


def in_pipelines(server, keys, step, add):
    """Calls `add(pipeline, indexes)` for a hundred keys at a time, of every `step`th key."""
    with server.client() as client:
        for first in range(0, keys, 20_000):
            pipe = client.pipeline(transaction=False)
            for index in range(first, min(first + 20_000, keys), 100 * step):
                add(pipe, range(index, min(index + 100 * step, keys), step))
            pipe.execute()


def spill_all(server, keys):
    """Every value has been on flash then."""
    in_pipelines(server, keys, 1, lambda pipe, indexes: pipe.execute_command("TIER", "SPILL", *(KEY_FORMAT % i for i in indexes)))


def space_back(server, keys, disk_before, wanted=0.6, deadline_seconds=60):
    """Deletes every second key; the seconds until the files are at most `wanted` of what they were, and what they are then."""
    in_pipelines(server, keys, 2, lambda pipe, indexes: pipe.unlink(*(KEY_FORMAT % i for i in indexes)))
    started = time.monotonic()
    while True:
        seconds = time.monotonic() - started
        share = server.tier_field("tier_disk_bytes") / disk_before
        if share <= wanted or seconds > deadline_seconds:
            return seconds, share
        time.sleep(0.2)


CASES = {"reads": reads, "zipf": zipf, "hot": hot, "filling": filling, "writing": writing}
