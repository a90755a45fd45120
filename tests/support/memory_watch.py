"""Watches the resident memory of a server from a thread, so that a test can state a bound for all that it did."""

import threading
import time
from typing import Any

from support.server import Server

POLL_INTERVAL_S = 0.020
FIXED_OVERHEAD_BYTES = 48 * 1024 * 1024


def rss_limit(maxmemory_bytes: int) -> int:
    return int(1.1 * maxmemory_bytes) + FIXED_OVERHEAD_BYTES


class MemoryWatch:
    """Polls VmRSS every 20 ms between enter and exit. Owns one thread; `peak_bytes` is read after exit."""

    def __init__(self, server: Server):
        self.peak_bytes = 0
        self.sample_count = 0
        self._server = server
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.peak_bytes = max(self.peak_bytes, self._server.rss_bytes())
            except (FileNotFoundError, ProcessLookupError, IndexError):
                return
            self.sample_count += 1
            time.sleep(POLL_INTERVAL_S)

    def __enter__(self) -> "MemoryWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._stop.set()
        self._thread.join()

    def assert_below(self, limit_bytes: int) -> None:
        assert self.sample_count > 0, "the watch took no sample"
        print(
            "RSS: peak %.1f MB of %.1f MB, %d samples" % (self.peak_bytes / 1e6, limit_bytes / 1e6, self.sample_count)
        )
        assert self.peak_bytes <= limit_bytes, "RSS reached %d bytes, the limit is %d" % (self.peak_bytes, limit_bytes)
