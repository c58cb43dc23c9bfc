package sts_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/internal/credential"
	"sallyport/test/inprocess"
)

const (
	wrongCode   = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
	wrongSerial = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
	halfAFactor = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."

	listsUsers  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"`
	needsMFA    = listsUsers + `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}`
	deniesPlain = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},` +
		`{"Effect":"Deny","NotAction":"sts:GetSessionToken","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}`
)

// refusedProof is a proof that must fail, with these words.
func refusedProof(c *inprocess.Client, call string, in p, message string) {
	c.Refused(call, in, http.StatusForbidden, "AccessDenied").WantMessage(message)
}

// next waits for the device's next code.
func next(s *inprocess.Server) { s.Advance(credential.TOTPPeriod) }

// TestGetSessionTokenWithMFA: what demands a second factor is denied to keys and
// to sessions without it, and allowed to a session with it.
func TestGetSessionTokenWithMFA(t *testing.T) {
	for name, document := range map[string]string{"allowed with": needsMFA, "denied without": deniesPlain} {
		t.Run(name, func(t *testing.T) {
			s := inprocess.New(t)
			alice := user(s, "alice", document)
			device := s.Admin.Device("alice")
			plain := s.Client(alice.Do("sts:GetSessionToken", nil).Credentials())
			next(s)
			proved := s.Client(alice.Do("sts:GetSessionToken", device.Proof(0)).Credentials())
			alice.Denied("iam:ListUsers", nil, "iam:ListUsers")
			// Sessions without it can't call IAM at all.
			plain.Refused("iam:ListUsers", nil, http.StatusForbidden, "InvalidClientTokenId")
			reply := proved.Do("iam:ListUsers", nil)
			if record := s.RecordOf(reply, account); !strings.Contains(record.Raw, `"mfaAuthenticated":"true"`) {
				t.Errorf("the record doesn't say that a second factor was proved: %s", record.Raw)
			}
		})
	}
}

// TestMFAAge: aws:MultiFactorAuthAge counts from the proof, not from the session.
func TestMFAAge(t *testing.T) {
	s := inprocess.New(t)
	alice := user(s, "alice", listsUsers+`,"Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}}}]}`)
	device := s.Admin.Device("alice")
	next(s)
	session := s.Client(alice.Do("sts:GetSessionToken", device.Proof(0)).Credentials())
	s.Advance(time.Hour - time.Second)
	session.Do("iam:ListUsers", nil)
	s.Advance(time.Second)
	session.Denied("iam:ListUsers", nil, "iam:ListUsers")
	alice.Denied("iam:ListUsers", nil, "iam:ListUsers")
}

// TestAssumeRoleWithMFA: a trust policy that demands a second factor sees the one
// that the call brings or that the caller's session has; the role's session has
// none, whoever assumed it.
func TestAssumeRoleWithMFA(t *testing.T) {
	s := inprocess.New(t)
	s.Admin.Do("iam:CreateRole", p{"RoleName": "deploy", "Path": "/team/", "AssumeRolePolicyDocument": trusting(account,
		`,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"900"}}`)})
	s.Admin.Do("iam:PutRolePolicy", p{"RoleName": "deploy", "PolicyName": "own", "PolicyDocument": needsMFA})
	s.Admin.Do("iam:PutRolePolicy", p{"RoleName": "deploy", "PolicyName": "roles", "PolicyDocument": `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Action":"iam:ListRoles","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}]}`})
	alice := user(s, "alice", allowAll)
	device := s.Admin.Device("alice")
	alice.Denied("sts:AssumeRole", assume, "sts:AssumeRole")
	next(s)
	role := s.Client(alice.Do("sts:AssumeRole", with(assume, "SerialNumber", device.Serial, "TokenCode", device.Code(0))).Credentials())
	role.Denied("iam:ListUsers", nil, "iam:ListUsers")
	role.Do("iam:ListRoles", nil)

	next(s)
	session := s.Client(alice.Do("sts:GetSessionToken", device.Proof(0)).Credentials())
	session.Do("sts:AssumeRole", assume)
	s.Advance(15 * time.Minute)
	session.Denied("sts:AssumeRole", assume, "sts:AssumeRole")
	// A session may prove it anew.
	session.Do("sts:AssumeRole", with(assume, "SerialNumber", device.Serial, "TokenCode", device.Code(0)))

	// A mistake elsewhere in the request costs no code, a denial does.
	next(s)
	proof := with(assume, "SerialNumber", device.Serial, "TokenCode", device.Code(0))
	alice.Refused("sts:AssumeRole", with(proof, "TransitiveTagKeys.member.1", "none"), http.StatusBadRequest, "InvalidParameterValue")
	alice.Denied("sts:AssumeRole", with(proof, "RoleArn", deployARN+"2"), "sts:AssumeRole")
	refusedProof(alice, "sts:AssumeRole", proof, wrongCode)
}

// TestProofs: what proves nothing, in AWS's words (row sts-023).
func TestProofs(t *testing.T) {
	s := deploying(t)
	alice, bob := user(s, "alice", allowAll), user(s, "bob", allowAll)
	own, others, nobodys := s.Admin.Device("alice"), s.Admin.Device("bob"), s.Admin.NewDevice("spare")
	next(s)
	role := s.Client(s.Admin.Do("sts:AssumeRole", assume).Credentials())
	for _, c := range []struct {
		name    string
		client  *inprocess.Client
		in      p
		message string
	}{
		{"a code alone", alice, p{"TokenCode": own.Code(0)}, halfAFactor},
		{"a serial number alone", alice, p{"SerialNumber": own.Serial}, halfAFactor},
		{"another's device", alice, others.Proof(0), wrongSerial},
		{"nobody's device", alice, nobodys.Proof(0), wrongSerial},
		{"no device", alice, p{"SerialNumber": "GAHT12345678", "TokenCode": own.Code(0)}, wrongSerial},
		{"a user's ARN", alice, p{"SerialNumber": "arn:aws:iam::" + account + ":user/alice", "TokenCode": own.Code(0)}, wrongSerial},
		{"the name in another case", alice, p{"SerialNumber": strings.ToUpper(own.Serial), "TokenCode": own.Code(0)}, wrongSerial},
		{"root with a user's device", s.Root, own.Proof(0), wrongSerial},
		{"another device's code", alice, p{"SerialNumber": own.Serial, "TokenCode": others.Code(0)}, wrongCode},
		{"a code long gone", alice, own.Proof(-5), wrongCode},
		{"a code that is to come", alice, own.Proof(3), wrongCode},
	} {
		t.Run(c.name, func(t *testing.T) {
			refusedProof(c.client, "sts:GetSessionToken", c.in, c.message)
			if c.client != s.Root {
				refusedProof(c.client, "sts:AssumeRole", with(assume, pairs(c.in)...), c.message)
			}
		})
	}
	// A role has no device, whoever assumed it.
	refusedProof(role, "sts:AssumeRole", with(assume, pairs(own.Proof(0))...), wrongSerial)
	for _, code := range []string{"12345", "1234567", "12345a"} {
		alice.Refused("sts:GetSessionToken", p{"SerialNumber": own.Serial, "TokenCode": code}, http.StatusBadRequest, "ValidationError")
	}
	alice.Do("sts:GetSessionToken", own.Proof(0))
	bob.Do("sts:GetSessionToken", others.Proof(1)) // early by a period
}

func pairs(in p) (out []string) {
	for k, v := range in {
		out = append(out, k, v)
	}
	return out
}

// TestAttackCodeTwice: a code that was accepted anywhere, or that a later one
// has overtaken, is not accepted again, by any operation.
func TestAttackCodeTwice(t *testing.T) {
	s := deploying(t)
	alice := user(s, "alice", allowAll)
	device := s.Admin.Device("alice") // with the codes of -1 and 0
	for periods := int64(-1); periods <= 0; periods++ {
		refusedProof(alice, "sts:GetSessionToken", device.Proof(periods), wrongCode)
	}
	next(s)
	next(s)
	used := device.Proof(0)
	alice.Do("sts:GetSessionToken", used)
	for range 2 {
		refusedProof(alice, "sts:GetSessionToken", used, wrongCode)
		refusedProof(alice, "sts:GetSessionToken", device.Proof(-1), wrongCode) // seen before the one that was used
		refusedProof(alice, "sts:AssumeRole", with(assume, pairs(used)...), wrongCode)
	}
	resync := p{"UserName": "alice", "SerialNumber": device.Serial, "AuthenticationCode1": used["TokenCode"], "AuthenticationCode2": device.Code(1)}
	s.Admin.Refused("iam:ResyncMFADevice", resync, http.StatusForbidden, "InvalidAuthenticationCode").
		WantMessage("Authentication code for device is not valid.")
	// Taken off and given back, it still knows.
	s.Admin.Do("iam:DeactivateMFADevice", p{"UserName": "alice", "SerialNumber": device.Serial})
	s.Admin.Refused("iam:EnableMFADevice", device.Enabling("alice"), http.StatusForbidden, "InvalidAuthenticationCode")
	next(s)
	next(s)
	s.Admin.Do("iam:EnableMFADevice", device.Enabling("alice"))
	refusedProof(alice, "sts:GetSessionToken", device.Proof(0), wrongCode) // enabled it
	s.Advance(time.Hour)                                                   // more wrong codes than a device bears
	alice.Do("sts:GetSessionToken", device.Proof(0))
}

// TestAttackCodeInParallel: of any number of calls with one code exactly one has
// a session.
func TestAttackCodeInParallel(t *testing.T) {
	s := deploying(t)
	alice := user(s, "alice", allowAll)
	device := s.Admin.Device("alice")
	for range 3 {
		next(s)
		s.Advance(24 * time.Hour) // the wrong codes of the last round are forgotten
		const calls = 24
		codes := make([]string, calls)
		var wg sync.WaitGroup
		for i := range calls {
			name, in := "sts:GetSessionToken", device.Proof(0)
			if i%2 == 0 {
				name, in = "sts:AssumeRole", with(assume, pairs(in)...)
			}
			request := alice.Signed(name, in)
			wg.Go(func() {
				reply, err := s.TrySend(request)
				if err != nil {
					t.Error(err)
					return
				}
				codes[i] = reply.Code
			})
		}
		wg.Wait()
		won := 0
		for _, code := range codes {
			switch code {
			case "":
				won++
			case "AccessDenied", "Throttling":
			default:
				t.Errorf("refused with %s", code)
			}
		}
		if won != 1 {
			t.Errorf("%d of %d calls had a session: %v", won, calls, codes)
		}
	}
}

// TestAttackGuessing: ten wrong codes in an hour and thirty in a day are all that
// a device bears, in any operation and however many at once; then the right one
// does not count either. Another device is not concerned.
func TestAttackGuessing(t *testing.T) {
	s := deploying(t)
	alice, bob := user(s, "alice", allowAll), user(s, "bob", allowAll)
	device, others := s.Admin.Device("alice"), s.Admin.Device("bob")
	next(s)
	s.Advance(s.Now().Truncate(24 * time.Hour).Add(24 * time.Hour).Sub(s.Now())) // a day begins
	throttled := func(in p) {
		t.Helper()
		alice.Refused("sts:GetSessionToken", in, http.StatusBadRequest, "Throttling").WantMessage("Rate exceeded")
	}
	for hour := range 4 {
		for i := range 10 {
			if hour == 3 {
				break // thirty are through
			}
			if i%2 == 0 {
				refusedProof(alice, "sts:GetSessionToken", device.Proof(int64(7+i)), wrongCode)
			} else {
				refusedProof(alice, "sts:AssumeRole", with(assume, pairs(device.Proof(int64(7+i)))...), wrongCode)
			}
		}
		for range 3 {
			throttled(device.Proof(0))
			throttled(device.Proof(7))
		}
		bob.Do("sts:GetSessionToken", others.Proof(0))
		s.Advance(time.Hour)
	}
	throttled(device.Proof(0))
	s.Advance(20 * time.Hour)
	// Right codes cost nothing.
	for range 15 {
		alice.Do("sts:GetSessionToken", device.Proof(0))
		next(s)
	}
}

// TestAttackDeactivatedDevice: its codes make no session from the moment it is
// taken off. Sessions made before keep what they proved, as AWS's do until they
// end, but can't change the user's devices any more.
func TestAttackDeactivatedDevice(t *testing.T) {
	s := inprocess.New(t)
	alice := user(s, "alice", deniesPlain)
	lost := s.Admin.Device("alice")
	other := s.Admin.NewDevice("other")
	s.Admin.Do("iam:EnableMFADevice", other.Enabling("alice"))
	next(s)
	session := s.Client(alice.Do("sts:GetSessionToken", lost.Proof(0)).Credentials())
	s.Admin.Do("iam:DeactivateMFADevice", p{"UserName": "alice", "SerialNumber": lost.Serial})
	next(s)
	refusedProof(alice, "sts:GetSessionToken", lost.Proof(0), wrongSerial)
	session.Do("iam:ListUsers", nil)

	const guarded = "To complete this action, please ensure that you are authenticated with an MFA device that is enabled for this user."
	third := session.NewDevice("third")
	session.Refused("iam:EnableMFADevice", third.Enabling("alice"), http.StatusForbidden, "AccessDenied").WantMessage(guarded)
	session.Refused("iam:DeactivateMFADevice", p{"SerialNumber": other.Serial}, http.StatusForbidden, "AccessDenied").WantMessage(guarded)

	s.Admin.Do("iam:DeleteVirtualMFADevice", p{"SerialNumber": lost.Serial})
	again := s.Admin.Device("alice") // under the old serial number
	if again.Serial != lost.Serial {
		t.Fatalf("made anew as %s", again.Serial)
	}
	next(s)
	refusedProof(alice, "sts:GetSessionToken", lost.Proof(0), wrongCode)
	session.Refused("iam:DeactivateMFADevice", p{"SerialNumber": again.Serial}, http.StatusForbidden, "AccessDenied").WantMessage(guarded)
	proved := s.Client(alice.Do("sts:GetSessionToken", other.Proof(0)).Credentials())
	proved.Do("iam:DeactivateMFADevice", p{"SerialNumber": again.Serial})
}
