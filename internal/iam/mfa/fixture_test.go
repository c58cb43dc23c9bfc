package mfa_test

import (
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/mfa"
	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
	"sallyport/internal/operation"
	"sallyport/internal/seal"
	"sallyport/internal/state"
)

const (
	invalidCode = "Authentication code for device is not valid."
	notTheUsers = "MFA Device invalid for user."
	guarded     = "To complete this action, please ensure that you are authenticated with an MFA device that is enabled for this user."
)

// devices is a fixture with the operations of this package.
type devices struct {
	*iamtest.Fixture
	// step is the period that codes are given for.
	step func() int64
}

// publicURL is what passkeys belong to.
const publicURL = "http://localhost:7420"

func service(facts journal.Facts, secrets mfa.Secrets) *mfa.Service {
	sealer, err := seal.New(seal.GenerateKey())
	if err != nil {
		panic(err)
	}
	return mfa.New(mfa.Config{Facts: facts, Secrets: secrets, Sealer: sealer, PublicURL: publicURL})
}

func newDevices(t *testing.T) *devices {
	f := iamtest.New(t, func(env *iam.Env) []operation.Definition { return service(memory.New(), nil).Operations(env) })
	return &devices{f, func() int64 {
		var now int64
		f.Change(func(tx *state.Tx) error { now = credential.TOTPStep(tx.Now()); return nil })
		return now
	}}
}

func (f *devices) make(name string) *iam.MFADevice {
	f.Helper()
	iamtest.Do[iamapi.CreateVirtualMFADeviceResponse](f.Fixture, f.Root(), "CreateVirtualMFADevice",
		&iamapi.CreateVirtualMFADeviceRequest{VirtualMFADeviceName: &name})
	return f.device(name)
}

func (f *devices) device(name string) *iam.MFADevice {
	f.Helper()
	d, ok := iam.FindMFADevice(f.View(), iamtest.Account, f.ARN("mfa/"+name))
	if !ok {
		f.Fatalf("no device %s", name)
	}
	return d
}

// code is what the device shows so many periods from now.
func (f *devices) code(d *iam.MFADevice, periods int64) *string {
	f.Helper()
	code, err := credential.TOTPCode(string(f.Secret(iam.MFASecret(d.ID))), f.step()+periods)
	if err != nil {
		f.Fatal(err)
	}
	return &code
}

func (f *devices) enabling(user string, d *iam.MFADevice, periods int64) *iamapi.EnableMFADeviceRequest {
	f.Helper()
	return &iamapi.EnableMFADeviceRequest{
		UserName: &user, SerialNumber: new(iam.MFASerial(iamtest.Account, d)),
		AuthenticationCode1: f.code(d, periods), AuthenticationCode2: f.code(d, periods+1),
	}
}

func (f *devices) syncing(user string, d *iam.MFADevice, periods int64) *iamapi.ResyncMFADeviceRequest {
	f.Helper()
	in := f.enabling(user, d, periods)
	return &iamapi.ResyncMFADeviceRequest{UserName: in.UserName, SerialNumber: in.SerialNumber,
		AuthenticationCode1: in.AuthenticationCode1, AuthenticationCode2: in.AuthenticationCode2}
}

// enabled is a new device of the user's.
func (f *devices) enabled(user, name string) *iam.MFADevice {
	f.Helper()
	d := f.make(name)
	iamtest.Do[iamapi.EnableMFADeviceResponse](f.Fixture, f.Root(), "EnableMFADevice", f.enabling(user, d, -1))
	return f.device(name)
}

// put changes a device behind the operations' back.
func (f *devices) put(d *iam.MFADevice) {
	f.Helper()
	f.Change(func(tx *state.Tx) error { iam.MFADevices.Put(tx, d.ID, d); return nil })
}

// proved is the user with a session that the device made.
func (f *devices) proved(user string, d *iam.MFADevice) *operation.Caller {
	f.Helper()
	c := f.Temporary(user)
	c.Session.MFAAt, c.Session.MFADevice = iamtest.Start, d.ID
	return c
}

func onUser(f *devices, action, user string) operation.Check {
	return operation.Check{Action: action, Resource: f.ARN("user/" + user), Name: "user " + user}
}
