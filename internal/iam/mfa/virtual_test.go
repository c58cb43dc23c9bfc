package mfa_test

import (
	"bytes"
	"fmt"
	"image/png"
	"regexp"
	"strings"
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

type create = iamapi.CreateVirtualMFADeviceRequest

func TestCreateVirtualMFADevice(t *testing.T) {
	f := newDevices(t)
	in := &create{Path: new("/staff/"), VirtualMFADeviceName: new("phone"), Tags: []iamapi.Tag{{Key: new("team"), Value: new("red")}}}
	out := iamtest.Do[iamapi.CreateVirtualMFADeviceResponse](f.Fixture, f.Root(), "CreateVirtualMFADevice", in).VirtualMFADevice
	asked := operation.Check{Action: "iam:CreateVirtualMFADevice", Resource: f.ARN("mfa/staff/phone"), RequestTags: iam.RequestTags(in.Tags)}
	tagging := asked
	tagging.Action = "iam:TagMFADevice"
	f.WantChecks(asked, tagging)
	// The blobs are the base32 text's bytes and a PNG.
	if !regexp.MustCompile(`^[A-Z2-7]{64}$`).Match(out.Base32StringSeed) {
		t.Errorf("the seed is %q", out.Base32StringSeed)
	}
	if _, err := png.Decode(bytes.NewReader(out.QRCodePNG)); err != nil {
		t.Errorf("the QR code: %v", err)
	}
	seed := string(out.Base32StringSeed)
	out.Base32StringSeed, out.QRCodePNG = nil, nil
	iamtest.WantEqual(t, "reply", &iamapi.VirtualMFADevice{SerialNumber: new(f.ARN("mfa/staff/phone")), Tags: in.Tags}, out)
	d := f.device("staff/phone")
	if d.Owner != "" || !d.Enabled.IsZero() || string(f.Secret(iam.MFASecret(d.ID))) != seed {
		t.Errorf("made as %+v", d)
	}
	var dump bytes.Buffer
	if err := state.Dump(&dump, f.View()); err != nil || strings.Contains(dump.String(), seed) {
		t.Errorf("the seed is in the state: %v", err)
	}
	// Row iam-200, whatever the case; another path is another device.
	for _, name := range []string{"phone", "PHONE"} {
		in.VirtualMFADeviceName = &name
		f.Fails(f.Root(), "CreateVirtualMFADevice", in, "EntityAlreadyExists", "MFADevice entity at the same path and name already exists.")
	}
	if f.make("phone").ID == d.ID {
		t.Error("two paths have one device")
	}
}

// What the QR code says is drawn from the same text, which is AWS's form with
// the account's alias, if it has one.
func TestQRCode(t *testing.T) {
	f := newDevices(t)
	for _, alias := range []string{"", "anycompany"} {
		f.Change(func(tx *state.Tx) error {
			a, _ := iam.Accounts.Get(tx, iam.AccountKey)
			changed := *a
			changed.Alias = alias
			iam.Accounts.Put(tx, iam.AccountKey, &changed)
			return nil
		})
		name, account := "a=b+c,d.e@f-"+alias, alias
		if account == "" {
			account = iamtest.Account
		}
		out := iamtest.Do[iamapi.CreateVirtualMFADeviceResponse](f.Fixture, f.Root(), "CreateVirtualMFADevice", &create{VirtualMFADeviceName: &name}).VirtualMFADevice
		want, err := credential.QRCodePNG("otpauth://totp/" + strings.ReplaceAll(name, ",", "%2C") + "@" + account + "?secret=" + string(out.Base32StringSeed))
		if err != nil || !bytes.Equal(want, out.QRCodePNG) {
			t.Errorf("alias %q: another QR code, or %v", alias, err)
		}
	}
}

func TestCreateVirtualMFADeviceRefusals(t *testing.T) {
	f := newDevices(t)
	room := 256 - len(f.ARN("mfa/"))
	f.make(strings.Repeat("n", room))
	long := strings.Repeat("n", room+1)
	f.Fails(f.Root(), "CreateVirtualMFADevice", &create{VirtualMFADeviceName: &long}, "ValidationError",
		"The serial number "+f.ARN("mfa/"+long)+" must have length less than or equal to 256")
	twice := []iamapi.Tag{{Key: new("a"), Value: new("")}, {Key: new("a"), Value: new("")}}
	f.Fails(f.Root(), "CreateVirtualMFADevice", &create{VirtualMFADeviceName: new("x"), Tags: twice}, "InvalidInput",
		"Duplicate tag keys found.")
	for _, c := range []struct{ in *create }{{&create{}}, {&create{VirtualMFADeviceName: new("")}}, {&create{VirtualMFADeviceName: new("a b")}},
		{&create{VirtualMFADeviceName: new("a"), Path: new("no")}}} {
		if _, err := f.Call(f.Root(), "CreateVirtualMFADevice", c.in); err == nil || !strings.HasPrefix(err.Error(), "ValidationError") {
			t.Errorf("%+v: %v", c.in, err)
		}
	}
	// As many as users may be.
	f.Env.Limits[iam.UsersPerAccount] = 2
	f.make("second")
	f.Fails(f.Root(), "CreateVirtualMFADevice", &create{VirtualMFADeviceName: new("third")}, "LimitExceeded",
		"Cannot exceed quota for VirtualMFADevicesPerAccount: 2")
}

func TestDeleteVirtualMFADevice(t *testing.T) {
	f := newDevices(t)
	f.AddUser("alice")
	d := f.enabled("alice", "phone")
	in := &iamapi.DeleteVirtualMFADeviceRequest{SerialNumber: new(f.ARN("mfa/phone"))}
	f.Fails(f.Root(), "DeleteVirtualMFADevice", in, "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.")
	f.WantChecks(operation.Check{Action: "iam:DeleteVirtualMFADevice", Resource: f.ARN("mfa/phone")})
	iamtest.Do[iamapi.DeactivateMFADeviceResponse](f.Fixture, f.Root(), "DeactivateMFADevice",
		&iamapi.DeactivateMFADeviceRequest{UserName: new("alice"), SerialNumber: in.SerialNumber})
	iamtest.Do[iamapi.DeleteVirtualMFADeviceResponse](f.Fixture, f.Root(), "DeleteVirtualMFADevice", in)
	if f.Secret(iam.MFASecret(d.ID)) != nil || iam.MFADevices.Len(f.View()) != 0 {
		t.Error("something is left of the device")
	}
	// What is no virtual device of the account's is none, and asked for as one.
	f.put(&iam.MFADevice{ID: "key", Kind: iam.MFASecurityKey, Path: "/user/alice/", Name: "key"})
	for serial, resource := range map[string]string{
		f.ARN("mfa/phone"):                         f.ARN("mfa/phone"),
		"GAHT12345678":                             f.ARN("mfa/GAHT12345678"),
		f.ARN("user/alice"):                        f.ARN("mfa/" + f.ARN("user/alice")),
		f.ARN("u2f/user/alice/key"):                f.ARN("mfa/" + f.ARN("u2f/user/alice/key")),
		"arn:aws:iam::444455556666:mfa/phone-4444": f.ARN("mfa/arn:aws:iam::444455556666:mfa/phone-4444"),
	} {
		f.Fails(f.Root(), "DeleteVirtualMFADevice", &iamapi.DeleteVirtualMFADeviceRequest{SerialNumber: &serial},
			"NoSuchEntity", "VirtualMFADevice with serial number "+serial+" does not exist.")
		f.WantChecks(operation.Check{Action: "iam:DeleteVirtualMFADevice", Resource: resource})
	}
}

func TestListVirtualMFADevices(t *testing.T) {
	f := newDevices(t)
	alice := f.AddUser("alice")
	for i := range 3 {
		f.make(fmt.Sprintf("spare%d", i))
	}
	assigned := f.enabled("alice", "phone")
	root := *f.make("root-account-mfa-device")
	root.Owner, root.Enabled = iam.RootLogin, iamtest.Start
	f.put(&root)
	f.put(&iam.MFADevice{ID: "key", Kind: iam.MFASecurityKey, Path: "/user/alice/", Name: "key", Owner: alice.ID, Enabled: iamtest.Start})

	list := func(status *string, max int64) (all []iamapi.VirtualMFADevice) {
		t.Helper()
		var marker *string
		for {
			out := iamtest.Do[iamapi.ListVirtualMFADevicesResponse](f.Fixture, f.Root(), "ListVirtualMFADevices",
				&iamapi.ListVirtualMFADevicesRequest{AssignmentStatus: status, MaxItems: &max, Marker: marker})
			all = append(all, out.VirtualMFADevices...)
			if marker = out.Marker; marker == nil {
				return all
			}
			if len(out.VirtualMFADevices) != int(max) || !*out.IsTruncated {
				t.Fatalf("a page of %d, truncated %t", len(out.VirtualMFADevices), *out.IsTruncated)
			}
		}
	}
	serial := func(name string) *string { return new(f.ARN("mfa/" + name)) }
	account, _ := iam.Accounts.Get(f.View(), iam.AccountKey)
	free := []iamapi.VirtualMFADevice{{SerialNumber: serial("spare0")}, {SerialNumber: serial("spare1")}, {SerialNumber: serial("spare2")}}
	taken := []iamapi.VirtualMFADevice{
		{SerialNumber: serial("phone"), EnableDate: new(assigned.Enabled), User: new(iam.ListedUser(iamtest.Account, alice))},
		{SerialNumber: serial("root-account-mfa-device"), EnableDate: new(iamtest.Start), User: &iamapi.User{
			UserId: new(iamtest.Account), Arn: new(f.ARN("root")), CreateDate: new(account.Created)}},
	}
	for _, max := range []int64{1, 2, 100} {
		iamtest.WantEqual(t, "unassigned", free, list(new("Unassigned"), max))
		iamtest.WantEqual(t, "assigned", taken, list(new("Assigned"), max))
		iamtest.WantEqual(t, "any", append(taken[:2:2], free...), list(new("Any"), max))
		iamtest.WantEqual(t, "by default", append(taken[:2:2], free...), list(nil, max))
	}
	f.WantChecks(operation.Check{Action: "iam:ListVirtualMFADevices", Resource: "*"})
	f.Fails(f.Root(), "ListVirtualMFADevices", &iamapi.ListVirtualMFADevicesRequest{Marker: new("!")}, "ValidationError", "Invalid Marker.")
	if _, err := f.Call(f.Root(), "ListVirtualMFADevices", &iamapi.ListVirtualMFADevicesRequest{AssignmentStatus: new("Some")}); err == nil {
		t.Error("an unknown status was taken")
	}
}

func TestMFADeviceTags(t *testing.T) {
	f := newDevices(t)
	f.make("phone")
	serial := f.ARN("mfa/phone")
	add := func(pairs ...string) *iamapi.TagMFADeviceRequest {
		in := &iamapi.TagMFADeviceRequest{SerialNumber: &serial}
		for i := 0; i < len(pairs); i += 2 {
			in.Tags = append(in.Tags, iamapi.Tag{Key: &pairs[i], Value: &pairs[i+1]})
		}
		return in
	}
	tags := func(max int64, marker *string) *iamapi.ListMFADeviceTagsResponse {
		t.Helper()
		return iamtest.Do[iamapi.ListMFADeviceTagsResponse](f.Fixture, f.Root(), "ListMFADeviceTags",
			&iamapi.ListMFADeviceTagsRequest{SerialNumber: &serial, MaxItems: &max, Marker: marker})
	}
	iamtest.WantEqual(t, "no tags", []iamapi.Tag{}, tags(100, nil).Tags)
	iamtest.Do[iamapi.TagMFADeviceResponse](f.Fixture, f.Root(), "TagMFADevice", add("b", "1", "A", "2"))
	first := tags(1, nil)
	iamtest.WantEqual(t, "first page", []iamapi.Tag{{Key: new("A"), Value: new("2")}}, first.Tags)
	iamtest.WantEqual(t, "second page", []iamapi.Tag{{Key: new("b"), Value: new("1")}}, tags(1, first.Marker).Tags)
	stored := []operation.Tag{{Key: "A", Value: "2"}, {Key: "b", Value: "1"}}
	f.WantChecks(operation.Check{Action: "iam:ListMFADeviceTags", Resource: serial, ResourceTags: stored})

	iamtest.Do[iamapi.TagMFADeviceResponse](f.Fixture, f.Root(), "TagMFADevice", add("a", "3"))
	f.WantChecks(operation.Check{Action: "iam:TagMFADevice", Resource: serial, ResourceTags: stored, RequestTags: []operation.Tag{{Key: "a", Value: "3"}}})
	iamtest.Do[iamapi.UntagMFADeviceResponse](f.Fixture, f.Root(), "UntagMFADevice",
		&iamapi.UntagMFADeviceRequest{SerialNumber: &serial, TagKeys: []string{"b", "B", "none"}})
	f.WantChecks(operation.Check{Action: "iam:UntagMFADevice", Resource: serial, TagKeys: []string{"b", "B", "none"},
		ResourceTags: []operation.Tag{{Key: "A", Value: "2"}, {Key: "a", Value: "3"}, {Key: "b", Value: "1"}}})
	iamtest.WantEqual(t, "what is left", []iamapi.Tag{{Key: new("A"), Value: new("2")}, {Key: new("a"), Value: new("3")}}, tags(100, nil).Tags)

	f.Env.Limits[iam.TagsPerMFADevice] = 2
	f.Fails(f.Root(), "TagMFADevice", add("x", "", "y", ""), "LimitExceeded", "Cannot exceed quota for TagsPerMFADevice: 2")
	f.Fails(f.Root(), "TagMFADevice", add("aws:x", ""), "InvalidInput", "Tag keys and values must not begin with the reserved prefix aws:")
	f.Fails(f.Root(), "CreateVirtualMFADevice", &create{VirtualMFADeviceName: new("second"), Tags: add("x", "", "y", "", "z", "").Tags},
		"LimitExceeded", "Cannot exceed quota for TagsPerMFADevice: 2")
	serial = f.ARN("mfa/none")
	for name, in := range map[string]any{
		"TagMFADevice": add("a", "b"), "UntagMFADevice": &iamapi.UntagMFADeviceRequest{SerialNumber: &serial, TagKeys: []string{"a"}},
		"ListMFADeviceTags": &iamapi.ListMFADeviceTagsRequest{SerialNumber: &serial},
	} {
		f.Fails(f.Root(), name, in, "NoSuchEntity", "VirtualMFADevice with serial number "+serial+" does not exist.")
	}
}
