#!/usr/bin/env bash
# Builds the image energy-parks:latest with whichever of docker, podman and buildah works here.
#
#   scripts/image.sh           builds it
#   scripts/image.sh --check   only says whether it can be built: an engine is here, and so are its bases
set -euo pipefail
cd "$(dirname "$0")/.."

tag=energy-parks:latest
if docker info >/dev/null 2>&1; then
  pull=(docker pull -q)
  build=(docker build)
elif command -v podman >/dev/null 2>&1; then
  pull=(podman pull -q --policy missing)
  # The OCI format has no health check.
  build=(podman build --format docker)
elif command -v buildah >/dev/null 2>&1; then
  pull=(buildah pull -q --policy missing)
  build=(buildah build --format docker)
else
  echo "none of docker (running), podman and buildah is here; install one, as with: sudo apt-get install buildah" >&2
  exit 1
fi

if [ "${1:-}" = --check ]; then
  while read -r base; do
    if ! timeout 300 "${pull[@]}" "docker.io/library/$base" </dev/null >/dev/null 2>&1; then
      echo "the image's base $base cannot be had here" >&2
      exit 1
    fi
  done < <(sed -n 's/^FROM \([^ ]*\).*/\1/p' Dockerfile)
  exit 0
fi
exec "${build[@]}" -t "$tag" .
