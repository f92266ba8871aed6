#!/usr/bin/env bash
# Runs benches/load.mjs with a throw-away PostgreSQL, if one can be had.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/packages.sh

need_node
if cluster=$(scripts/postgres.sh start); then
  eval "$cluster"
  trap 'scripts/postgres.sh stop' EXIT
fi
node benches/load.mjs
