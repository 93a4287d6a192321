#!/bin/sh
# Lints all Groovy of this repository (npm-groovy-lint, needs Java 17; no network). Fails on a warning.
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
cd "$top" || exit 1
# --noserver: otherwise a Java server would stay behind.
exec npx --no-install npm-groovy-lint --noserver --config "$top/.groovylintrc.json" --failon warning \
  vars resources/understudy/jobs test/groovy
