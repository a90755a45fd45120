#!/usr/bin/python3
"""The rules of the house that a compiler does not check. Each check prints what breaks it, one `file:line: reason` a line.

    lint.py [--root DIR] [check]...

  layering   an #include names only the file's own layer and the layers that one uses (the tidemark_layer lines of
             src/CMakeLists.txt, which themselves must only look downwards)
  headers    every header of a layer compiles alone, with the include roots of that layer and no other
  format     clang-format would change nothing
  tree       no top-level folder beside the fixed ones
  words      no file names what is not part of the project, and no C++ file holds a note to do something later
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

# The last two are what building and running here leave behind; git ignores them.
TOP_LEVEL_FOLDERS = {"src", "tiering", "formats", "deps", "bench", "tests", "conf", "build", "tier"}
CPP_SUFFIXES = (".h", ".cc")

# Put together from halves, so that this file passes its own check.
FORBIDDEN_ANYWHERE = re.compile(r"(?<![\w.])/wo" r"rk/|sub" r"agent|/tmp/" r"tm/|issues " r"show", re.IGNORECASE)
FORBIDDEN_IN_CPP = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")

LAYER_LINE = re.compile(r"^\s*tidemark_layer\(([^)]*)\)", re.MULTILINE)
INCLUDE_LINE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


@dataclass
class Layer:
    name: str
    folder: str
    uses: list = field(default_factory=list)


def read_layers(root):
    """The layers in the order in which they are declared."""
    with open(os.path.join(root, "src", "CMakeLists.txt")) as file:
        text = re.sub(r"#.*", "", file.read())
    layers = {}
    for match in LAYER_LINE.finditer(text):
        name, *words = match.group(1).split()
        layer, keyword = Layer(name, ""), ""
        for word in words:
            if word in ("DIR", "USES", "DEPS", "EXCLUDE"):
                keyword = word
            elif keyword == "DIR":
                layer.folder = word
            elif keyword == "USES":
                layer.uses.append(word)
        layers[name] = layer
    if not layers:
        raise SystemExit("lint: no tidemark_layer line in src/CMakeLists.txt")
    return layers


def visible_layers(layers, name):
    """The layer itself and all it may include: what it uses, and what they use."""
    visible, open_names = set(), [name]
    while open_names:
        current = open_names.pop()
        if current not in visible:
            visible.add(current)
            open_names += layers[current].uses if current in layers else []
    return visible


def cpp_files(root, folder, suffixes=CPP_SUFFIXES):
    """Paths relative to `root`, sorted."""
    found = []
    for directory, folders, names in os.walk(os.path.join(root, folder)):
        folders.sort()
        found += [
            os.path.relpath(os.path.join(directory, name), root) for name in sorted(names) if name.endswith(suffixes)
        ]
    return found


def repository_files(root):
    """What git tracks or would add; every file where there is no git."""
    listing = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    if listing.returncode == 0:
        names = [os.fsdecode(name) for name in listing.stdout.split(b"\0") if name]
    else:
        names = [os.path.relpath(os.path.join(d, n), root) for d, _, ns in os.walk(root) for n in ns]
    return sorted(name for name in set(names) if os.path.isfile(os.path.join(root, name)))


def in_parallel(function, items):
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [problem for problems in pool.map(function, items) for problem in problems]


def check_layering(root):
    layers = read_layers(root)
    problems, below = [], set()
    for layer in layers.values():
        for used in layer.uses:
            if used not in below:
                problems.append(f"src/CMakeLists.txt: layer {layer.name} uses {used}, which is not declared below it")
        below.add(layer.name)
        visible = visible_layers(layers, layer.name)
        for path in cpp_files(root, layer.folder):
            problems += check_includes(root, path, layers, layer, visible)
    return problems


def check_includes(root, path, layers, layer, visible):
    problems = []
    with open(os.path.join(root, path), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            match = INCLUDE_LINE.match(line)
            if not match:
                continue
            target, _, rest = match.group(1).partition("/")
            if target not in layers:
                problems.append(f'{path}:{number}: "{match.group(1)}" does not begin with a layer')
            elif target not in visible:
                problems.append(f"{path}:{number}: layer {layer.name} may not include {target}")
            elif not os.path.isfile(os.path.join(root, layers[target].folder, rest)):
                problems.append(f'{path}:{number}: "{match.group(1)}" is not there')
    return problems


def check_headers(root):
    """What compiled once is not compiled again until a header that its layer sees has changed."""
    layers = read_layers(root)
    cache_path = os.path.join(root, "build", "lint-headers.json")
    try:
        with open(cache_path) as file:
            known_good = set(json.load(file))
    except (OSError, ValueError):
        known_good = set()
    contents = {name: headers_digest(root, layer) for name, layer in layers.items()}
    good = set()

    with tempfile.TemporaryDirectory(prefix="lint-include-") as include:
        for name, layer in layers.items():
            os.makedirs(os.path.join(include, name))
            os.symlink(os.path.join(root, layer.folder), os.path.join(include, name, name))

        def check(item):
            layer, path = item
            visible = sorted(visible_layers(layers, layer.name))
            key = (
                f"{path} {hashlib.sha256(''.join(contents[v] for v in visible if v in contents).encode()).hexdigest()}"
            )
            if key not in known_good:
                roots = [f"-I{os.path.join(include, name)}" for name in visible]
                header = f"{layer.name}/{os.path.relpath(path, layer.folder)}"
                command = ["g++", "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", *roots]
                run = subprocess.run(
                    [*command, "-x", "c++", "-"],
                    input=f'#include "{header}"\n',
                    capture_output=True,
                    text=True,
                    check=False,
                )
                if run.returncode != 0:
                    first_error = next((line for line in run.stderr.splitlines() if "error" in line), "")
                    return [f"{path}: does not compile alone: {first_error.replace(include + '/', '')}"]
            good.add(key)
            return []

        problems = in_parallel(check, [(l, path) for l in layers.values() for path in cpp_files(root, l.folder, ".h")])
    if os.path.isdir(os.path.dirname(cache_path)):
        with open(cache_path, "w") as file:
            json.dump(sorted(good), file)
    return problems


def headers_digest(root, layer):
    digest = hashlib.sha256()
    for path in cpp_files(root, layer.folder, ".h"):
        with open(os.path.join(root, path), "rb") as file:
            digest.update(path.encode() + b"\0" + file.read())
    return digest.hexdigest()


def check_format(root):
    def check(path):
        run = subprocess.run(
            ["clang-format", "--dry-run", "-Werror", path], cwd=root, capture_output=True, text=True, check=False
        )
        if run.returncode == 0:
            return []
        first = run.stderr.splitlines()[0] if run.stderr else ""
        line = first.split(":")[1] if first.count(":") > 1 else "1"
        return [f"{path}:{line}: clang-format -i would change it"]

    return in_parallel(check, [path for path in repository_files(root) if path.endswith(CPP_SUFFIXES)])


def check_tree(root):
    folders = [name for name in sorted(os.listdir(root)) if os.path.isdir(os.path.join(root, name))]
    return [
        f"{name}: no such top-level folder is planned"
        for name in folders
        if name[0] != "." and name not in TOP_LEVEL_FOLDERS
    ]


def check_words(root):
    problems = []
    for path in repository_files(root):
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                match = FORBIDDEN_ANYWHERE.search(line)
                if not match and path.endswith(CPP_SUFFIXES):
                    match = FORBIDDEN_IN_CPP.search(line)
                if match:
                    problems.append(f"{path}:{number}: '{match.group(0)}' does not belong here")
    return problems


CHECKS = {
    "layering": check_layering,
    "headers": check_headers,
    "format": check_format,
    "tree": check_tree,
    "words": check_words,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default_root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser.add_argument("--root", default=default_root)
    parser.add_argument("checks", nargs="*", metavar="check", help="all, if none is named")
    args = parser.parse_args()
    unknown = set(args.checks) - set(CHECKS)
    if unknown:
        parser.error(f"no such check: {', '.join(sorted(unknown))}")
    count = 0
    for name in args.checks or CHECKS:
        problems = CHECKS[name](os.path.abspath(args.root))
        for problem in problems:
            print(problem)
        print(f"{name}: {len(problems)} problem(s)")
        count += len(problems)
    sys.exit(1 if count else 0)


if __name__ == "__main__":
    main()
