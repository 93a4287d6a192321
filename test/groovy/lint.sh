#!/bin/sh
# Lints all Groovy of this repository (npm-groovy-lint, needs Java 17; no network). Fails on a warning.
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
cd "$top" || exit 1
# The linter looks at whole folders: an ignored copy of just our files keeps node_modules out of its way.
# --noserver: otherwise a Java server would stay behind.
exec npx --no-install npm-groovy-lint --noserver --nolintafter --config "$top/.groovylintrc.json" --failon warning \
  vars resources/understudy/jobs test/groovy
