#!/usr/bin/env bash
# Tokens of Amazon Cognito, as moto gives them out, in an environment of its own under target/.
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/packages.sh

need_venv
home=target/moto
if ! cmp -s tests/issuers/requirements.txt "$home/requirements.txt"; then
  python3 -m venv --clear "$home"
  "$home/bin/pip" install -q --disable-pip-version-check -r tests/issuers/requirements.txt
  cp tests/issuers/requirements.txt "$home/"
fi
exec "$home/bin/python" tests/issuers/cognito.py -v
