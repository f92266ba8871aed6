# Sourced: `need COMMAND PACKAGE…` installs Debian packages for a command that is missing, where that is allowed.

need() {
  local command=$1
  shift
  # shellcheck disable=SC2086 # a pattern may stand for the command, as for PostgreSQL's versioned folders
  if command -v "$command" >/dev/null 2>&1 || compgen -G "$command" >/dev/null; then
    return 0
  fi
  local become=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1 || ! sudo -n true 2>/dev/null; then
      echo "$command is missing; install it with: sudo apt-get install $*" >&2
      return 1
    fi
    become=(sudo -n)
  fi
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "$command is missing, and this is no Debian or Ubuntu; install what they call: $*" >&2
    return 1
  fi
  echo "installing $*" >&2
  # Where the lists are old or empty, they are fetched once and the install is tried again.
  "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2 ||
    { "${become[@]}" apt-get update -q >&2 &&
      "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2; }
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
