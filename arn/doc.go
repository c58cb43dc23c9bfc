// Package arn parses, prints and matches Amazon Resource Names.
//
// It owns two things. The first is the ARN itself: six fields separated by
// colons, the last of which may hold colons and slashes of its own (IAM User
// Guide, "Identify AWS resources with Amazon Resource Names"). The second is
// the matcher under every wildcard of the policy language: [Glob] for plain
// text (actions, condition values) and [Pattern] for ARNs, where a wildcard in
// one of the first five fields never spans a colon while one in the resource
// field spans everything.
//
// A Glob may hold slots for values that are known only when matching, which is
// how policy variables work: the text put into a slot is compared byte by byte
// and never acts as a wildcard. Matching allocates nothing and takes time
// proportional to the text times the longest run of pattern between two stars,
// whatever the number of stars.
//
// It does not own the meaning of any service's resources, nor which policy
// variables exist; those belong to the catalogue and to package
// policy/condition.
package arn
