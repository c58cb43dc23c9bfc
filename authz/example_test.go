package authz_test

import (
	"fmt"

	"sallyport/authz"
	"sallyport/policy"
	"sallyport/policy/condition"
)

func Example() {
	doc, err := policy.Parse([]byte(`{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Home", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}/*"},
    {"Sid": "Office", "Effect": "Deny", "Action": "*", "Resource": "*",
     "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
  ]
}`))
	if err != nil {
		panic(err)
	}
	home, err := policy.Compile(doc, policy.Ref{Kind: policy.RefManaged, Name: "Home", ARN: "arn:aws:iam::111122223333:policy/Home"})
	if err != nil {
		panic(err)
	}
	policies := &authz.Policies{Identity: policy.NewSet(home)}
	for _, try := range []struct{ object, address string }{
		{"arn:aws:s3:::home/alice/notes.txt", "203.0.113.9"},
		{"arn:aws:s3:::home/bob/notes.txt", "203.0.113.9"},
		{"arn:aws:s3:::home/alice/notes.txt", "198.51.100.1"},
	} {
		d := authz.Decide(&authz.Request{
			ResourceAccount: "111122223333",
			Request: policy.Request{
				Principal: policy.Principal{Kind: policy.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/alice"},
				Action:    "s3:GetObject",
				Resource:  try.object,
				Context:   condition.Map{"aws:username": condition.One("alice"), "aws:sourceip": condition.One(try.address)},
			},
		}, policies)
		if d.Policy != nil {
			s := d.Policy.Statement(d.Statement)
			fmt.Printf("%v by statement %s at line %d\n", d.Effect, s.Sid, s.Position.Line)
		}
		if !d.Allowed() {
			fmt.Println(d.Reason("s3:GetObject", authz.WithPolicyARN))
		}
	}
	// Output:
	// allowed by statement Home at line 4
	// because no identity-based policy allows the s3:GetObject action
	// explicitDeny by statement Office at line 5
	// with an explicit deny in an identity-based policy: arn:aws:iam::111122223333:policy/Home
}
