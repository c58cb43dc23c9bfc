// Package iamtest runs IAM's operations in tests the way the server's pipeline
// does, without the wire and without decisions: validate the input, ask for
// the checks, then read from the committed view or write inside the account's
// writer.
//
//	f := iamtest.New(t, users.Operations)
//	out := iamtest.Do[iamapi.CreateUserResponse](f, f.Root(), "CreateUser", &iamapi.CreateUserRequest{UserName: new("alice")})
//	f.WantChecks(operation.Check{Action: "iam:CreateUser", Resource: f.ARN("user/alice")})
//	f.Fails(f.Root(), "GetUser", in, "NoSuchEntity", "The user with name bob cannot be found.")
//
// Every change is rehearsed once in a command that is then given up, and must
// leave no trace: the writer may run a command several times. It holds no test
// of its own subject matter.
package iamtest
