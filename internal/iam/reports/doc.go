// Package reports carries out IAM's operations on the account as a whole: its
// alias, the summary of what it holds and may hold, the report on its users'
// credentials, the snapshot of all users, groups, roles and policies with their
// relations, and the reports on which services and actions they reach and when
// they last tried to use them
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/console-account-alias.html).
package reports
