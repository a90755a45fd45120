"""Real input: every package stanza of the machine's own Debian index, under the package's name."""

import subprocess
from typing import Dict

STANZA_COUNT_MIN = 10_000


def load_stanzas() -> Dict[bytes, bytes]:
    """Package name -> its (last) stanza, tens of thousands of texts of 0.3 to 20 KB."""
    dump = subprocess.run(["apt-cache", "dumpavail"], check=True, stdout=subprocess.PIPE).stdout
    stanzas = {}
    for stanza in dump.split(b"\n\n"):
        if stanza.startswith(b"Package: "):
            name = stanza[len(b"Package: ") : stanza.index(b"\n")]
            stanzas[name] = stanza
    assert (
        len(stanzas) >= STANZA_COUNT_MIN
    ), "apt-cache dumpavail has only %d packages; run `apt-get update` first" % len(stanzas)
    return stanzas
