#!/usr/bin/env bash
# Builds the image energy-parks:latest with whichever of docker, podman and buildah works here.
set -euo pipefail
cd "$(dirname "$0")/.."

tag=energy-parks:latest
if docker info >/dev/null 2>&1; then
  exec docker build -t "$tag" .
elif command -v podman >/dev/null 2>&1; then
  # The OCI format has no health check.
  exec podman build --format docker -t "$tag" .
elif command -v buildah >/dev/null 2>&1; then
  exec buildah build --format docker -t "$tag" .
fi
echo "none of docker (running), podman and buildah is here; install one, as with: sudo apt-get install buildah" >&2
exit 1
