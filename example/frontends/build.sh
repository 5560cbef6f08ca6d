#!/usr/bin/env bash
# build.sh: installs the packages of package-lock.json, and bundles each front end of test/ for a browser, as build/out/NAME.js, which
# sets "frontEnd". The test has written the code of README.md to build/.
set -euo pipefail
cd "$(dirname "$0")"
cmp -s package-lock.json node_modules/.checked || {
  npm ci --ignore-scripts --no-audit --no-fund
  cp package-lock.json node_modules/.checked
}
node test/configure.js 2>/dev/null | grep '^{' >build/nuxt.json
npx esbuild test/nuxt.js test/react-jwt.js test/react-token.js test/vue.js test/axios-cookies.js test/axios-tokens.js \
  --bundle --format=iife --global-name=frontEnd --outdir=build/out --log-level=error \
  --define:import.meta.server=false --define:process.env.NODE_ENV='"production"' \
  --define:__VUE_OPTIONS_API__=true --define:__VUE_PROD_DEVTOOLS__=false --define:__VUE_PROD_HYDRATION_MISMATCH_DETAILS__=false \
  --alias:#imports=./test/nuxt-imports.js --alias:#app=./test/nuxt-imports.js --alias:#app/nuxt=./test/nuxt-imports.js
echo '{}' >build/package.json # without "type", so that default exports of packages are found as Next's bundler finds them
npx esbuild test/next.js --bundle --platform=node --format=esm --external:next/headers --outfile=build/out/next.mjs --log-level=error \
  --banner:js='import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'
