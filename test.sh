#!/bin/bash
# Builds Tidemark and tests it. The last line is the sum over all runners: `N passed, N failed`.
#
#   ./test.sh                         everything that continuous integration runs
#   ./test.sh STAGE...                only these, of:
#       unit                          unit tests, release build
#       lint                          layering, headers, format, tree (tests/lint)
#       bench                         every benchmark for a moment, so that none rots
#       integration                   real server processes and redis-py
#       differential                  the same commands to redis-server and to Tidemark
#       asan                          unit, integration and fewer differential tests under ASan and UBSan
#       tsan                          unit tests of the layers with threads, under TSan (the RocksDB engine left out)
#       fuzz [SECONDS]                each fuzzer for so long (20), under ASan and UBSan
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")"

default_stages=(lint unit bench integration differential asan tsan fuzz)
threaded_layers=(base keyspace tiering)
fuzz_seconds=20
results=build/test-results
ledger=$results/ledger.tsv

# One line a suite for tests/summary.py: its name, its exit code, and its JUnit file if it writes one.
record() { printf '%s\t%s\t%s\n' "$1" "$2" "${3:-}" >>"$ledger"; }

headline() { printf '\n== %s\n' "$*"; }

# build PRESET [TARGET]...: everything, if no target is named. Quiet unless it fails; says no twice for the same failure.
declare -A configured
build() {
  local preset=$1 log=build/$1-build.log
  shift
  echo "building $preset${*:+: $*}"
  if [ -z "${configured[$preset]:-}" ]; then
    cmake --preset "$preset" >"$log" 2>&1 || { cat "$log"; record "build $preset" 1; return 1; }
    configured[$preset]=yes
  fi
  cmake --build --preset "$preset" ${*:+--target "$@"} >"$log" 2>&1 || { tail -60 "$log"; record "build $preset" 1; return 1; }
}

# run_ctest SUITE PRESET CTEST-OPTION...: its lines, one or two a test, are kept in a log; only their last ones are shown.
run_ctest() {
  local suite=$1 preset=$2 xml=$PWD/$results/${1// /-}.xml log=$results/${1// /-}.log
  shift 2
  ctest --test-dir "build/$preset" --output-on-failure --parallel "$(nproc)" --no-tests=error \
    --output-junit "$xml" "$@" >"$log" 2>&1
  record "$suite" $? "$xml"
  sed -n '/tests passed/,$p' "$log"
}

# run_pytest SUITE FOLDER PRESET [PYTEST-OPTION]...: with the server of that preset, on all cores.
run_pytest() {
  local suite=$1 folder=$2 preset=$3 xml=$results/${1// /-}.xml
  shift 3
  TIDEMARK_SERVER=$PWD/build/$preset/tidemark-server timeout 1200 /usr/bin/python3 -B -m pytest -q -n "$(nproc)" \
    --durations=5 --junitxml="$xml" "$folder" "$@"
  record "$suite" $? "$xml"
}

targets_matching() { ninja -C "build/$1" -t targets all 2>/dev/null | sed -n "s/^\($2\): .*/\1/p" | sort -u; }

stage_lint() {
  build release help || return
  run_ctest lint release -R '^lint\.'
}

stage_unit() {
  build release || return
  run_ctest unit release -E '^(lint|bench)\.'
}

stage_bench() {
  build release || return
  run_ctest bench release -R '^bench\.'
}

stage_integration() {
  build release || return
  run_pytest integration tests/integration release --dist loadfile
}

stage_differential() {
  build release || return
  run_pytest differential tests/differential release
}

stage_asan() {
  build asan || return
  export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 ASAN_OPTIONS=detect_stack_use_after_return=1
  TIDEMARK_VALUELOG_SEEDS=20 run_ctest "asan unit" asan -E '^(lint|bench)\.'
  # A report of the server is in its log, which the suites read when they stop it.
  TIDEMARK_TEST_TIME_FACTOR=4 run_pytest "asan integration" tests/integration asan --dist loadfile -m "not memory_hungry"
  TIDEMARK_TEST_TIME_FACTOR=4 TIDEMARK_DIFF_COMMANDS=20000 TIDEMARK_DIFF_WAITING=2000 run_pytest "asan differential" tests/differential asan
  unset UBSAN_OPTIONS ASAN_OPTIONS
}

stage_tsan() {
  build tsan "${threaded_layers[@]/#/unit_}" || return
  local pattern
  pattern=$(IFS='|'; echo "${threaded_layers[*]}")
  # Debian's RocksDB is not built with TSan, which therefore takes what its threads do for races: its engine is left out.
  TIDEMARK_VALUELOG_SEEDS=20 TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1 run_ctest "tsan unit" tsan -R "^($pattern)\." -E 'rocksdb|RocksDb'
}

stage_fuzz() {
  build fuzz help || return
  local fuzzers fuzzer log corpus
  mapfile -t fuzzers < <(targets_matching fuzz 'fuzz_[a-z0-9_]*')
  [ ${#fuzzers[@]} -gt 0 ] || { echo "no fuzz_* target"; record fuzz 1; return; }
  build fuzz "${fuzzers[@]}" || return
  for fuzzer in "${fuzzers[@]}"; do
    log=$results/$fuzzer.log
    corpus=build/fuzz/corpus/$fuzzer
    mkdir -p "$corpus"
    local seeds=tests/fuzz/corpus/${fuzzer#fuzz_}
    [ -d "$seeds" ] || seeds=
    "build/fuzz/$fuzzer" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 ${TIDEMARK_TEST_SEED:+-seed="$TIDEMARK_TEST_SEED"} \
      -artifact_prefix="$results/$fuzzer-" "$corpus" ${seeds:+"$seeds"} >"$log" 2>&1
    local status=$?
    [ $status = 0 ] || tail -40 "$log"
    echo "$fuzzer: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") executions in $fuzz_seconds s"
    record "$fuzzer" $status
  done
}

stages=()
while [ $# -gt 0 ]; do
  case "$1" in
    unit | lint | bench | integration | differential | asan | tsan) stages+=("$1") ;;
    fuzz)
      stages+=(fuzz)
      if [[ "${2:-}" =~ ^[0-9]+$ ]]; then
        fuzz_seconds=$2
        shift
      fi
      ;;
    *)
      sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0" >&2
      exit 2
      ;;
  esac
  shift
done
[ ${#stages[@]} -gt 0 ] || stages=("${default_stages[@]}")

deps/install.sh build test bench || exit 1
if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi
rm -rf "$results"
mkdir -p "$results"
: >"$ledger"
for stage in "${stages[@]}"; do
  headline "$stage"
  started=$SECONDS
  "stage_$stage"
  echo "$stage took $((SECONDS - started)) s"
done
headline summary
/usr/bin/python3 -B tests/summary.py "$ledger"
