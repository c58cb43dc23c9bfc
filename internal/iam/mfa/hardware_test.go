package mfa_test

import (
	"bytes"
	"strings"
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// The seed of RFC 6238, appendix B, in the two ways that vendors write it.
const (
	hexSeed    = "3132333435363738393031323334353637383930"
	base32Seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
)

func tokens(seeds ...string) *sallyportapi.ImportHardwareMFADevicesRequest {
	in := new(sallyportapi.ImportHardwareMFADevicesRequest)
	for i := 0; i < len(seeds); i += 3 {
		in.Devices = append(in.Devices, sallyportapi.HardwareMFADeviceSeed{SerialNumber: &seeds[i], SeedEncoding: &seeds[i+1], Seed: &seeds[i+2]})
	}
	return in
}

func (f *devices) importTokens(seeds ...string) {
	f.Helper()
	iamtest.Do[sallyportapi.ImportHardwareMFADevicesResponse](f.Fixture, f.Root(), "ImportHardwareMFADevices", tokens(seeds...))
}

// pair are two codes in a row of a seed, so many periods from now.
func (f *devices) pair(serial, user string, periods int64) *iamapi.EnableMFADeviceRequest {
	f.Helper()
	in := &iamapi.EnableMFADeviceRequest{UserName: &user, SerialNumber: &serial}
	for i, code := range []**string{&in.AuthenticationCode1, &in.AuthenticationCode2} {
		shown, err := credential.TOTPCode(base32Seed, f.step()+periods+int64(i))
		if err != nil {
			f.Fatal(err)
		}
		*code = &shown
	}
	return in
}

func TestImportHardwareMFADevices(t *testing.T) {
	f := newDevices(t)
	in := tokens("GAHT12345678", "Hex", hexSeed, "GAHT12345679", "Base32", strings.ToLower(base32Seed)+"====")
	out := iamtest.Do[sallyportapi.ImportHardwareMFADevicesResponse](f.Fixture, f.Root(), "ImportHardwareMFADevices", in)
	f.WantChecks(operation.Check{Action: "sallyport:ImportHardwareMFADevices", Resource: "*"})
	for i, d := range out.Devices {
		kept, ok := iam.FindMFADevice(f.View(), iamtest.Account, *d.SerialNumber)
		if !ok || *d.SerialNumber != *in.Devices[i].SerialNumber || d.PrincipalArn != nil || string(f.Secret(iam.MFASecret(kept.ID))) != base32Seed {
			t.Errorf("imported %+v", d)
		}
	}
	var dump bytes.Buffer
	if err := state.Dump(&dump, f.View()); err != nil || strings.Contains(dump.String(), base32Seed) || strings.Contains(dump.String(), hexSeed) {
		t.Errorf("the seed is in the state: %v", err)
	}
	// All or none.
	for _, c := range []struct {
		code, message string
		in            *sallyportapi.ImportHardwareMFADevicesRequest
	}{
		{"EntityAlreadyExistsException", "The hardware MFA device gaht12345678 exists already.", tokens("NEW123456", "Hex", hexSeed, "gaht12345678", "Hex", hexSeed)},
		{"EntityAlreadyExistsException", "The hardware MFA device NEW123456 exists already.", tokens("NEW123456", "Hex", hexSeed, "NEW123456", "Hex", hexSeed)},
		{"ValidationException", "The seed of NEW123456 is not Hex of 16 to 64 bytes.", tokens("NEW123456", "Hex", base32Seed)},
		{"ValidationException", "The seed of NEW123456 is not Base32 of 16 to 64 bytes.", tokens("NEW123456", "Base32", "10000000000000000000000000000000")},
		{"ValidationException", "The seed of NEW123456 is not Hex of 16 to 64 bytes.", tokens("NEW123456", "Hex", hexSeed[:30])},
	} {
		f.Fails(f.Root(), "ImportHardwareMFADevices", c.in, c.code, c.message)
	}
	f.Env.Limits[iam.UsersPerAccount] = 2
	f.Fails(f.Root(), "ImportHardwareMFADevices", tokens("NEW123456", "Hex", hexSeed), "LimitExceededException", "Cannot exceed quota for HardwareMFADevicesPerAccount: 2")
	if n := iam.MFADevices.Len(f.View()); n != 2 {
		t.Errorf("%d devices", n)
	}
}

func TestHardwareMFADevice(t *testing.T) {
	f := newDevices(t)
	f.AddUser("alice")
	f.importTokens("GAHT12345678", "Hex", hexSeed, "GAHT12345679", "Hex", hexSeed)
	const serial = "GAHT12345678"
	list := func(status string) *sallyportapi.ListHardwareMFADevicesResponse {
		t.Helper()
		return iamtest.Do[sallyportapi.ListHardwareMFADevicesResponse](f.Fixture, f.Root(), "ListHardwareMFADevices", &sallyportapi.ListHardwareMFADevicesRequest{AssignmentStatus: &status})
	}
	remove := &sallyportapi.DeleteHardwareMFADeviceRequest{SerialNumber: new(serial)}
	f.Fails(f.Root(), "EnableMFADevice", f.pair("gaht12345678", "alice", -1), "NoSuchEntity", "VirtualMFADevice with serial number gaht12345678 does not exist.")
	f.Fails(f.Root(), "EnableMFADevice", f.pair(f.ARN("hardware-mfa/"+serial), "alice", -1), "NoSuchEntity", "VirtualMFADevice with serial number "+f.ARN("hardware-mfa/"+serial)+" does not exist.")
	wrong := f.pair(serial, "alice", -1)
	wrong.AuthenticationCode2 = wrong.AuthenticationCode1
	f.Fails(f.Root(), "EnableMFADevice", wrong, "InvalidAuthenticationCode", invalidCode)
	iamtest.Do[iamapi.EnableMFADeviceResponse](f.Fixture, f.Root(), "EnableMFADevice", f.pair(serial, "alice", -1))
	f.WantChecks(onUser(f, "iam:EnableMFADevice", "alice"))
	own := iamtest.Do[iamapi.ListMFADevicesResponse](f.Fixture, f.Root(), "ListMFADevices", &iamapi.ListMFADevicesRequest{UserName: new("alice")}).MFADevices
	if len(own) != 1 || *own[0].SerialNumber != serial {
		t.Errorf("alice has %+v", own)
	}
	if all := list("Assigned").Devices; len(all) != 1 || *all[0].PrincipalArn != f.ARN("user/alice") || *all[0].SerialNumber != serial {
		t.Errorf("assigned: %+v", all)
	}
	if all := list("Unassigned").Devices; len(all) != 1 || *all[0].SerialNumber != "GAHT12345679" {
		t.Errorf("unassigned: %+v", all)
	}
	// It is no virtual device, and can't be told apart from one that isn't there.
	if all := iamtest.Do[iamapi.ListVirtualMFADevicesResponse](f.Fixture, f.Root(), "ListVirtualMFADevices", &iamapi.ListVirtualMFADevicesRequest{}); len(all.VirtualMFADevices) != 0 {
		t.Errorf("virtual: %+v", all)
	}
	f.Fails(f.Root(), "DeleteVirtualMFADevice", &iamapi.DeleteVirtualMFADeviceRequest{SerialNumber: new(serial)}, "NoSuchEntity", "VirtualMFADevice with serial number "+serial+" does not exist.")
	f.Fails(f.Root(), "DeleteHardwareMFADevice", remove, "DeleteConflictException", "The hardware MFA device GAHT12345678 is assigned. Deactivate it first.")
	sync := f.pair(serial, "alice", 40)
	iamtest.Do[iamapi.ResyncMFADeviceResponse](f.Fixture, f.Root(), "ResyncMFADevice", &iamapi.ResyncMFADeviceRequest{
		UserName: sync.UserName, SerialNumber: sync.SerialNumber, AuthenticationCode1: sync.AuthenticationCode1, AuthenticationCode2: sync.AuthenticationCode2})
	if d, _ := iam.FindMFADevice(f.View(), iamtest.Account, serial); d.Drift != 41 {
		t.Errorf("its clock is %d periods ahead", d.Drift)
	}
	iamtest.Do[iamapi.DeactivateMFADeviceResponse](f.Fixture, f.Root(), "DeactivateMFADevice", &iamapi.DeactivateMFADeviceRequest{UserName: new("alice"), SerialNumber: new(serial)})
	if n := len(list("Unassigned").Devices); n != 2 {
		t.Errorf("%d tokens are nobody's", n)
	}
	d, _ := iam.FindMFADevice(f.View(), iamtest.Account, serial)
	iamtest.Do[sallyportapi.DeleteHardwareMFADeviceResponse](f.Fixture, f.Root(), "DeleteHardwareMFADevice", remove)
	if f.Secret(iam.MFASecret(d.ID)) != nil || len(list("Any").Devices) != 1 {
		t.Error("something is left of the token")
	}
	f.Fails(f.Root(), "DeleteHardwareMFADevice", remove, "NoSuchEntityException", "There is no hardware MFA device GAHT12345678.")
}

// TestRootsDevices: the root user's devices are its own to assign and take off, by
// the name they are listed with.
func TestRootsDevices(t *testing.T) {
	f := newDevices(t)
	f.importTokens("GAHT12345678", "Hex", hexSeed)
	in := f.pair("GAHT12345678", iamtest.Account, -1)
	f.AddUser("bob")
	f.Fails(f.As("bob"), "EnableMFADevice", in, "NoSuchEntity", "The user with name "+iamtest.Account+" cannot be found.")
	iamtest.Do[iamapi.EnableMFADeviceResponse](f.Fixture, f.Root(), "EnableMFADevice", in)
	f.WantChecks(operation.Check{Action: "iam:EnableMFADevice", Resource: f.ARN("root")})
	own := iamtest.Do[iamapi.ListMFADevicesResponse](f.Fixture, f.Root(), "ListMFADevices", &iamapi.ListMFADevicesRequest{}).MFADevices
	if len(own) != 1 || *own[0].UserName != iamtest.Account {
		t.Fatalf("root has %+v", own)
	}
	remove := &iamapi.DeactivateMFADeviceRequest{UserName: own[0].UserName, SerialNumber: own[0].SerialNumber}
	f.Fails(f.Root(), "DeactivateMFADevice", remove, "AccessDenied", guarded)
	f.Fails(f.As("bob"), "DeactivateMFADevice", remove, "NoSuchEntity", "The user with name "+iamtest.Account+" cannot be found.")
	d, _ := iam.FindMFADevice(f.View(), iamtest.Account, "GAHT12345678")
	proved := f.Root()
	proved.Session = &operation.Session{MFAAt: iamtest.Start, MFADevice: d.ID}
	iamtest.Do[iamapi.DeactivateMFADeviceResponse](f.Fixture, proved, "DeactivateMFADevice", remove)
	// A user who is called like the account doesn't get root's, by root; by others it
	// is that user who is meant.
	u := f.AddUser(iamtest.Account)
	again := f.pair("GAHT12345678", iamtest.Account, 1)
	iamtest.Do[iamapi.EnableMFADeviceResponse](f.Fixture, f.Root(), "EnableMFADevice", again)
	f.WantChecks(operation.Check{Action: "iam:EnableMFADevice", Resource: f.ARN("root")})
	if d, _ := iam.FindMFADevice(f.View(), iamtest.Account, "GAHT12345678"); d.Owner != iam.RootLogin {
		t.Errorf("assigned to %s", d.Owner)
	}
	d = f.make("phone")
	iamtest.Do[iamapi.EnableMFADeviceResponse](f.Fixture, f.As("bob"), "EnableMFADevice", f.enabling(iamtest.Account, d, -1))
	if d = f.device("phone"); d.Owner != u.ID {
		t.Errorf("assigned to %s", d.Owner)
	}
}

// No seed, however odd, is kept as anything but base32 of 16 to 64 bytes.
func FuzzHardwareSeed(f *testing.F) {
	f.Add(hexSeed, true)
	f.Add(base32Seed+"====", false)
	f.Add("\n\r"+base32Seed, false)
	f.Fuzz(func(t *testing.T, seed string, hexadecimal bool) {
		d := newDevices(t)
		encoding := map[bool]string{true: "Hex", false: "Base32"}[hexadecimal]
		if _, err := d.Call(d.Root(), "ImportHardwareMFADevices", tokens("GAHT12345678", encoding, seed)); err != nil {
			return
		}
		kept, ok := iam.FindMFADevice(d.View(), iamtest.Account, "GAHT12345678")
		if !ok {
			t.Fatal("not kept")
		}
		if _, err := credential.TOTPCode(string(d.Secret(iam.MFASecret(kept.ID))), 1); err != nil {
			t.Errorf("%q gives no codes", seed)
		}
	})
}
