"""LMOVEM and BLMOVEM of Redis 8.10, which the oracle does not have: order, replies, and who is woken when."""

import pytest

from support.resp import Reply
from support.waiting import wait_until

# Elements that a packed list holds, and one that only a quicklist does.
LAST = {"listpack": "z", "quicklist": "z" * 20000}


@pytest.fixture(scope="module")
def server(start_shared_server):
    return start_shared_server()


@pytest.fixture
def run(server):
    with server.connect() as connection:
        connection.command("FLUSHALL")
        yield connection.command


@pytest.fixture(params=["listpack", "quicklist"])
def last(request):
    return LAST[request.param]


@pytest.fixture
def wait(server):
    """Sends a command that must wait, on a connection of its own."""
    connections = []

    def send(*words):
        connection = server.connect()
        connections.append(connection)
        before = blocked(server)
        connection.send_command(*words)
        wait_until(lambda: blocked(server) == before + 1, "%s to wait" % (words,))
        return connection

    yield send
    for connection in connections:
        connection.close()


def blocked(server):
    return server.info_number("clients", "blocked_clients")


def texts(reply):
    assert reply.kind == "*", reply
    return [item.value.decode() for item in reply.value]


def elements(run, key):
    return texts(run("LRANGE", key, 0, -1))


@pytest.mark.parametrize(
    "ends, order, moved, left",
    [
        (("LEFT", "LEFT"), "OBO", "3 2 1", "4 5"),
        (("LEFT", "LEFT"), "BULK", "1 2 3", "4 5"),
        (("LEFT", "RIGHT"), "OBO", "1 2 3", "4 5"),
        (("LEFT", "RIGHT"), "BULK", "1 2 3", "4 5"),
        (("RIGHT", "RIGHT"), "OBO", "5 4 3", "1 2"),
        (("RIGHT", "RIGHT"), "BULK", "3 4 5", "1 2"),
        (("RIGHT", "LEFT"), "OBO", "3 4 5", "1 2"),
        (("RIGHT", "LEFT"), "BULK", "3 4 5", "1 2"),
    ],
)
def test_order(run, last, ends, order, moved, left):
    """The reply is in the order of the target; one by one is what as many LMOVEs do."""
    source = "1 2 3 4 5".split()
    padded = source + [last] if ends[0] == "LEFT" else [last] + source
    run("RPUSH", "source", *padded)
    run("RPUSH", "target", "x", "y")
    assert texts(run("LMOVEM", "source", "target", *ends, "COUNT", 3, order)) == moved.split()
    expected = moved.split() + ["x", "y"] if ends[1] == "LEFT" else ["x", "y"] + moved.split()
    assert elements(run, "target") == expected
    assert elements(run, "source") == (left.split() + [last] if ends[0] == "LEFT" else [last] + left.split())
    if order == "OBO":
        run("RPUSH", "one-by-one", *padded)
        run("RPUSH", "to", "x", "y")
        for _ in range(3):
            run("LMOVE", "one-by-one", "to", *ends)
        assert elements(run, "to") == expected


def test_one_element_without_options(run, last):
    run("RPUSH", "source", "a", "b", last)
    assert texts(run("lmovem", "source", "target", "left", "right")) == ["a"]
    assert texts(run("BLMOVEM", "source", "target", "LEFT", "LEFT", 0)) == ["b"]
    assert elements(run, "target") == ["b", "a"]
    assert elements(run, "source") == [last]


def test_count_and_exactly(run, last):
    run("RPUSH", "source", "a", "b", last)
    assert run("LMOVEM", "source", "target", "LEFT", "RIGHT", "EXACTLY", 4, "BULK") == Reply("*", None)
    assert elements(run, "source") == ["a", "b", last]
    assert run("EXISTS", "target").value == 0
    assert texts(run("LMOVEM", "source", "target", "LEFT", "RIGHT", "EXACTLY", 2, "OBO")) == ["a", "b"]
    assert texts(run("LMOVEM", "source", "target", "RIGHT", "LEFT", "COUNT", 100, "BULK")) == [last]
    assert run("EXISTS", "source").value == 0
    assert elements(run, "target") == [last, "a", "b"]


def test_missing_source(run):
    assert run("LMOVEM", "missing", "target", "LEFT", "RIGHT") == Reply("*", ())
    assert run("LMOVEM", "missing", "target", "LEFT", "RIGHT", "COUNT", 5, "BULK") == Reply("*", ())
    assert run("LMOVEM", "missing", "target", "LEFT", "RIGHT", "EXACTLY", 1, "BULK") == Reply("*", None)
    assert run("EXISTS", "target").value == 0


def test_source_is_target(run, last):
    run("RPUSH", "k", "a", "b", "c", last)
    assert texts(run("LMOVEM", "k", "k", "LEFT", "LEFT", "EXACTLY", 2, "OBO")) == ["b", "a"]
    assert elements(run, "k") == ["b", "a", "c", last]
    assert texts(run("LMOVEM", "k", "k", "LEFT", "LEFT", "EXACTLY", 3, "BULK")) == ["b", "a", "c"]
    assert elements(run, "k") == ["b", "a", "c", last]
    assert texts(run("LMOVEM", "k", "k", "LEFT", "RIGHT", "COUNT", 2, "BULK")) == ["b", "a"]
    assert elements(run, "k") == ["c", last, "b", "a"]
    assert texts(run("LMOVEM", "k", "k", "RIGHT", "LEFT", "COUNT", 9, "OBO")) == ["c", last, "b", "a"]
    assert elements(run, "k") == ["c", last, "b", "a"]


def test_errors(run):
    run("RPUSH", "list", "a", "b")
    run("SET", "string", "x")

    def error_of(*arguments):
        reply = run(*arguments)
        assert reply.is_error, reply
        return reply.value.decode()

    for count in (0, -1, "a", "1.5"):
        for selector in ("COUNT", "EXACTLY"):
            text = error_of("LMOVEM", "list", "to", "LEFT", "RIGHT", selector, count, "BULK")
            assert text == "ERR count should be greater than 0"
    for options in (("COUNT", 2), ("COUNT", 2, "OBO", "BULK"), ("BAD", 2, "OBO"), ("COUNT", 2, "BAD"), ("BULK",)):
        assert error_of("LMOVEM", "list", "to", "LEFT", "RIGHT", *options) == "ERR syntax error"
        assert error_of("BLMOVEM", "list", "to", "LEFT", "RIGHT", 0, *options) == "ERR syntax error"
    assert error_of("LMOVEM", "list", "to", "UP", "RIGHT") == "ERR syntax error"
    assert error_of("LMOVEM", "list", "to", "LEFT", "UP", "COUNT", 2, "OBO") == "ERR syntax error"
    assert error_of("LMOVEM", "list", "to", "LEFT") == "ERR wrong number of arguments for 'lmovem' command"
    assert error_of("BLMOVEM", "list", "to", "LEFT", "RIGHT") == "ERR wrong number of arguments for 'blmovem' command"
    assert error_of("BLMOVEM", "list", "to", "LEFT", "RIGHT", -1) == "ERR timeout is negative"
    assert error_of("LMOVEM", "string", "to", "LEFT", "RIGHT").startswith("WRONGTYPE")
    assert error_of("LMOVEM", "list", "string", "LEFT", "RIGHT", "COUNT", 2, "OBO").startswith("WRONGTYPE")
    assert elements(run, "list") == ["a", "b"]


def test_count_waits_for_the_first_push(run, wait):
    waiter = wait("BLMOVEM", "source", "target", "LEFT", "RIGHT", 0, "COUNT", 5, "BULK")
    run("RPUSH", "source", "a", "b")
    assert texts(waiter.read_reply()) == ["a", "b"]
    assert elements(run, "target") == ["a", "b"]


@pytest.mark.parametrize(
    "last_step",
    [
        ("RPUSH", "source", 9),
        ("LINSERT", "source", "AFTER", 2, 9),
        ("LMOVE", "feed", "source", "LEFT", "RIGHT"),
        ("LMOVEM", "feed", "source", "LEFT", "RIGHT", "COUNT", 1, "OBO"),
        ("SORT", "sorted", "BY", "nosort", "STORE", "source"),
        ("RENAME", "whole", "source"),
    ],
)
def test_exactly_waits_until_there_are_enough(server, run, wait, last_step):
    run("RPUSH", "feed", 9)
    run("RPUSH", "sorted", 1, 2, 9)
    run("RPUSH", "whole", 1, 2, 9)
    waiter = wait("BLMOVEM", "source", "target", "LEFT", "RIGHT", 0, "EXACTLY", 3, "BULK")
    run("RPUSH", "source", 1, 2)
    assert blocked(server) == 1
    assert elements(run, "source") == ["1", "2"]
    assert not run(*last_step).is_error
    assert texts(waiter.read_reply()) == ["1", "2", "9"]
    assert elements(run, "target") == ["1", "2", "9"]
    assert run("EXISTS", "source").value == 0


def test_one_who_needs_more_lets_others_pass(run, wait):
    greedy = wait("BLMOVEM", "source", "many", "LEFT", "RIGHT", 0, "EXACTLY", 3, "OBO")
    modest = wait("BLPOP", "source", 0)
    run("RPUSH", "source", 1)
    assert texts(modest.read_reply()) == ["source", "1"]
    run("RPUSH", "source", 2, 3, 4, 5)
    assert texts(greedy.read_reply()) == ["2", "3", "4"]
    assert elements(run, "source") == ["5"]


def test_a_move_wakes_the_next_one(run, wait):
    second = wait("BLMOVEM", "middle", "end", "LEFT", "LEFT", 0, "EXACTLY", 2, "OBO")
    first = wait("BLMOVEM", "start", "middle", "LEFT", "RIGHT", 0, "COUNT", 2, "BULK")
    run("RPUSH", "start", "a", "b", "c")
    assert texts(first.read_reply()) == ["a", "b"]
    assert texts(second.read_reply()) == ["b", "a"]
    assert elements(run, "start") == ["c"]


def test_no_waiting_without_end(server, run):
    """It ends with a null array, and inside a transaction there is none."""
    with server.connect() as waiter:
        words = ("BLMOVEM", "source", "target", "LEFT", "RIGHT", 0.05, "EXACTLY", 3, "BULK")
        assert waiter.command(*words) == Reply("*", None)
    run("RPUSH", "source", 1)
    run("MULTI")
    run("BLMOVEM", "source", "target", "LEFT", "RIGHT", 0, "EXACTLY", 3, "BULK")
    run("BLMOVEM", "missing", "target", "LEFT", "RIGHT", 0)
    run("BLMOVEM", "source", "target", "LEFT", "RIGHT", 0)
    assert run("EXEC").value == (Reply("*", None), Reply("*", None), Reply("*", (Reply("$", b"1"),)))
    assert blocked(server) == 0
