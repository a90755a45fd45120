"""What a key costs in RAM: with its value in RAM for both servers, and with its value on flash for Tidemark."""

import time

from harness.load import fill
from harness.report import megabytes, print_table, verdict
from harness.server import TIER_COLD_KEYS_FIELD

MEMORY_KEYS = 5_000_000
MEMORY_VALUE_BYTES = 32
MEMORY_GOAL_BYTES_PER_KEY = 80

COLD_GOAL_BYTES_PER_KEY = 48
COLD_SETTLE_SECONDS = 120


def measure_resident(args, factories):
    """RSS per key of keys and values in RAM, for each server in turn."""
    keys = args.keys or MEMORY_KEYS
    value_bytes = args.value_bytes or MEMORY_VALUE_BYTES
    rows, per_key = [], {}
    for factory in factories:
        with factory() as server:
            before = server.settled_rss()
            fill(args.load, server, args.load_cpus, keys, value_bytes)
            after = server.settled_rss()
            with server.client() as client:
                count = client.dbsize()
                used = client.info("memory")["used_memory"]
            per_key[server.name] = (after - before) / count
            rows.append([server.name, count, megabytes(before), megabytes(after), megabytes(used), f"{per_key[server.name]:.1f}"])
    title = f"{keys} keys of 16 bytes with {value_bytes}-byte values"
    print_table(title, ["", "keys", "RSS at start", "RSS filled", "used_memory", "RSS bytes per key"], rows)
    names = list(per_key)
    print(f"  ratio {names[0]} : {names[-1]} = {per_key[names[0]] / per_key[names[-1]]:.3f}")
    met = per_key[names[0]] <= MEMORY_GOAL_BYTES_PER_KEY
    print(f"  goal: {names[0]} at most {MEMORY_GOAL_BYTES_PER_KEY} bytes per key: {verdict(met)}")
    return met, {"rss_bytes_per_key": per_key}


def wait_until_cold(server):
    """Waits until no further value goes to flash; returns how many are there."""
    deadline = time.monotonic() + COLD_SETTLE_SECONDS
    cold, unchanged_since = -1, time.monotonic()
    while time.monotonic() < deadline and time.monotonic() - unchanged_since < 5:
        now_cold = int(server.tier_field(TIER_COLD_KEYS_FIELD))
        if now_cold != cold:
            cold, unchanged_since = now_cold, time.monotonic()
        with server.client() as client:
            if cold == client.dbsize():
                break
        time.sleep(0.2)
    return cold


def measure_cold(args, make_server):
    """The slope of RSS over the number of cold keys, from two loads, one twice the other: what is fixed cancels.

    After a load `maxmemory` is lowered below what the keys alone need, so that every value that can go to flash goes.
    """
    base_keys = args.keys or 1_000_000
    value_bytes = args.value_bytes or 1024
    points, rows = [], []
    for keys in (base_keys, 2 * base_keys):
        with make_server() as server:
            fill(args.load, server, args.load_cpus, keys, value_bytes)
            with server.client() as client:
                client.config_set("maxmemory", "1mb")
                cold = wait_until_cold(server)
                client.execute_command("MEMORY", "PURGE")
            rss = server.settled_rss()
            points.append((cold, rss))
            rows.append([keys, cold, keys - cold, megabytes(rss), megabytes(server.status_bytes("VmHWM"))])
    print_table(
        f"cold keys of 16 bytes with {value_bytes}-byte values, loaded under maxmemory {args.maxmemory}",
        ["keys", "cold", "not cold", "RSS", "RSS at most"],
        rows,
    )
    (cold_1, rss_1), (cold_2, rss_2) = points
    slope = (rss_2 - rss_1) / max(1, cold_2 - cold_1)
    met = slope <= COLD_GOAL_BYTES_PER_KEY
    print(f"  RSS per further cold key: {slope:.1f} bytes; goal at most {COLD_GOAL_BYTES_PER_KEY}: {verdict(met)}")
    return met, {"points": points, "rss_bytes_per_cold_key": slope}
