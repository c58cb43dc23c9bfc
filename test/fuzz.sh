#!/usr/bin/env bash
# Runs every fuzz target of the module for the given time each. A module without
# fuzz targets is an error: an empty run proves nothing.
set -euo pipefail
time=${1:-10s}
count=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Until Go 1.27 the end of -fuzztime itself is sometimes reported as a failure
# (https://go.dev/issue/75804). It says nothing but this, and names no input.
ended_badly() {
	grep -qx ' *context deadline exceeded' "$log" && ! grep -qE 'Failing input|panic:|_test\.go:|fuzzing process' "$log"
}

fuzz() {
	for _ in 1 2 3; do
		if go test "$1" -run '^$' -fuzz "^$2\$" -fuzztime "$time" 2>&1 | tee "$log"; then
			return 0
		fi
		ended_badly || return 1
		echo "fuzz $1 $2: ended by Go's own race; again"
	done
	return 1
}

while IFS=: read -r file target; do
	package=./$(dirname "$file")
	echo "fuzz $package $target"
	fuzz "$package" "$target"
	count=$((count + 1))
done < <(grep -roE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sed -E 's/:func /:/; s#^\./##' | sort)
if [ "$count" -eq 0 ]; then
	echo "no fuzz target found" >&2
	exit 1
fi
echo "$count fuzz targets ran"
