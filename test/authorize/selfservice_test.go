package authorize

import (
	"testing"
	"time"

	"sallyport/test/inprocess"
)

// selfService is what AWS publishes for users who manage their own MFA devices, and
// may do nothing else without one
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_iam_mfa-selfmanage.html).
var selfService = policyOf(
	allow("iam:ListMFADevices iam:EnableMFADevice iam:ResyncMFADevice iam:GetMFADevice", "arn:aws:iam::*:user/${aws:username}"),
	allow("iam:CreateVirtualMFADevice", "arn:aws:iam::*:mfa/*"),
	allow("iam:DeactivateMFADevice", "arn:aws:iam::*:user/${aws:username}", `"Bool":{"aws:MultiFactorAuthPresent":"true"}`),
	allow("iam:ListUsers", "*"),
	`{"Effect":"Deny","NotAction":["iam:ListMFADevices","iam:EnableMFADevice","iam:CreateVirtualMFADevice","sts:GetSessionToken"],`+
		`"Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}`,
)

// TestSelfServiceMFA: AWS's self-service policies let users register a security key
// of their own, of theirs alone, and demand it from then on.
func TestSelfServiceMFA(t *testing.T) {
	s := inprocess.New(t, inprocess.Localhost)
	for _, name := range []string{"alice", "bob"} {
		s.Root.Do("iam:CreateUser", p{"UserName": name})
	}
	const password = "Correct-Horse-1"
	s.Root.Do("iam:CreateLoginProfile", p{"UserName": "alice", "Password": password})
	s.Root.Do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "own", "PolicyDocument": selfService})
	client := s.Client(s.Root.Do("iam:CreateAccessKey", p{"UserName": "alice"}).Credentials())
	client.Denied("iam:ListUsers", nil, "iam:ListUsers")
	client.Denied("sallyport:BeginPasskeyRegistration", p{"UserName": "bob"}, "iam:EnableMFADevice")
	key := client.Passkey("")

	b := s.Browser()
	if page := b.SignIn("alice", password); page.Path != "/signin/mfa" {
		t.Fatalf("the password leads to %s", page.Path)
	}
	if page := b.Prove(key); page.Path != "/console/" {
		t.Fatalf("the key leads to %s: %s", page.Path, page.Body)
	}
	b.Call("iam:ListUsers", nil).Want(200, "")
	client.Denied("iam:ListUsers", nil, "iam:ListUsers")
	b.Call("iam:DeactivateMFADevice", p{"UserName": "bob", "SerialNumber": key.Serial}).Want(403, "AccessDenied")
	b.Call("iam:DeactivateMFADevice", p{"UserName": "alice", "SerialNumber": key.Serial}).Want(200, "")
	b.Call("iam:ListUsers", nil).Want(200, "") // the session keeps what it proved
}

// TestPasskeyConditionKeys: the halves of a registration are told apart, and how an
// authenticator is certified is not known
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_fido_supported_configurations.html).
func TestPasskeyConditionKeys(t *testing.T) {
	const equals = `"StringEquals":{"iam:RegisterSecurityKey":`
	own := "arn:aws:iam::*:user/${aws:username}"
	for name, c := range map[string]struct {
		statements    []string
		begins, ended bool
	}{
		"any":                  {[]string{allow("iam:EnableMFADevice", own)}, true, true},
		"both halves":          {[]string{allow("iam:EnableMFADevice", own, equals+`["Create","Activate"]}`)}, true, true},
		"the first half alone": {[]string{allow("iam:EnableMFADevice", own, equals+`"Create"}`)}, true, false},
		"codes alone":          {[]string{allow("iam:EnableMFADevice", own, `"Null":{"iam:RegisterSecurityKey":"true"}`)}, false, false},
		"a certified one": {[]string{allow("iam:EnableMFADevice", own, equals+`"Create"}`),
			allow("iam:EnableMFADevice", own, `"StringEquals":{"iam:RegisterSecurityKey":"Activate","iam:FIDO-FIPS-140-2-certification":"L2"}`)}, true, false},
		"one that is certified at all": {[]string{allow("iam:EnableMFADevice", own), deny("iam:EnableMFADevice", "*", `"Null":{"iam:FIDO-certification":"true"}`, equals+`"Activate"}`)}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := inprocess.New(t, inprocess.Localhost)
			client := member(s, "alice", c.statements...)
			if !c.begins {
				client.Denied("sallyport:BeginPasskeyRegistration", nil, "iam:EnableMFADevice")
				return
			}
			begun := client.Begin("")
			in := inprocess.Finishing("", begun, s.NewPasskey().Create(begun.Text("CreationOptions")))
			if !c.ended {
				client.Denied("sallyport:FinishPasskeyRegistration", in, "iam:EnableMFADevice")
				return
			}
			client.Do("sallyport:FinishPasskeyRegistration", in)
		})
	}
}

// TestHardwareTokenDemanded: a policy that demands MFA is met by a hardware token, for
// a session and for a role.
func TestHardwareTokenDemanded(t *testing.T) {
	s := inprocess.New(t)
	s.Root.Do(importToken.call, importToken.in)
	demanded := `"Bool":{"aws:MultiFactorAuthPresent":"true"}`
	client := member(s, "alice", allow("iam:ListUsers", "*", demanded), allow("sts:AssumeRole", "*"))
	worker := role(s, "worker", trusting(inprocess.Account, demanded), allow("iam:ListRoles", "*"))
	token := s.HardwareToken("GAHT12345678", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
	s.Root.Do("iam:EnableMFADevice", token.Enabling("alice"))
	client.Denied("iam:ListUsers", nil, "iam:ListUsers")
	client.Call("sts:AssumeRole", p{"RoleArn": worker, "RoleSessionName": "s1"}).Want(403, "AccessDenied")
	s.Advance(time.Minute)
	s.Client(client.Do("sts:GetSessionToken", token.Proof(0)).Credentials()).Do("iam:ListUsers", nil)
	client.Call("sts:GetSessionToken", token.Proof(0)).Want(403, "AccessDenied")
	assume(s, client, worker, "s1", "SerialNumber", "GAHT12345678", "TokenCode", token.Code(1)).Do("iam:ListRoles", nil)
}
