package mfa_test

import (
	"fmt"
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
)

func TestEnableMFADevice(t *testing.T) {
	f := newDevices(t)
	u := f.AddUser("alice")
	d := f.make("phone")
	in := f.enabling("ALICE", d, -1)
	for name, change := range map[string]func(in *iamapi.EnableMFADeviceRequest){
		"the same code twice": func(in *iamapi.EnableMFADeviceRequest) { in.AuthenticationCode2 = in.AuthenticationCode1 },
		"the wrong way round": func(in *iamapi.EnableMFADeviceRequest) {
			in.AuthenticationCode1, in.AuthenticationCode2 = in.AuthenticationCode2, in.AuthenticationCode1
		},
		"with one left out": func(in *iamapi.EnableMFADeviceRequest) { in.AuthenticationCode2 = f.code(d, 1) },
		"another device's": func(in *iamapi.EnableMFADeviceRequest) {
			*in = *f.enabling("alice", f.make("other"), -1)
			in.SerialNumber = new(f.ARN("mfa/phone"))
		},
		"of an hour ago": func(in *iamapi.EnableMFADeviceRequest) { *in = *f.enabling("alice", d, -122) },
		"in an hour":     func(in *iamapi.EnableMFADeviceRequest) { *in = *f.enabling("alice", d, 123) },
	} {
		t.Run(name, func(t *testing.T) {
			wrong := *in
			change(&wrong)
			f.Fails(f.Root(), "EnableMFADevice", &wrong, "InvalidAuthenticationCode", invalidCode)
		})
	}
	for _, code := range []string{"12345", "1234567", "12345x", "      "} {
		wrong := *in
		wrong.AuthenticationCode1 = &code
		if _, err := f.Call(f.Root(), "EnableMFADevice", &wrong); err == nil {
			t.Errorf("%q was taken", code)
		}
	}
	iamtest.Do[iamapi.EnableMFADeviceResponse](f.Fixture, f.Root(), "EnableMFADevice", in)
	f.WantChecks(operation.Check{Action: "iam:EnableMFADevice", Resource: f.ARN("user/alice"), Name: "user ALICE"})
	d = f.device("phone")
	if d.Owner != u.ID || d.Enabled.IsZero() || d.Drift != 0 {
		t.Errorf("enabled as %+v", d)
	}
	f.AddUser("bob")
	for _, user := range []string{"alice", "bob"} {
		f.Fails(f.Root(), "EnableMFADevice", f.enabling(user, d, 1), "EntityAlreadyExists", "MFA Device is already in use.")
	}
	f.Fails(f.Root(), "EnableMFADevice", f.enabling("nobody", d, 1), "NoSuchEntity", "The user with name nobody cannot be found.")
	// A hardware device: its seed is known to its vendor alone.
	for _, serial := range []string{"GAHT12345678", f.ARN("mfa/none")} {
		in := f.enabling("bob", d, 1)
		in.SerialNumber = &serial
		f.Fails(f.Root(), "EnableMFADevice", in, "NoSuchEntity", "VirtualMFADevice with serial number "+serial+" does not exist.")
	}
}

// Eight devices a user, of whatever kind; root's are counted apart.
func TestMFADevicesPerUser(t *testing.T) {
	f := newDevices(t)
	u := f.AddUser("alice")
	f.put(&iam.MFADevice{ID: "key", Kind: iam.MFASecurityKey, Path: "/user/alice/", Name: "key", Owner: u.ID})
	for i := range 8 {
		f.put(&iam.MFADevice{ID: fmt.Sprint("root", i), Kind: iam.MFASecurityKey, Path: "/owner/", Name: fmt.Sprint(i), Owner: iam.RootLogin})
	}
	for i := range 7 {
		f.enabled("alice", fmt.Sprint("phone", i))
	}
	ninth := f.make("ninth")
	f.Fails(f.Root(), "EnableMFADevice", f.enabling("alice", ninth, -1), "LimitExceeded", "Cannot exceed quota for MFADevicesPerUser: 8")
}

// Users who have a device must have proved one to change that; others' rights
// are their policies' business.
func TestAttackSecondFactorAgainstItself(t *testing.T) {
	f := newDevices(t)
	f.AddUser("alice")
	f.AddUser("bob")
	// The first needs no proof: there is nothing to prove it with.
	first := f.make("first")
	iamtest.Do[iamapi.EnableMFADeviceResponse](f.Fixture, f.As("alice"), "EnableMFADevice", f.enabling("alice", first, -1))
	second := f.make("second")
	of := f.enabled("bob", "of-bob")
	remove := &iamapi.DeactivateMFADeviceRequest{SerialNumber: new(f.ARN("mfa/first"))}
	for name, caller := range map[string]*operation.Caller{
		"a key": f.As("alice"), "a session without it": f.Temporary("alice"),
		"another's device": f.proved("alice", of), "one that is nobody's": f.proved("alice", second),
	} {
		t.Run(name, func(t *testing.T) {
			f.Fails(caller, "EnableMFADevice", f.enabling("alice", second, -1), "AccessDenied", guarded)
			f.Fails(caller, "DeactivateMFADevice", remove, "AccessDenied", guarded)
		})
	}
	proved := f.proved("alice", first)
	iamtest.Do[iamapi.EnableMFADeviceResponse](f.Fixture, proved, "EnableMFADevice", f.enabling("alice", second, -1))
	iamtest.Do[iamapi.DeactivateMFADeviceResponse](f.Fixture, proved, "DeactivateMFADevice", remove)
	remove = &iamapi.DeactivateMFADeviceRequest{UserName: new("alice"), SerialNumber: new(f.ARN("mfa/second"))}
	f.Fails(proved, "DeactivateMFADevice", remove, "AccessDenied", guarded)
	iamtest.Do[iamapi.DeactivateMFADeviceResponse](f.Fixture, f.As("bob"), "DeactivateMFADevice", remove)
	f.WantChecks(onUser(f, "iam:DeactivateMFADevice", "alice"))
}

func TestDeactivateMFADevice(t *testing.T) {
	f := newDevices(t)
	alice, bob := f.AddUser("alice"), f.AddUser("bob")
	d, spare := f.enabled("alice", "phone"), f.make("spare")
	in := func(user, serial string) *iamapi.DeactivateMFADeviceRequest {
		return &iamapi.DeactivateMFADeviceRequest{UserName: &user, SerialNumber: &serial}
	}
	for _, wrong := range []*iamapi.DeactivateMFADeviceRequest{
		in("bob", f.ARN("mfa/phone")), in("alice", iam.MFASerial(iamtest.Account, spare)), in("alice", f.ARN("mfa/none")), in("alice", "GAHT12345678"),
	} {
		f.Fails(f.Root(), "DeactivateMFADevice", wrong, "NoSuchEntity", notTheUsers)
	}
	f.Fails(f.Root(), "DeactivateMFADevice", in("nobody", f.ARN("mfa/phone")), "NoSuchEntity", "The user with name nobody cannot be found.")
	// Root's own need a session of AssumeRoot.
	for _, caller := range []*operation.Caller{f.Root(), f.Session("r", "s")} {
		f.Fails(caller, "DeactivateMFADevice", &iamapi.DeactivateMFADeviceRequest{SerialNumber: new(f.ARN("mfa/phone"))},
			"ValidationError", "Must specify userName when calling with non-User credentials")
	}
	iamtest.Do[iamapi.DeactivateMFADeviceResponse](f.Fixture, f.Root(), "DeactivateMFADevice", in("alice", f.ARN("mfa/phone")))
	f.WantChecks(onUser(f, "iam:DeactivateMFADevice", "alice"))
	if free := f.device("phone"); free.Owner != "" || !free.Enabled.IsZero() || free.LastStep != d.LastStep || f.Secret(iam.MFASecret(d.ID)) == nil {
		t.Errorf("deactivated as %+v", free)
	}
	f.Fails(f.Root(), "DeactivateMFADevice", in("alice", f.ARN("mfa/phone")), "NoSuchEntity", notTheUsers)
	// It may be another's next, with codes that did not count yet.
	f.Fails(f.Root(), "EnableMFADevice", f.enabling("bob", d, d.LastStep-f.step()-1), "InvalidAuthenticationCode", invalidCode)
	f.Fails(f.Root(), "EnableMFADevice", f.enabling("bob", d, d.LastStep-f.step()), "InvalidAuthenticationCode", invalidCode)
	iamtest.Do[iamapi.EnableMFADeviceResponse](f.Fixture, f.Root(), "EnableMFADevice", f.enabling("bob", d, d.LastStep-f.step()+1))
	if f.device("phone").Owner != bob.ID {
		t.Error("bob does not have it")
	}
	// A security key is gone with its user.
	f.put(&iam.MFADevice{ID: "key", Kind: iam.MFASecurityKey, Path: "/user/alice/", Name: "key", Owner: alice.ID})
	iamtest.Do[iamapi.DeactivateMFADeviceResponse](f.Fixture, f.Root(), "DeactivateMFADevice", in("alice", f.ARN("u2f/user/alice/key")))
	if iam.MFADevices.Has(f.View(), "key") {
		t.Error("the security key is still there")
	}
}

// Codes within an hour show how far off the device's clock is; each may do so
// once.
func TestResyncMFADevice(t *testing.T) {
	f := newDevices(t)
	u := f.AddUser("alice")
	f.AddUser("bob")
	d := f.enabled("alice", "phone")
	resync := func(periods int64) *iam.MFADevice {
		t.Helper()
		iamtest.Do[iamapi.ResyncMFADeviceResponse](f.Fixture, f.Root(), "ResyncMFADevice", f.syncing("alice", d, periods))
		return f.device("phone")
	}
	f.Fails(f.Root(), "ResyncMFADevice", f.syncing("bob", d, 5), "NoSuchEntity", notTheUsers)
	f.Fails(f.Root(), "ResyncMFADevice", f.syncing("nobody", d, 5), "NoSuchEntity", "The user with name nobody cannot be found.")
	f.Fails(f.Root(), "ResyncMFADevice", f.syncing("alice", d, 123), "InvalidAuthenticationCode", invalidCode)
	// An attacker with old codes can't turn the clock back to where others of
	// them come next.
	f.Fails(f.Root(), "ResyncMFADevice", f.syncing("alice", d, -50), "InvalidAuthenticationCode", invalidCode)
	if got := resync(0 + 10); got.Drift < 9 || got.Drift > 12 || got.Owner != u.ID || !got.Enabled.Equal(d.Enabled) {
		t.Errorf("synchronized as %+v", got)
	}
	f.WantChecks(onUser(f, "iam:ResyncMFADevice", "alice"))
	last := f.device("phone").LastStep
	for _, step := range []int64{last - 2, last - 1, last} {
		f.Fails(f.Root(), "ResyncMFADevice", f.syncing("alice", d, step-f.step()), "InvalidAuthenticationCode", invalidCode)
	}
	if got := resync(110); got.Drift < 100 {
		t.Errorf("synchronized as %+v", got)
	}
	// Codes prove nothing about a security key.
	f.put(&iam.MFADevice{ID: "key", Kind: iam.MFASecurityKey, Path: "/user/alice/", Name: "key", Owner: u.ID})
	in := f.syncing("alice", d, 115)
	in.SerialNumber = new(f.ARN("u2f/user/alice/key"))
	f.Fails(f.Root(), "ResyncMFADevice", in, "NoSuchEntity", notTheUsers)
}

func TestListMFADevices(t *testing.T) {
	f := newDevices(t)
	u := f.AddUser("alice")
	f.AddUser("bob")
	var want []iamapi.MFADevice
	for _, name := range []string{"a", "b", "c"} {
		d := f.enabled("alice", name)
		want = append(want, iamapi.MFADevice{UserName: new("alice"), SerialNumber: new(f.ARN("mfa/" + name)), EnableDate: new(d.Enabled)})
	}
	f.put(&iam.MFADevice{ID: "key", Kind: iam.MFASecurityKey, Path: "/user/alice/", Name: "key", Owner: u.ID, Enabled: iamtest.Start})
	want = append(want, iamapi.MFADevice{UserName: new("alice"), SerialNumber: new(f.ARN("u2f/user/alice/key")), EnableDate: new(iamtest.Start)})
	for _, max := range []int64{1, 3, 100} {
		for caller, name := range map[*operation.Caller]*string{f.Root(): new("alice"), f.As("alice"): nil, f.Temporary("alice"): nil} {
			var got []iamapi.MFADevice
			in := &iamapi.ListMFADevicesRequest{UserName: name, MaxItems: &max}
			for more := true; more; more = in.Marker != nil {
				out := iamtest.Do[iamapi.ListMFADevicesResponse](f.Fixture, caller, "ListMFADevices", in)
				f.WantChecks(onUser(f, "iam:ListMFADevices", "alice"))
				got, in.Marker = append(got, out.MFADevices...), out.Marker
			}
			iamtest.WantEqual(t, "devices", want, got)
		}
	}
	// Root's own go by the account.
	f.put(&iam.MFADevice{ID: "root", Kind: iam.MFAVirtual, Path: "/", Name: "root-account-mfa-device", Owner: iam.RootLogin, Enabled: iamtest.Start})
	out := iamtest.Do[iamapi.ListMFADevicesResponse](f.Fixture, f.Root(), "ListMFADevices", &iamapi.ListMFADevicesRequest{})
	f.WantChecks(operation.Check{Action: "iam:ListMFADevices", Resource: f.ARN("root")})
	iamtest.WantEqual(t, "root's", []iamapi.MFADevice{{UserName: new(iamtest.Account), SerialNumber: new(f.ARN("mfa/root-account-mfa-device")), EnableDate: new(iamtest.Start)}}, out.MFADevices)
	out = iamtest.Do[iamapi.ListMFADevicesResponse](f.Fixture, f.As("bob"), "ListMFADevices", &iamapi.ListMFADevicesRequest{})
	iamtest.WantEqual(t, "bob's", &iamapi.ListMFADevicesResponse{MFADevices: []iamapi.MFADevice{}, IsTruncated: new(false)}, out)
	f.Fails(f.Root(), "ListMFADevices", &iamapi.ListMFADevicesRequest{UserName: new("nobody")}, "NoSuchEntity", "The user with name nobody cannot be found.")
	f.Fails(f.Root(), "ListMFADevices", &iamapi.ListMFADevicesRequest{UserName: new("alice"), Marker: new("!")}, "ValidationError", "Invalid Marker.")
	f.Fails(f.Session("r", "s"), "ListMFADevices", &iamapi.ListMFADevicesRequest{}, "ValidationError", "Must specify userName when calling with non-User credentials")
}

// GetMFADevice is about security keys alone.
func TestGetMFADevice(t *testing.T) {
	f := newDevices(t)
	u := f.AddUser("alice")
	f.AddUser("bob")
	f.enabled("alice", "phone")
	f.put(&iam.MFADevice{ID: "key", Kind: iam.MFASecurityKey, Path: "/user/alice/", Name: "key", Owner: u.ID, Enabled: iamtest.Start,
		Certifications: map[string]string{"FIDO": "L1"}})
	serial := f.ARN("u2f/user/alice/key")
	want := &iamapi.GetMFADeviceResponse{UserName: new("alice"), SerialNumber: &serial, EnableDate: new(iamtest.Start), Certifications: map[string]string{"FIDO": "L1"}}
	for caller, name := range map[*operation.Caller]*string{f.Root(): new("alice"), f.As("alice"): nil} {
		iamtest.WantEqual(t, "the key", want, iamtest.Do[iamapi.GetMFADeviceResponse](f.Fixture, caller, "GetMFADevice",
			&iamapi.GetMFADeviceRequest{UserName: name, SerialNumber: &serial}))
		f.WantChecks(onUser(f, "iam:GetMFADevice", "alice"))
	}
	for user, serial := range map[string]string{"alice": f.ARN("mfa/phone"), "bob": serial} {
		f.Fails(f.Root(), "GetMFADevice", &iamapi.GetMFADeviceRequest{UserName: &user, SerialNumber: &serial}, "NoSuchEntity", notTheUsers)
	}
	f.Fails(f.Root(), "GetMFADevice", &iamapi.GetMFADeviceRequest{UserName: new("nobody"), SerialNumber: &serial}, "NoSuchEntity", "The user with name nobody cannot be found.")
	f.Fails(f.Session("r", "s"), "GetMFADevice", &iamapi.GetMFADeviceRequest{SerialNumber: &serial}, "ValidationError", "Must specify userName when calling with non-User credentials")
}
