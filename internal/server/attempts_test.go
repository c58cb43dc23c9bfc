package server_test

import (
	"testing"
	"time"

	"sallyport/test/inprocess"
)

// TestDeniedAttemptsCount: what a known caller asked for is noted when it is denied
// and when its input is refused; what nobody signed is not
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html).
func TestDeniedAttemptsCount(t *testing.T) {
	type p = inprocess.P
	s := inprocess.New(t)
	s.Admin.Do("iam:CreateUser", p{"UserName": "alice"})
	s.Admin.Do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "own", "PolicyDocument": `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Action":["iam:ListUsers","iam:ListRoles","iam:ListGroups"],"Resource":"*","Condition":{"StringEquals":{"aws:username":"nobody"}}}]}`})
	alice := s.Client(s.Admin.Do("iam:CreateAccessKey", p{"UserName": "alice"}).Credentials())
	alice.Denied("iam:ListUsers", nil, "iam:ListUsers")
	alice.Refused("iam:ListRoles", p{"MaxItems": "0"}, 400, "ValidationError")
	r, _ := s.Request("iam:ListGroups", nil)
	s.Refused(r, 403, "MissingAuthenticationToken")

	job := s.Admin.Do("iam:GenerateServiceLastAccessedDetails", p{"Arn": "arn:aws:iam::" + inprocess.Account + ":user/alice", "Granularity": "ACTION_LEVEL"}).Text("JobId")
	get := func() *inprocess.Reply { return s.Admin.Do("iam:GetServiceLastAccessedDetails", p{"JobId": job}) }
	report := get()
	for deadline := time.Now().Add(time.Minute); report.Text("JobStatus") == "IN_PROGRESS" && time.Now().Before(deadline); report = get() {
		time.Sleep(time.Millisecond)
	}
	if report.Text("JobStatus") != "COMPLETED" {
		t.Fatal(report.Body)
	}
	actions := report.Texts("ActionName")
	times := report.Texts("LastAccessedTime")
	if len(actions) != 3 || len(times) != 2 || report.Text("TotalAuthenticatedEntities") != "1" {
		t.Errorf("actions %v, used at %v: %s", actions, times, report.Body)
	}
}

// TestAttemptsOnPages: what people do on pages counts as what they do by calls.
func TestAttemptsOnPages(t *testing.T) {
	type p = inprocess.P
	s := inprocess.New(t)
	s.Admin.Do("iam:CreateRole", p{"RoleName": "deploy", "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` +
		inprocess.Account + `"},"Action":"sts:AssumeRole"}]}`})
	b := s.Browser()
	b.SignIn("admin", inprocess.AdminPassword)
	b.Get("/signin/switchrole")
	if page := b.Post("/signin/switchrole", p{"account": inprocess.Account, "roleName": "deploy"}); page.Path != "/console/" {
		t.Fatalf("switching leads to %s", page.Path)
	}
	job := s.Admin.Do("iam:GenerateServiceLastAccessedDetails", p{"Arn": "arn:aws:iam::" + inprocess.Account + ":user/admin", "Granularity": "ACTION_LEVEL"}).Text("JobId")
	get := func() *inprocess.Reply {
		return s.Admin.Do("iam:GetServiceLastAccessedDetailsWithEntities", p{"JobId": job, "ServiceNamespace": "sts"})
	}
	report := get()
	for deadline := time.Now().Add(time.Minute); report.Text("JobStatus") == "IN_PROGRESS" && time.Now().Before(deadline); report = get() {
		time.Sleep(time.Millisecond)
	}
	if report.Text("LastAuthenticated") == "" {
		t.Errorf("admin never used STS: %s", report.Body)
	}
}
