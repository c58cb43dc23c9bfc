// Package terraform drives the stock terraform command and its AWS provider
// against a real server process: one configuration with every aws_iam_ resource
// and data source that IAM's core operations serve goes through its whole life,
// on SQLite and on PostgreSQL.
//
// It owns the list of the provider's names, each covered or waiting for an
// operation (names_test.go), the table of what can be changed in place and what
// can be imported (resources_test.go), and the life itself (life_test.go). The
// server is started by the harness of the client tests.
//
// Terraform and the provider are looked for on the machine: the command on
// PATH, the provider in a filesystem mirror. Where they are missing the tests
// skip with the reason, unless SALLYPORT_TEST_REQUIRE_ALL=1.
package terraform
