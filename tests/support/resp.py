"""A raw-socket RESP2/RESP3 client whose replies keep their wire type, so that two servers can be compared exactly.

A reply is a `Reply(kind, value)`. `kind` is the type byte of the protocol; the value of an aggregate is a tuple of
replies (for maps: of pairs). The three nulls stay apart: `$-1`, `*-1` and `_` have kinds `$`, `*` and `_`.
"""

import select
import socket
import time
from typing import Any, Iterable, List, NamedTuple, Sequence, Tuple, Union

Address = Union[Tuple[str, int], str]
Argument = Union[bytes, str, int, float]

RECEIVE_BYTES = 256 * 1024
AGGREGATES = "*~>"


class Reply(NamedTuple):
    kind: str
    value: Any

    @property
    def is_error(self) -> bool:
        return self.kind == "-"

    @property
    def is_null(self) -> bool:
        return self.value is None

    def __repr__(self) -> str:
        if self.kind in AGGREGATES and self.value is not None:
            return "%s[%s]" % (self.kind, ", ".join(map(repr, self.value)))
        if self.kind == "%":
            return "%%{%s}" % ", ".join("%r: %r" % pair for pair in self.value)
        text = repr(self.value)
        if len(text) > 400:
            text = "%s ... (%d bytes)" % (text[:400], len(self.value))
        return self.kind + text


OK = Reply("+", b"OK")


class ProtocolError(Exception):
    """The server sent bytes that are not RESP."""


class ConnectionClosed(Exception):
    """The server closed the connection while a reply was expected."""


def encode_argument(argument: Argument) -> bytes:
    if isinstance(argument, bytes):
        return argument
    return str(argument).encode("utf-8", "surrogateescape")


def encode(arguments: Sequence[Argument]) -> bytes:
    """One command as a multibulk request."""
    parts = [b"*%d\r\n" % len(arguments)]
    for argument in arguments:
        data = encode_argument(argument)
        parts.append(b"$%d\r\n" % len(data))
        parts.append(data)
        parts.append(b"\r\n")
    return b"".join(parts)


class Connection:
    """One client connection. Every blocking call ends within `timeout` seconds or raises."""

    def __init__(self, address: Address, timeout: float = 60.0):
        self.address = address
        self.timeout = timeout
        if isinstance(address, str):
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(timeout)
            self.sock.connect(address)
        else:
            self.sock = socket.create_connection(address, timeout=timeout)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray()
        self._position = 0

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        self.sock.close()

    # Writing.

    def send(self, data: bytes) -> None:
        """Sends raw bytes, draining replies meanwhile so that neither side can wait for the other for ever."""
        view = memoryview(data)
        if len(view) <= 16 * 1024:
            self.sock.sendall(view)
            return
        deadline = time.monotonic() + self.timeout
        poller = select.poll()
        poller.register(self.sock, select.POLLIN | select.POLLOUT)
        self.sock.setblocking(False)
        try:
            while view:
                if time.monotonic() > deadline:
                    raise socket.timeout("the server does not take the request")
                events = dict(poller.poll(1000)).get(self.sock.fileno(), 0)
                if events & (select.POLLIN | select.POLLHUP | select.POLLERR):
                    received = self.sock.recv(RECEIVE_BYTES)
                    if not received:
                        raise ConnectionClosed("closed while a request was sent")
                    self._buffer += received
                if events & select.POLLOUT:
                    view = view[self.sock.send(view) :]
        finally:
            self.sock.settimeout(self.timeout)

    def send_command(self, *arguments: Argument) -> None:
        self.send(encode(arguments))

    # Reading.

    def _fill(self) -> None:
        data = self.sock.recv(RECEIVE_BYTES)
        if not data:
            raise ConnectionClosed("closed by the server; unread: %r" % bytes(self._buffer[self._position :][:200]))
        if self._position:
            del self._buffer[: self._position]
            self._position = 0
        self._buffer += data

    def _read_line(self) -> bytes:
        while True:
            end = self._buffer.find(b"\r\n", self._position)
            if end >= 0:
                line = bytes(self._buffer[self._position : end])
                self._position = end + 2
                return line
            self._fill()

    def _read_exactly(self, count: int) -> bytes:
        while len(self._buffer) - self._position < count + 2:
            self._fill()
        data = bytes(self._buffer[self._position : self._position + count])
        self._position += count + 2
        if self._buffer[self._position - 2 : self._position] != b"\r\n":
            raise ProtocolError("a bulk of %d bytes does not end in CRLF" % count)
        return data

    def readable(self) -> bool:
        """A reply, or a part of one, has arrived."""
        return len(self._buffer) > self._position or bool(select.select([self.sock], [], [], 0)[0])

    def read_reply(self) -> Reply:
        line = self._read_line()
        if not line:
            raise ProtocolError("empty line where a reply should start")
        kind, rest = chr(line[0]), line[1:]
        if kind in "+-":
            return Reply(kind, rest)
        if kind == ":":
            return Reply(kind, int(rest))
        if kind == "$":
            count = int(rest)
            return Reply(kind, self._read_exactly(count) if count >= 0 else None)
        if kind in AGGREGATES:
            count = int(rest)
            if count < 0:
                return Reply(kind, None)
            return Reply(kind, tuple([self.read_reply() for _ in range(count)]))
        if kind == "%":
            return Reply(kind, tuple([(self.read_reply(), self.read_reply()) for _ in range(int(rest))]))
        if kind == "_":
            return Reply(kind, None)
        if kind in ",(#":
            return Reply(kind, rest)
        if kind == "=":
            return Reply(kind, self._read_exactly(int(rest)))
        raise ProtocolError("unknown reply type in %r" % line[:100])

    def read_replies(self, count: int) -> List[Reply]:
        return [self.read_reply() for _ in range(count)]

    def command(self, *arguments: Argument) -> Reply:
        self.send_command(*arguments)
        return self.read_reply()

    def pipeline(self, commands: Iterable[Sequence[Argument]]) -> List[Reply]:
        commands = list(commands)
        self.send(b"".join(map(encode, commands)))
        return self.read_replies(len(commands))

    def wait_closed(self, timeout: float) -> bytes:
        """Reads until the server closes; returns what it still said. Raises when it does not close in time."""
        deadline = time.monotonic() + timeout
        said = bytes(self._buffer[self._position :])
        try:
            while True:
                self.sock.settimeout(max(0.01, deadline - time.monotonic()))
                data = self.sock.recv(RECEIVE_BYTES)
                if not data:
                    return said
                said += data
        except ConnectionResetError:
            return said
        except socket.timeout:
            raise AssertionError(
                "the server did not close the connection in %.1f s; it said %r" % (timeout, said[:200])
            )
