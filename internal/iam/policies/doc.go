// Package policies owns IAM's operations on permissions policies: managed
// policies and their versions, tags and uses; the inline policies of users,
// groups and roles; and the attachments of managed policies to them.
//
// It does not own trust policies (package roles), permissions boundaries (the
// packages of the entities that have them), the grammar of documents
// (policy/validate) or what a policy allows (the engine). AWS managed policies
// come from catalog/managed: every account can read and attach them and none
// can change them; their counts of use are the account's own.
//
// Users, groups and roles have the same operations here. A kind (kind.go) says
// how they differ, and each operation's file tells the one behaviour, which
// Operations binds to the three requests of the API.
//
// Every handler finds the entity first, then judges the document, then counts
// against quotas, as AWS does
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html).
package policies
