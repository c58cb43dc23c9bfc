#!/usr/bin/env bash
# Prints the figures of docs/performance.md: those of the whole server, measured
# from outside, then the Go benchmarks of its parts. Arguments are passed on:
#   test/bench/run.sh -rounds 9 -only reads
set -euo pipefail
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0 GOFLAGS=-buildvcs=false
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
go build -trimpath -o "$folder/sallyport" ./cmd/sallyport
go build -trimpath -o "$folder/bench" ./test/bench
"$folder/bench" -server "$folder/sallyport" "$@"

# Each line is a benchmark; a pattern that matches none is an error.
parts() {
	local package=$1 pattern=$2 out
	out=$(go test "$package" -run '^$' -bench "$pattern" -count 5)
	grep -E '^(Benchmark|cpu)' <<<"$out" | sort -u -k1,1 -k3,3n
	grep -q '^Benchmark' <<<"$out" || {
		echo "no benchmark of $package matches $pattern" >&2
		exit 1
	}
}
parts ./authz '^BenchmarkDecide10x5$'
parts ./internal/pdp '^BenchmarkDecide'
parts ./test/bench '^Benchmark(GetCallerIdentity|GetUser)$'
