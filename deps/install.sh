#!/bin/bash
# Installs the Debian packages that deps/packages.txt lists.
#
#   deps/install.sh [build|test|bench|all]...     (all)
#
# Quick and silent when nothing is missing: it needs neither root nor a network then.
set -euo pipefail

list="$(dirname "$(readlink -f "$0")")/packages.txt"
policy=/usr/sbin/policy-rc.d
saved_policy=

fail() {
  echo "deps/install.sh: $*" >&2
  exit 1
}

packages_of() {
  awk -F '\t' -v section="[$1]" '/^\[/ {inside = ($0 == section); next} inside && NF && !/^#/ {print $1}' "$list"
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Packages must not start their services (redis-server would take the port): policy-rc.d is what Debian asks before it
# starts one, with systemd or without. One that is there already is put aside and comes back afterwards.
forbid_service_starts() {
  if [ -e "$policy" ] || [ -e "$policy.before-tidemark" ]; then
    saved_policy="$policy.before-tidemark"
    [ -e "$saved_policy" ] || "${as_root[@]}" mv "$policy" "$saved_policy"
  fi
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
}

allow_service_starts() {
  "${as_root[@]}" rm -f "$policy"
  [ -z "$saved_policy" ] || "${as_root[@]}" mv "$saved_policy" "$policy"
}

[ $# -gt 0 ] || set -- all
wanted=()
for section in "$@"; do
  case "$section" in
    all) sections=(build test bench) ;;
    build | test | bench) sections=("$section") ;;
    *) fail "unknown section '$section'; there are build, test, bench and all" ;;
  esac
  for name in "${sections[@]}"; do
    mapfile -t -O "${#wanted[@]}" wanted < <(packages_of "$name")
  done
done

command -v dpkg-query >/dev/null || fail "this is not a Debian system; $list says what is needed"
missing=()
for package in $(printf '%s\n' "${wanted[@]}" | sort -u); do
  is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ]; then
  as_root=()
elif command -v sudo >/dev/null; then
  as_root=(sudo)
else
  fail "missing packages: ${missing[*]}
Run as root, or with sudo installed; or have an administrator run: apt-get install ${missing[*]}"
fi

redis_is_new=no
[[ " ${missing[*]} " != *" redis-server "* ]] || redis_is_new=yes

echo "deps/install.sh: installing ${missing[*]}"
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
"${apt[@]}" update || fail "apt-get update failed; without a network these packages cannot be had: ${missing[*]}"
trap allow_service_starts EXIT
forbid_service_starts
"${apt[@]}" install -y --no-install-recommends "${missing[@]}" || fail "could not install: ${missing[*]}"

# What the package enabled would start with the next boot and hold port 6379. Only the program is wanted.
if [ "$redis_is_new" = yes ] && [ -d /run/systemd/system ]; then
  "${as_root[@]}" systemctl disable redis-server.service >/dev/null 2>&1 || true
fi
