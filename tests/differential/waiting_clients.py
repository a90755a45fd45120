"""Blocking commands and transactions from several connections at once, played to two servers in the same order.

A step is one command of one client. After each the pair is settled: every client that is not waiting any more must have
its reply, on both sides alike. Nothing depends on time: timeouts are 0 (none) or so short that the step waits for them.
"""

import random
import re
from typing import Dict, List, Optional, Sequence, Tuple

from support.resp import Connection, Reply, encode_argument
from support.server import Server
from support.waiting import wait_until

from differential import rules

WAITER_COUNT = 5
KEYS = [b"k%d" % i for i in range(4)]
GROUPS = [b"g1", b"g2"]
MEMBERS = [b"a", b"b", b"\x00\xff", b"12", b"long member " * 8]
# Replies whose elements have no defined order.
UNORDERED = {b"SMEMBERS", b"HGETALL"}

Words = Tuple[bytes, ...]


class Scene:
    """The random choices of one run; both servers are given the same words."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.next_id = 1

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, choices: Sequence):
        return self.random.choice(choices)

    def key(self) -> bytes:
        return self.pick(KEYS)

    def keys(self) -> List[bytes]:
        return [self.key() for _ in range(self.random.randint(1, 3))]

    def timeout(self) -> bytes:
        if self.chance(0.06):
            return self.pick((b"-1", b"x", b"", b"nan", b"-0.5"))
        return self.pick((b"0", b"0", b"0", b"0.01"))

    def side(self) -> bytes:
        return self.pick((b"LEFT", b"RIGHT", b"left"))

    def blocking(self) -> Words:
        keys = self.keys()
        counted = [b"%d" % len(keys)] + keys
        name = self.pick(BLOCKING)
        if name in (b"BLPOP", b"BRPOP", b"BZPOPMIN", b"BZPOPMAX"):
            return (name, *keys, self.timeout())
        if name == b"BLMOVE":
            return (name, self.key(), self.key(), self.side(), self.side(), self.timeout())
        if name == b"BRPOPLPUSH":
            return (name, self.key(), self.key(), self.timeout())
        count = (b"COUNT", b"%d" % self.random.randint(1, 3)) if self.chance(0.4) else ()
        if name == b"BLMPOP":
            return (name, self.timeout(), *counted, self.side(), *count)
        if name == b"BZMPOP":
            return (name, self.timeout(), *counted, self.pick((b"MIN", b"MAX")), *count)
        block = self.pick((b"0", b"0", b"0", b"10", b"-1", b"1.5")) if self.chance(0.3) else b"0"
        if name == b"XREAD":
            ids = [self.pick((b"$", b"0", b"0-0", b"%d-1" % self.next_id)) for _ in keys]
            return (name, *count, b"BLOCK", block, b"STREAMS", *keys, *ids)
        ids = [b">" if self.chance(0.9) else b"0" for _ in keys]
        noack = (b"NOACK",) if self.chance(0.3) else ()
        group = (b"GROUP", self.pick(GROUPS), self.pick((b"alice", b"bob")))
        return (name, *group, *count, b"BLOCK", block, *noack, b"STREAMS", *keys, *ids)

    def stream_id(self) -> bytes:
        self.next_id += 1
        return b"%d-1" % self.next_id

    def write(self) -> Words:
        key, other = self.key(), self.key()
        member = self.pick(MEMBERS)
        score = b"%d" % self.random.randint(-3, 3)
        choices = (
            lambda: (self.pick((b"LPUSH", b"RPUSH")), key, *self.random.choices(MEMBERS, k=self.random.randint(1, 3))),
            lambda: (self.pick((b"LPUSH", b"RPUSH")), key, member),
            lambda: (b"ZADD", key, score, member),
            lambda: (b"ZADD", key, score, member, b"7", b"z"),
            lambda: (b"XADD", key, self.stream_id(), b"f", member),
            lambda: (b"XADD", key, self.stream_id(), b"f", member),
            lambda: (b"XGROUP", b"CREATE", key, self.pick(GROUPS), self.pick((b"$", b"0")), b"MKSTREAM"),
            lambda: (b"DEL", key),
            lambda: (b"DEL", *KEYS),
            lambda: (b"SET", key, member),
            lambda: (b"SADD", key, member),
            lambda: (b"RENAME", key, other),
            lambda: (b"COPY", key, other, b"REPLACE"),
            lambda: (b"LMOVE", key, other, self.side(), self.side()),
            lambda: (b"SORT", key, b"ALPHA", b"STORE", other),
            lambda: (b"ZUNIONSTORE", key, b"1", other),
            lambda: (b"ZRANGESTORE", key, other, b"0", b"-1"),
            lambda: (b"GEOADD", key, b"1", b"2", member),
            lambda: (b"LPOP", key),
            lambda: (b"ZPOPMIN", key),
            lambda: (b"EXPIRE", key, b"-1"),
            # Not XDEL: when an emptied stream is copied or renamed to a key that XREAD waits for, redis-server 7.0
            # answers it with no entries (from 7.2 on it waits).
            lambda: (b"XTRIM", key, b"MAXLEN", b"1"),
            lambda: (b"XGROUP", b"DESTROY", key, self.pick(GROUPS)),
            lambda: (b"XGROUP", b"SETID", key, self.pick(GROUPS), self.pick((b"0", b"$"))),
            lambda: (b"MOVE", key, b"1"),
            lambda: (b"SWAPDB", b"0", b"1"),
            lambda: (b"FLUSHDB",),
            lambda: (b"LPUSHX", key, member),
            lambda: (b"LINSERT", key, b"BEFORE", member, b"new"),
        )
        return self.pick(choices)()

    def transaction(self) -> List[Words]:
        body = [self.blocking() if self.chance(0.15) else self.write() for _ in range(self.random.randint(0, 5))]
        return [(b"MULTI",), *body, (b"DISCARD",) if self.chance(0.05) else (b"EXEC",)]


BLOCKING = (b"BLPOP", b"BRPOP", b"BLMOVE", b"BRPOPLPUSH", b"BLMPOP", b"BZPOPMIN", b"BZPOPMAX", b"BZMPOP")
BLOCKING = BLOCKING * 2 + (b"XREAD", b"XREAD", b"XREADGROUP", b"XREADGROUP")


class Stage:
    """One server with its waiting clients and the one that writes."""

    def __init__(self, server: Server, spill_seed: Optional[int] = None):
        self.writer = server.connect(timeout=20)
        self.watcher = server.connect(timeout=20)
        self.waiters = [server.connect(timeout=20) for _ in range(WAITER_COUNT)]
        for connection in self.waiters[::2]:
            connection.command("HELLO", 3)
        self.ids = [connection.command("CLIENT", "ID").value for connection in self.waiters]
        self.spills = None if spill_seed is None else random.Random(spill_seed)
        self.spills_sent = 0

    def blocked(self) -> List[bool]:
        lines = self.watcher.command("CLIENT", "LIST").value.decode("utf-8", "replace")
        flags = {int(m[1]): m[2] for m in re.finditer(r"^id=(\d+) .* flags=(\w+) ", lines, re.MULTILINE)}
        return [("b" in flags[client]) for client in self.ids]

    def spill(self) -> None:
        """On Tidemark, values go to flash under the clients' feet; a wait until they are there."""
        if self.spills is None:
            return
        for key in KEYS:
            if self.spills.random() < 0.4:
                self.writer.command("TIER", "SPILL", key)
                self.spills_sent += 1
                wait_until(
                    lambda: self.writer.command("TIER", "WHERE", key).value != b"spilling", "%r is on flash" % key
                )

    def start_wait(self, waiter: int, words: Words) -> Optional[Reply]:
        """The reply, or None when the client waits."""
        connection = self.waiters[waiter]
        connection.send_command(*words)
        short = words[-1] == b"0.01" or b"0.01" in words[1:2] or (b"BLOCK" in words and words[words.index(b"BLOCK") + 1] == b"10")
        if short:
            return connection.read_reply()
        answered = wait_until(
            lambda: "reply" if connection.readable() else "waits" if self.blocked()[waiter] else None,
            "%r is answered or waits" % (words,),
            interval=0,
        )
        return connection.read_reply() if answered == "reply" else None


class Mismatch(Exception):
    """The two servers did not do the same."""


class Play:
    def __init__(self, oracle: Server, target: Server, seed: int, cold: bool):
        self.scene = Scene(seed)
        self.stages = (Stage(oracle), Stage(target, seed if cold else None))
        self.waiting: Dict[int, Words] = {}
        self.history: List[str] = []
        self.command_count = 0
        self.woken_count = 0

    def run(self, command_count: int) -> None:
        while self.command_count < command_count:
            self.stages[1].spill()
            idle = [i for i in range(WAITER_COUNT) if i not in self.waiting]
            if idle and self.scene.chance(0.35):
                self._start_wait(self.scene.pick(idle))
            elif self.waiting and self.scene.chance(0.03):
                self._unblock(self.scene.pick(sorted(self.waiting)))
            elif self.scene.chance(0.15):
                for words in self.scene.transaction():
                    self._write(words)
            else:
                self._write(self.scene.write())
            if self.scene.chance(0.05):
                self._compare_keys()

    def _start_wait(self, waiter: int) -> None:
        words = self.scene.blocking()
        self._note("client %d" % waiter, words)
        left, right = (stage.start_wait(waiter, words) for stage in self.stages)
        self._compare(words, left, right)
        if left is None:
            self.waiting[waiter] = words

    def _write(self, words: Words) -> None:
        # After SWAPDB redis-server looks at the waited-for keys in the random order of a hash table.
        if words[0] == b"SWAPDB" and len({word for waited in self.waiting.values() for word in waited if word in KEYS}) > 1:
            words = (b"PING",)
        # What is stored over a value of another type wakes nobody in redis-server 7.0; over nothing it does.
        if words[0] in STORING:
            self._write((b"DEL", words[STORING[words[0]]]))
        self._note("writer", words)
        left, right = (stage.writer.command(*words) for stage in self.stages)
        self._compare(words, left, right)
        self._settle(words)

    def _unblock(self, waiter: int) -> None:
        how = self.scene.pick((b"TIMEOUT", b"ERROR", b""))
        self._note("unblock client %d" % waiter, (how,))
        words = (b"CLIENT", b"UNBLOCK") + ((how,) if how else ())
        replies = [
            stage.writer.command(*words[:2], stage.ids[waiter], *words[2:]) for stage in self.stages
        ]
        self._compare(words, *replies)
        self._settle(words)

    def _settle(self, words: Words) -> None:
        """Whoever does not wait any more has a reply, the same on both sides."""
        blocked = [stage.blocked() for stage in self.stages]
        for waiter in sorted(self.waiting):
            if blocked[0][waiter] != blocked[1][waiter]:
                raise Mismatch(
                    self._report("client %d (%r) waits only on one side" % (waiter, self.waiting[waiter]), words, *blocked)
                )
            if not blocked[0][waiter]:
                waited = self.waiting.pop(waiter)
                self.woken_count += 1
                self._compare(waited, *(stage.waiters[waiter].read_reply() for stage in self.stages))

    def _compare_keys(self) -> None:
        for key in KEYS:
            kinds = [stage.writer.command("TYPE", key) for stage in self.stages]
            self._compare((b"TYPE", key), *kinds)
            look = LOOKS.get(kinds[0].value)
            if look:
                words = tuple(key if word == b"KEY" else word for word in look)
                self._compare(words, *(stage.writer.command(*words) for stage in self.stages))

    def _compare(self, words: Words, left: Optional[Reply], right: Optional[Reply]) -> None:
        rule = rules.unordered if words[0].upper() in UNORDERED else rules.exact
        if left is None or right is None:
            why = None if left is right else "only one side waits"
        else:
            why = rule(left, right)
        if why:
            raise Mismatch(self._report(why, words, left, right))

    def _note(self, who: str, words: Words) -> None:
        self.command_count += 1
        self.history.append("  %d %s: %s" % (self.command_count, who, b" ".join(map(encode_argument, words))))
        del self.history[:-400]

    def _report(self, why: str, words: Words, left, right) -> str:
        return "%s\n  command: %r\n  oracle:  %r\n  target:  %r\n  waiting: %r\nlast commands:\n%s" % (
            why,
            words,
            left,
            right,
            self.waiting,
            "\n".join(self.history[-40:]),
        )


# Where the destination stands.
STORING = {b"SORT": -1, b"ZUNIONSTORE": 1, b"ZRANGESTORE": 1}
LOOKS = {
    b"string": (b"GET", b"KEY"),
    b"list": (b"LRANGE", b"KEY", b"0", b"-1"),
    b"set": (b"SMEMBERS", b"KEY"),
    b"zset": (b"ZRANGE", b"KEY", b"0", b"-1", b"WITHSCORES"),
    b"hash": (b"HGETALL", b"KEY"),
    b"stream": (b"XRANGE", b"KEY", b"-", b"+"),
}
