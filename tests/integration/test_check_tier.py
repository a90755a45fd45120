"""tidemark-check-tier on the directory of a server: refused while that runs, then it finds every record, and names what
is damaged."""

import pathlib
import subprocess

import pytest

from support import tier_fields
from support.resp import Reply
from support.server import target_binary
from support.waiting import wait_until

pytestmark = pytest.mark.tidemark_only

NAMES = [b"k:%d" % i for i in range(1000)]


def check(*arguments):
    tool = pathlib.Path(target_binary()).with_name("tidemark-check-tier")
    run = subprocess.run([str(tool), *map(str, arguments)], capture_output=True, timeout=60, check=False)
    return run.returncode, run.stdout.decode(), run.stderr.decode()


def test_a_directory_after_a_crash(start_server):
    """What a server that was killed leaves is whole; a flipped bit is found where it is."""
    server = start_server(tier={"tier-enabled": "yes", "tier-compression": "no", "maxmemory": "64mb"})
    directory = server.directory / "tier"
    with server.connect() as connection:
        connection.pipeline([("SET", name, name * 200) for name in NAMES])
        assert connection.command("TIER", "SPILL", *NAMES) == Reply(":", len(NAMES))
        for name in NAMES:
            wait_until(lambda: connection.command("TIER", "WHERE", name).value == tier_fields.COLD, "it is cold")
    code, _, complaint = check(directory)
    assert code == 1 and "in use by a server" in complaint, complaint
    server.kill()
    code, said, _ = check(directory)
    assert code == 0 and "segments, 1000 records" in said and "undamaged" in said, said
    # Those behind the first are made ahead.
    segment = min(directory.glob("*.segment"))
    content = bytearray(segment.read_bytes())
    at = content.index(NAMES[500] * 200)
    content[at] ^= 1
    segment.write_bytes(content)
    code, said, _ = check(directory)
    assert code == 1 and "999 records" in said and "damaged in 1 places" in said, said
    (line,) = [line for line in said.splitlines() if line.startswith("[damage]")]
    assert str(segment) in line and "checksum mismatch" in line, line
    offset = int(line.split("at offset ")[1].split(":")[0])
    assert 0 < at - offset <= 64, "the record's beginning"


def test_what_is_no_tier(tmp_path):
    """Other directories and files are refused and left alone."""
    code, _, complaint = check(tmp_path)
    assert code == 1 and "not a flash tier" in complaint, complaint
    assert list(tmp_path.iterdir()) == []
    code, _, complaint = check(tmp_path / "missing")
    assert code == 1 and "not a flash tier" in complaint, complaint
    (tmp_path / "TIDEMARK_TIER").write_text("")
    (tmp_path / "TIDEMARK_LOCK").write_text("")
    code, said, _ = check(tmp_path)
    assert code == 0 and "[total] 0 segments" in said, said
    base = tmp_path / "base.rdb"
    code, _, complaint = check(tmp_path, "--checkpoint", base)
    assert code == 1 and "No such file" in complaint, complaint
    base.write_bytes(b"REDIS0010\xff" + bytes(8))
    code, _, complaint = check(tmp_path, "--checkpoint", base)
    assert code == 1 and "not the base file of a checkpoint" in complaint, complaint


def test_how_it_is_called():
    """--help tells; anything else that is wrong does too, as an error."""
    code, said, _ = check("--help")
    assert code == 0 and "--checkpoint <base-file>" in said
    for arguments in ([], ["a", "b"], ["--what"], ["a", "--checkpoint"]):
        code, said, complaint = check(*arguments)
        assert (code, said) == (1, "") and complaint.startswith("Usage:"), arguments
