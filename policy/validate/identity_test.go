package validate_test

import (
	"encoding/json"
	"errors"
	"maps"
	"testing"

	"sallyport/policy"
	"sallyport/policy/validate"
)

type object = map[string]any

// remove deletes a member in a change.
type remove struct{}

// identityPolicy applies changes to a policy of one statement: members of the
// document first, all others to the statement.
func identityPolicy(t *testing.T, change object) []byte {
	t.Helper()
	statement := object{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b"}
	doc := object{"Version": "2012-10-17", "Statement": statement}
	return applyChange(t, doc, statement, change)
}

func applyChange(t *testing.T, doc, statement, change object) []byte {
	t.Helper()
	for name, value := range change {
		target := statement
		switch name {
		case "Version", "Id", "Statement", "Extra":
			target = doc
		}
		if _, gone := value.(remove); gone {
			delete(target, name)
			continue
		}
		target[name] = value
	}
	src, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func message(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *validate.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v is a %T", err, err)
	}
	return e.Message
}

const (
	syntax      = "Syntax errors in policy."
	legacy      = "The policy failed legacy parsing"
	vendor      = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
	noResources = "Policy statement must contain resources."
)

// TestIdentityRecorded holds the recorded facts about AWS, by their ids.
func TestIdentityRecorded(t *testing.T) {
	tests := []struct {
		id     string
		change object
		want   string
	}{
		{"iam-119", object{"Version": "2013-10-17"}, syntax},
		{"iam-120 missing", object{"Statement": remove{}}, syntax},
		{"iam-120 empty", object{"Statement": []any{}}, syntax},
		{"iam-120 strings", object{"Statement": []any{"a"}}, syntax},
		{"iam-121 document", object{"Extra": "x"}, syntax},
		{"iam-121 statement", object{"Other": "x"}, syntax},
		{"iam-124", object{"Effect": "invalid"}, syntax},
		{"iam-124 missing", object{"Effect": remove{}}, syntax},
		{"iam-128 action", object{"Action": object{}}, syntax},
		{"iam-128 resource", object{"Resource": []any{object{}}}, syntax},
		{"iam-130", object{"Condition": object{"x": object{"a": "1"}}}, syntax},
		{"iam-132", object{"Action": "invalid"}, vendor},
		{"iam-133", object{"Action": remove{}, "NotAction": ""}, vendor},
		{"iam-136", object{"Resource": "invalid resource"}, `Resource invalid resource must be in ARN format or "*".`},
		{"iam-137", object{"Resource": ""}, `Resource  must be in ARN format or "*".`},
		{"iam-138", object{"Resource": "a:zzz"}, `Partition "zzz" is not valid for resource "arn:zzz:*:*:*:*".`},
		{"iam-139", object{"Resource": "aws:s3:::b"}, `Partition "s3" is not valid for resource "arn:s3:::b:*".`},
		{"iam-143", object{"Resource": "arn:aws:iam:::b"}, `IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.`},
		{"iam-146", object{"Resource": []any{}}, noResources},
		{"iam-146 missing", object{"Resource": remove{}}, noResources},
		{"iam-148", object{"Action": "invalid", "Resource": remove{}}, vendor},
		{"iam-150", object{"Action": remove{}, "Resource": "arn:aws:s3::b"}, legacy},
		{"iam-153", object{"Condition": object{"DateGreaterThan": object{"a": "sdfdsf"}}}, legacy},
		{"iam-155", object{"Resource": "arn:error:s3:::b", "Condition": object{"DateGreaterThan": object{"a": "zz"}}}, legacy},
		{"iam-156", object{}, ""},
		{"iam-158", object{"Resource": "arn:aws:s33:::b"}, ""},
		{"iam-158 region", object{"Resource": "arn:aws:invalid-service:us-east-1::b"}, ""},
		{"iam-159", object{"Resource": "arn:aws:fdsasf"}, ""},
		{"iam-162 dash", object{"Action": "s3-s:ListBucket"}, ""},
		{"iam-162 dot", object{"Action": "s3.s:ListBucket"}, ""},
		{"iam-165", object{"Principal": "*"}, "Policy document should not specify a principal."},
		{"iam-167", object{"Effect": "allow"}, legacy},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			src := identityPolicy(t, tt.change)
			if got := message(t, validate.Identity(src, true)); got != tt.want {
				t.Errorf("%s\n got %q\nwant %q", src, got, tt.want)
			}
		})
	}
}

// TestIdentityFamily holds what the recorded facts imply for their family.
func TestIdentityFamily(t *testing.T) {
	tests := []struct {
		name    string
		inline  bool
		change  object
		want    string
		comment string
	}{
		{name: "iam-164 inline without version", inline: true, change: object{"Version": remove{}}},
		{name: "managed without version", change: object{"Version": remove{}}, want: "Policy document must be version 2012-10-17 or greater."},
		{name: "managed 2008", change: object{"Version": "2008-10-17"}, want: "Policy document must be version 2012-10-17 or greater."},
		{name: "inline 2008", inline: true, change: object{"Version": "2008-10-17"}},
		{name: "both action", change: object{"NotAction": "s3:*"}, want: syntax},
		{name: "both resource", change: object{"NotResource": "*"}, want: syntax},
		{name: "no action", change: object{"Action": []any{}}, want: "Policy statement must contain actions."},
		{name: "colons", change: object{"Action": "a:b:c"}, want: "Actions/Condition can contain only one colon."},
		{name: "vendor", change: object{"Action": "s3_:Get"}, want: "Vendor s3_ is not valid"},
		{name: "vendor wildcard", change: object{"Action": "s3*:Get"}, want: "Vendor s3* is not valid"},
		{name: "all actions", change: object{"Action": "*"}},
		{name: "regexes", change: object{"Resource": "a:aws"}, want: "Resource vendor must be fully qualified and cannot contain regexes."},
		{name: "empty service", change: object{"Resource": "arn:aws::us-east-1:111122223333:x"}, want: legacy},
		{name: "iam region", change: object{"Resource": "arn:aws:iam:us-east-1::user/x"}, want: "IAM resource arn:aws:iam:us-east-1::user/x cannot contain region information."},
		{name: "iam all", change: object{"Resource": "arn:aws:iam::*:*"}},
		{name: "iam root", change: object{"Resource": "arn:aws:iam::111122223333:root"}},
		{name: "s3 region", change: object{"Resource": "arn:aws:s3:us-east-1::b"}, want: "Resource arn:aws:s3:us-east-1::b can not contain region information."},
		{name: "s3 access point", change: object{"Resource": "arn:aws:s3:us-east-1:111122223333:accesspoint/a"}},
		{name: "action fault after resource fault", change: object{"Action": "invalid", "Resource": "x"}, want: `Resource x must be in ARN format or "*".`},
		{name: "first in sorted order", change: object{"Resource": []any{"zz", "aa"}}, want: `Resource aa must be in ARN format or "*".`},
		{name: "operator without keys", change: object{"Condition": object{"x": object{}}}},
		{name: "qualified operator", change: object{"Condition": object{"ForAnyValue:StringLikeIfExists": object{"a": "1"}}}},
		{name: "qualified unknown", change: object{"Condition": object{"ForSomeValue:StringLike": object{"a": "1"}}}, want: syntax},
		{name: "date", change: object{"Condition": object{"DateLessThan": object{"a": "2026-01-02T03:04:05Z"}}}},
		{name: "short date", change: object{"Condition": object{"DateLessThan": object{"a": "01T"}}}},
		{name: "epoch", change: object{"Condition": object{"DateLessThan": object{"a": "9223372036854775807"}}}},
		{name: "epoch too large", change: object{"Condition": object{"DateLessThan": object{"a": "9223372036854775808"}}}, want: legacy},
		{name: "bad number", change: object{"Condition": object{"NumericEquals": object{"a": "x"}}}, want: syntax, comment: "refused because the engine can't understand it"},
		{name: "bad variable", change: object{"Resource": "arn:aws:s3:::${aws:username"}, want: syntax, comment: "likewise"},
		{name: "sid characters", change: object{"Sid": "a b"}, want: "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"},
		{name: "duplicate sid", change: object{"Statement": []any{
			object{"Sid": "a", "Effect": "Allow", "Action": "s3:*", "Resource": "*"},
			object{"Sid": "a", "Effect": "Allow", "Action": "s3:*", "Resource": "*"},
		}}, want: "Statement IDs (SID) in a single policy must be unique."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := identityPolicy(t, tt.change)
			if got := message(t, validate.Identity(src, !tt.inline)); got != tt.want {
				t.Errorf("%s\n got %q\nwant %q", src, got, tt.want)
			}
		})
	}
	for _, src := range []string{"", "[]", "{", `{"Version":"2012-10-17"} x`, `{"Version":"2012-10-17","Version":"2012-10-17"}`, "\xff"} {
		if got := message(t, validate.Identity([]byte(src), false)); got != syntax {
			t.Errorf("Identity(%q) = %q", src, got)
		}
	}
}

const account = "111122223333"

func trustPolicy(t *testing.T, change object) []byte {
	t.Helper()
	statement := object{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": object{"AWS": account}}
	doc := object{"Version": "2012-10-17", "Statement": []any{statement}}
	return applyChange(t, doc, statement, change)
}

// TestTrustRecorded holds the recorded facts about trust policies, by id.
func TestTrustRecorded(t *testing.T) {
	known := func(principal string) bool {
		switch principal {
		case account, "ec2.amazonaws.com", "arn:aws:iam::" + account + ":user/alice", "AIDAEXAMPLEEXAMPLE01":
			return true
		}
		return false
	}
	duplicate := object{"Sid": "Dup", "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": object{"AWS": account}}
	tests := []struct {
		id     string
		change object
		want   string
	}{
		{"valid", object{}, ""},
		{"valid user", object{"Principal": object{"AWS": "arn:aws:iam::" + account + ":user/alice"}}, ""},
		{"valid unique id", object{"Principal": object{"AWS": "AIDAEXAMPLEEXAMPLE01"}}, ""},
		{"valid service", object{"Principal": object{"Service": []any{"ec2.amazonaws.com"}}}, ""},
		{"valid everyone", object{"Principal": object{"AWS": "*"}}, ""},
		{"valid without version", object{"Version": remove{}}, ""},
		{"iam-061", object{"Resource": "*"}, "Has prohibited field Resource"},
		{"iam-062", object{"NotResource": "*"}, "AssumeRole policy must not contain resources."},
		{"iam-063", object{"Principal": "*"}, `AssumeRolepolicy contained an invalid principal: "STAR":"*".`},
		{"iam-064", object{"Action": "s3:GetObject"}, "AssumeRole policy may only specify STS AssumeRole actions."},
		{"iam-064 all", object{"Action": "*"}, "AssumeRole policy may only specify STS AssumeRole actions."},
		{"iam-065", object{"Principal": object{"Service": "nope.amazonaws.com"}}, `Invalid principal in policy: "SERVICE":"nope.amazonaws.com"`},
		{"iam-065 form", object{"Principal": object{"Service": "ec2"}}, `Invalid principal in policy: "SERVICE":"ec2"`},
		{"iam-066", object{"Principal": object{"AWS": "arn:aws:iam::111122223333:role/admin"}}, `Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:role/admin"`},
		{"iam-066 wildcard", object{"Principal": object{"AWS": "arn:aws:iam::111122223333:user/*"}}, `Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:user/*"`},
		{"iam-066 group", object{"Principal": object{"AWS": "arn:aws:iam::111122223333:group/admins"}}, `Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:group/admins"`},
		{"iam-068", object{"Principal": remove{}}, "Missing required field Principal"},
		{"iam-069", object{"Principal": object{}}, "Missing required field Principal cannot be empty!"},
		{"iam-069 list", object{"Principal": object{"AWS": []any{}}}, "Missing required field Principal cannot be empty!"},
		{"iam-070", object{"Action": remove{}}, "Missing required field Action"},
		{"iam-071", object{"Effect": remove{}}, "Missing required field Effect"},
		{"iam-072", object{"Effect": "Maybe"}, "Invalid effect: Maybe"},
		{"iam-073", object{"Version": "2020-01-01"}, "The policy must contain a valid version string"},
		{"iam-074", object{"Statement": []any{}}, "Could not parse the policy: Statement is empty!"},
		{"iam-075", object{"Statement": []any{duplicate, duplicate}}, "The Statement Ids in the policy are not unique"},
		{"iam-076", object{"Principal": remove{}, "NotPrincipal": object{"AWS": "*"}}, "Allow with NotPrincipal is not allowed."},
		{"iam-077", object{"Effect": "Deny", "Principal": remove{}, "NotPrincipal": object{"AWS": "*"}}, "AssumeRole policy must not contain NotPrincipal field."},
		{"iam-078", object{"Condition": object{"FooBar": object{"k": "v"}}}, "Syntax error in policy."},
		{"iam-079", object{"Principal": object{"Federated": "cognito-identity.amazonaws.com"}, "Action": "sts:AssumeRoleWithWebIdentity"}, "A condition block must be present for the Cognito provider"},
		{"iam-079 other key", object{"Principal": object{"Federated": "cognito-identity.amazonaws.com"}, "Action": "sts:AssumeRoleWithWebIdentity",
			"Condition": object{"StringEquals": object{"aws:SourceIp": "x"}}}, "A condition block must be present for the Cognito provider"},
		{"iam-079 audience", object{"Principal": object{"Federated": "cognito-identity.amazonaws.com"}, "Action": "sts:AssumeRoleWithWebIdentity",
			"Condition": object{"StringEquals": object{"cognito-identity.amazonaws.com:AUD": "us-east-1:pool"}}}, ""},
		{"provider elsewhere", object{"Principal": object{"Federated": "https://idp.example.com"}, "Action": "sts:AssumeRoleWithWebIdentity"}, "Federated principals must be valid domain names or SAML metadata ARNs"},
		{"provider absent", object{"Principal": object{"Federated": "arn:aws:iam::111122223333:saml-provider/idp"}, "Action": "sts:AssumeRoleWithSAML"}, `Invalid principal in policy: "FEDERATED":"arn:aws:iam::111122223333:saml-provider/idp"`},
		{"canonical user", object{"Principal": object{"CanonicalUser": "79a59d"}}, `Invalid principal in policy: "CANONICALUSER":"79a59d"`},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			src := trustPolicy(t, tt.change)
			if got := message(t, validate.Trust(src, account, known)); got != tt.want {
				t.Errorf("%s\n got %q\nwant %q", src, got, tt.want)
			}
		})
	}
	if got := message(t, validate.Trust([]byte("{"), account)); got != "This policy contains invalid Json" {
		t.Errorf("invalid JSON: %q", got)
	}
	if got := message(t, validate.Trust([]byte(`{"Statement":[],"Statement":[]}`), account)); got != "Syntax error in policy." {
		t.Errorf("duplicate member: %q", got)
	}
}

// FuzzIdentity holds that what is accepted can be compiled, and that a managed
// policy that is accepted is also an acceptable inline one.
func FuzzIdentity(f *testing.F) {
	base := object{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b"}
	for _, change := range []object{{}, {"Condition": object{"Bool": object{"a": true}}}, {"Resource": "${x"}} {
		statement := maps.Clone(base)
		maps.Copy(statement, change)
		src, err := json.Marshal(object{"Version": "2012-10-17", "Statement": statement})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		inline, managed := validate.Identity(src, false), validate.Identity(src, true)
		if managed == nil && inline != nil {
			t.Fatalf("accepted as managed, refused inline: %v", inline)
		}
		accepted := inline == nil || validate.Trust(src, account) == nil
		if !accepted {
			return
		}
		doc, err := policy.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := policy.Compile(doc, policy.Ref{}); err != nil {
			t.Fatal(err)
		}
	})
}
