"""The limit of the device under a directory, as fio (Debian's package) measures it: random reads of 4 KiB past the page cache."""

import json
import os
import shutil
import subprocess
import tempfile

from harness.server import pin_prefix

BLOCK_BYTES = 4096


class Device:
    """A file of `file_bytes` on the file system of `directory`. Use as a context manager."""

    def __init__(self, directory, cpus, file_bytes, seconds):
        self.parent = directory
        self.cpus = cpus
        self.file_bytes = file_bytes
        self.seconds = seconds

    def __enter__(self):
        if shutil.which("fio") is None:
            raise RuntimeError("fio is not installed; deps/install.sh bench brings it")
        self.directory = tempfile.mkdtemp(prefix="bench-device-", dir=self.parent)
        self.run("fill", "--rw=write", "--bs=1M", "--iodepth=8", "--end_fsync=1")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.directory, ignore_errors=True)

    def run(self, name, *options):
        argv = pin_prefix(self.cpus) + [
            "fio",
            f"--name={name}",
            "--filename=" + os.path.join(self.directory, "data"),
            f"--size={self.file_bytes}",
            "--ioengine=io_uring",
            "--direct=1",
            "--output-format=json",
            *options,
        ]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"fio failed: {done.stderr.strip() or done.stdout.strip()}")
        return json.loads(done.stdout[done.stdout.index("{") :])["jobs"][0]

    def read_rate(self, depth):
        """Reads a second with so many under way."""
        options = ("--rw=randread", f"--bs={BLOCK_BYTES}", f"--iodepth={depth}", "--time_based", f"--runtime={self.seconds:g}")
        return self.run("reads", *options)["read"]["iops"]

    def batch_us(self, count):
        """Microseconds for `count` reads that are started at once, until the last has come."""
        options = (
            "--rw=randread",
            f"--bs={BLOCK_BYTES}",
            f"--iodepth={count}",
            f"--iodepth_batch_submit={count}",
            f"--iodepth_batch_complete_min={count}",
            "--iodepth_low=1",
            "--time_based",
            f"--runtime={self.seconds:g}",
        )
        return 1e6 * count / self.run("batches", *options)["read"]["iops"]
