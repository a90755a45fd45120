"""A client that knows what it was promised: it writes to keys of its own, remembers which of its commands were
acknowledged and when, and after a crash tells whether what it finds is a state that these promises allow."""

import collections
import random
import socket
import threading
import time
from typing import Deque, Dict, List, Optional, Tuple

from support.resp import Connection, ConnectionClosed, encode

Command = Tuple
# One step is one command, or all of a transaction.
Step = List[Command]
State = Dict[bytes, object]


def apply_step(state: State, step: Step) -> None:
    for command in step:
        name, key = command[0], command[1]
        if name == "SET":
            state[key] = command[2]
        elif name == "DEL":
            state.pop(key, None)
        elif name == "INCR":
            state[key] = b"%d" % (int(state.get(key, b"0")) + 1)
        elif name == "APPEND":
            state[key] = state.get(key, b"") + command[2]
        elif name == "RPUSH":
            state[key] = state.get(key, ()) + (command[2],)
        elif name == "LPOP":
            left = state.get(key, ())[1:]
            if left:
                state[key] = left
            else:
                state.pop(key, None)
        elif name == "HSET":
            state[key] = {**state.get(key, {}), command[2]: command[3]}
        elif name == "SADD":
            state[key] = frozenset(state.get(key, frozenset()) | {command[2]})
        else:
            raise AssertionError(command)


def read_state(connection: Connection, prefix: bytes) -> State:
    """All keys that begin so."""
    state: State = {}
    keys = connection.command("KEYS", prefix + b"*").value
    for key in [reply.value for reply in keys]:
        kind = connection.command("TYPE", key).value
        if kind == b"string":
            state[key] = connection.command("GET", key).value
        elif kind == b"list":
            state[key] = tuple(item.value for item in connection.command("LRANGE", key, 0, -1).value)
        elif kind == b"hash":
            flat = [item.value for item in connection.command("HGETALL", key).value]
            state[key] = dict(zip(flat[::2], flat[1::2]))
        elif kind == b"set":
            state[key] = frozenset(item.value for item in connection.command("SMEMBERS", key).value)
        else:
            raise AssertionError((key, kind))
    return state


class CrashWriter(threading.Thread):
    """Writes without pause until the connection breaks."""

    REMEMBERED_S = 6.0

    def __init__(self, server, prefix: bytes, seed: int, state: Optional[State] = None, value_bytes: int = 3000):
        super().__init__(daemon=True)
        self.prefix = prefix
        self.acknowledged = 0
        self._value_bytes = value_bytes
        self._random = random.Random(seed)
        self._connection = server.connect()
        self._state: State = dict(state or {})  # after the steps that left `_recent`
        self._recent: Deque[Tuple[float, Step]] = collections.deque()  # acknowledged, with the time
        self._in_flight: Deque[Step] = collections.deque()
        self.stopped_at = 0.0
        self.failure: Optional[str] = None

    def _value(self) -> bytes:
        size = self._random.choice((5, 40, 600, self._value_bytes))
        return self._random.getrandbits(8 * size).to_bytes(size, "little")

    def _step(self) -> Step:
        rng = self._random
        number = rng.randrange(300)

        def key(kind: str, count: int = 300) -> bytes:
            return b"%s:%s:%d" % (self.prefix, kind.encode(), number % count)

        kind = rng.randrange(12)
        if kind < 4:
            return [("SET", key("s"), self._value())]
        if kind == 4:
            return [("DEL", key("s"))]
        if kind == 5:
            return [("INCR", key("n", 20))]
        if kind == 6:
            return [("RPUSH", key("l", 30), self._value())]
        if kind == 7:
            return [("LPOP", key("l", 30))]
        if kind == 8:
            return [("HSET", key("h", 30), b"field:%d" % rng.randrange(40), self._value())]
        if kind == 9:
            return [("SADD", key("t", 30), b"%d" % rng.randrange(100_000))]
        if kind == 10:
            return [("APPEND", key("a", 30), b"%d." % rng.randrange(1000))]
        value = self._value()
        return [("SET", key("pair1"), value), ("SET", key("pair2"), value), ("INCR", key("pairs", 1))]

    def run(self) -> None:
        try:
            while self.failure is None:
                steps = [self._step() for _ in range(self._random.randrange(1, 12))]
                commands: List[Command] = []
                replies_of: List[int] = []
                for step in steps:
                    wrapped = step if len(step) == 1 else [("MULTI",), *step, ("EXEC",)]
                    commands.extend(wrapped)
                    replies_of.append(len(wrapped))
                self._in_flight.extend(steps)
                self._connection.send(b"".join(encode(command) for command in commands))
                for count in replies_of:
                    replies = self._connection.read_replies(count)
                    errors = [reply for reply in replies if reply.is_error]
                    if errors:
                        self.failure = "refused: %r" % errors[0]
                        return
                    self._acknowledge(self._in_flight.popleft())
        except (OSError, ConnectionClosed, socket.timeout):
            pass
        finally:
            self.stopped_at = time.monotonic()

    def _acknowledge(self, step: Step) -> None:
        now = time.monotonic()
        self.acknowledged += 1
        self._recent.append((now, step))
        while self._recent[0][0] < now - self.REMEMBERED_S:
            apply_step(self._state, self._recent.popleft()[1])

    def explain(self, found: State, lost_seconds: float) -> Optional[str]:
        """None if `found` is the state after all that was acknowledged, but for the last so many seconds, and perhaps
        some more of what was sent, in order; else what is wrong. From then on `found` is the state."""
        state = dict(self._state)
        steps: List[Step] = []
        certain = 0
        for when, step in self._recent:
            steps.append(step)
            if when <= self.stopped_at - lost_seconds or lost_seconds == 0:
                certain = len(steps)
        steps.extend(self._in_flight)
        for index in range(len(steps) + 1):
            if index >= certain and state == found:
                return None
            if index < len(steps):
                apply_step(state, steps[index])
        expected = dict(self._state)
        for step in steps[:certain]:
            apply_step(expected, step)
        wrong = [key for key in set(expected) | set(found) if expected.get(key) != found.get(key)]
        in_flight = {command[1] for step in steps[certain:] for command in step}
        worst = [key for key in wrong if key not in in_flight] or wrong
        return "%d keys differ, %d of them not in flight; first: %r is %.80r, promised %.80r" % (
            len(wrong),
            len([key for key in wrong if key not in in_flight]),
            worst[0],
            found.get(worst[0]),
            expected.get(worst[0]),
        )
