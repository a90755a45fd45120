#!/usr/bin/python3
"""Goal: each check of lint.py catches what it is there for. Every case plants one fault in a small copy of the house; the
upward include is also planted in a copy of the real one, so that the real layer table is what catches it."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

LAYERS = """# A comment: tidemark_layer(ghost DIR nowhere)
tidemark_layer(base DIR src/base DEPS Threads::Threads)
tidemark_layer(values DIR src/values USES base)
tidemark_layer(tiering DIR tiering USES values)
"""
BASE_HEADER = "#pragma once\n\nstruct Base {};\n"
VALUES_HEADER = '#pragma once\n\n#include "base/base.h"\n\nstruct Value : Base {};\n'


class LintTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="lint-selftest-")
        self.addCleanup(self.directory.cleanup)
        self.root = self.directory.name
        self.write("src/CMakeLists.txt", LAYERS)
        self.write("src/base/base.h", BASE_HEADER)
        self.write("src/values/value.h", VALUES_HEADER)
        self.write("tiering/pager.cc", '#include "base/base.h"\n#include "values/value.h"\n')
        shutil.copy(os.path.join(ROOT, ".clang-format"), self.root)

    def write(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w") as file:
            file.write(text)

    def lint(self, *checks):
        command = [sys.executable, os.path.join(HERE, "lint.py"), "--root", self.root, *checks]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(run.stderr, "")
        return run.returncode, run.stdout

    def assert_caught(self, check, expected):
        status, out = self.lint(check)
        self.assertEqual(status, 1, out)
        self.assertIn(expected, out)

    def test_a_clean_house_passes(self):
        status, out = self.lint()
        self.assertEqual(status, 0, out)

    def test_upward_include(self):
        self.write("src/base/planted.h", '#pragma once\n#include "values/value.h"\n')
        self.assert_caught("layering", "src/base/planted.h:2: layer base may not include values")

    def test_upward_include_does_not_compile_either(self):
        self.write("src/base/planted.h", '#pragma once\n#include "values/value.h"\n')
        self.assert_caught("headers", "src/base/planted.h: does not compile alone")

    def test_include_outside_the_layers(self):
        self.write("src/base/planted.cc", '#include "base.h"\n')
        self.assert_caught("layering", 'src/base/planted.cc:1: "base.h" does not begin with a layer')

    def test_include_of_nothing(self):
        self.write("src/base/planted.cc", '#include "base/gone.h"\n')
        self.assert_caught("layering", '"base/gone.h" is not there')

    def test_layer_table_that_looks_upwards(self):
        self.write("src/CMakeLists.txt", LAYERS.replace("src/base DEPS", "src/base USES tiering DEPS"))
        self.assert_caught("layering", "layer base uses tiering, which is not declared below it")

    def test_header_that_leans_on_its_includer(self):
        self.write("src/values/planted.h", "#pragma once\n\ninline Base MakeBase() { return {}; }\n")
        self.assert_caught("headers", "src/values/planted.h: does not compile alone")

    def test_header_is_checked_again_when_what_it_includes_changes(self):
        os.makedirs(os.path.join(self.root, "build"))
        self.assertEqual(self.lint("headers")[0], 0)
        self.write("src/base/base.h", "#pragma once\n")
        self.assert_caught("headers", "src/values/value.h: does not compile alone")

    def test_format(self):
        self.write("src/base/planted.h", "#pragma once\n\nint   x( );\n")
        self.assert_caught("format", "src/base/planted.h:3")

    def test_top_level_folder(self):
        self.write("misc/file.txt", "")
        self.assert_caught("tree", "misc: no such top-level folder")

    def test_words(self):
        self.write("src/base/planted.h", "#pragma once\n// TO" "DO: later\n")
        self.assert_caught("words", "src/base/planted.h:2:")
        os.remove(os.path.join(self.root, "src/base/planted.h"))
        self.write("conf/planted.conf", "dir /wo" "rk/data\n")
        self.assert_caught("words", "conf/planted.conf:1:")

    def test_upward_include_in_the_real_house(self):
        for folder in ("src", "tiering", "formats"):
            shutil.rmtree(os.path.join(self.root, folder), ignore_errors=True)
            shutil.copytree(os.path.join(ROOT, folder), os.path.join(self.root, folder))
        self.write("src/base/planted.h", '#pragma once\n#include "engine/session.h"\n')
        self.write("tiering/planted.cc", '#include "commands/context.h"\n')
        self.assert_caught("layering", "src/base/planted.h:2: layer base may not include engine")
        self.assert_caught("layering", "tiering/planted.cc:1: layer tiering may not include commands")


if __name__ == "__main__":
    unittest.main()
