package mfa

import (
	"context"
	"errors"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/journal"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
)

// searchSteps is by how many periods, back and ahead, the codes that enable or
// synchronize a device may be off: an hour. AWS doesn't say its own.
const searchSteps = int64(time.Hour / credential.TOTPPeriod)

// notTheUsers is AWS's answer to the serial number of a device that isn't the
// user's, whoever's it is.
func notTheUsers() error { return iamapi.NoSuchEntityException("MFA Device invalid for user.") }

// findOwn returns the user's device with that serial number.
func findOwn(c *operation.Call, r state.Reader, subject iam.Subject, serial string) (*iam.MFADevice, error) {
	if err := subject.Missing(); err != nil {
		return nil, err
	}
	d, ok := iam.FindMFADevice(r, c.Caller.Account(), serial)
	if !ok || d.Owner != ownerOf(subject) {
		return nil, notTheUsers()
	}
	return d, nil
}

// ownerOf is how devices name the subject.
func ownerOf(subject iam.Subject) string {
	if subject.Root {
		return iam.RootLogin
	}
	return subject.User.ID
}

// caller is how devices name who calls: nobody, unless it is a user or root.
func caller(c *operation.Caller) string {
	switch c.Principal.Kind {
	case policy.Root:
		return iam.RootLogin
	case policy.User:
		return c.EntityID
	}
	return ""
}

// guarded refuses that users who have a device give themselves another, or take
// one off, without having proved one: a stolen access key or password would do
// away with the second factor.
func guarded(c *operation.Call, r state.Reader, owner string) error {
	if owner != caller(c.Caller) {
		return nil
	}
	has, proved := false, false
	iam.MFADevicesByOwner.Ascend(r, owner, func(id string, _ *iam.MFADevice) bool {
		has = true
		proved = c.Caller.MFAPresent() && c.Caller.Session.MFADevice == id
		return !proved
	})
	if has && !proved {
		return api.AccessDenied(c.Op.Service,
			"To complete this action, please ensure that you are authenticated with an MFA device that is enabled for this user.")
	}
	return nil
}

// MayChange refuses what enabling and deactivating would refuse, that a caller
// changes which devices are their own. r is of the caller's account.
func (s *Service) MayChange(caller *operation.Caller, r state.Reader) *api.Error {
	c := &operation.Call{Caller: caller, Op: iamapi.OpEnableMFADevice}
	refused, _ := errors.AsType[*api.Error](guarded(c, r, iam.LoginOwner(caller)))
	return refused
}

// enable assigns a virtual device or a hardware token to a user.
func (h *handlers) enable(c *operation.Call, tx *state.Tx, in *iamapi.EnableMFADeviceRequest) (*iamapi.EnableMFADeviceResponse, error) {
	subject, err := findSubject(c, tx, in.UserName)
	if err != nil {
		return nil, err
	}
	if err := subject.Missing(); err != nil {
		return nil, err
	}
	d, ok := iam.FindMFADevice(tx, c.Caller.Account(), *in.SerialNumber)
	if !ok || !d.ShowsCodes() {
		return nil, noSuchDevice(*in.SerialNumber)
	}
	owner := ownerOf(subject)
	if err := guarded(c, tx, owner); err != nil {
		return nil, err
	}
	if d.Owner != "" {
		return nil, iamapi.EntityAlreadyExistsException("MFA Device is already in use.")
	}
	if err := h.env.Limits.Check(iam.MFADevicesPerUser, iam.MFADevicesByOwner.Count(tx, owner)+1); err != nil {
		return nil, err
	}
	changed, err := h.synchronized(c.Context, tx, d, *in.AuthenticationCode1, *in.AuthenticationCode2)
	if err != nil {
		return nil, err
	}
	changed.Owner, changed.Enabled = owner, iam.Moment(tx.Now())
	iam.MFADevices.Put(tx, d.ID, changed)
	return &iamapi.EnableMFADeviceResponse{}, nil
}

// resync measures anew how far off a device's clock is
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_sync.html).
func (h *handlers) resync(c *operation.Call, tx *state.Tx, in *iamapi.ResyncMFADeviceRequest) (*iamapi.ResyncMFADeviceResponse, error) {
	subject, err := findSubject(c, tx, in.UserName)
	if err != nil {
		return nil, err
	}
	d, err := findOwn(c, tx, subject, *in.SerialNumber)
	if err != nil {
		return nil, err
	}
	if !d.ShowsCodes() {
		return nil, notTheUsers()
	}
	changed, err := h.synchronized(c.Context, tx, d, *in.AuthenticationCode1, *in.AuthenticationCode2)
	if err != nil {
		return nil, err
	}
	iam.MFADevices.Put(tx, d.ID, changed)
	return &iamapi.ResyncMFADeviceResponse{}, nil
}

// synchronized is the device as two consecutive codes leave it. Neither may have
// counted before: an old pair would turn the device's clock back to where other
// old codes, which somebody may have seen, come next.
func (h *handlers) synchronized(ctx context.Context, tx *state.Tx, d *iam.MFADevice, code1, code2 string) (*iam.MFADevice, error) {
	seed, err := tx.Secret(iam.MFASecret(d.ID))
	if err != nil {
		return nil, err
	}
	now := credential.TOTPStep(tx.Now())
	first := max(now-searchSteps, d.LastStep+1)
	step, ok, err := credential.MatchTOTPPair(string(seed), code1, code2, first, now+searchSteps, now)
	if err != nil {
		return nil, api.InternalFailure(err)
	}
	if ok {
		ok, err = h.unused(ctx, d, step, tx.Now())
	}
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, iamapi.InvalidAuthenticationCodeException("Authentication code for device is not valid.")
	}
	changed := *d
	changed.LastStep, changed.Drift = step, step-now
	if max(changed.Drift, -changed.Drift) <= tolerance {
		changed.Drift = 0 // a code entered as it ended, not a clock that is off
	}
	return &changed, nil
}

// unused reports whether no session was made with the code of the step or the one
// before.
func (s *Service) unused(ctx context.Context, d *iam.MFADevice, step int64, now time.Time) (bool, error) {
	for _, s2 := range []int64{step - 1, step} {
		switch _, err := s.facts.Get(ctx, usedFact(d, s2), now); {
		case err == nil:
			return false, nil
		case !errors.Is(err, journal.ErrNotFound):
			return false, err
		}
	}
	return true, nil
}

// deactivate takes a device from its user. One that shows codes stays, assigned to
// nobody.
func (h *handlers) deactivate(c *operation.Call, tx *state.Tx, in *iamapi.DeactivateMFADeviceRequest) (*iamapi.DeactivateMFADeviceResponse, error) {
	subject, err := findUser(c, tx, in.UserName)
	if err != nil {
		return nil, err
	}
	d, err := findOwn(c, tx, subject, *in.SerialNumber)
	if err != nil {
		return nil, err
	}
	if err := guarded(c, tx, d.Owner); err != nil {
		return nil, err
	}
	iam.EndConsoleSessions(tx, d.Owner, iam.KeptConsoleSession(c.Caller))
	iam.ReleaseMFADevice(tx, d)
	return &iamapi.DeactivateMFADeviceResponse{}, nil
}

// get describes a security key of a user; other devices have nothing to tell
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetMFADevice.html).
func (h *handlers) get(c *operation.Call, r state.Reader, in *iamapi.GetMFADeviceRequest) (*iamapi.GetMFADeviceResponse, error) {
	subject, err := findSubject(c, r, in.UserName)
	if err != nil {
		return nil, err
	}
	d, err := findOwn(c, r, subject, *in.SerialNumber)
	if err != nil {
		return nil, err
	}
	if d.Kind != iam.MFASecurityKey {
		return nil, notTheUsers()
	}
	return &iamapi.GetMFADeviceResponse{
		UserName: new(nameOf(r, c.Caller.Account(), subject)), SerialNumber: in.SerialNumber,
		EnableDate: new(d.Enabled), Certifications: d.Certifications,
	}, nil
}

// list lists a user's devices of every kind, by serial number.
func (h *handlers) list(c *operation.Call, r state.Reader, in *iamapi.ListMFADevicesRequest) (*iamapi.ListMFADevicesResponse, error) {
	subject, err := findSubject(c, r, in.UserName)
	if err != nil {
		return nil, err
	}
	if err := subject.Missing(); err != nil {
		return nil, err
	}
	account := c.Caller.Account()
	name := nameOf(r, account, subject)
	var all []iamapi.MFADevice
	iam.MFADevicesByOwner.Ascend(r, ownerOf(subject), func(_ string, d *iam.MFADevice) bool {
		all = append(all, iamapi.MFADevice{
			UserName: new(name), SerialNumber: new(iam.MFASerial(account, d)), EnableDate: new(d.Enabled),
		})
		return true
	})
	out := &iamapi.ListMFADevicesResponse{MFADevices: []iamapi.MFADevice{}}
	page, truncated, next, err := iam.PageOf(in.Marker, in.MaxItems, all, func(d iamapi.MFADevice) string { return *d.SerialNumber })
	if err != nil {
		return nil, err
	}
	out.MFADevices = append(out.MFADevices, page...)
	out.IsTruncated, out.Marker = truncated, next
	return out, nil
}

// nameOf is how replies name a device's owner, which they must: root goes by the
// account's alias or id.
func nameOf(r state.Reader, account string, subject iam.Subject) string {
	if !subject.Root {
		return subject.User.Name
	}
	if name := iam.DescribedRoot(r, account).UserName; name != nil {
		return *name
	}
	return account
}
