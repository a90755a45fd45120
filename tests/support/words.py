"""Real input: the word lists that Debian ships, one word a line."""

import pathlib
from typing import Dict, List

DICTIONARY = pathlib.Path("/usr/share/dict")
LISTS = {"en": "american-english", "de": "ngerman"}
WORD_COUNT_MIN = 50_000


def load_words() -> Dict[str, List[bytes]]:
    """Language -> its words, in the order of the list, each once."""
    words = {}
    for language, name in LISTS.items():
        path = DICTIONARY / name
        assert path.exists(), "there is no %s; deps/install.sh test brings it (wamerican, wngerman)" % path
        words[language] = list(dict.fromkeys(path.read_bytes().split()))
        assert len(words[language]) >= WORD_COUNT_MIN
    return words
