package policycase

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"sallyport/catalog"
)

const (
	alice = "arn:aws:iam::111122223333:user/Alice"
	read  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	deny  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`
)

// line is a case about reading an object with more members of request and with
// these policies.
func line(request, policies string) string {
	if !strings.Contains(request, `"principal"`) {
		request = fmt.Sprintf(`"principal":%q,%s`, alice, request)
	}
	request = strings.TrimSuffix(request, ",")
	return fmt.Sprintf(`{"id":"c","request":{"action":"s3:GetObject","resource":"arn:aws:s3:::amzn-s3-demo-bucket/key",%s},"policies":{%s}}`, request, policies)
}

func when(operator, key, value string) string {
	return fmt.Sprintf(`"identity":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{%q:{%q:%q}}}}]`, operator, key, value)
}

func TestDecide(t *testing.T) {
	role := `"principal":"arn:aws:sts::111122223333:assumed-role/Admin/session","sessionIssuer":"arn:aws:iam::111122223333:role/team/Admin"`
	linked := `"principal":"arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForExample/s",` +
		`"sessionIssuer":"arn:aws:iam::111122223333:role/aws-service-role/example.amazonaws.com/AWSServiceRoleForExample"`
	public := `"acl":[{"grantee":"http://acs.amazonaws.com/groups/global/AllUsers","permission":"READ"}]`
	for _, c := range []struct{ name, request, policies, want string }{
		{"nothing applies", ``, ``, `implicitDeny identity`},
		{"nothing is granted", ``, `"identity":[]`, `implicitDeny identity`},
		{"identity", ``, `"identity":[` + read + `]`, `allow identity 0 0`},
		{"the second policy's second statement", ``, `"identity":[` + read + `,` + deny + `]`, `explicitDeny identity 1 1`},
		{"boundary", ``, `"identity":[` + read + `],"boundary":` + deny, `explicitDeny boundary 0 1`},
		{"null is absent", ``, `"identity":[` + read + `],"boundary":null,"session":null,"scps":null,"resource":null`, `allow identity 0 0`},
		{"session", ``, `"identity":[` + read + `],"session":[]`, `implicitDeny session`},
		{"no level allows", ``, `"identity":[` + read + `],"scps":[]`, `implicitDeny scp 0`},
		{"the second level allows nothing", ``, `"identity":[` + read + `],"scps":[[` + read + `],[]]`, `implicitDeny scp 1`},
		{"the second level denies", ``, `"identity":[` + read + `],"rcps":[[` + read + `],[` + read + `,` + deny + `]]`, `explicitDeny rcp 1 1 1`},
		{"service-linked", linked, `"identity":[` + read + `],"scps":[]`, `allow identity 0 0`},
		{"root", `"principal":"arn:aws:iam::111122223333:root"`, ``, `allow root`},
		{"another account", `"resourceAccount":"444455556666"`, `"identity":[` + read + `]`, `implicitDeny resource`},
		{"everyone by list", `"principal":"*"`, public, `allow acl 0 0`},
		{"tag", `"principalTags":{"Team":"a"}`, when("StringEquals", "aws:PrincipalTag/team", "a"), `allow identity 0 0`},
		{"user name", ``, when("StringEquals", "aws:username", "Alice"), `allow identity 0 0`},
		{"given wins", `"context":{"AWS:UserName":"Bob"}`, when("StringEquals", "aws:username", "Bob"), `allow identity 0 0`},
		{"role", role, when("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/team/Admin"), `allow identity 0 0`},
		{"account of the resource", ``, when("StringEquals", "aws:ResourceAccount", "111122223333"), `allow identity 0 0`},
		{"number", `"context":{"s3:max-keys":10}`, when("NumericLessThan", "s3:max-keys", "11"), `allow identity 0 0`},
		{"Boolean", `"context":{"aws:SecureTransport":true}`, when("Bool", "aws:SecureTransport", "true"), `allow identity 0 0`},
		{"list", `"context":{"aws:TagKeys":["a","b"]}`, when("ForAnyValue:StringEquals", "aws:TagKeys", "b"), `allow identity 0 0`},
		{"empty list", `"context":{"aws:TagKeys":[]}`, when("Null", "aws:TagKeys", "true"), `allow identity 0 0`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := printed(Decide(catalog.AWS(), []byte(line(c.request, c.policies)))); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// printed is an answer as words.
func printed(a Answer) string {
	if a.Error != "" {
		return "error " + a.Error
	}
	words := []string{a.Decision}
	if by := a.DecidedBy; by != nil {
		words = append(words, by.Layer)
		for _, n := range []*int{by.Level, by.Policy, by.Statement} {
			if n != nil {
				words = append(words, fmt.Sprint(*n))
			}
		}
	}
	return strings.Join(words, " ")
}

func TestACL(t *testing.T) {
	const id = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
	object, bucket := "arn:aws:s3:::amzn-s3-demo-bucket/key", "arn:aws:s3:::amzn-s3-demo-bucket"
	root := "arn:aws:iam::111122223333:root"
	const all, authenticated, logs = allUsers, authenticatedUsers, logDelivery
	for _, c := range []struct {
		principal, action, resource, grantee, permission string
		owner                                            string
		want                                             string
	}{
		{"*", "s3:GetObject", object, all, "READ", "111122223333", "allow acl 0 0"},
		{"*", "s3:GetObject", object, authenticated, "READ", "111122223333", "implicitDeny resource"},
		{alice, "s3:GetObject", object, authenticated, "READ", "111122223333", "implicitDeny identity"}, // delegates
		{root, "s3:GetObject", object, authenticated, "READ", "444455556666", "allow acl 0 0"},
		{"*", "s3:ListBucket", bucket, all, "READ", "111122223333", "allow acl 0 0"},
		{"*", "s3:PutObject", object, all, "READ", "111122223333", "implicitDeny resource"},
		{"*", "s3:PutObject", object, all, "WRITE", "111122223333", "allow acl 0 0"},
		{"*", "s3:DeleteObject", object, all, "WRITE", "111122223333", "implicitDeny resource"},
		{root, "s3:PutObjectAcl", object, root, "WRITE_ACP", "444455556666", "allow acl 0 0"},
		{root, "s3:GetBucketAcl", bucket, root, "READ_ACP", "444455556666", "allow acl 0 0"},
		{root, "s3:PutBucketAcl", bucket, id, "FULL_CONTROL", "444455556666", "allow acl 0 0"},
		{root, "s3:PutBucketAcl", bucket, id[1:], "FULL_CONTROL", "444455556666", "implicitDeny resource"},
		{root, "s3:DeleteObject", object, root, "FULL_CONTROL", "444455556666", "implicitDeny resource"},
		{alice, "s3:GetObject", object, id, "READ", "111122223333", "implicitDeny identity"}, // delegates
		{"logging.s3.amazonaws.com", "s3:PutObject", object, logs, "WRITE", "111122223333", "allow acl 0 0"},
		{"*", "s3:PutObject", object, logs, "WRITE", "111122223333", "implicitDeny resource"},
		{"*", "s3:GetObject", object, all, "read", "111122223333", `error policies: acl grant 0: unknown permission "read"`},
		{"*", "s3:GetObject", object, all + "s", "READ", "111122223333", `error policies: acl grant 0: unknown group "` + all + `s"`},
	} {
		text := fmt.Sprintf(`{"request":{"principal":%q,"canonicalUser":%q,"action":%q,"resource":%q,"resourceAccount":%q},"policies":{"acl":[{"grantee":%q,"permission":%q}]}}`,
			c.principal, id, c.action, c.resource, c.owner, c.grantee, c.permission)
		if got := printed(Decide(catalog.AWS(), []byte(text))); got != c.want {
			t.Errorf("%s by %s, %s to %s: got %s, want %s", c.action, c.principal, c.permission, c.grantee, got, c.want)
		}
	}
}

// TestRCPsThatDoNotApply: RCPs that allow nothing restrict everything they are for.
func TestRCPsThatDoNotApply(t *testing.T) {
	const service, linked = "example.amazonaws.com", "arn:aws:iam::111122223333:role/aws-service-role/example.amazonaws.com/AWSServiceRoleForExample"
	for _, c := range []struct{ principal, action, resource, want string }{
		{alice, "s3:ListBucket", "arn:aws:s3:::amzn-s3-demo-bucket", "implicitDeny rcp 0"},
		{alice, "s3:ListAllMyBuckets", "*", "allow identity 0 0"}, // about no resource
		{alice, "ec2:StartInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-1234567890abcdef0", "allow identity 0 0"},
		{alice, "KMS:retireGrant", "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", "allow identity 0 0"},
		{alice, "own:Read", "arn:aws:own:::x", "implicitDeny rcp 0"},
		{service, "sts:AssumeRole", linked, "allow resource 0 0"},
		{service, "sts:AssumeRole", "arn:aws:iam::111122223333:role/x", "implicitDeny rcp 0"},
		{alice, "sts:AssumeRole", linked, "implicitDeny rcp 0"},
	} {
		resource := ""
		if strings.HasPrefix(c.action, "sts:") {
			resource = `"resource":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*"}},`
		}
		text := fmt.Sprintf(`{"request":{"principal":%q,"action":%q,"resource":%q},"policies":{%s"rcps":[[]],"identity":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}]}}`,
			c.principal, c.action, c.resource, resource)
		if got := printed(Decide(catalog.AWS(), []byte(text))); got != c.want {
			t.Errorf("%s on %s by %s: got %s, want %s", c.action, c.resource, c.principal, got, c.want)
		}
	}
}

// TestCatalogue: a case is decided by the services it is given.
func TestCatalogue(t *testing.T) {
	own, err := catalog.AWS().With(catalog.Service{
		Prefix: "own", Actions: []catalog.Action{{Name: "Read", Access: catalog.Read, Resources: []catalog.ActionResource{{Name: "page"}}}},
		Resources: []catalog.ResourceType{{Name: "page", ARN: []string{"arn:aws:own:::page/*"}}, {Name: "book", ARN: []string{"arn:aws:own:::book/*"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		services               *catalog.Catalog
		action, resource, want string
	}{
		{own, "own:Read", "arn:aws:own:::page/1", "allow identity 0 0"},
		{own, "own:Read", "arn:aws:own:::book/1", "implicitDeny"},
		{own, "s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket", "implicitDeny"},
		{catalog.AWS(), "own:Read", "arn:aws:own:::book/1", "allow identity 0 0"},
		{nil, "s3:GetObject", "arn:aws:s3:::amzn-s3-demo-bucket", "allow identity 0 0"},
	} {
		text := fmt.Sprintf(`{"request":{"principal":%q,"action":%q,"resource":%q},"policies":{"identity":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}]}}`,
			alice, c.action, c.resource)
		if got := printed(Decide(c.services, []byte(text))); got != c.want {
			t.Errorf("%s on %s: got %s, want %s", c.action, c.resource, got, c.want)
		}
	}
}

func TestTrustDecides(t *testing.T) {
	assume := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole","kms:Decrypt","kms:UpdateAlias"],"Resource":"*"}]}`
	other := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"*","Resource":"*"}]}`
	for _, c := range []struct{ action, resource, policies, want string }{
		{"sts:AssumeRole", "arn:aws:iam::111122223333:role/R", `"resource":` + other, "implicitDeny resource"},
		{"sts:AssumeRole", "arn:aws:iam::111122223333:role/R", ``, "allow identity 0 0"},
		{"kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", `"resource":` + other, "implicitDeny resource"},
		{"kms:UpdateAlias", "arn:aws:kms:us-east-1:111122223333:alias/a", `"resource":` + other, "allow identity 0 0"},
	} {
		separator := ","
		if c.policies == "" {
			separator = ""
		}
		text := fmt.Sprintf(`{"request":{"principal":%q,"action":%q,"resource":%q},"policies":{"identity":[%s]%s%s}}`, alice, c.action, c.resource, assume, separator, c.policies)
		if got := printed(Decide(catalog.AWS(), []byte(text))); got != c.want {
			t.Errorf("%s on %s: got %s, want %s", c.action, c.resource, got, c.want)
		}
	}
}

func TestInvalid(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{``, "EOF"},
		{`[]`, "unexpected ["},
		{`{"id":"c"}`, "request and policies are required"},
		{line(`"principal":""`, ``), "a principal is required"},
		{line(`"principal":"arn:aws:iam::111122223333:role/R"`, ``), "makes no requests"},
		{line(`"principal":"arn:aws:iam::*:user/Alice"`, ``), "of no account"},
		{line(`"principal":"Alice"`, ``), "neither an ARN nor a host name"},
		{line(`"principal":"arn:aws:sts::111122223333:assumed-role/R"`, ``), "assumed-role/ROLE/SESSION"},
		{line(`"principal":"arn:aws:sts::111122223333:assumed-role/R/S","sessionIssuer":"arn:aws:iam::444455556666:role/R"`, ``), "is not the role"},
		{line(`"sessionIssuer":"arn:aws:iam::111122223333:role/R"`, ``), "only a role session"},
		{line(`"resourceAccount":"1"`, ``), "not an account id"},
		{line(`"context":{"a:b":"1","A:B":"2"}`, ``), "given twice"},
		{line(`"context":{"a:b":{}}`, ``), "a value is a string"},
		{line(`"context":{"a:b":[["x"]]}`, ``), "a value is a string"},
		{line(`"principalTags":{"A":"1","a":"2"}`, ``), "given twice"},
		{line(`"principalTags":{"A":null}`, ``), "has no value"},
		{line(`"tags":{}`, ``), "unknown member /request/tags"},
		{line(``, `"boundry":{}`), "unknown member /policies/boundry"},
		{line(``, `"identity":[{}]`), "identity policy 0: "},
		{line(``, `"identity":[`+strings.Replace(read, `"Allow"`, `"allow"`, 1)+`]`), `neither Allow nor Deny`},
		{line(``, `"identity":[`+strings.Replace(read, `"Resource"`, `"Principal":"*","Resource"`, 1)+`]`), "only the policies of resources"},
		{line(``, `"identity":[`+strings.Replace(read, `"Action"`, `"Action":"x:y","Action"`, 1)+`]`), "duplicate"},
		{line(``, `"identity":`+read), "unexpected {"},
		{strings.Replace(line(``, ``), "s3:GetObject", "s3:Get*", 1), "not of the form"},
		{strings.Replace(line(``, ``), "s3:GetObject", "s3:Get:Object", 1), "not of the form"},
		{line(``, `"rcps":[[`+strings.Replace(read, `"Resource"`, `"NotPrincipal":{"AWS":"111122223333"},"Resource"`, 1)+`]]`), "no NotPrincipal"},
	} {
		if a := Decide(catalog.AWS(), []byte(c.text)); a.Decision != "" || !strings.Contains(a.Error, c.want) {
			t.Errorf("%s:\n got %q, want %q", c.text, a.Error, c.want)
		}
	}
}

func TestRun(t *testing.T) {
	in := strings.Join([]string{line(``, ``), ``, `{"id":7,"request":`, `{"id":"` + strings.Repeat("x", MaxBytes) + `"}`, line(``, `"identity":[`+read+`]`)}, "\n")
	var out bytes.Buffer
	if err := Run(catalog.AWS(), strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"id":"c","decision":"implicitDeny","decidedBy":{"layer":"identity"}}`,
		`{"id":7,"error":"line 3: `,
		`{"error":"line 4: longer than 8388608 bytes"}`,
		`{"id":"c","decision":"allow","decidedBy":{"layer":"identity","policy":0,"statement":0}}`,
	}
	got := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d answers, want %d:\n%s", len(got), len(want), out.String())
	}
	for i := range got {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("answer %d: got %s, want %s", i, got[i], want[i])
		}
	}
}

// FuzzDecide holds that whatever comes in has an answer that is either a decision
// or an error, and that an answer is JSON.
func FuzzDecide(f *testing.F) {
	f.Add([]byte(line(``, `"identity":[`+read+`],"scps":[[`+deny+`]]`)))
	f.Add([]byte(line(`"principal":"*","context":{"a:b":[1,true,"x"]}`, `"acl":[{"grantee":"x","permission":"READ"}]`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		a := Decide(catalog.AWS(), text)
		if (a.Decision == "") == (a.Error == "") {
			t.Fatalf("%q: %+v", text, a)
		}
		encoded, err := json.Marshal(a)
		if err != nil || !json.Valid(encoded) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
