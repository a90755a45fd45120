"""Fixtures of both Python suites. TIDEMARK_SERVER names the binary under test, REDIS_SERVER the oracle."""

import os
import random

import pytest

from support import packages
from support.server import Server, is_tidemark, oracle_binary, target_binary
from support.waiting import make_seed


def pytest_report_header(config):
    return "server under test: %s, oracle: %s" % (target_binary(), oracle_binary())


def pytest_collection_modifyitems(config, items):
    for path in (target_binary(), oracle_binary()):
        if not os.access(path, os.X_OK):
            pytest.exit("%s is not there; build it or set TIDEMARK_SERVER / REDIS_SERVER" % path, returncode=3)
    if is_tidemark(target_binary()):
        return
    skip = pytest.mark.skip(reason="only Tidemark has this; the server under test is another")
    for item in items:
        if item.get_closest_marker("tidemark_only"):
            item.add_marker(skip)


class ServerFactory:
    """Starts servers for one test; at its end each must be alive with a clean log, unless the test stopped it."""

    def __init__(self):
        self._servers = []

    def __call__(self, *args, **kwargs) -> Server:
        server = Server(*args, **kwargs)
        self._servers.append(server)
        return server

    def close(self) -> None:
        try:
            for server in self._servers:
                if server.process.poll() is None:
                    server.assert_healthy()
                    assert server.terminate() == 0, "SIGTERM must end in exit code 0:\n" + server.log()[-4000:]
        finally:
            for server in self._servers:
                server.destroy()


@pytest.fixture
def start_server():
    factory = ServerFactory()
    yield factory
    factory.close()


@pytest.fixture(scope="module")
def start_shared_server():
    factory = ServerFactory()
    yield factory
    factory.close()


@pytest.fixture
def rng():
    seed = make_seed()
    print("seed=%d (TIDEMARK_TEST_SEED)" % seed)
    return random.Random(seed)


@pytest.fixture(scope="session")
def stanzas():
    return packages.load_stanzas()
