#!/usr/bin/env bash
# What some tests need and no environment can hold: a browser, PostgreSQL, a load, axe-core. Debian, as root.
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
# axe-core, which looks for accessibility violations, is larger than git may hold here (MPL-2.0).
axe=/usr/local/share/axe-core axe_version=4.14.1
axe_sha256=29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c
if [ ! -e "$axe/axe.min.js" ] && ! command -v npm >/dev/null; then
  missing+=(npm)
fi
if [ ${#missing[@]} -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
if [ ! -e "$axe/axe.min.js" ]; then
  fetched=$(mktemp -d)
  (cd "$fetched" && npm pack --silent "axe-core@$axe_version" >/dev/null && tar xzf axe-core-*.tgz)
  echo "$axe_sha256  $fetched/package/axe.min.js" | sha256sum --check --quiet
  install -D -m 644 -t "$axe" "$fetched/package/axe.min.js" "$fetched"/package/LICENSE*
  rm -r "$fetched"
fi
chromium --version
"$(postgresql_programs)/postgres" --version
