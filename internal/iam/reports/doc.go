// Package reports carries out IAM's operations on the account as a whole: its
// alias, and the summary of what it holds and may hold
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/console-account-alias.html).
package reports
