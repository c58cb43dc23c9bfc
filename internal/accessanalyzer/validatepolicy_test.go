package accessanalyzer_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"sallyport/catalog"
	"sallyport/policy/validate"
	"sallyport/test/inprocess"
)

type p = inprocess.P

// faulty has findings of several types and places, the é in front of one.
const faulty = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\"Sid\": \"é\", \"Effect\": \"Allow\", \"Action\": [\"iam:PassRole\", \"s3:GetObjekt\"], \"Resource\": [\"*\", \"*\"]}\n  ]\n}"

type answer struct {
	Findings  []validate.Finding `json:"findings"`
	NextToken string             `json:"nextToken"`
}

func ask(t *testing.T, reply *inprocess.Reply) answer {
	t.Helper()
	var out answer
	if err := json.Unmarshal([]byte(reply.Body), &out); err != nil {
		t.Fatalf("%s: %v", reply.Body, err)
	}
	return out
}

// TestValidatePolicy: the answer is what the checks say, places and all, whole or in
// pages, signed or in the console.
func TestValidatePolicy(t *testing.T) {
	s := inprocess.New(t)
	want := validate.Findings([]byte(faulty), validate.Options{Type: validate.IdentityPolicy, Catalog: catalog.AWS()})
	if len(want) < 3 {
		t.Fatalf("the example has %d findings", len(want))
	}
	in := p{"policyDocument": faulty, "policyType": "IDENTITY_POLICY", "locale": "EN"}
	reply := s.Admin.Do("access-analyzer:ValidatePolicy", in)
	if kind := reply.Header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("the reply is %s", kind)
	}
	same(t, ask(t, reply).Findings, want)
	in["maxResults"] = "1"
	var paged []validate.Finding
	for range len(want) {
		page := ask(t, s.Admin.Do("access-analyzer:ValidatePolicy", in))
		paged = append(paged, page.Findings...)
		if in["nextToken"] = page.NextToken; page.NextToken == "" {
			break
		}
	}
	same(t, paged, want)
	b := s.Browser()
	b.SignIn("admin", inprocess.AdminPassword)
	body, err := json.Marshal(map[string]any{"policyDocument": faulty, "policyType": "IDENTITY_POLICY", "maxResults": 2})
	if err != nil {
		t.Fatal(err)
	}
	r := s.Post(string(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "access-analyzer.ValidatePolicy")
	reply = s.Send(b.Console(r))
	reply.Want(200, "")
	same(t, ask(t, reply).Findings, want[:2])
}

func same(t *testing.T, got, want []validate.Finding) {
	t.Helper()
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if string(a) != string(b) {
		t.Errorf("findings\n%s\nwant\n%s", a, b)
	}
}

// TestResourceTypes: the type of a resource adds checks, and goes with policies of
// resources alone.
func TestResourceTypes(t *testing.T) {
	s := inprocess.New(t)
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole","Resource":"*"}]}`
	found := func(in p) string {
		var codes []string
		for _, f := range ask(t, s.Admin.Do("access-analyzer:ValidatePolicy", in)).Findings {
			codes = append(codes, f.IssueCode)
		}
		return strings.Join(codes, " ")
	}
	plain := found(p{"policyDocument": trust, "policyType": "RESOURCE_POLICY"})
	role := found(p{"policyDocument": trust, "policyType": "RESOURCE_POLICY", "validatePolicyResourceType": "AWS::IAM::AssumeRolePolicyDocument"})
	if plain == role {
		t.Errorf("a trust policy has the findings %q, whatever it is for", role)
	}
	for _, c := range []struct {
		in     p
		reason string
	}{
		{p{"policyDocument": trust, "policyType": "IDENTITY_POLICY", "validatePolicyResourceType": "AWS::S3::Bucket"}, "other"},
		{p{"policyDocument": trust, "policyType": "TRUST"}, "fieldValidationFailed"},
		{p{"policyType": "IDENTITY_POLICY"}, "fieldValidationFailed"},
		{p{"policyDocument": trust, "policyType": "IDENTITY_POLICY", "maxResults": "0"}, "fieldValidationFailed"},
		{p{"policyDocument": trust, "policyType": "IDENTITY_POLICY", "nextToken": "AAAA"}, "fieldValidationFailed"},
	} {
		reply := s.Admin.Call("access-analyzer:ValidatePolicy", c.in)
		if reply.Want(400, "ValidationException"); reply.Text("reason") != c.reason || reply.Message == "" {
			t.Errorf("%v: %s", c.in, reply.Body)
		}
	}
}

// TestPaths: nothing but the model's method and path is the operation, and the
// signature must be for its service.
func TestPaths(t *testing.T) {
	s := inprocess.New(t)
	request := func(method, path, contentType string) *http.Request {
		r, body := s.Request("access-analyzer:ValidatePolicy", p{"policyDocument": "{}", "policyType": "IDENTITY_POLICY"})
		again, err := http.NewRequest(method, s.URL+path, strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		again.Header = r.Header
		again.Header.Set("Content-Type", contentType)
		s.Admin.Sign(again, body, "access-analyzer")
		return again
	}
	for _, c := range []struct {
		method, path, contentType string
		status                    int
	}{
		{"POST", "/policy/validation", "application/json", 200},
		{"POST", "/policy/validation", "application/json; charset=utf-8", 200},
		{"PUT", "/policy/validation", "application/json", 405},
		{"POST", "/policy/validation/", "application/json", 404},
		{"POST", "/policy/check-no-new-access", "application/json", 501},
		{"POST", "/policy/validation", "text/plain", 415},
		{"POST", "/policy/validation", "application/x-amz-json-1.1", 415},
	} {
		if reply := s.Send(request(c.method, c.path, c.contentType)); reply.Status != c.status {
			t.Errorf("%s %s %s: %d %s, want %d", c.method, c.path, c.contentType, reply.Status, reply.Body, c.status)
		}
	}
	r, body := s.Request("access-analyzer:ValidatePolicy", p{"policyDocument": "{}", "policyType": "IDENTITY_POLICY"})
	s.Admin.Sign(r, body, "iam")
	if reply := s.Send(r); reply.Status != 403 || reply.Code != "InvalidSignatureException" {
		t.Errorf("signed for another service: %d %s", reply.Status, reply.Code)
	}
	s.Admin.Do("iam:CreateUser", p{"UserName": "nobody"})
	nobody := s.Client(s.Admin.Do("iam:CreateAccessKey", p{"UserName": "nobody"}).Credentials())
	reply := nobody.Call("access-analyzer:ValidatePolicy", p{"policyDocument": "{}", "policyType": "IDENTITY_POLICY"})
	reply.Want(403, "AccessDeniedException")
	reply.WantMessage(fmt.Sprintf("User: arn:aws:iam::%s:user/nobody is not authorized to perform: access-analyzer:ValidatePolicy on resource: "+
		"arn:aws:access-analyzer:us-east-1:%[1]s:* because no identity-based policy allows the access-analyzer:ValidatePolicy action", inprocess.Account))
}
