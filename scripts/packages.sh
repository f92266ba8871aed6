# shellcheck shell=bash
# Sourced: `need COMMAND PACKAGE…` installs Debian packages for a command (or a pattern of files) that is missing,
# where it may; else a sentence says what is missing.

need() {
  local command=$1
  shift
  if command -v "$command" >/dev/null 2>&1 || compgen -G "$command" >/dev/null; then
    return 0
  fi
  install_packages "$command" "$@"
}

# install_packages WHAT PACKAGE…: WHAT is for the sentence that says what is missing.
install_packages() {
  local what=$1
  shift
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "$what is missing, and this is no Debian or Ubuntu; install what they call: $*" >&2
    return 1
  fi
  local become=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      echo "$what is missing; install it with: sudo apt-get install $*" >&2
      return 1
    fi
    become=(sudo -n)
  fi
  echo "installing $*" >&2
  # Where the lists are old or empty, they are fetched once and the install is tried again.
  local install=("${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@")
  "${install[@]}" >&2 || { "${become[@]}" apt-get update -qq >&2 && "${install[@]}" >&2; }
}

need_rust() {
  if ! command -v cargo >/dev/null 2>&1; then
    echo "cargo is missing; install Rust 1.95 or newer from https://rustup.rs" >&2
    return 1
  fi
  need cc build-essential
}

need_node() {
  local major=0
  if command -v node >/dev/null 2>&1; then
    major=$(node -p 'process.versions.node.split(".")[0]')
  fi
  if [ "$major" -lt 20 ] || ! command -v npm >/dev/null 2>&1; then
    echo "Node.js 20 or newer with npm is missing; see https://nodejs.org" >&2
    return 1
  fi
}

need_venv() {
  need python3 python3 || return 1
  python3 -c 'import ensurepip' 2>/dev/null || install_packages "Python's venv" python3-venv
}
