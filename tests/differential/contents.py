"""All that a server holds, for a comparison with another server, or with the same one later."""

import time
from typing import Dict, List, NamedTuple, Sequence, Tuple

from support.resp import Connection, Reply

DATABASES = 16
GONE = -2  # what is told of when a missing key expires
# What XINFO tells that is not part of the data: when consumers were seen, how entries are stored, what was refused.
NOT_DATA = (b"seen-time", b"active-time", b"idle", b"inactive", b"radix-tree-keys", b"radix-tree-nodes", b"iids-duplicates")
# What redis-server 7.0 does not tell.
NEWER = (b"idmp-duration", b"idmp-maxsize", b"pids-tracked", b"iids-tracked", b"iids-added", b"nacked-count")


class Value(NamedTuple):
    value: object
    expires_ms: int  # Unix time; negative: never


Contents = Dict[Tuple[int, bytes], Value]


def data_of(reply: Reply, ignored: Sequence[bytes]) -> object:
    if not isinstance(reply.value, tuple):
        return reply.value
    kept: List[object] = []
    name = None
    for value in reply.value:
        if name not in ignored and value.value not in ignored:
            kept.append(data_of(value, ignored))
        name = value.value
    return tuple(kept)


def read_contents(connection: Connection, ignored: Sequence[bytes] = NOT_DATA) -> Contents:
    contents: Contents = {}
    for database in range(DATABASES):
        connection.command("SELECT", database)
        for key in (reply.value for reply in connection.command("KEYS", "*").value):
            kind = connection.command("TYPE", key).value
            if kind == b"hash":
                # A hash whose fields have all expired goes when it is asked for.
                connection.command("HLEN", key)
            expires_ms = connection.command("PEXPIRETIME", key).value
            if expires_ms != GONE:
                contents[database, key] = Value(read_value(connection, key, kind, ignored), expires_ms)
    return contents


def read_value(connection: Connection, key: bytes, kind: bytes, ignored: Sequence[bytes]) -> object:
    digest = connection.command("DEBUG", "DIGEST-VALUE", key).value[0].value
    if kind == b"stream":
        return digest, data_of(connection.command("XINFO", "STREAM", key, "FULL", "COUNT", 0), ignored)
    return digest


def assert_same_contents(before: Contents, after: Contents) -> None:
    """But for what has expired in between."""
    now_ms = time.time() * 1000

    def lasting(contents: Contents) -> Contents:
        return {at: value for at, value in contents.items() if value.expires_ms < 0 or value.expires_ms > now_ms}

    old, new = lasting(before), lasting(after)
    differing = [at for at in old.keys() | new.keys() if old.get(at) != new.get(at)]
    shown = "\n".join("%r\n  before: %.2000r\n  after:  %.2000r" % (at, old.get(at), new.get(at)) for at in differing[:10])
    assert not differing, "%d of %d keys differ:\n%s" % (len(differing), len(old), shown)
