// Package iam owns IAM's entities: the typed tables an account's state is made
// of, how they are found and named, their quotas, and the errors AWS gives
// when one is missing, taken or still in use.
//
// It holds no operation. Those live in the packages below it, one per kind of
// resource (users, groups, policies, roles, credentials, reports); each reads
// and writes the tables declared here through a state.Reader or *state.Tx.
//
// Rows refer to each other by unique id (AIDA…, AGPA…, AROA…, ANPA…), never by
// name: a principal created again under an old name has a new id and none of
// the old grants. Names are unique without regard to case within their kind
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
package iam
