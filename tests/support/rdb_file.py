"""RDB files put together by hand, as servers of any age write them."""

from support.rdb import crc64, length, string


def key(type_tag: int, name: bytes, body: bytes) -> bytes:
    return bytes([type_tag]) + string(name) + body


def aux(name: bytes, value: bytes) -> bytes:
    return b"\xfa" + string(name) + string(value)


def database(number: int) -> bytes:
    return b"\xfe" + length(number)


def whole(magic: bytes, *parts: bytes) -> bytes:
    """A file with its end, and with its checksum from version 5 on."""
    text = magic + b"".join(parts) + b"\xff"
    version = int(magic[-3:])
    return text if version < 5 else text + crc64(text).to_bytes(8, "little")


def whole_unchecked(magic: bytes, *parts: bytes) -> bytes:
    """As `whole`, with a checksum that says there is none: for files that would take long to sum up here."""
    return magic + b"".join(parts) + b"\xff" + bytes(8)
