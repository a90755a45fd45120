"""tidemark-check-aof beside redis-check-aof, on what redis-server writes and on damaged copies of it: the same words, the
same exit codes, the same bytes where something is cut."""

import pathlib
import re
import shutil
import subprocess
import time

import pytest

from support.resp import OK
from support.server import oracle_binary, target_binary
from support.waiting import wait_until

pytestmark = pytest.mark.tidemark_only

FOLDER = "appendonlydir"
MANIFEST = "appendonly.aof.manifest"
BASE = {"yes": "appendonly.aof.2.base.rdb", "no": "appendonly.aof.2.base.aof"}
INCREMENT = "appendonly.aof.2.incr.aof"
ORACLE_TOOL = "/usr/bin/redis-check-aof"


def tool():
    return str(pathlib.Path(target_binary()).with_name("tidemark-check-aof"))


def run(program, *arguments, answer=""):
    done = subprocess.run(
        [program, *map(str, arguments)], input=answer.encode(), stdout=subprocess.PIPE, timeout=60, check=False
    )
    return done.returncode, done.stdout.decode(errors="replace")


def essence(said):
    """The lines that both tools word alike. Where in a damaged item the problem lies, and what of an RDB file was read
    before it, each says in its own way; a server's log prefix stands in front of what redis-check-aof says of manifests."""
    lines = []
    for line in said.splitlines():
        line = re.sub(r"^\d+:C \d+ \w+ \d+ [\d:.]+ # ", "", line)
        if line and not line.startswith(("0x", "[additional info]", "[offset")):
            lines.append(line)
    return lines


def rewrite(connection):
    connection.command("BGREWRITEAOF")
    wait_until(lambda: b"aof_rewrite_in_progress:0\r\n" in connection.command("INFO", "persistence").value, "the rewrite")


def fill(connection):
    commands = [
        ("SET", "text", "a\r\nb"),
        ("SET", "expiring", "v", "PXAT", "99999999999999"),
        ("RPUSH", "list", *map(str, range(100))),
        ("HSET", "hash", "f", "v"),
        ("ZADD", "zset", "1.5", "m"),
        ("XADD", "stream", "1-1", "f", "v"),
        ("SELECT", "3"),
        ("SADD", "set", "1", "2"),
    ]
    for command in commands:
        connection.command(*command)


@pytest.fixture(scope="module", params=["yes", "no"], ids=["preamble", "commands"])
def written(request, start_shared_server, tmp_path_factory):
    """A folder as redis-server leaves it, with a base and one increment that has a transaction, a time stamp and a command
    behind it; and whether the base is an RDB file."""
    options = {"appendonly": "yes", "aof-timestamp-enabled": "yes", "aof-use-rdb-preamble": request.param}
    server = start_shared_server(options, binary=oracle_binary())
    with server.connect() as connection:
        fill(connection)
        rewrite(connection)
        connection.pipeline([("SET", "b", "1"), ("MULTI",), ("SET", "c", "1"), ("INCR", "c"), ("EXEC",)])
        began = int(time.time())
        wait_until(lambda: time.time() >= began + 1, "the next second")
        assert connection.command("SET", "later", "*1") == OK
    assert server.terminate() == 0
    kept = tmp_path_factory.mktemp("written") / FOLDER
    shutil.copytree(server.directory / FOLDER, kept)
    assert (kept / BASE[request.param]).stat().st_size > 0 and (kept / INCREMENT).stat().st_size > 0
    return kept, request.param


@pytest.fixture
def both(written, tmp_path):
    """Two copies of the folder, one for each tool."""
    folders = [tmp_path / "ours" / FOLDER, tmp_path / "theirs" / FOLDER]
    for folder in folders:
        shutil.copytree(written[0], folder)
    return folders


def compare(folders, name, *options, answer=""):
    """Runs each tool in its folder; the exit code and what ours said."""
    results = []
    for program, folder in zip((tool(), ORACLE_TOOL), folders):
        code, said = run(program, *options, folder / name, answer=answer)
        said = said.replace(str(folder), "FOLDER")
        results.append((code, essence(said), said))
    assert results[0][:2] == results[1][:2], "%s\n---\n%s" % (results[0][2], results[1][2])
    for path in folders[0].iterdir():
        assert path.read_bytes() == (folders[1] / path.name).read_bytes(), path.name
    return results[0][0], results[0][2]


def change(folders, name, text):
    for folder in folders:
        (folder / name).write_bytes(text)


def old_style(folder, preamble):
    """One file, as servers before 7.0 wrote it."""
    return (folder / BASE[preamble]).read_bytes() + (folder / INCREMENT).read_bytes()


def per_file_lines(folders, preamble):
    """redis-check-aof goes on counting lines from one file to the next: here the base has none."""
    if preamble == "no":
        change(folders, MANIFEST, b"file %s seq 2 type i\n" % INCREMENT.encode())


def test_what_redis_writes_is_sound(both, written):
    preamble = written[1]
    if preamble == "yes":
        code, said = compare(both, MANIFEST)
        assert "BASE AOF (RDB format)" in said
    else:
        code, said = run(tool(), both[0] / MANIFEST)
        assert "BASE AOF (RESP format)" in said
    assert code == 0 and "All AOF files and manifest are valid" in said
    for folder in both:
        (folder / "old").write_bytes(old_style(folder, preamble))
    assert compare(both, "old")[0] == 0
    assert compare(both, BASE[preamble])[0] == 0
    assert compare(both, INCREMENT)[0] == 0
    change(both, INCREMENT, b"")
    assert "INCR AOF %s is empty" % INCREMENT in compare(both, MANIFEST)[1]


def test_every_cut(both, written):
    """Everywhere but within a time stamp, whose torn line redis-check-aof takes for a whole one."""
    whole = (written[0] / INCREMENT).read_bytes()
    stamps = [range(m.start() + 1, m.end()) for m in re.finditer(rb"#TS:\d+\r\n", whole)]
    for size in range(len(whole)):
        if any(size in stamp for stamp in stamps):
            change(both[:1], INCREMENT, whole[:size])
            assert run(tool(), both[0] / INCREMENT)[0] == 1
            continue
        change(both, INCREMENT, whole[:size])
        compare(both, INCREMENT)


def test_cut_and_fixed(both, written, start_server):
    preamble = written[1]
    per_file_lines(both, preamble)
    whole = (written[0] / INCREMENT).read_bytes()
    for size in (len(whole) - 3, whole.index(b"EXEC") + 2, whole.index(b"MULTI") + 1):
        change(both, INCREMENT, whole[:size])
        assert compare(both, MANIFEST)[0] == 1
        assert compare(both, MANIFEST, "--fix", answer="n\n")[0] == 1
        assert (both[0] / INCREMENT).stat().st_size == size
        assert compare(both, MANIFEST, "--fix", answer="y\n")[0] == 0
        assert (both[0] / INCREMENT).stat().st_size < size
        assert compare(both, MANIFEST)[0] == 0
    # The transaction is cut out as a whole, and what is left is loaded.
    shutil.copy(written[0] / MANIFEST, both[0] / MANIFEST)
    server = start_server({"appendonly": "yes", "dir": str(both[0].parent)}, binary=oracle_binary())
    with server.connect() as connection:
        assert connection.command("EXISTS", "text", "hash", "stream").value == 3
        assert connection.command("EXISTS", "c", "later").value == 0


def test_old_style_cut_and_fixed(both, written):
    for folder in both:
        (folder / "old").write_bytes(old_style(folder, written[1])[:-7])
    assert compare(both, "old")[0] == 1
    assert compare(both, "old", "--fix", answer="y\n")[0] == 0
    assert compare(both, "old")[0] == 0


def test_flipped_bytes(both, written, rng):
    """What redis-check-aof finds is found, in the same command or, where it is less strict, in an earlier one."""
    whole = bytearray((written[0] / INCREMENT).read_bytes())
    for _ in range(150):
        damaged = bytearray(whole)
        damaged[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        change(both, INCREMENT, bytes(damaged))
        ours, theirs = (run(t, f / INCREMENT) for t, f in zip((tool(), ORACLE_TOOL), both))
        ends = [int(re.search(r"ok_up_to=(\d+)", said).group(1)) for _, said in (ours, theirs)]
        assert ours[0] >= theirs[0] and ends[0] <= ends[1], "%r\n%s\n%s" % (bytes(damaged), ours[1], theirs[1])


def test_only_the_last_file_is_fixed(both, written):
    change(both, INCREMENT, (written[0] / INCREMENT).read_bytes()[:-3])
    change(both, "appendonly.aof.3.incr.aof", b"")
    lines = b"file %s seq 2 type i\nfile appendonly.aof.3.incr.aof seq 3 type i\n" % INCREMENT.encode()
    change(both, MANIFEST, lines)
    code, said = compare(both, MANIFEST, "--fix", answer="y\n")
    assert code == 1 and "because it is not the last file" in said


def test_damaged_base(both, written):
    preamble = written[1]
    name = BASE[preamble]
    change(both, name, (written[0] / name).read_bytes()[:-9])
    code, said = compare(both, MANIFEST)
    assert code == 1
    assert ("RDB preamble of AOF file is not sane" if preamble == "yes" else "AOF %s is not valid" % name) in said
    assert compare(both, MANIFEST, "--fix", answer="y\n")[0] == 1


def test_truncated_to_a_time(both, written):
    preamble = written[1]
    per_file_lines(both, preamble)
    whole = (written[0] / INCREMENT).read_bytes()
    stamps = [(m.start(), int(m.group(1))) for m in re.finditer(rb"#TS:(\d+)\r\n", whole)]
    at, late = stamps[-1]
    assert compare(both, MANIFEST, "--truncate-to-timestamp", late)[0] == 0
    assert (both[0] / INCREMENT).read_bytes() == whole
    code, said = run(tool(), "--truncate-to-timestamp", late - 1, both[0] / MANIFEST)
    assert code == 0 and "Successfully truncated AOF %s to timestamp %d" % (INCREMENT, late - 1) in said
    assert (both[0] / INCREMENT).read_bytes() == whole[:at]
    change(both, INCREMENT, whole[at:])
    code, said = compare(both, INCREMENT, "--truncate-to-timestamp", late - 1)
    assert code == 1 and "has nothing before timestamp" in said
    # Not in a file that others follow.
    change(both, INCREMENT, whole)
    change(both, "last", b"")
    change(both, MANIFEST, b"file %s seq 2 type i\nfile last seq 3 type i\n" % INCREMENT.encode())
    code, said = run(tool(), "--truncate-to-timestamp", late - 1, both[0] / MANIFEST)
    assert code == 1 and "to offset %d because it is not the last file" % at in said
    assert (both[0] / INCREMENT).read_bytes() == whole


@pytest.mark.parametrize(
    "manifest",
    [
        "file {base} seq 2 type b",
        "file {base} seq 2 type b\n\n",
        "file {base} seq 2 type b\nfile {base} seq 2 type b\n",
        "file {base} seq 2 type b\nfile {incr} seq 2 type i\nfile {incr} seq 2 type i\n",
        "file x/{base} seq 2 type b\n",
        "file x\\{base} seq 2 type b\n",
        "file {base} seq 2 type x\n",
        "file {base} seq 0 type b\n",
        "file {base} seq 2\n",
        "file '{base} seq 2 type b\n",
        "file " + "n" * 1010 + " seq 2 type b\n",
    ],
)
def test_bad_manifests(both, written, manifest):
    change(both, MANIFEST, manifest.format(base=BASE[written[1]], incr=INCREMENT).encode())
    results = [run(t, f / MANIFEST) for t, f in zip((tool(), ORACLE_TOOL), both)]
    (ours, said), (theirs, oracle_said) = results
    assert ours == theirs == 1
    assert essence(said)[-1] == essence(oracle_said)[-1]


def test_manifests_with_more(both):
    for folder in both:
        (folder / INCREMENT).rename(folder / "my file")
    change(
        both,
        MANIFEST,
        b'# a note\nfile gone seq 1 type h\nfile "my\\x20file" seq 2 type i startoffset 17 endoffset 99 more "of it"\n',
    )
    assert compare(both, MANIFEST)[0] == 0
    (both[0] / "my file").unlink()
    (both[1] / "my file").unlink()
    assert compare(both, MANIFEST)[0] == 1


def test_usage(tmp_path):
    for arguments in ([], ["--fix", "a", "b"], ["a", "b", "c", "d"]):
        code, said = run(tool(), *arguments)
        assert code == 1 and said.startswith("Usage: tidemark-check-aof [--fix|--truncate-to-timestamp $timestamp]")
    code, said = run(tool(), "--help")
    assert code == 0 and "--fix " in said and "--truncate-to-timestamp " in said
    for arguments in ([tmp_path / "nothing"], ["--truncate-to-timestamp", "soon", tmp_path], [tmp_path]):
        code, said = run(tool(), *arguments)
        assert code == 1 and said.count("\n") <= 2, said
