"""Runs one generated sequence against two servers and stops at the first difference with all that is needed to see why.

Commands go out in pipelines of about BATCH_STEPS, to both servers at once, over two connections in turn (one starts
in RESP2, the other in RESP3). On the Tidemark side `TIER SPILL key` may be slipped in between, replies ignored.
"""

import random
import time
from collections import Counter, deque
from typing import Deque, List, Optional, Sequence, Tuple, Union

from support.resp import Connection, Reply, encode
from support.server import Server

from differential.allowed import find_allowed
from differential.generator import Generator
from differential.inputs import ALL_KEYS
from differential.rules import Within
from differential.steps import SpecialStep, Step

BATCH_STEPS = 200
HISTORY_STEPS = 20_000
HISTORY_SHOWN = 15
ORACLE_FAILURES_MAX = 2
KEY_SET = frozenset(ALL_KEYS)


class Side:
    """One server of the pair with its two connections."""

    def __init__(self, server: Server, spill_chance: float = 0.0, spill_seed: int = 0):
        self.server = server
        self._spill_chance = spill_chance
        self._random = random.Random(spill_seed)
        self.connections: List[Connection] = []
        self.spills_sent = 0
        self._answers: List[bool] = []
        self.reconnect()

    def reconnect(self) -> None:
        for connection in self.connections:
            connection.close()
        self.connections = [self.server.connect(), self.server.connect()]
        self.connections[1].command("HELLO", 3)

    def send(self, turn: int, steps: Sequence[Step], spillable: Sequence[bytes]) -> None:
        """Sends the steps as one pipeline; remembers which of the coming replies belong to them."""
        self._answers = []
        parts: List[bytes] = []
        for step in steps:
            if not step.glued and self._random.random() < self._spill_chance:
                parts.append(encode(("TIER", "SPILL", self._random.choice(spillable))))
                self._answers.append(False)
                self.spills_sent += 1
            parts.append(encode(step.arguments))
            if step.answered:
                self._answers.append(True)
        self.connections[turn].send(b"".join(parts))

    def receive(self, turn: int) -> List[Reply]:
        read = self.connections[turn].read_reply
        return [reply for reply, wanted in ((read(), wanted) for wanted in self._answers) if wanted]


class Difference(Exception):
    """Two servers answered differently."""


class OracleFailure(Difference):
    """redis-server itself went away: 7.0.15 does so on some damaged HyperLogLogs."""


class Runner:
    def __init__(self, oracle: Side, target: Side, generator: Generator, seed: int):
        self.oracle = oracle
        self.target = target
        self.seed = seed
        self.command_count = 0
        self.sent = Counter()
        self.succeeded = Counter()
        self.allowed = Counter()
        self._generator = generator
        self._history: Deque[Tuple[int, Tuple[bytes, ...]]] = deque(maxlen=HISTORY_STEPS)
        self._turn = 0
        self._longest_batch_s = 0.0
        self._spillable = list(KEY_SET) + generator.inputs.ballast_keys

    def run(self, command_count: int) -> None:
        batch: List[Step] = []
        for group in self._generator.groups():
            for item in group:
                if isinstance(item, SpecialStep):
                    self._run_batch(batch)
                    batch = []
                    self._run_special(item)
                else:
                    batch.append(item)
            if len(batch) >= BATCH_STEPS:
                self._run_batch(batch)
                batch = []
                if self.command_count >= command_count:
                    return

    def compare_whole_state(self) -> None:
        """The digest of all data, computed by each server over all its databases."""
        steps = [Step((b"DEBUG", b"DIGEST")), Step((b"DBSIZE",))]
        self._run_batch(steps)

    def _run_batch(self, steps: List[Step]) -> None:
        turn = self._turn
        self._turn = 1 - turn
        started = time.monotonic()
        for side in (self.oracle, self.target):
            self._guarded(side, steps, lambda: side.send(turn, steps, self._spillable))
        expected = self._guarded(self.oracle, steps, lambda: self.oracle.receive(turn))
        actual = self._guarded(self.target, steps, lambda: self.target.receive(turn))
        self._longest_batch_s = max(self._longest_batch_s, time.monotonic() - started)
        replies = iter(zip(expected, actual))
        for step in steps:
            self._note(step)
            if not step.answered:
                continue
            left, right = next(replies)
            if not left.is_error:
                self.succeeded[step.name] += 1
            why = self._compare(step, left, right)
            if why is None:
                continue
            allowed = find_allowed(step, left, right)
            if allowed is None:
                raise Difference(self._report(step.arguments, why, left, right))
            self.allowed[allowed.what] += 1

    def _compare(self, step: Step, left: Reply, right: Reply) -> Optional[str]:
        """As the step's rule says. Times may also differ by as long as a batch took: on a machine that starves one of the
        servers, it sets what the commands say later than the other, and so it is with the reply."""
        rule = step.rule.lagging(2 * self._longest_batch_s) if isinstance(step.rule, Within) else step.rule
        return rule(left, right)

    def _run_special(self, step: SpecialStep) -> None:
        turn = self._turn
        left = step.run(self.oracle.connections[turn])
        right = step.run(self.target.connections[turn])
        self._note(step)
        self.succeeded[step.name] += 1
        if left != right:
            raise Difference(self._report(step.description, "the outcomes differ", left, right))
        if step.reconnects:
            self.oracle.reconnect()
            self.target.reconnect()

    def _note(self, step: Union[Step, SpecialStep]) -> None:
        self.command_count += 1
        self.sent[step.name] += 1
        self._history.append(
            (self.command_count, step.description if isinstance(step, SpecialStep) else step.arguments)
        )

    def _guarded(self, side: Side, steps: List[Step], action):
        try:
            return action()
        except Exception as error:
            failure = OracleFailure if side is self.oracle else Difference
            raise failure(
                "seed %d, batch of %d commands after index %d: %s failed: %r\nfirst commands of the batch:\n%s\nits log:\n%s"
                % (
                    self.seed,
                    len(steps),
                    self.command_count,
                    side.server.binary,
                    error,
                    "\n".join(shown(step.arguments) for step in steps[:200]),
                    side.server.log()[-3000:],
                )
            ) from error

    def _report(self, arguments: Tuple[bytes, ...], why: str, left: object, right: object) -> str:
        keys = set(arguments[1:]) & (KEY_SET | {a for a in arguments if a.startswith(b"b:")})
        related = [
            (index, words)
            for index, words in self._history
            if keys.intersection(words[1:])
            or words[0].upper() in (b"SELECT", b"SWAPDB", b"FLUSHDB", b"FLUSHALL", b"RESET", b"HELLO")
        ]
        history = "\n".join("  %d: %s" % (index, shown(words)) for index, words in related[-HISTORY_SHOWN:])
        return (
            "seed %d, command %d: %s\n  command: %s\n  oracle:  %r\n  target:  %r\nlast commands on %s (and changes of database):\n%s"
            % (
                self.seed,
                self.command_count,
                why,
                shown(arguments),
                left,
                right,
                sorted(keys) or "no key",
                history,
            )
        )


def shown(arguments: Sequence[bytes], limit: int = 120) -> str:
    words = []
    for argument in arguments[:40]:
        text = repr(argument)[1:]
        words.append(text if len(text) <= limit else "%s...(%d bytes)" % (text[:limit], len(argument)))
    return " ".join(words)


def run_collecting(
    start_pair, seed: int, profile, command_count: int, differences_max: int
) -> Tuple[Optional[Runner], List[str]]:
    """Runs until the count is reached or too many differences were found; after each difference both servers start
    anew (a later seed), since their states are no longer the same. So they do, a few times, when the oracle dies."""
    differences: List[str] = []
    oracle_failures = 0
    done = 0
    runner = None
    while done < command_count and len(differences) < differences_max:
        oracle, target = start_pair()
        runner = Runner(oracle, target, Generator(seed, profile), seed)
        try:
            runner.run(command_count - done)
            runner.compare_whole_state()
        except OracleFailure as failure:
            oracle_failures += 1
            print(str(failure)[:1000])
            if oracle_failures > ORACLE_FAILURES_MAX:
                differences.append(str(failure))
        except Difference as difference:
            differences.append(str(difference))
        done += max(runner.command_count, 1)
        seed += 1
    return runner, differences
