package mfa_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/mfa"
	"sallyport/internal/journal/memory"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy/condition"
)

var party = virtualwebauthn.RelyingParty{ID: "localhost", Name: "Sallyport", Origin: publicURL}

type (
	beginRequest  = sallyportapi.BeginPasskeyRegistrationRequest
	beginResponse = sallyportapi.BeginPasskeyRegistrationResponse
	finishRequest = sallyportapi.FinishPasskeyRegistrationRequest
	finished      = sallyportapi.FinishPasskeyRegistrationResponse
)

// key is a credential whose key is written as COSE wants it: the library leaves
// zeros at the beginning of a coordinate out (RFC 9053, section 7.1.1).
func key() virtualwebauthn.Credential {
	for {
		c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
		raw := string(c.Key.AttestationData())
		if strings.Contains(raw, "\x21\x58\x20") && strings.Contains(raw, "\x22\x58\x20") {
			return c
		}
	}
}

// registering is what finishes a registration for a user, nil for the caller.
func (f *devices) registering(caller *operation.Caller, user *string, k virtualwebauthn.Credential) *finishRequest {
	f.Helper()
	begun := iamtest.Do[beginResponse](f.Fixture, caller, "BeginPasskeyRegistration", &beginRequest{UserName: user})
	asked, err := virtualwebauthn.ParseAttestationOptions(*begun.CreationOptions)
	if err != nil {
		f.Fatal(err)
	}
	answer := virtualwebauthn.CreateAttestationResponse(party, virtualwebauthn.NewAuthenticator(), k, *asked)
	return &finishRequest{UserName: user, DeviceName: new("key"), Registration: begun.Registration, Credential: &answer}
}

func registration(check operation.Check, half string) operation.Check {
	check.Keys = condition.Map{"iam:registersecuritykey": condition.One(half)}
	return check
}

func TestRegisterPasskey(t *testing.T) {
	f := newDevices(t)
	alice := f.AddUser("alice")
	k := key()
	in := f.registering(f.Root(), new("alice"), k)
	f.WantChecks(registration(onUser(f, "iam:EnableMFADevice", "alice"), "Create"))
	out := iamtest.Do[finished](f.Fixture, f.Root(), "FinishPasskeyRegistration", in)
	f.WantChecks(registration(onUser(f, "iam:EnableMFADevice", "alice"), "Activate"))
	if !regexp.MustCompile(`^` + f.ARN("u2f/user/alice/key-") + `[A-Z2-7]{26}$`).MatchString(*out.SerialNumber) {
		t.Errorf("the serial number is %s", *out.SerialNumber)
	}
	d, ok := iam.FindMFADevice(f.View(), iamtest.Account, *out.SerialNumber)
	if !ok || d.Owner != alice.ID || string(d.Passkey.ID) != string(k.ID) || !d.Enabled.Equal(*out.EnableTimestamp) {
		t.Errorf("registered as %+v", d)
	}
	described := iamtest.Do[iamapi.GetMFADeviceResponse](f.Fixture, f.Root(), "GetMFADevice", &iamapi.GetMFADeviceRequest{UserName: new("alice"), SerialNumber: out.SerialNumber})
	if *described.UserName != "alice" || !described.EnableDate.Equal(d.Enabled) || len(described.Certifications) != 0 {
		t.Errorf("described as %+v", described)
	}
	// Codes prove nothing about it, and it is synchronized with nothing.
	f.Fails(f.Root(), "ResyncMFADevice", &iamapi.ResyncMFADeviceRequest{UserName: new("alice"), SerialNumber: out.SerialNumber, AuthenticationCode1: new("123456"), AuthenticationCode2: new("123457")}, "NoSuchEntity", notTheUsers)
	f.Fails(f.Root(), "EnableMFADevice", &iamapi.EnableMFADeviceRequest{UserName: new("alice"), SerialNumber: out.SerialNumber, AuthenticationCode1: new("123456"), AuthenticationCode2: new("123457")},
		"NoSuchEntity", "VirtualMFADevice with serial number "+*out.SerialNumber+" does not exist.")
	f.Change(func(tx *state.Tx) error { return iam.CountPasskey(tx, d, 5) })
	iamtest.Do[iamapi.DeactivateMFADeviceResponse](f.Fixture, f.Root(), "DeactivateMFADevice", &iamapi.DeactivateMFADeviceRequest{UserName: new("alice"), SerialNumber: out.SerialNumber})
	if iam.MFADevices.Len(f.View()) != 0 || iam.PasskeyCounts.Len(f.View()) != 0 {
		t.Error("something is left of the key")
	}
}

func TestRegisterPasskeyOfRoot(t *testing.T) {
	f := newDevices(t)
	out := iamtest.Do[finished](f.Fixture, f.Root(), "FinishPasskeyRegistration", f.registering(f.Root(), nil, key()))
	f.WantChecks(registration(operation.Check{Action: "iam:EnableMFADevice", Resource: f.ARN("root")}, "Activate"))
	if !strings.HasPrefix(*out.SerialNumber, f.ARN("u2f/root/key-")) {
		t.Errorf("the serial number is %s", *out.SerialNumber)
	}
	f.Fails(f.Session("deploy", "s1"), "BeginPasskeyRegistration", &beginRequest{}, "ValidationException", "Must specify UserName when calling with credentials that are no user's.")
}

func TestRegisterPasskeyRefusals(t *testing.T) {
	f := newDevices(t)
	f.AddUser("alice")
	f.Fails(f.Root(), "BeginPasskeyRegistration", &beginRequest{UserName: new("nobody")}, "NoSuchEntityException", "The user with name nobody cannot be found.")
	for i := range 8 {
		if i == 7 {
			f.enabled("alice", "phone")
			break
		}
		in := f.registering(f.Root(), new("alice"), key())
		in.DeviceName = new(fmt.Sprint("key", i))
		iamtest.Do[finished](f.Fixture, f.Root(), "FinishPasskeyRegistration", in)
	}
	f.Fails(f.Root(), "BeginPasskeyRegistration", &beginRequest{UserName: new("alice")}, "LimitExceededException", "Cannot exceed quota for MFADevicesPerUser: 8")
	ninth := f.make("ninth")
	f.Fails(f.Root(), "EnableMFADevice", f.enabling("alice", ninth, -1), "LimitExceeded", "Cannot exceed quota for MFADevicesPerUser: 8")
	// Who has a device gives themselves another with it.
	f.Fails(f.As("alice"), "BeginPasskeyRegistration", &beginRequest{}, "AccessDeniedException", guarded)
}

// TestAttackPasskeyOnTwoNodes: nodes share the journal; a challenge counts on one.
func TestAttackPasskeyOnTwoNodes(t *testing.T) {
	f := newDevices(t)
	alice := f.AddUser("alice")
	k := key()
	iamtest.Do[finished](f.Fixture, f.Root(), "FinishPasskeyRegistration", f.registering(f.Root(), new("alice"), k))
	facts := memory.New()
	nodes := []*mfa.Service{service(facts, f.Store), service(facts, f.Store)}
	const challenge = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
	options, err := nodes[0].PasskeyOptions(f.View(), alice.ID, challenge)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := virtualwebauthn.ParseAssertionOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	answer := []byte(virtualwebauthn.CreateAssertionResponse(party, virtualwebauthn.NewAuthenticator(), k, *asked))
	until := iamtest.Start.Add(time.Minute)
	if d, _, err := nodes[0].ProvePasskey(t.Context(), f.View(), alice.ID, challenge, answer, until); err != nil || d == "" {
		t.Fatalf("%q, %v", d, err)
	}
	for i, node := range nodes {
		if _, _, err := node.ProvePasskey(t.Context(), f.View(), alice.ID, challenge, answer, until); !errors.Is(err, credential.ErrPasskey) {
			t.Errorf("node %d takes the challenge again: %v", i, err)
		}
	}
	if _, _, err := service(broken{memory.New(), "mfa/passkey/"}, f.Store).ProvePasskey(t.Context(), f.View(), alice.ID, challenge, answer, until); !errors.Is(err, errBroken) {
		t.Errorf("without storage: %v", err)
	}
	if options, err := nodes[0].PasskeyOptions(f.View(), iam.RootLogin, challenge); options != nil || err != nil {
		t.Errorf("root is asked for %s, %v", options, err)
	}
}
