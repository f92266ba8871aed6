#!/usr/bin/env bash
# The Python client gql, in an environment of its own under target/.
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/packages.sh

need python3 python3
python3 -c 'import ensurepip' 2>/dev/null || install_packages "Python's venv" python3-venv
home=target/gql
if ! cmp -s tests/clients/requirements.txt "$home/requirements.txt"; then
  python3 -m venv --clear "$home"
  "$home/bin/pip" install -q --disable-pip-version-check -r tests/clients/requirements.txt
  cp tests/clients/requirements.txt "$home/"
fi
exec "$home/bin/python" tests/clients/gql_client.py -v
