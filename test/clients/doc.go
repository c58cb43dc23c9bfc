// Package clients runs the same cases through every stock AWS client and every
// storage driver that a single machine has: the aws CLI, boto3 and the AWS SDKs
// for Go and for JavaScript against a real server process, over real HTTP.
//
// It owns the cases, one topic per file; how they are run is the harness's
// part. What only one protocol or client can show (wire layout, signatures
// in every payload mode) is tested elsewhere.
//
// A client that is not installed skips its tests with the reason, unless
// SALLYPORT_TEST_REQUIRE_ALL=1. The JavaScript SDK is installed by npm from
// harness/js/package-lock.json where node is there; if it can't be, its tests
// fail. SALLYPORT_TEST_BINARY tests a given binary.
package clients
