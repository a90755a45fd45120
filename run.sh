#!/bin/bash
# Builds Tidemark if need be and runs it in the foreground with conf/tidemark.conf. Arguments are directives that go over
# the file's: ./run.sh --port 7000 --maxmemory 1gb
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"

deps/install.sh build
if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi

mkdir -p build
if ! cmake --preset release >build/configure.log 2>&1; then
  cat build/configure.log >&2
  exit 1
fi
cmake --build --preset release --target tidemark-server >&2
exec build/release/tidemark-server conf/tidemark.conf "$@"
