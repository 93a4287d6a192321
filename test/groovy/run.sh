#!/bin/sh
# Runs the specs of vars/ on Groovy 2.4, the Groovy of Jenkins. Last line: `N passed, N failed`.
# Words choose specs by name: sh test/groovy/run.sh Bridge
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
if ! command -v groovy >/dev/null; then
  echo 'groovy is missing: install Debian package groovy (2.4)' >&2
  echo '0 passed, 1 failed'
  exit 1
fi
# Debian's groovy looks for a Java under a name that is not always there.
if [ -z "${JAVA_HOME:-}" ] || [ ! -x "$JAVA_HOME/bin/java" ]; then
  java=$(readlink -f "$(command -v java)") || exit 1
  JAVA_HOME=${java%/bin/java}
  export JAVA_HOME
fi
cd "$top" || exit 1
exec groovy -cp "test/groovy/support/stubs:test/groovy/support:test/groovy/spec" test/groovy/RunSpecs.groovy "$top" "$@"
