#!/usr/bin/env bash
# Builds web/dist, if a source is newer than the last build.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/packages.sh

[ -f web/package.json ] || exit 0
stamp=target/web.built
newer() { find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -newer "$stamp" -print -quit; }
if [ -f "$stamp" ] && [ -n "$(ls -A web/dist 2>/dev/null)" ] && [ -z "$(newer)" ]; then
  exit 0
fi
need_node
mkdir -p target
touch target/web.begun
if [ ! -d web/node_modules ] || [ web/package-lock.json -nt web/node_modules/.package-lock.json ]; then
  npm ci --prefix web --silent --no-audit --no-fund
fi
npm run --prefix web --silent build
mv target/web.begun "$stamp"
