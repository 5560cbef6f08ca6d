#!/usr/bin/env bash
# install.sh: installs the packages of package-lock.json, unless they are installed.
set -euo pipefail
cd "$(dirname "$0")"
cmp -s package-lock.json node_modules/.checked || {
  npm ci --ignore-scripts --no-audit --no-fund
  cp package-lock.json node_modules/.checked
}
