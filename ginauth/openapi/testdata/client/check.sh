#!/usr/bin/env bash
# check.sh BASE_URL [CLIENT]: uses the document at BASE_URL/openapi.json as a front end does. It lints it, generates types,
# compiles CLIENT (default client.ts) with them, and runs it against the server. BASE_URL is the base of the routes, such as
# http://127.0.0.1:8080/auth.
set -euo pipefail
base=${1:?check.sh BASE_URL [CLIENT]}
client=${2:-client.ts}
cd "$(dirname "$0")"

./install.sh
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
bin=node_modules/.bin
work=build/${client%.ts}
rm -rf "$work"
mkdir -p "$work"

echo "== $base/openapi.json"
curl --fail --silent --show-error --output "$work/openapi.json" "$base/openapi.json"
"$bin/redocly" lint --max-problems=50 --format=stylish "$work/openapi.json"

echo "== types"
"$bin/openapi-typescript" "$work/openapi.json" --output "$work/schema.ts"
cp "$client" cookies.ts tsconfig.json "$work/"

echo "== $client"
"$bin/tsc" --project "$work"
node "$work/js/${client%.ts}.js" "$base"
