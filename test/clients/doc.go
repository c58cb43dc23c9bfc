// Package clients runs the same cases through every stock AWS client and every
// storage driver that a single machine has: the aws CLI, boto3 and the AWS SDK
// for Go against a real server process, over real HTTP.
//
// It owns the cases, one topic per file; how they are run is the harness's
// part. What only one protocol or client can show (wire layout, signatures
// in every payload mode) is tested elsewhere.
//
// A client that is not installed skips its tests with the reason, unless
// SALLYPORT_TEST_REQUIRE_ALL=1. SALLYPORT_TEST_BINARY tests a given binary.
package clients
