package signin_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/test/inprocess"
)

const (
	devices = "/signin/devices"
	apps    = devices + "/app"
)

// ownDevices lets users do with their own devices what AWS's policy for them does,
// which is not to delete any
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_iam_mfa-selfmanage.html).
const ownDevices = `{"Version":"2012-10-17","Statement":[
	{"Effect":"Allow","Action":["iam:ListMFADevices","iam:EnableMFADevice","iam:DeactivateMFADevice"],"Resource":"arn:aws:iam::*:user/${aws:username}"},
	{"Effect":"Allow","Action":"iam:CreateVirtualMFADevice","Resource":"arn:aws:iam::*:mfa/*"}]}`

// diego makes a user with a password and ownDevices, and signs him in.
func diego(s *inprocess.Server) *inprocess.Browser {
	s.Helper()
	s.Root.Do("iam:CreateUser", p{"UserName": "diego"})
	s.Root.Do("iam:CreateLoginProfile", p{"UserName": "diego", "Password": password})
	s.Root.Do("iam:PutUserPolicy", p{"UserName": "diego", "PolicyName": "own", "PolicyDocument": ownDevices})
	b := s.Browser()
	b.SignIn("diego", password)
	return b
}

// begin has a browser begin to set up an app.
func begin(b *inprocess.Browser, name string) *inprocess.Page {
	b.Get(devices)
	return b.Post(apps, p{"name": name})
}

// virtual are the serial numbers of the account's virtual devices.
func virtual(s *inprocess.Server, status string) string {
	s.Helper()
	names := s.Root.Do("iam:ListVirtualMFADevices", p{"AssignmentStatus": status}).Texts("SerialNumber")
	return strings.ReplaceAll(strings.Join(names, " "), iamARN+"mfa/", "")
}

// TestApp: the root user and users set an authenticator app up by its QR code or
// seed and two codes, sign in with it and remove it; it is the API's operations, and
// theirs alone.
func TestApp(t *testing.T) {
	for name, c := range map[string]struct {
		signIn func(b *inprocess.Browser) *inprocess.Page
		owner  string
		left   string // of the device, when it is removed
	}{
		"root": {func(b *inprocess.Browser) *inprocess.Page { return b.SignInRoot(email, inprocess.RootPassword) }, "root", ""},
		"user": {func(b *inprocess.Browser) *inprocess.Page { return b.SignIn("diego", password) }, "user/diego", "phone"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			diego(s)
			// Whoever may make users must not have root's second factor.
			s.Root.Do("iam:CreateUser", p{"UserName": account})
			b := s.Browser()
			c.signIn(b)
			page := begin(b, "phone")
			at(t, page, apps, 200, "Set up an authenticator app", "phone")
			phone := b.App()
			drawn, err := credential.QRCodePNG("otpauth://totp/phone@" + account + "?secret=" + phone.Seed)
			if err != nil || !strings.Contains(page.Body, `src="data:image/png;base64,`+base64.StdEncoding.EncodeToString(drawn)+`"`) {
				t.Errorf("%v: the picture is another", err)
			}
			if csp := page.Header.Get("Content-Security-Policy"); csp != "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" {
				t.Errorf("the page's policy is %s", csp)
			}
			at(t, b.Post(apps+"/enable", p{"code1": phone.Code(0), "code2": phone.Code(-1)}), apps+"/enable", 403, "do not follow each other")
			at(t, b.Post(apps+"/enable", p{"code1": "12345", "code2": "x"}), apps+"/enable", 403, "six digits")
			if again := b.App(); again.Seed != phone.Seed {
				t.Error("another seed after wrong codes")
			}
			old := b.Clone()
			codes := phone.Codes()
			codes["code1"] = codes["code1"][:3] + " " + codes["code1"][3:]
			at(t, b.Post(apps+"/enable", codes), devices, 200, iamARN+"mfa/phone", "Authenticator app")
			at(t, old.Get("/console/"), "/signin", 200) // the session has a new id
			if _, kept := b.Cookies["sallyport-device"]; kept {
				t.Error("the browser keeps the cookie of the set-up")
			}
			d, ok := iam.FindMFADevice(s.View(account), account, iamARN+"mfa/phone")
			if u, _ := iam.FindUser(s.View(account), "diego"); !ok || d.Owner != iam.RootLogin && d.Owner != u.ID || (d.Owner == iam.RootLogin) != (c.owner == "root") {
				t.Fatalf("it is %+v", d)
			}
			for _, want := range []string{"CreateVirtualMFADevice", "EnableMFADevice"} {
				found := false
				for _, r := range s.Trail() {
					if r.EventName == want && r.ErrorCode == "" {
						found = r.UserIdentity["arn"] == iamARN+c.owner && strings.Contains(r.Raw, `"sessionCredentialFromConsole":"true"`)
					}
				}
				if !found {
					t.Errorf("%s is not on record", want)
				}
			}
			// This session came without it: it can't change the devices again.
			at(t, begin(b, "tablet"), apps, 403, "authenticated with an MFA device")
			if made := virtual(s, "Unassigned"); made != "" {
				t.Errorf("made all the same: %s", made)
			}

			s.Advance(time.Minute)
			b = s.Browser()
			at(t, c.signIn(b), "/signin/mfa", 200)
			inside(t, b, b.Post("/signin/mfa", p{"code": phone.Code(0)}), "proved")
			at(t, begin(b, "tablet"), apps, 200)
			tablet := b.App()
			at(t, b.Post(apps+"/enable", tablet.Codes()), devices, 200, "mfa/phone", "mfa/tablet")
			at(t, b.Post(devices+"/remove", p{"serial": iamARN + "mfa/phone"}), devices, 200, "mfa/tablet")
			if strings.Contains(b.Page.Body, "mfa/phone") || virtual(s, "Unassigned") != c.left {
				t.Errorf("left are %q\n%s", virtual(s, "Unassigned"), b.Page.Body)
			}
		})
	}
}

// TestAppAbandoned: a device that was made and not enabled is gone on with, or
// deleted where its owner may; none piles up.
func TestAppAbandoned(t *testing.T) {
	s := start(t)
	root := s.Browser()
	root.SignInRoot(email, inprocess.RootPassword)
	begin(root, "phone")
	first := root.App().Seed
	at(t, begin(root, "phone"), apps, 200)
	at(t, root.Get(devices), devices, 200, "You have begun to set up")
	if at(t, root.Get(apps), apps, 200); root.App().Seed != first {
		t.Error("another seed for the same device")
	}
	at(t, begin(root, "tablet"), apps, 200)
	if left := virtual(s, "Any"); left != "tablet" || root.App().Seed == first {
		t.Errorf("there are %q", left)
	}
	// In another browser it is not shown, and begun anew.
	other := s.Browser()
	other.SignInRoot(email, inprocess.RootPassword)
	if at(t, other.Get(apps), devices, 200); strings.Contains(other.Page.Body, "tablet") {
		t.Errorf("another browser is told %s", other.Page.Body)
	}
	seed := root.App().Seed
	if at(t, begin(other, "tablet"), apps, 200); other.App().Seed == seed || virtual(s, "Any") != "tablet" {
		t.Errorf("there are %q", virtual(s, "Any"))
	}
	root.Get(devices)
	at(t, root.Post(apps+"/enable", p{"code1": "123456", "code2": "123457"}), apps+"/enable", 403, "no longer being set up")
	at(t, other.Post(apps+"/cancel", nil), devices, 200, "You have none.")
	if left := virtual(s, "Any"); left != "" {
		t.Errorf("cancelled, there are %q", left)
	}
	at(t, other.Post(apps+"/cancel", nil), devices, 200)

	// Who may delete none goes on with what there is, also in the next session.
	b := diego(s)
	begin(b, "phone")
	phone := b.App()
	at(t, begin(b, "tablet"), apps, 403, "Go on with this device first", "iam:DeleteVirtualMFADevice")
	at(t, b.Post(apps+"/cancel", nil), apps+"/cancel", 403, "The device is not enabled, and can", "iam:DeleteVirtualMFADevice")
	b.Post("/signin/signout", nil)
	b.SignIn("diego", password)
	at(t, b.Get(apps), apps, 200)
	if b.App().Seed != phone.Seed || virtual(s, "Any") != "phone" {
		t.Errorf("there are %q", virtual(s, "Any"))
	}
	at(t, b.Post(apps+"/enable", phone.Codes()), devices, 200, "mfa/phone")
	at(t, b.Get(apps), devices, 200)

	// A day later nothing is shown.
	begin(root, "phone-2")
	s.Advance(25 * time.Hour)
	root.SignInRoot(email, inprocess.RootPassword)
	at(t, root.Get(apps), devices, 200)
}

// TestAppRefused: what the operations refuse is said in their words, and leaves no
// device.
func TestAppRefused(t *testing.T) {
	s := start(t)
	alice(s)
	b := s.Browser()
	b.SignIn("alice", password)
	at(t, begin(b, "phone"), apps, 403, "not authorized to perform: iam:CreateVirtualMFADevice", "not authorized to perform: iam:ListMFADevices", "You may not see which you have.")
	at(t, begin(b, ""), apps, 403)
	at(t, begin(b, "<script>"), apps, 403, "virtualMFADeviceName")
	s.Root.NewDevice("phone")
	s.Root.Do("iam:AttachUserPolicy", p{"UserName": "alice", "PolicyArn": "arn:aws:iam::aws:policy/IAMFullAccess"})
	at(t, begin(b, "phone"), apps, 403, "already exists")
	// One that she may make, and not enable.
	s.Root.Do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "no", "PolicyDocument": `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:EnableMFADevice","Resource":"*"}}`})
	begin(b, "tablet")
	at(t, b.Post(apps+"/enable", b.App().Codes()), apps+"/enable", 403, "not authorized to perform: iam:EnableMFADevice")
	if left := virtual(s, "Any"); left != "phone" {
		t.Errorf("there are %q", left)
	}
	// The ninth.
	s.Root.Do("iam:DeleteUserPolicy", p{"UserName": "alice", "PolicyName": "no"})
	var last *inprocess.Device
	for _, name := range strings.Fields("1 2 3 4 5 6 7 8") {
		last = s.Root.NewDevice("d" + name)
		s.Root.Do("iam:EnableMFADevice", last.Enabling("alice"))
	}
	s.Advance(time.Minute)
	b = s.Browser()
	b.SignIn("alice", password)
	inside(t, b, b.Post("/signin/mfa", p{"code": last.Code(0)}))
	begin(b, "ninth")
	at(t, b.Post(apps+"/enable", b.App().Codes()), apps+"/enable", 403, "Cannot exceed quota for MFADevicesPerUser: 8")
	if left := virtual(s, "Unassigned"); left != "phone" {
		t.Errorf("there are %q", left)
	}
}
