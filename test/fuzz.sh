#!/usr/bin/env bash
# Runs every fuzz target of the module for the given time each. A module without
# fuzz targets is an error: an empty run proves nothing.
set -euo pipefail
time=${1:-10s}
count=0
while IFS=: read -r file target; do
	package=./$(dirname "$file")
	echo "fuzz $package $target"
	go test "$package" -run '^$' -fuzz "^${target}\$" -fuzztime "$time"
	count=$((count + 1))
done < <(grep -roE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sed -E 's/:func /:/; s#^\./##' | sort)
if [ "$count" -eq 0 ]; then
	echo "no fuzz target found" >&2
	exit 1
fi
echo "$count fuzz targets ran"
