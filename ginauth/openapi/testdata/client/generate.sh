#!/usr/bin/env bash
# generate.sh DOCUMENT NAME: runs each TypeScript generator on the document, an absolute path, and compiles the clients in
# build/generated/NAME.
set -euo pipefail
document=${1:?generate.sh DOCUMENT NAME}
name=${2:?generate.sh DOCUMENT NAME}
cd "$(dirname "$0")"
./install.sh
bin=$PWD/node_modules/.bin
work=build/generated/$name
rm -rf "$work"
mkdir -p "$work"
cp generated.tsconfig.json "$work/tsconfig.json"
cd "$work"

quietly() { # a warning counts as a failure
  local out
  out=$("$@" 2>&1) || { echo "$out"; exit 1; }
  if grep -iE 'warn|unsupported|deprecat|error' <<<"$out"; then exit 1; fi
}
quietly "$bin/openapi-typescript" "$document" --output types.d.ts
quietly "$bin/orval" --client fetch --input "$document" --output orval.ts
quietly "$bin/openapi-ts" --input "$document" --output hey-api
"$bin/tsc" --project .
