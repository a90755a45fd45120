#!/usr/bin/python3
"""Writes payloads of DUMP, as a redis-server gives them, for value_codec_test.

    capture.py REDIS-SERVER >redis-7.0.15.txt

A line has the name of the case; `exact` if a server that holds the same value must give the same bytes, `size` if it may
give the elements in another order; and the payload in hexadecimal.
"""

import subprocess
import sys
import tempfile
import time

import redis

PORT = 17911
LONG = b"a value long enough that it does not fit into a packed list, " * 2


def fill(client):
    yield "string_empty", "exact", lambda k: client.set(k, b"")
    yield "string_int8", "exact", lambda k: client.set(k, b"-100")
    yield "string_int16", "exact", lambda k: client.set(k, b"30000")
    yield "string_int32", "exact", lambda k: client.set(k, b"-2147483648")
    yield "string_int64", "exact", lambda k: client.set(k, b"2147483648")
    yield "string_text", "exact", lambda k: client.set(k, b"some text\x00\xff")
    yield "string_lzf", "exact", lambda k: client.set(k, b"abcabcabd" * 40)
    yield "string_raw", "exact", lambda k: client.set(k, bytes(range(256)))
    yield "list_small", "exact", lambda k: client.rpush(k, b"a", b"12", b"", b"-70000", b"x" * 100)
    yield "list_nodes", "exact", lambda k: client.rpush(k, *[b"element:%d" % i for i in range(2000)])
    yield "list_plain", "exact", lambda k: client.rpush(k, b"first", b"p" * 9000, b"last")
    yield "set_intset16", "exact", lambda k: client.sadd(k, 1, 2, 3, -5, 30000)
    yield "set_intset32", "exact", lambda k: client.sadd(k, 1, -70000, 5)
    yield "set_intset64", "exact", lambda k: client.sadd(k, 1, 2**62, -(2**63))
    yield "set_strings", "size", lambda k: client.sadd(k, b"a", b"b", b"17", LONG)
    yield "zset_listpack", "exact", lambda k: client.zadd(
        k, {b"a": 1, b"b": 2.5, b"17": -3, b"c": float("inf"), b"d": 1e300, b"e": 0.1}
    )
    yield "zset_tree", "exact", lambda k: client.zadd(k, {b"member:%d" % i: i / 3 for i in range(300)})
    yield "zset_tree_long", "exact", lambda k: client.zadd(k, {LONG: float("-inf"), b"b": 0})
    yield "hash_listpack", "exact", lambda k: client.hset(k, mapping={b"f": b"v", b"1": b"2", b"n": b"-123456789012"})
    yield "hash_table", "size", lambda k: client.hset(k, mapping={b"f": LONG, b"1": b"2", b"g": b"h"})
    yield "stream_plain", "exact", lambda k: [client.xadd(k, {b"a": i, b"b": b"x" * i}, id=f"{i}-1") for i in range(1, 50)]
    yield "stream_nodes", "exact", lambda k: [client.xadd(k, {b"f%d" % (i % 3): i}, id=f"{i}-{i}") for i in range(1, 350)]
    yield "stream_deleted", "exact", lambda k: (
        [client.xadd(k, {b"a": i}, id=f"{i}-0") for i in range(1, 20)],
        client.xdel(k, "3-0", "19-0"),
        client.xtrim(k, maxlen=10, approximate=False),
    )
    yield "stream_empty", "exact", lambda k: (client.xadd(k, {b"a": b"b"}, id="5-5"), client.xdel(k, "5-5"))
    yield "stream_groups", "size", lambda k: (
        [client.xadd(k, {b"a": i}, id=f"{i}-0") for i in range(1, 20)],
        client.xgroup_create(k, "g1", "0"),
        client.xgroup_create(k, "g2", "$"),
        client.xreadgroup("g1", "alice", {k: ">"}, count=5),
        client.xreadgroup("g1", "bob", {k: ">"}, count=4),
        client.xack(k, "g1", "2-0"),
        client.execute_command("XGROUP", "CREATECONSUMER", k, "g2", "idle"),
    )


def main():
    with tempfile.TemporaryDirectory() as folder:
        arguments = [sys.argv[1], "--port", str(PORT), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        server = subprocess.Popen(arguments, stdout=subprocess.DEVNULL)
        try:
            client = redis.Redis(port=PORT)
            for _ in range(100):
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    time.sleep(0.05)
            for name, comparison, make in fill(client):
                make(name)
                print(name, comparison, client.dump(name).hex(), sep="\t")
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
