// Package users carries out IAM's operations on users: their life, names and
// paths, tags and permissions boundaries
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users.html).
//
// A user's policies, groups and credentials have packages of their own; this
// one only refuses to delete a user that still has any. Renaming and moving a
// user changes its ARN and nothing else: whatever refers to it does so by its
// unique id.
package users
