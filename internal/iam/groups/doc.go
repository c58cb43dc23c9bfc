// Package groups carries out IAM's operations on groups and on who is in them
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html).
//
// The policies of a group belong to package policies.
package groups
