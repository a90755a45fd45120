"""Fixed dialogues that the generator cannot hold (passwords, LFU policy, raw bytes): both servers say the same."""

import socket

import pytest

from support.resp import Connection
from support.server import oracle_binary

from differential import rules
from differential.allowed import find_allowed
from differential.families.server import ARITIES
from differential.steps import step

PASSWORD = "s3cret"
TIER_OFF = {"tier-enabled": "no", "maxmemory": "0"}

PASSWORD_DIALOGUE = [
    step("GET", "k"),
    step("PING"),
    step("NOSUCH"),
    step("GET"),
    step("HELLO", 3, rule=rules.hello),
    step("CLIENT", "ID"),
    step("COMMAND", "COUNT"),
    step("AUTH"),
    step("AUTH", "wrong"),
    step("AUTH", "default", "wrong"),
    step("AUTH", "nobody", PASSWORD),
    step("SELECT", 1),
    step("RESET"),
    step("HELLO", 3, "AUTH", "default", "wrong"),
    step("HELLO", 3, "AUTH", "default", PASSWORD, "SETNAME", "me", rule=rules.hello),
    step("CLIENT", "GETNAME"),
    step("SET", "k", "v"),
    step("RESET"),
    step("GET", "k"),
    step("AUTH", PASSWORD),
    step("GET", "k"),
    step("CONFIG", "SET", "requirepass", ""),
    step("RESET"),
    step("GET", "k"),
    step("AUTH", "any"),
    step("CONFIG", "SET", "requirepass", PASSWORD),
    step("GET", "k"),
    step("RESET"),
    step("GET", "k"),
]

# Frequencies are exact here: below six accesses the logarithmic counter counts every one.
LFU_DIALOGUE = [
    step("SET", "k", "v"),
    step("OBJECT", "FREQ", "k"),
    step("GET", "k"),
    step("OBJECT", "FREQ", "k"),
    step("OBJECT", "IDLETIME", "k"),
    step("OBJECT", "FREQ", "none"),
    step("SET", "n", "5"),
    step("OBJECT", "ENCODING", "n"),
    step("TOUCH", "n"),
    step("OBJECT", "FREQ", "n"),
    step("CONFIG", "SET", "maxmemory-policy", "allkeys-lru"),
    step("OBJECT", "FREQ", "k"),
    step("OBJECT", "IDLETIME", "none"),
    step("CONFIG", "GET", "maxmemory-policy"),
]

COMMAND_TABLE_DIALOGUE = [
    step("COMMAND", "INFO", name.replace(" ", "|").lower(), rule=rules.command_info) for name in sorted(ARITIES)
]

# It takes redis-server a second and more, too long to stand among commands whose replies tell times.
HLL_SELF_TEST_DIALOGUE = [
    step("COMMAND", "INFO", "pfselftest", rule=rules.command_info),
    step("PFSELFTEST"),
    step("PFSELFTEST", "x"),
]

# Raw requests, each on a connection of its own; what comes back, and whether the server closes, must be equal.
RAW_REQUESTS = [
    b"PING\r\n",
    b"PING\n",
    b"\r\n\r\nPING\r\n",
    b"   \r\nPING\r\n",
    b"set a 'b c'\r\nget a\r\n",
    b'set a "\\x41\\n\\"q"\r\nget a\r\n',
    b'get "a\r\n',
    b"get 'a\r\n",
    b'get "a"b\r\n',
    b'set k ""\r\nget k\r\n',
    b"echo '\\'' \r\n",
    b'echo "\\t\\a\\b\\r\\z"\r\n',
    b"GET\r\n",
    b"nosuch a b\r\n",
    b"echo \x00\xff\r\n",
    b"PING\tx\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"Host: localhost\r\n",
    b"*1\r\n$4\r\nPING\r\n",
    b"*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n",
    b"*0\r\n*1\r\n$4\r\nPING\r\n",
    b"*-1\r\n*1\r\n$4\r\nPING\r\n",
    b"*-10\r\nPING\r\n",
    b"*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n",
    b"*1\r\n:4\r\nPING\r\n",
    b"*1\r\n$-1\r\n",
    b"*1\r\n$-10\r\n",
    b"*1\r\n$abc\r\n",
    b"*1\r\n$\r\n",
    b"*\r\nPING\r\n",
    b"*abc\r\n",
    b"*1.5\r\n",
    b"* 1\r\n",
    b"*1\r\n$536870913\r\n",
    b"*1\r\n$600000000\r\n",
    b"*1\r\n$9223372036854775808\r\n",
    b"*1\r\n$99999999999999999999\r\n",
    b"*1048577\r\n",
    b"*2000000\r\n",
    b"*2147483648\r\n",
    b"*99999999999999999999\r\n",
    b"*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n",
    b"*2\r\n$4\r\nECHO\r\n$0\r\n\r\n",
    b"*1\r\n$0\r\n\r\n",
    b"*2\r\n$3\r\nGET\r\n$3\r\n\x00\r\n\r\n",
    b"+OK\r\n",
    b"$4\r\nPING\r\n",
    b":1\r\n",
    b"\x00\x01\x02\r\n",
    b"\r\n",
    b"*1\r\n$04\r\nPING\r\n",
    b"*01\r\n$4\r\nPING\r\n",
    b"A" * (64 * 1024 + 10),
    b"A" * (64 * 1024 + 10) + b"\r\n",
    b"*" + b"1" * (64 * 1024 + 10),
    b"*1\r\n$" + b"1" * (64 * 1024 + 10),
    b"ECHO " + b"z" * 60000 + b"\r\n",
    b"*1\r\n$4\r\nQUIT\r\n*1\r\n$4\r\nPING\r\n",
    b"quit\r\n",
    b"PING\r\nPING x\r\n*1\r\n$4\r\nPING\r\nECHO y\n",
]


def converse(connection: Connection, dialogue):
    return [connection.command(*entry.arguments) for entry in dialogue]


def assert_same(oracle_server, target_server, dialogue, protocol: int) -> None:
    with oracle_server.connect() as oracle, target_server.connect() as target:
        if protocol == 3:
            dialogue = [step("HELLO", 3, rule=rules.hello)] + dialogue
        for entry, left, right in zip(dialogue, converse(oracle, dialogue), converse(target, dialogue)):
            why = entry.rule(left, right)
            assert why is None or find_allowed(entry, left, right), "%r: %s\n  oracle: %r\n  target: %r" % (
                entry.arguments,
                why,
                left,
                right,
            )


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize(
    "options, dialogue",
    [
        ({"requirepass": PASSWORD}, PASSWORD_DIALOGUE),
        ({"maxmemory-policy": "allkeys-lfu", "lfu-decay-time": "0"}, LFU_DIALOGUE),
        ({}, COMMAND_TABLE_DIALOGUE),
        ({}, HLL_SELF_TEST_DIALOGUE),
    ],
    ids=["password", "lfu", "command-table", "hll-self-test"],
)
def test_dialogue(start_server, options, dialogue, protocol):
    """A fixed dialogue gets redis-server's replies in both protocols."""
    oracle = start_server(options, binary=oracle_binary())
    target = start_server(options, tier=TIER_OFF)
    assert_same(oracle, target, dialogue, protocol)


@pytest.fixture(scope="module")
def raw_pair(start_shared_server):
    return start_shared_server(binary=oracle_binary()), start_shared_server(tier=TIER_OFF)


def said_after(server, request: bytes):
    """All bytes the server sends after the request and a half-close; whether it closed before that; whether a reset
    (unread input at closing) may have cut off what it said."""
    received, closed_early = b"", False
    with server.connect(timeout=10) as connection:
        try:
            connection.sock.sendall(request)
            connection.sock.settimeout(0.15)
            try:
                while not closed_early:
                    data = connection.sock.recv(65536)
                    closed_early = not data
                    received += data
            except socket.timeout:
                connection.sock.settimeout(10)
                connection.sock.shutdown(socket.SHUT_WR)
                while data := connection.sock.recv(65536):
                    received += data
        except (ConnectionResetError, BrokenPipeError):
            return received, True, True
    return received, closed_early, False


@pytest.mark.parametrize("request_bytes", RAW_REQUESTS, ids=lambda raw: repr(raw[:30]))
def test_raw_request(raw_pair, request_bytes):
    """Raw bytes, well-formed or not: the same bytes come back, and the connection is closed in the same cases."""
    oracle, target = raw_pair
    expected, expected_closed, expected_cut = said_after(oracle, request_bytes)
    actual, actual_closed, actual_cut = said_after(target, request_bytes)
    assert actual_closed == expected_closed
    if expected_cut or actual_cut:
        shorter, longer = sorted((expected, actual), key=len)
        assert longer.startswith(shorter)
    else:
        assert actual == expected
