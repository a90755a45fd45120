"""Every package stanza of Debian's index in a server with 16 MB: all comes back, byte for byte, in bounded RAM."""

import random
import threading

import pytest

from support import tier_fields
from support.memory_watch import MemoryWatch, rss_limit
from support.server import is_sanitized
from support.waiting import make_seed, wait_until

MAXMEMORY_BYTES = 16 * 1024 * 1024
LOAD_PIPELINE = 200
SHORT_TTL_MS = 1500
LONG_TTL_S = 3600


def chunks(items, size):
    return [items[i : i + size] for i in range(0, len(items), size)]


def load(client, values) -> None:
    for chunk in chunks(list(values.items()), LOAD_PIPELINE):
        with client.pipeline(transaction=False) as pipe:
            for name, value in chunk:
                pipe.set(name, value)
            assert all(pipe.execute())


def shuffled_names(values):
    seed = make_seed()
    print("seed=%d (TIDEMARK_TEST_SEED), %d stanzas, %d bytes" % (seed, len(values), sum(map(len, values.values()))))
    names = sorted(values)
    random.Random(seed).shuffle(names)
    return names


def spills_demanded(values) -> int:
    """How few values can be on flash when the rest of the bytes fits into maxmemory: the largest ones first."""
    excess = sum(len(name) + len(value) for name, value in values.items()) - MAXMEMORY_BYTES
    count = 0
    for size in sorted(map(len, values.values()), reverse=True):
        if excess <= 0:
            break
        excess -= size
        count += 1
    assert count > 0, "the index is too small to need a tier"
    return count


class Store:
    """The server of this module and what it should hold."""

    def __init__(self, server, values):
        self.server = server
        self.values = dict(values)
        self.client = server.client()

    def tiering(self):
        info = self.server.info("tiering")
        return {name: int(info[name]) for name in tier_fields.ALL}

    def assert_tier_sound(self) -> None:
        """Nothing was lost or damaged, and what is not in RAM is on flash."""
        if not self.server.is_tidemark:
            return
        counts = self.tiering()
        print(counts)
        least_cold = spills_demanded(self.values)
        assert counts[tier_fields.READ_ERRORS] == 0 and counts[tier_fields.CORRUPTIONS] == 0
        assert counts[tier_fields.SPILLS] >= least_cold
        assert counts[tier_fields.COLD_KEYS] >= least_cold
        total = counts[tier_fields.COLD_KEYS] + counts[tier_fields.CLEAN_KEYS] + counts[tier_fields.RESIDENT_KEYS]
        assert total == self.client.dbsize()
        assert counts[tier_fields.PROMOTIONS] <= counts[tier_fields.READS]
        assert counts[tier_fields.LIVE_BYTES] > 0 and counts[tier_fields.DISK_BYTES] > 0


@pytest.fixture(scope="module")
def store(start_shared_server, stanzas):
    """A server with all stanzas loaded, watched for its memory during every test of the module."""
    server = start_shared_server(
        tier={"maxmemory": str(MAXMEMORY_BYTES), "tier-enabled": "yes", "maxmemory-policy": "noeviction"}
    )
    with MemoryWatch(server) as watch:
        store = Store(server, stanzas)
        load(store.client, stanzas)
        assert store.client.dbsize() == len(stanzas)
        yield store
    if server.is_tidemark and not is_sanitized(server.binary):
        watch.assert_below(rss_limit(MAXMEMORY_BYTES))


def test_random_order(store):
    """Single GETs in random order return every stanza; the tier's counters are what the sizes demand."""
    names = shuffled_names(store.values)
    before = store.tiering() if store.server.is_tidemark else None
    with store.server.connect() as connection:
        for name in names:
            reply = connection.command("GET", name)
            assert reply.value == store.values[name], "%r came back as %r" % (name, reply)
    store.assert_tier_sound()
    if before:
        # Every key that was cold at the start had to be read from flash once.
        reads = store.tiering()[tier_fields.READS] - before[tier_fields.READS]
        assert reads >= before[tier_fields.COLD_KEYS] >= spills_demanded(store.values)


def test_pipelines(store):
    """Pipelines of 100 return every stanza, in order."""
    for chunk in chunks(shuffled_names(store.values), 100):
        with store.client.pipeline(transaction=False) as pipe:
            for name in chunk:
                pipe.get(name)
            for name, value in zip(chunk, pipe.execute()):
                assert value == store.values[name], name
    store.assert_tier_sound()


def test_mget(store):
    """MGETs of 50 return every stanza, in order, and null for what is not there."""
    for chunk in chunks(shuffled_names(store.values), 50):
        got = store.client.mget(chunk + [b"no such package"])
        assert got.pop() is None
        for name, value in zip(chunk, got):
            assert value == store.values[name], name
    store.assert_tier_sound()


class Rewriter(threading.Thread):
    """Rewrites random keys with numbered versions. `attempted` is raised before a SET, `confirmed` after its reply, so
    that a read that starts at confirmed c and ends at attempted a must see one of the versions c..a."""

    def __init__(self, server, values, names, seed):
        super().__init__(daemon=True)
        self.confirmed = dict.fromkeys(names, 0)
        self.attempted = dict.fromkeys(names, 0)
        self.write_count = 0
        self.error = None
        self._client = server.client()
        self._values = values
        self._names = names
        self._random = random.Random(seed)
        self._stop_asked = threading.Event()

    @staticmethod
    def version(original: bytes, number: int) -> bytes:
        return original + b"\nRevision: %d" % number if number else original

    def run(self) -> None:
        try:
            while not self._stop_asked.is_set():
                name = self._random.choice(self._names)
                number = self.attempted[name] + 1
                self.attempted[name] = number
                assert self._client.set(name, self.version(self._values[name], number))
                self.confirmed[name] = number
                self.write_count += 1
        except Exception as error:  # handed to the test, which owns the verdict
            self.error = error

    def stop(self) -> None:
        self._stop_asked.set()
        self.join()
        if self.error is not None:
            raise self.error


def test_while_another_client_rewrites(store):
    """While a second client rewrites keys, each read returns a version that was possible at that moment."""
    names = shuffled_names(store.values)
    rewriter = Rewriter(store.server, store.values, names, seed=make_seed())
    rewriter.start()
    changed_seen = 0
    with store.server.connect() as connection:
        for name in names:
            earliest = rewriter.confirmed[name]
            value = connection.command("GET", name).value
            latest = rewriter.attempted[name]
            possible = [rewriter.version(store.values[name], number) for number in range(earliest, latest + 1)]
            assert value in possible, "%r: none of versions %d..%d but %r" % (name, earliest, latest, value)
            changed_seen += latest > 0
    rewriter.stop()
    print("%d rewrites, %d reads of rewritten keys" % (rewriter.write_count, changed_seen))
    assert rewriter.write_count > 1000 and changed_seen > 100
    for name in names:
        store.values[name] = rewriter.version(store.values[name], rewriter.confirmed[name])
    # And all of it once more, now that nobody writes.
    for chunk in chunks(names, 50):
        assert store.client.mget(chunk) == [store.values[name] for name in chunk]
    store.assert_tier_sound()


def test_with_expiry(store):
    """Keys with a short TTL vanish, those with a long one or none stay whole, cold or not."""
    names = shuffled_names(store.values)
    share = len(names) // 10
    by_expire, by_set, long_by_expire, long_by_set = (names[i * share : (i + 1) * share] for i in range(4))
    expired_before = store.server.info_number("stats", "expired_keys")
    for chunk in chunks(list(range(share)), LOAD_PIPELINE):
        with store.client.pipeline(transaction=False) as pipe:
            for i in chunk:
                pipe.pexpire(by_expire[i], SHORT_TTL_MS)
                pipe.set(by_set[i], store.values[by_set[i]], px=SHORT_TTL_MS)
                pipe.expire(long_by_expire[i], LONG_TTL_S)
                pipe.set(long_by_set[i], store.values[long_by_set[i]], ex=LONG_TTL_S)
            assert all(pipe.execute())
    # The last TTL was set just now, so from here all short ones end within SHORT_TTL_MS.
    wait_until(
        lambda: store.client.exists(*by_expire[-200:], *by_set[-200:]) == 0,
        "the last keys expire",
        SHORT_TTL_MS / 1000 + 5,
    )
    gone = by_expire + by_set
    for chunk in chunks(gone, 50):
        assert store.client.mget(chunk) == [None] * len(chunk)
        for name in chunk:
            del store.values[name]
    names = [name for name in names if name in store.values]
    assert store.client.dbsize() == len(store.values)
    assert store.server.info_number("stats", "expired_keys") - expired_before == len(gone)
    for chunk in chunks(names, 50):
        assert store.client.mget(chunk) == [store.values[name] for name in chunk]
    for name in long_by_expire[:500] + long_by_set[:500]:
        assert 0 < store.client.ttl(name) <= LONG_TTL_S
    for name in names[-500:]:
        assert store.client.ttl(name) == -1
    store.assert_tier_sound()


def test_overwritten_and_deleted_data_is_given_back(store):
    """After everything is deleted the database is empty and the tier holds no live bytes."""
    names = shuffled_names(store.values)
    for chunk in chunks(names, 500):
        assert store.client.unlink(*chunk) == len(chunk)
    store.values.clear()
    assert store.client.dbsize() == 0
    assert store.client.randomkey() is None
    if store.server.is_tidemark:
        wait_until(lambda: store.tiering()[tier_fields.LIVE_BYTES] == 0, "the tier has no live bytes", 30)
        assert store.tiering()[tier_fields.COLD_KEYS] == 0
