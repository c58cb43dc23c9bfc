package pdp_test

import (
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"sallyport/internal/api/sallyportapi"
	"sallyport/test/inprocess"
)

// explained asks for an explanation, and writes it down in short.
func explained(t *testing.T, s *inprocess.Server, operation string, in p) (decision, layers, missing string) {
	t.Helper()
	in["Explain"] = "true"
	body := s.Admin.Do(operation, in).Body
	var out sallyportapi.EvaluateResponse
	if err := json.Unmarshal([]byte(body), &out); err != nil || out.Explanation == nil || *out.Explanation.Truncated {
		t.Fatalf("%v: %s", err, body)
	}
	return *out.Decision, written(out.Explanation.Layers), writtenMissing(out.Explanation.Missing)
}

// TestEvaluateExplains: what each layer said, by which statements and whose
// policies, and what was missing.
func TestEvaluateExplains(t *testing.T) {
	s := inprocess.New(t)
	const who = "arn:aws:iam::" + account + ":user/alice"
	const crew = "arn:aws:iam::" + account + ":group/crew"
	alice(s, document(
		`{"Sid":"Read","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}`,
		`{"Sid":"Office","Effect":"Allow","Action":"s3:PutObject","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}`))
	s.Admin.Do("iam:CreateGroup", p{"GroupName": "crew"})
	s.Admin.Do("iam:AddUserToGroup", p{"GroupName": "crew", "UserName": "alice"})
	s.Admin.Do("iam:PutGroupPolicy", p{"GroupName": "crew", "PolicyName": "own", "PolicyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":[\n {\"Effect\":\"Deny\",\n  \"Action\":\"s3:Delete*\",\"Resource\":\"*\"}]}"})
	s.Admin.Do("iam:PutUserPermissionsBoundary", p{"UserName": "alice", "PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"})
	resource := func(effect, principal string) string {
		return document(`{"Sid":"Bucket","Effect":"` + effect + `","Principal":{"AWS":"` + principal + `"},"Action":"s3:*","Resource":"*"}`)
	}
	const key = "arn:aws:s3:::bucket/key"
	add := func(action string) string {
		return `add {"Effect":"Allow","Action":"` + action + `","Resource":"` + key + `"}`
	}
	for _, c := range []struct {
		action, policy, decision string
		layers, missing          []string
	}{
		{"s3:GetObject", "", "allow",
			[]string{"identityPolicy allow", who + " own: Allow Read 1:38-1", crew + " own:", "permissionsBoundary allow", "arn:aws:iam::aws:policy/ReadOnlyAccess: Allow ReadOnlyActionsGroup2"}, nil},
		{"s3:PutObject", "", "implicitDeny",
			[]string{"identityPolicy none", who + " own: Allow Office 1:129-1 unless IpAddress aws:SourceIp absent", "permissionsBoundary none", "arn:aws:iam::aws:policy/ReadOnlyAccess:"},
			[]string{"identityPolicy " + add("s3:PutObject") + " or own 2", "permissionsBoundary " + add("s3:PutObject")}},
		{"s3:DeleteObject", "", "explicitDeny",
			[]string{"identityPolicy deny", crew + " own: Deny number 1 2:2-3"},
			[]string{"identityPolicy remove own 1", "identityPolicy " + add("s3:DeleteObject"), "permissionsBoundary " + add("s3:DeleteObject")}},
		{"s3:GetObject", resource("Deny", who), "explicitDeny",
			[]string{"resourcePolicy deny", ": Deny Bucket 1:38-1", "identityPolicy allow", "permissionsBoundary allow"}, []string{"resourcePolicy remove 1"}},
		{"s3:PutObject", resource("Allow", account), "implicitDeny",
			[]string{"resourcePolicy allow", ": Allow Bucket", "identityPolicy none", "permissionsBoundary none"},
			[]string{"identityPolicy " + add("s3:PutObject") + " or own 2", "permissionsBoundary " + add("s3:PutObject")}},
	} {
		in := p{"PrincipalArn": who, "Action": c.action, "ResourceArn": key}
		if c.policy != "" {
			in["ResourcePolicy"] = c.policy
		}
		for _, operation := range []string{"sallyport:Evaluate", evaluateAt} {
			if operation == evaluateAt {
				in["Time"] = epoch(s.Now())
			}
			decision, layers, missing := explained(t, s, operation, in)
			if decision != c.decision || missing != strings.Join(c.missing, "\n") {
				t.Errorf("%s of %s: %s, missing\n%s\nwant\n%s", operation, c.action, decision, missing, strings.Join(c.missing, "\n"))
			}
			rest := layers
			for _, want := range c.layers {
				_, after, ok := strings.Cut(rest, want)
				if !ok {
					t.Errorf("%s of %s: no %q, in order, in\n%s", operation, c.action, want, layers)
				}
				rest = after
			}
		}
	}
}

// TestEvaluateExplainsOthers: a role's session, and the root user, who needs no
// policy.
func TestEvaluateExplainsOthers(t *testing.T) {
	s := inprocess.New(t)
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}]}`
	const role = "arn:aws:iam::" + account + ":role/ops"
	s.Admin.Do("iam:CreateRole", p{"RoleName": "ops", "AssumeRolePolicyDocument": trust})
	s.Admin.Do("iam:AttachRolePolicy", p{"RoleName": "ops", "PolicyArn": "arn:aws:iam::aws:policy/AmazonSQSFullAccess"})
	for _, who := range []string{role, "arn:aws:sts::" + account + ":assumed-role/ops/night"} {
		decision, layers, _ := explained(t, s, "sallyport:Evaluate", p{"PrincipalArn": who, "Action": "sqs:ListQueues"})
		if want := "identityPolicy allow\n" + role + " arn:aws:iam::aws:policy/AmazonSQSFullAccess: Allow"; decision != "allow" || !strings.HasPrefix(layers, want) {
			t.Errorf("%s: %s\n%s", who, decision, layers)
		}
	}
	limited := p{"PrincipalArn": role, "Action": "sqs:DeleteQueue", "ResourceArn": "arn:aws:sqs:us-east-1:" + account + ":queue",
		"SessionPolicy": document(`{"Sid":"Reading","Effect":"Allow","Action":"sqs:*","Resource":"*"}`, `{"Sid":"Never","Effect":"Deny","Action":"sqs:Delete*","Resource":"*"}`)}
	decision, layers, missing := explained(t, s, "sallyport:Evaluate", limited)
	if want := "\nsessionPolicy deny\n: Allow Reading 1:38-1 Deny Never "; decision != "explicitDeny" || !strings.Contains(layers, want) || missing != "sessionPolicy remove 2" {
		t.Errorf("a session policy: %s\n%s\n%s", decision, layers, missing)
	}
	limited["SessionPolicy"] = document(statement("Allow", "s3:*", "*", ""))
	if decision, layers, _ = explained(t, s, "sallyport:Evaluate", limited); decision != "implicitDeny" || !strings.Contains(layers, "\nsessionPolicy none\n") {
		t.Errorf("a silent session policy: %s\n%s", decision, layers)
	}
	limited["SessionPolicy"] = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}]}`
	s.Admin.Refused("sallyport:Evaluate", limited, 400, "MalformedPolicyDocumentException")
	limited["SessionPolicy"], limited["PrincipalArn"] = document(statement("Allow", "*", "*", "")), "arn:aws:iam::"+account+":user/admin"
	s.Admin.Refused("sallyport:Evaluate", limited, 400, "ValidationException")

	root := p{"PrincipalArn": "arn:aws:iam::" + account + ":root", "Action": "sqs:ListQueues"}
	if decision, layers, missing := explained(t, s, "sallyport:Evaluate", root); decision != "allow" || missing != "" || layers != "identityPolicy none" {
		t.Errorf("root: %s\n%s\n%s", decision, layers, missing)
	}
	delete(root, "Explain")
	if r := s.Admin.Do("sallyport:Evaluate", root); strings.Contains(r.Body, "Explanation") {
		t.Errorf("nobody asked for an explanation: %s", r.Body)
	}
}

// TestEvaluateTrust: who may take on a role is for the role's trust policy too, as it
// is or was, unless another is given.
func TestEvaluateTrust(t *testing.T) {
	s := inprocess.New(t)
	const who, role = "arn:aws:iam::" + account + ":user/alice", "arn:aws:iam::" + account + ":role/ops/deploy"
	alice(s, document(statement("Allow", "sts:AssumeRole", "*", "")))
	trust := func(condition string) string {
		return `{"Version":"2012-10-17","Statement":{"Sid":"Trusts","Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole","Condition":` + condition + `}}`
	}
	s.Admin.Do("iam:CreateRole", p{"RoleName": "deploy", "Path": "/ops/", "AssumeRolePolicyDocument": trust(`{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)})
	in := p{"PrincipalArn": who, "Action": "sts:AssumeRole", "ResourceArn": role}
	strict := []string{"implicitDeny", "resourcePolicy none\n" + role + ": Allow Trusts 1:37-1 unless Bool aws:MultiFactorAuthPresent absent\nidentityPolicy allow"}
	expect := func(operation string, want []string) {
		t.Helper()
		decision, layers, _ := explained(t, s, operation, in)
		if decision != want[0] || !strings.HasPrefix(layers, want[1]) {
			t.Errorf("%s: %s\n%s\nwant %s", operation, decision, layers, want)
		}
	}
	expect("sallyport:Evaluate", strict)
	then := epoch(s.Now())
	s.Advance(time.Minute)
	s.Admin.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "deploy", "PolicyDocument": trust(`{}`)})
	expect("sallyport:Evaluate", []string{"allow", "resourcePolicy allow\n" + role + ": Allow Trusts"})
	in["Time"] = then
	expect(evaluateAt, strict)
	delete(in, "Time")
	in["ResourcePolicy"] = trust(`{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)
	expect("sallyport:Evaluate", []string{"implicitDeny", "resourcePolicy none\n: Allow Trusts"})
	delete(in, "ResourcePolicy")
	// Reading the role is no matter of its trust policy, nor is a role that is not there.
	for _, c := range [][2]string{{"iam:GetRole", role}, {"sts:AssumeRole", "arn:aws:iam::" + account + ":role/deploy"}} {
		in["Action"], in["ResourceArn"] = c[0], c[1]
		if _, layers, _ := explained(t, s, "sallyport:Evaluate", in); strings.Contains(layers, "resourcePolicy") {
			t.Errorf("%s of %s: %s", c[0], c[1], layers)
		}
	}
}

// TestExplanationTellsNoValues: whoever may evaluate does not thereby read
// policies or a principal's tags.
func TestExplanationTellsNoValues(t *testing.T) {
	s := inprocess.New(t)
	alice(s, document(statement("Allow", "s3:GetObject", "arn:aws:s3:::hidden/*", `{"StringEquals":{"aws:PrincipalTag/Team":"concealed"}}`)))
	r := s.Admin.Do("sallyport:Evaluate", p{"PrincipalArn": "arn:aws:iam::" + account + ":user/alice", "Action": "s3:GetObject", "ResourceArn": "arn:aws:s3:::hidden/key", "Explain": "true"})
	if !strings.Contains(r.Body, "aws:PrincipalTag/Team") {
		t.Errorf("the condition is not named: %s", r.Body)
	}
	for _, value := range []string{"concealed", `"red"`, "hidden/*"} {
		if strings.Contains(r.Body, value) {
			t.Errorf("%s tells of %s", r.Body, value)
		}
	}
}
