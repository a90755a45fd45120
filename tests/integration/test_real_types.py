"""Word lists and Debian's package index as sorted sets, sets, HyperLogLogs, hashes, lists and streams, in a server whose
memory holds a part of them: every answer equals that of the same structures in Python, while values go to flash and come
back."""

import re
from collections import defaultdict
from typing import Dict, List

import pytest

from support import tier_fields
from support.memory_watch import MemoryWatch, rss_limit
from support.server import is_sanitized
from support.waiting import wait_until
from support.words import load_words

MAXMEMORY_BYTES = 14 * 1024 * 1024
LIMIT_STEP_BYTES = 256 * 1024
ROOM_BYTES = 4 * 1024 * 1024
PIPELINE = 500
MEMBERS_PER_COMMAND = 200
PACKAGE_STRIDE = 3
# Three standard errors of a HyperLogLog with 16384 registers.
HLL_ERROR = 3 * 1.04 / 128


def chunks(items, size):
    items = list(items)
    return [items[i : i + size] for i in range(0, len(items), size)]


def answers(client, commands):
    """The replies to many commands, sent in pipelines; an error reply is raised."""
    replies = []
    for chunk in chunks(commands, PIPELINE):
        with client.pipeline(transaction=False) as pipe:
            for command in chunk:
                pipe.execute_command(*command)
            replies += pipe.execute()
    return replies


def field_of(stanza: bytes, name: bytes) -> bytes:
    match = re.search(rb"^" + name + rb": (.*)$", stanza, re.MULTILINE)
    return match.group(1) if match else b""


def dependencies_of(stanza: bytes) -> List[bytes]:
    return sorted({item.split()[0].split(b":")[0] for item in re.split(rb"[,|]", field_of(stanza, b"Depends")) if item.strip()})


class Expected:
    """The same data in Python: what each key of the server holds."""

    FIELDS = (b"Version", b"Section", b"Maintainer", b"Architecture", b"Size", b"SHA256", b"Description-md5")

    def __init__(self, stanzas: Dict[bytes, bytes]):
        self.words = load_words()
        self.zset = self.words["en"]
        self.word_zsets = self._by_prefix()
        self.word_sets = {
            b"words:%s:%d" % (language.encode(), size): {word for word in words if len(word) == size}
            for language, words in self.words.items()
            for size in {len(word) for word in words}
        }
        names = sorted(stanzas)[::PACKAGE_STRIDE]
        self.depends = {name: set(dependencies_of(stanzas[name])) for name in names}
        self.depends = {name: found for name, found in self.depends.items() if found}
        self.hashes = {name: {field: field_of(stanzas[name], field) for field in self.FIELDS} for name in names}
        self.lists: Dict[bytes, List[bytes]] = defaultdict(list)
        self.streams: Dict[bytes, List[tuple]] = defaultdict(list)
        for name in names:
            section = field_of(stanzas[name], b"Section")
            self.lists[section].append(field_of(stanzas[name], b"Description"))
            self.streams[section].append((name, field_of(stanzas[name], b"Version")))

    def _by_prefix(self) -> Dict[bytes, List[bytes]]:
        """Words of one score under their first two bytes, for ranges in the order of their bytes."""
        groups = defaultdict(list)
        for language, words in self.words.items():
            for word in words:
                groups[b"lex:%s:%s" % (language.encode(), word[:2])].append(word)
        return {key: sorted(group) for key, group in groups.items()}

    def load(self, client) -> None:
        commands = []
        for chunk in chunks(enumerate(self.zset), MEMBERS_PER_COMMAND):
            commands.append(["ZADD", "words:en"] + [part for rank, word in chunk for part in (rank / 4, word)])
        for key, group in self.word_zsets.items():
            for chunk in chunks(group, MEMBERS_PER_COMMAND):
                commands.append(["ZADD", key] + [part for word in chunk for part in (0, word)])
        for key, members in self.word_sets.items():
            commands += [["SADD", key, *chunk] for chunk in chunks(members, MEMBERS_PER_COMMAND)]
        for language, words in self.words.items():
            commands += [["PFADD", "hll:" + language, *chunk] for chunk in chunks(words, MEMBERS_PER_COMMAND)]
            commands += [["PFADD", b"hll:%s:%c" % (language.encode(), word[0]), word] for word in words[::7]]
        commands += [["SADD", b"deps:" + name, *members] for name, members in self.depends.items()]
        for name, fields in self.hashes.items():
            commands.append(["HSET", b"package:" + name] + [part for pair in fields.items() for part in pair])
        for section, lines in self.lists.items():
            commands += [["RPUSH", b"list:" + section, *chunk] for chunk in chunks(lines, MEMBERS_PER_COMMAND)]
        for section, entries in self.streams.items():
            for number, (name, version) in enumerate(entries, 1):
                commands.append(["XADD", b"stream:" + section, "%d-1" % number, "package", name, "version", version])
        answers(client, commands)


class Store:
    """The server, loaded, and what it should hold."""

    def __init__(self, server, expected: Expected):
        self.server = server
        self.client = server.client()
        self.expected = expected
        expected.load(self.client)
        if server.is_tidemark:
            self._push_out()

    def _push_out(self) -> None:
        """Lowers the limit until two thirds of the keys are cold, however many packages and words there are."""
        limit = MAXMEMORY_BYTES
        while not self.most_are_cold():
            limit -= LIMIT_STEP_BYTES
            assert limit > 0, "keys stay in RAM: %s" % self.tiering()
            self.client.config_set("maxmemory", limit)
            wait_until(lambda: int(self.server.info("memory")["used_memory"]) <= limit, "memory is below its limit")
        # What the commands of one pipeline read is in RAM at the same time, and needs room.
        self.client.config_set("maxmemory", min(MAXMEMORY_BYTES, limit + ROOM_BYTES))

    def most_are_cold(self) -> bool:
        counts = self.tiering()
        return counts[tier_fields.COLD_KEYS] > 2 * (counts[tier_fields.RESIDENT_KEYS] + counts[tier_fields.CLEAN_KEYS])

    def tiering(self) -> Dict[str, int]:
        info = self.server.info("tiering")
        return {name: int(info[name]) for name in tier_fields.ALL}


@pytest.fixture(scope="module")
def store(start_shared_server, stanzas):
    expected = Expected(stanzas)
    server = start_shared_server(
        tier={
            "maxmemory": str(MAXMEMORY_BYTES),
            "tier-enabled": "yes",
            "maxmemory-policy": "noeviction",
            "tier-min-value-size": "1",
        }
    )
    with MemoryWatch(server) as watch:
        yield Store(server, expected)
    if server.is_tidemark and not is_sanitized(server.binary):
        watch.assert_below(rss_limit(MAXMEMORY_BYTES))


@pytest.fixture(autouse=True)
def reads_from_flash(store):
    """Around each test: data was spilled before, some of it is read back during the test, and nothing is damaged."""
    before = store.tiering() if store.server.is_tidemark else None
    yield
    if before is None:
        return
    after = store.tiering()
    print(after)
    assert before[tier_fields.SPILLS] > 0 and after[tier_fields.COLD_KEYS] > 0
    assert after[tier_fields.READS] > before[tier_fields.READS], "nothing of what was asked for was on flash"
    assert after[tier_fields.READ_ERRORS] == 0 and after[tier_fields.CORRUPTIONS] == 0


def test_most_is_on_flash(store, rng):
    """With a third of the keys in RAM at most, all keys are there with the right types and sizes."""
    client, expected = store.client, store.expected
    sizes = [("ZCARD", "words:en", len(expected.zset))]
    sizes += [("ZCARD", key, len(group)) for key, group in expected.word_zsets.items()]
    sizes += [("SCARD", key, len(members)) for key, members in expected.word_sets.items()]
    sizes += [("SCARD", b"deps:" + name, len(members)) for name, members in expected.depends.items()]
    sizes += [("HLEN", b"package:" + name, len(fields)) for name, fields in expected.hashes.items()]
    sizes += [("LLEN", b"list:" + section, len(lines)) for section, lines in expected.lists.items()]
    sizes += [("XLEN", b"stream:" + section, len(entries)) for section, entries in expected.streams.items()]
    if store.server.is_tidemark:
        assert store.most_are_cold()
    rng.shuffle(sizes)
    got = answers(client, [(command, key) for command, key, _ in sizes])
    assert got == [size for _, _, size in sizes]
    # Sizes are known without reading; values are not.
    names = rng.sample(sorted(expected.depends), 1000)
    got = answers(client, [("SRANDMEMBER", b"deps:" + name) for name in names])
    assert all(member in expected.depends[name] for name, member in zip(names, got))


def test_the_sorted_set_of_all_words(store, rng):
    """Ranks, scores, ranges by rank and by score of a sorted set of a hundred thousand words."""
    words = store.expected.zset
    ranks = [rng.randrange(len(words)) for _ in range(500)]
    got = answers(store.client, [("ZRANK", "words:en", words[rank]) for rank in ranks])
    assert got == ranks
    got = answers(store.client, [("ZREVRANK", "words:en", words[rank]) for rank in ranks])
    assert got == [len(words) - 1 - rank for rank in ranks]
    got = answers(store.client, [("ZSCORE", "words:en", words[rank]) for rank in ranks])
    assert [float(score) for score in got] == [rank / 4 for rank in ranks]
    for first in ranks[:100]:
        last = first + rng.randrange(300)
        assert store.client.execute_command("ZRANGE", "words:en", first, last) == words[first : last + 1]
        by_score = store.client.execute_command("ZRANGEBYSCORE", "words:en", first / 4, "(%s" % (last / 4))
        assert by_score == words[first:last]
        assert store.client.execute_command("ZCOUNT", "words:en", first / 4, last / 4) == len(words[first : last + 1])


def test_words_in_the_order_of_their_bytes(store, rng):
    """Ranges by the bytes of the members, in sorted sets whose scores are all equal."""
    groups = list(store.expected.word_zsets.items())
    rng.shuffle(groups)
    for key, group in groups:
        low, high = sorted((rng.choice(group), rng.choice(group)))
        commands = [
            ("ZRANGEBYLEX", key, b"[" + low, b"(" + high),
            ("ZLEXCOUNT", key, b"[" + low, b"[" + high),
            ("ZRANGE", key, 0, -1),
        ]
        got = answers(store.client, commands)
        inside = [word for word in group if low <= word <= high]
        assert got == [[word for word in inside if word != high], len(inside), group], key


def test_sets_of_words(store, rng):
    """Membership, intersections, differences and unions of the words of two languages, by length."""
    sets = store.expected.word_sets
    sizes = sorted({int(key.split(b":")[2]) for key in sets})
    for size in sizes:
        keys = [b"words:en:%d" % size, b"words:de:%d" % size]
        english, german = (sets.get(key, set()) for key in keys)
        both = english & german
        got = answers(
            store.client,
            [
                ("SINTER", *keys),
                ("SINTERCARD", 2, *keys),
                ("SDIFF", *keys),
                ("SUNIONSTORE", "union", *keys),
                ("SCARD", "union"),
                ("DEL", "union"),
            ],
        )
        assert set(got[0]) == both and got[1] == len(both) == len(got[0])
        assert set(got[2]) == english - german
        assert got[3] == got[4] == len(english | german)
    probes = [(rng.choice(sorted(sets)), word) for words in store.expected.words.values() for word in rng.sample(words, 500)]
    got = answers(store.client, [("SISMEMBER", key, word) for key, word in probes])
    assert [bool(answer) for answer in got] == [word in sets[key] for key, word in probes]


def test_hyperloglogs_of_words(store):
    """Estimates of one list and of both together are within their error, and merging estimates what counting does."""
    words, client = store.expected.words, store.client
    for language, members in words.items():
        assert abs(client.pfcount("hll:" + language) - len(set(members))) <= HLL_ERROR * len(members)
    union = len(set(words["en"]) | set(words["de"]))
    estimate = client.pfcount("hll:en", "hll:de")
    assert abs(estimate - union) <= HLL_ERROR * union
    assert client.pfmerge("hll:union", "hll:en", "hll:de")
    assert client.pfcount("hll:union") == estimate
    client.delete("hll:union")
    initials = defaultdict(set)
    for language, members in words.items():
        for word in members[::7]:
            initials[b"hll:%s:%c" % (language.encode(), word[0])].add(word)
    for (key, members), got in zip(initials.items(), answers(client, [("PFCOUNT", key) for key in initials])):
        assert abs(got - len(members)) <= max(2, 2 * HLL_ERROR * len(members)), key


def test_packages_as_hashes(store, rng):
    """Every field of every package, whole hashes and single fields."""
    hashes = list(store.expected.hashes.items())
    rng.shuffle(hashes)
    for chunk in chunks(hashes, PIPELINE):
        for (name, fields), got in zip(chunk, answers(store.client, [("HGETALL", b"package:" + name) for name, _ in chunk])):
            pairs = got if isinstance(got, dict) else dict(zip(got[::2], got[1::2]))
            assert pairs == fields, name
    fields = Expected.FIELDS[:3] + (b"no such field",)
    sample = hashes[: len(hashes) // 4]
    got = answers(store.client, [("HMGET", b"package:" + name, *fields) for name, _ in sample])
    assert got == [[values.get(field) for field in fields] for _, values in sample]


def test_dependencies_as_sets(store, rng):
    """What packages depend on, alone and in common."""
    depends = store.expected.depends
    names = list(depends)
    rng.shuffle(names)
    for chunk in chunks(names, PIPELINE):
        got = answers(store.client, [("SMEMBERS", b"deps:" + name) for name in chunk])
        assert [set(members) for members in got] == [depends[name] for name in chunk]
    pairs = [(rng.choice(names), rng.choice(names)) for _ in range(2000)]
    got = answers(store.client, [("SINTER", b"deps:" + a, b"deps:" + b) for a, b in pairs])
    assert [set(members) for members in got] == [depends[a] & depends[b] for a, b in pairs]


def test_descriptions_as_lists(store, rng):
    """Ranges, single elements and positions in lists of descriptions, one a section."""
    for section, lines in rng.sample(sorted(store.expected.lists.items()), len(store.expected.lists)):
        key = b"list:" + section
        first = rng.randrange(len(lines))
        index = rng.randrange(len(lines))
        commands = [
            ("LRANGE", key, 0, -1),
            ("LRANGE", key, first, first + 50),
            ("LINDEX", key, -1 - index),
            ("LPOS", key, lines[index]),
        ]
        expected = [lines, lines[first : first + 51], lines[-1 - index], lines.index(lines[index])]
        assert answers(store.client, commands) == expected, section


def entries_of(reply):
    return [(identifier, fields[b"package"], fields[b"version"]) for identifier, fields in reply]


def test_versions_as_streams_with_a_group(store, rng):
    """Two consumers share out each stream: together they see every entry once and in order, what they acknowledge is no
    longer pending, and ranges are right before and after."""
    client = store.client
    for section, versions in rng.sample(sorted(store.expected.streams.items()), len(store.expected.streams)):
        key = b"stream:" + section
        entries = [(b"%d-1" % number, name, version) for number, (name, version) in enumerate(versions, 1)]
        first = rng.randrange(len(entries))
        got = client.execute_command("XRANGE", key, entries[first][0], "+", "COUNT", 20)
        assert entries_of(got) == entries[first : first + 20]
        got = client.execute_command("XREVRANGE", key, entries[first][0], "-", "COUNT", 20)
        assert entries_of(got) == entries[max(0, first - 19) : first + 1][::-1]
        client.xgroup_create(key, "readers", "0")
        seen = {b"a": [], b"b": []}
        while True:
            consumer = rng.choice((b"a", b"b"))
            got = client.xreadgroup("readers", consumer, {key: ">"}, count=rng.randint(1, 200))
            if not got:
                break
            seen[consumer] += [identifier for identifier, _ in got[0][1]]
        assert sorted(seen[b"a"] + seen[b"b"], key=lambda one: int(one.split(b"-")[0])) == [one for one, _, _ in entries]
        done = seen[b"a"][::2]
        for chunk in chunks(done, MEMBERS_PER_COMMAND):
            assert client.xack(key, "readers", *chunk) == len(chunk)
        pending = client.xpending(key, "readers")
        assert pending["pending"] == len(entries) - len(done)
        left = [one for one in seen[b"a"] if one not in set(done)]
        if left:
            listed = client.xpending_range(key, "readers", "-", "+", len(entries), consumername="a")
            assert [one["message_id"] for one in listed] == left
    # All of them once more, after the others have pushed them out.
    for section, versions in store.expected.streams.items():
        got = client.execute_command("XRANGE", b"stream:" + section, "-", "+")
        assert [(name, version) for _, name, version in entries_of(got)] == versions
