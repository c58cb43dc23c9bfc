package authorize

import (
	"context"

	"sallyport/internal/iam"
	"sallyport/internal/state"
	"sallyport/test/inprocess"
)

const (
	phone       = iamARN + "mfa/phone"
	securityKey = iamARN + "u2f/user/alice/key"

	// These stand for codes of the device that the setup made, by the period: the
	// last one, this one, and the two after it.
	lastCode, thisCode    = "000001", "000002"
	nextCode, codeAfterIt = "000003", "000004"
	registersSecurityKey  = "registers a security key"
)

var (
	makePhone   = step{"iam:CreateVirtualMFADevice", p{"VirtualMFADeviceName": "phone"}}
	enablePhone = step{"iam:EnableMFADevice", p{"UserName": "alice", "SerialNumber": phone, "AuthenticationCode1": lastCode, "AuthenticationCode2": thisCode}}
	listPhones  = step{"iam:ListVirtualMFADevices", nil}
	phoneTags   = step{"iam:ListMFADeviceTags", p{"SerialNumber": phone}}
	tagPhone    = step{"iam:TagMFADevice", with(tagged, "SerialNumber", phone)}
	makeKey     = step{call: registersSecurityKey}
	listAlices  = step{"iam:ListMFADevices", p{"UserName": "alice"}}
	listTokens  = step{"sallyport:ListHardwareMFADevices", nil}
	importToken = step{"sallyport:ImportHardwareMFADevices", p{
		"Devices": `[{"SerialNumber":"GAHT12345678","Seed":"3132333435363738393031323334353637383930","SeedEncoding":"Hex"}]`}}
)

var mfaFixtures = map[string]fixture{
	"iam:CreateVirtualMFADevice": {nil, makePhone.in, on(phone), listPhones},
	"iam:DeleteVirtualMFADevice": {[]step{makePhone}, p{"SerialNumber": phone}, on(phone), listPhones},
	"iam:ListVirtualMFADevices":  {nil, nil, on("*"), step{}},
	"iam:TagMFADevice":           {[]step{makePhone}, tagPhone.in, on(phone), phoneTags},
	"iam:UntagMFADevice":         {[]step{makePhone, tagPhone}, with(untag, "SerialNumber", phone), on(phone), phoneTags},
	"iam:ListMFADeviceTags":      {[]step{makePhone, tagPhone}, p{"SerialNumber": phone}, on(phone), step{}},

	"iam:EnableMFADevice":     {[]step{makeAlice, makePhone}, enablePhone.in, on(alice), listPhones},
	"iam:ResyncMFADevice":     {[]step{makeAlice, makePhone, enablePhone}, with(enablePhone.in, "AuthenticationCode1", nextCode, "AuthenticationCode2", codeAfterIt), on(alice), step{}},
	"iam:DeactivateMFADevice": {[]step{makeAlice, makePhone, enablePhone}, p{"UserName": "alice", "SerialNumber": phone}, on(alice), listPhones},
	"iam:ListMFADevices":      {[]step{makeAlice}, p{"UserName": "alice"}, on(alice), step{}},

	"sallyport:BeginPasskeyRegistration":  {[]step{makeAlice}, p{"UserName": "alice"}, on(alice), step{}},
	"sallyport:FinishPasskeyRegistration": {[]step{makeAlice}, p{"UserName": "alice", "DeviceName": "key", "Registration": ownRegistration, "Credential": "{}"}, on(alice), listAlices},
	"sallyport:ImportHardwareMFADevices":  {nil, importToken.in, on("*"), listTokens},
	"sallyport:ListHardwareMFADevices":    {nil, nil, on("*"), step{}},
	"sallyport:DeleteHardwareMFADevice":   {[]step{importToken}, p{"SerialNumber": "GAHT12345678"}, on("*"), listTokens},

	"iam:GetMFADevice": {[]step{makeAlice, makeKey}, p{"UserName": "alice", "SerialNumber": securityKey}, on(alice), step{}},
}

// ownRegistration stands for a registration that the probe began: only who began one
// finishes it.
const ownRegistration = "its own registration"

// A making is what only who calls an operation can have made for it.
type making struct {
	action string // that it needs
	by     func(*inprocess.Server, *inprocess.Client, p) p
}

// ownMade is what must be made for the parameters of a fixture by who calls.
func ownMade(in p) (making, bool) {
	switch {
	case in["JobId"] == ownJob:
		return making{findAccess.call, func(_ *inprocess.Server, c *inprocess.Client, in p) p {
			return with(in, "JobId", c.Do(findAccess.call, findAccess.in).Text("JobId"))
		}}, true
	case in["Registration"] == ownRegistration:
		return making{"iam:EnableMFADevice", func(s *inprocess.Server, c *inprocess.Client, in p) p {
			begun := c.Begin(in["UserName"])
			return inprocess.Finishing(in["UserName"], begun, s.NewPasskey().Create(begun.Text("CreationOptions")))
		}}, true
	}
	return making{}, false
}

// otherActions are the operations that are asked as another action, of AWS's: there
// is no operation for what its console does by it.
var otherActions = map[string]string{
	"sallyport:BeginPasskeyRegistration":  "iam:EnableMFADevice",
	"sallyport:FinishPasskeyRegistration": "iam:EnableMFADevice",
}

// actionOf is the action that an operation is asked as.
func actionOf(name string) string {
	if other, ok := otherActions[name]; ok {
		return other
	}
	return name
}

// setUp takes the steps before a fixture's call and returns the call's parameters
// with the codes in place.
func setUp(s *inprocess.Server, f fixture) p {
	var device *inprocess.Device
	inPlace := func(in p) p {
		if device == nil {
			return in
		}
		out := with(in)
		for k, v := range in {
			switch v {
			case lastCode:
				out[k] = device.Code(-1)
			case thisCode:
				out[k] = device.Code(0)
			case nextCode:
				out[k] = device.Code(1)
			case codeAfterIt:
				out[k] = device.Code(2)
			}
		}
		return out
	}
	var last *inprocess.Reply
	for _, step := range f.setup {
		if step.call == signsIn {
			signIn(s)
			continue
		}
		if step.call == registersSecurityKey {
			putSecurityKey(s)
			continue
		}
		last = s.Admin.Do(step.call, inPlace(step.in))
		if step.call == makePhone.call {
			device = s.DeviceOf(last)
		}
		if step.call == makeReport.call {
			untilDone(s, step)
		}
	}
	return filled(inPlace(f.in), func(name string) string { return last.Text(name) })
}

// putSecurityKey gives alice a security key, which no operation registers.
func putSecurityKey(s *inprocess.Server) {
	_, err := s.App.State().Update(context.Background(), state.AccountStream(inprocess.Account), state.Command{
		Operation: "test",
		Run: func(tx *state.Tx) error {
			u, err := iam.FindUser(tx, "alice")
			if err != nil {
				return err
			}
			iam.MFADevices.Put(tx, "key", &iam.MFADevice{
				ID: "key", Kind: iam.MFASecurityKey, Path: "/user/alice/", Name: "key", Owner: u.ID, Created: tx.Now(), Enabled: tx.Now(),
			})
			return nil
		},
	})
	if err != nil {
		s.Fatal(err)
	}
}
