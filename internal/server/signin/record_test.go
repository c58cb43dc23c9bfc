package signin_test

import (
	"fmt"
	"testing"
	"time"
)

// TestSignInRecords holds the records of a walk to AWS's (row ct-026).
func TestSignInRecords(t *testing.T) {
	s := start(t)
	alice(s)
	deploy := role(s, "deploy", trusting(iamARN+"user/alice", ""))
	phone := s.Root.Device("alice")
	s.Advance(time.Minute)
	b := s.Browser()
	b.Address = "192.0.2.7"
	next := func() { s.Advance(time.Second) }
	b.SignIn("nobody-or-a-password", password)
	next()
	b.SignIn("alice", "wrong")
	next()
	b.Post("/signin", p{"account": "999999999999", "username": "alice", "password": password})
	next()
	b.Get("/signin/root")
	b.Post("/signin/root", p{"email": "nobody@example.com", "password": password})
	next()
	b.SignIn("alice", password)
	next()
	b.Post("/signin/mfa", p{"code": "000000"})
	next()
	b.Post("/signin/mfa", p{"code": phone.Code(0)})
	next()
	b.Post("/signin/switchrole", p{"account": account, "roleName": "deploy"})
	next()
	b.Post("/signin/exitrole", nil)
	next()
	b.Post("/signin/signout", nil)
	next()
	credentials := s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "deploy", "PolicyDocument": trusting(iamARN+"user/admin", "")})
	_ = credentials
	token, _ := federation(t, s, s.Admin.Do("sts:AssumeRole", p{"RoleArn": deploy, "RoleSessionName": "bob"}).Credentials(), nil)
	next()
	b.Get(login(token, ""))

	want := []string{
		"ConsoleLogin: IAMUser HIDDEN_DUE_TO_SECURITY_REASONS in 111122223333: map[ConsoleLogin:Failure] No username found in supplied account; MFAUsed No",
		"ConsoleLogin: IAMUser alice in 111122223333: map[ConsoleLogin:Failure] Failed authentication; MFAUsed No",
		"ConsoleLogin: IAMUser HIDDEN_DUE_TO_SECURITY_REASONS in : map[ConsoleLogin:Failure] Failed authentication; MFAUsed No",
		"ConsoleLogin: Root <nil> in : map[ConsoleLogin:Failure] Failed authentication; MFAUsed No",
		"CheckMfa: IAMUser alice in 111122223333: map[CheckMfa:Success] ; MfaType Virtual MFA",
		"ConsoleLogin: IAMUser alice in 111122223333: map[ConsoleLogin:Failure] Failed authentication; MFAUsed Yes",
		"ConsoleLogin: IAMUser alice in 111122223333: map[ConsoleLogin:Success] ; MFAUsed Yes",
		"SwitchRole: AssumedRole <nil> in 111122223333: map[SwitchRole:Success] ; SwitchFrom arn:aws:iam::111122223333:user/alice",
		"ExitRole: IAMUser alice in 111122223333: map[ExitRole:Success] ; SwitchFrom arn:aws:sts::111122223333:assumed-role/deploy/alice",
		"Logout: IAMUser alice in 111122223333: map[Logout:Success] ; ",
		"GetSigninToken: AssumedRole <nil> in 111122223333: map[GetSigninToken:Success] ; MFAUsed No",
		"ConsoleLogin: AssumedRole <nil> in 111122223333: map[ConsoleLogin:Success] ; MFAUsed No",
	}
	records := s.SignIns(len(want))
	if len(records) != len(want) {
		t.Errorf("%d records, want %d", len(records), len(want))
	}
	for i, r := range records[:min(len(records), len(want))] {
		detail := ""
		for _, name := range []string{"MFAUsed", "MfaType", "SwitchFrom"} {
			if v, ok := r.Additional[name]; ok {
				detail = fmt.Sprint(name, " ", v)
			}
		}
		got := fmt.Sprintf("%s: %v %v in %s: %v %s; %s", r.EventName, r.UserIdentity["type"], r.UserIdentity["userName"], r.RecipientAccountID, r.ResponseElements, r.ErrorMessage, detail)
		if got != want[i] {
			t.Errorf("record %d\n got %s\nwant %s", i, got, want[i])
		}
		if r.EventType != "AwsConsoleSignIn" || r.ErrorCode != "" || i < 10 && r.SourceIPAddress != "192.0.2.7" || r.AWSRegion != "us-east-1" {
			t.Errorf("record %s", r.Raw)
		}
	}
	if got := records[6].Additional["MFAIdentifier"]; got != phone.Serial {
		t.Errorf("MFAIdentifier is %v", got)
	}
	if s := records[6].Stream; s != "account/"+account {
		t.Errorf("the record of a sign-in is in %s, not in its entry", s)
	}
}
