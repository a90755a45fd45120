"""File systems of a test's own."""

import contextlib
import pathlib
import subprocess
import tempfile

import pytest


@contextlib.contextmanager
def small_file_system(megabytes: int):
    """A tmpfs of that size; skips the test where it cannot be mounted."""
    with tempfile.TemporaryDirectory(prefix="tidemark-full-") as where:
        mount = ["mount", "-t", "tmpfs", "-o", "size=%dm" % megabytes, "tidemark-test", where]
        done = subprocess.run(mount, capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip("cannot mount a tmpfs here: " + done.stderr.strip())
        try:
            yield pathlib.Path(where)
        finally:
            subprocess.run(["umount", "--lazy", where], check=True)
