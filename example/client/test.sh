#!/usr/bin/env bash
# test.sh DOCUMENT: makes types of the OpenAPI document, compiles the client, and tests it against the examples whose URLs are in
# SESSION, COOKIES and BODIES. It leaves js/bundle.js, the client as a script that sets "ginauth".
set -euo pipefail
document=${1:?test.sh DOCUMENT}
cd "$(dirname "$0")"
cmp -s package-lock.json node_modules/.checked || {
  npm ci --ignore-scripts --no-audit --no-fund
  cp package-lock.json node_modules/.checked
}
npx openapi-typescript "$document" --output src/schema.ts
npx tsc --project .
npx esbuild src/index.ts --bundle --format=iife --global-name=ginauth --outfile=js/bundle.js --log-level=warning
node --test js/test/
