"""Clients that wait for lists: who is served, with what, in which order. Each scene is played on redis-server too, and
both must answer alike."""

import re

import pytest

from support.resp import Connection
from support.server import oracle_binary
from support.waiting import wait_until


class Stage:
    """One server, clients a, b, c ... that wait, and one more that acts and looks on."""

    def __init__(self, server):
        self.server = server
        self.actor = server.connect()
        self.actor.command("FLUSHALL")
        self.waiters = {}
        self.answers = []

    def do(self, *words):
        self.answers.append((words, repr(self.actor.command(*words))))

    def blocked_count(self) -> int:
        text = self.actor.command("INFO", "clients").value.decode()
        return int(re.search(r"blocked_clients:(\d+)", text).group(1))

    def wait(self, name: str, *words) -> Connection:
        """Sends a command that must wait."""
        before = self.blocked_count()
        connection = self.waiters.setdefault(name, self.server.connect())
        connection.send_command(*words)
        wait_until(lambda: self.blocked_count() == before + 1, "%s to wait" % (words,))
        return connection

    def hear(self, name: str):
        """What a client that waited is answered."""
        self.answers.append((name, repr(self.waiters[name].read_reply())))

    def close(self):
        for connection in [self.actor, *self.waiters.values()]:
            connection.close()


def in_order_of_waiting(stage: Stage):
    for name in "abc":
        stage.wait(name, "BLPOP", "list", "0")
    stage.do("RPUSH", "list", "1", "2")
    stage.do("LRANGE", "list", "0", "-1")
    stage.do("RPUSH", "list", "3")
    for name in "abc":
        stage.hear(name)


def first_key_that_is_written(stage: Stage):
    stage.wait("a", "BRPOP", "one", "two", "three", "0")
    stage.do("RPUSH", "two", "x", "y")
    stage.hear("a")
    stage.do("LRANGE", "two", "0", "-1")


def keys_are_served_in_a_transaction_as_they_were_written(stage: Stage):
    stage.wait("a", "BLPOP", "one", "two", "0")
    stage.do("MULTI")
    stage.do("LPUSH", "two", "b")
    stage.do("LPUSH", "one", "a")
    stage.do("EXEC")
    stage.hear("a")
    stage.do("LLEN", "one")
    stage.do("LLEN", "two")


def pushed_and_gone_in_one_transaction(stage: Stage):
    stage.wait("a", "BLPOP", "list", "0")
    stage.do("MULTI")
    stage.do("LPUSH", "list", "x")
    stage.do("DEL", "list")
    stage.do("EXEC")
    stage.do("LPUSH", "list", "y")
    stage.hear("a")


def another_type_wakes_nobody(stage: Stage):
    stage.wait("a", "BLPOP", "key", "0")
    stage.do("SET", "key", "text")
    stage.do("DEL", "key")
    stage.do("SADD", "key", "member")
    stage.do("DEL", "key")
    stage.do("RPUSH", "key", "element")
    stage.hear("a")


def other_ways_for_a_list_to_appear(stage: Stage):
    stage.do("RPUSH", "from", "1", "2", "3")
    stage.wait("a", "BLPOP", "renamed", "0")
    stage.do("RENAME", "from", "renamed")
    stage.hear("a")
    stage.wait("b", "BLPOP", "copied", "0")
    stage.do("COPY", "renamed", "copied")
    stage.hear("b")
    stage.wait("c", "BLPOP", "moved", "0")
    stage.do("LMOVE", "renamed", "moved", "LEFT", "RIGHT")
    stage.hear("c")
    stage.do("LRANGE", "renamed", "0", "-1")


def a_chain_of_moves(stage: Stage):
    stage.wait("a", "BLMOVE", "one", "two", "LEFT", "RIGHT", "0")
    stage.wait("b", "BRPOPLPUSH", "two", "three", "0")
    stage.wait("c", "BLMPOP", "0", "2", "nothing", "three", "LEFT", "COUNT", "5")
    stage.do("RPUSH", "one", "travels")
    for name in "abc":
        stage.hear(name)
    stage.do("EXISTS", "one", "two", "three")


def a_move_to_the_same_list(stage: Stage):
    stage.wait("a", "BLMOVE", "list", "list", "LEFT", "RIGHT", "0")
    stage.do("RPUSH", "list", "1", "2", "3")
    stage.hear("a")
    stage.do("LRANGE", "list", "0", "-1")


def a_move_to_another_type(stage: Stage):
    stage.do("SET", "target", "text")
    stage.wait("a", "BLMOVE", "source", "target", "LEFT", "RIGHT", "0")
    stage.wait("b", "BLPOP", "source", "0")
    stage.do("RPUSH", "source", "element")
    stage.hear("a")
    stage.hear("b")


def several_at_once(stage: Stage):
    stage.wait("a", "BLMPOP", "0", "1", "list", "RIGHT", "COUNT", "2")
    stage.wait("b", "BLMPOP", "0", "1", "list", "LEFT", "COUNT", "10")
    stage.do("RPUSH", "list", "1", "2", "3", "4", "5")
    stage.hear("a")
    stage.hear("b")


def null_at_the_end_of_a_wait(stage: Stage):
    for version in ("2", "3"):
        stage.waiters["a"] = stage.server.connect()
        stage.waiters["a"].command("HELLO", version)
        stage.wait("a", "BLPOP", "list", "0.2")
        stage.hear("a")
        stage.wait("a", "BLMOVE", "list", "other", "LEFT", "LEFT", "0.2")
        stage.hear("a")
        stage.wait("a", "BLMPOP", "0.2", "1", "list", "LEFT")
        stage.hear("a")
        stage.waiters["a"].close()


def what_follows_in_the_pipeline_waits_too(stage: Stage):
    connection = stage.wait("a", "BLPOP", "list", "0")
    connection.send_command("PING")
    stage.do("RPUSH", "list", "x")
    stage.hear("a")
    stage.hear("a")


def a_client_that_left_takes_nothing(stage: Stage):
    stage.wait("a", "BLPOP", "list", "0")
    stage.wait("b", "BLPOP", "list", "0")
    stage.waiters.pop("a").close()
    wait_until(lambda: stage.blocked_count() == 1, "the client to be gone")
    stage.do("RPUSH", "list", "x")
    stage.hear("b")


SCENES = (
    in_order_of_waiting,
    first_key_that_is_written,
    keys_are_served_in_a_transaction_as_they_were_written,
    pushed_and_gone_in_one_transaction,
    another_type_wakes_nobody,
    other_ways_for_a_list_to_appear,
    a_chain_of_moves,
    a_move_to_the_same_list,
    a_move_to_another_type,
    several_at_once,
    null_at_the_end_of_a_wait,
    what_follows_in_the_pipeline_waits_too,
    a_client_that_left_takes_nothing,
)


@pytest.fixture(scope="module")
def servers(start_shared_server):
    return start_shared_server(binary=oracle_binary()), start_shared_server()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_clients_that_wait(servers, scene):
    played = []
    for server in servers:
        stage = Stage(server)
        try:
            scene(stage)
        finally:
            stage.close()
        played.append(stage.answers)
    oracle, target = played
    assert oracle == target


def node_sizes(connection: Connection, size: str) -> None:
    connection.command("CONFIG", "SET", "list-max-listpack-size", size)


@pytest.mark.tidemark_only
def test_encodings_of_redis_7_2(start_server):
    """A list is a listpack as long as it fits one node, and goes back to it when it has shrunk to half of one."""
    connection = start_server().connect()

    def encoding() -> bytes:
        return connection.command("OBJECT", "ENCODING", "list").value

    node_sizes(connection, "8")
    connection.command("RPUSH", "list", *range(8))
    assert encoding() == b"listpack"
    connection.command("RPUSH", "list", "one more")
    assert encoding() == b"quicklist"
    connection.command("RPOP", "list", 4)
    assert encoding() == b"quicklist"
    connection.command("RPOP", "list")
    assert encoding() == b"listpack"
    for shrink in (("LREM", "list", 0, "big"), ("LTRIM", "list", 0, 3), ("LSET", "list", -1, "small"), ("RPOP", "list")):
        connection.command("DEL", "list")
        connection.command("RPUSH", "list", 1, 2, 3, 4)
        node_sizes(connection, "-1")
        connection.command("LINSERT", "list", "AFTER", 4, "x" * 5000)
        assert encoding() == b"quicklist"
        if shrink[0] == "LREM":
            shrink = shrink[:3] + ("x" * 5000,)
        connection.command(*shrink)
        assert encoding() == b"listpack", shrink


@pytest.mark.tidemark_only
def test_rank_that_cannot_be_negated(start_server):
    """As Redis 7.2 answers it."""
    connection = start_server().connect()
    connection.command("RPUSH", "list", "a")
    reply = connection.command("LPOS", "list", "a", "RANK", -(2**63))
    assert reply.is_error and b"value is out of range" in reply.value
