// Package reports carries out IAM's operations on the account as a whole: its
// alias, the summary of what it holds and may hold, the report on its users'
// credentials, and the snapshot of all
// users, groups, roles and policies with their relations
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/console-account-alias.html).
package reports
