#!/usr/bin/env bash
# Prints the figures of docs/performance.md: the server as a whole, then its
# parts. Arguments go to the measuring command (-rounds, -only, -users).
set -euo pipefail
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0 GOFLAGS=-buildvcs=false
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
go build -o "$folder/sallyport" ./cmd/sallyport
go build -o "$folder/bench" ./test/bench
"$folder/bench" -server "$folder/sallyport" "$@"

# parts runs a package's benchmarks, with further flags. A pattern that matches
# none is an error: an empty run proves nothing.
parts() {
	local package=$1 pattern=$2
	go test "$package" -run '^$' -bench "$pattern" -count 5 "${@:3}" | tee "$folder/parts"
	if ! grep -q '^Benchmark' "$folder/parts"; then
		echo "no benchmark of $package matches $pattern" >&2
		exit 1
	fi
}
parts ./authz 'Decide10x5|DecideLayers|Flat' -benchmem
parts ./internal/pdp 'DecideCommitted' -benchmem
parts ./internal/authn 'Attempted'
parts ./internal/history 'GetEntityHistory|Index|ViewAt' -benchmem
parts ./internal/sts 'Sessions'
# PostgreSQL's programs must be there, for this and for the nodes.
parts ./internal/backup 'Backup' -benchtime 1x
parts ./test/bench 'GetUser|GetCallerIdentity|CreateUser' -benchmem
parts ./test/nodes 'Nodes/clients=1/' -benchtime 2000x
parts ./test/nodes 'Nodes/clients=64/' -benchtime 6000x
# The same decisions by other engines, in the same run.
(cd test/peers && go test -run '^$' -bench Peers -benchmem -count 5)
