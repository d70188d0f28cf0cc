#!/usr/bin/env bash
# What some tests need and no environment can hold: a browser, PostgreSQL, a load. Debian, as root.
set -euo pipefail
postgresql_programs() {
  local found
  found=$(command -v postgres || ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null | sort -V | tail -n 1)
  [ -n "$found" ] && dirname "$(readlink -f "$found")"
}

missing=()
if ! command -v chromium >/dev/null; then
  missing+=(chromium fonts-dejavu-core)
fi
if ! command -v wrk >/dev/null; then
  missing+=(wrk)
fi
if ! postgresql_programs >/dev/null; then
  missing+=(postgresql)
  # The tests run a server of their own; Debian's would start with the machine.
  settings=/etc/postgresql-common/createcluster.conf
  mkdir -p "$(dirname "$settings")"
  [ -e "$settings" ] || echo "create_main_cluster = false" >"$settings"
fi
if [ ${#missing[@]} -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
chromium --version
"$(postgresql_programs)/postgres" --version
