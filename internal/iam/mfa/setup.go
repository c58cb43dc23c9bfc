package mfa

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/go-json-experiment/json"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/journal"
	"sallyport/internal/seal"
	"sallyport/internal/state"
)

// An authenticator app is set up by CreateVirtualMFADevice, which gives it its seed,
// and EnableMFADevice with two of its codes. In between somebody is at their phone,
// and may never come back.

const (
	setUpPurpose = "mfa.setup"
	// SetUpLife is how long a device that was made is remembered.
	SetUpLife = 24 * time.Hour
	maxSetUp  = 32 << 10
)

// A SetUp is a virtual MFA device that was made for an app and is not enabled yet.
// It is remembered, sealed, as the page has to show it again after wrong codes, and
// the API tells a seed once.
type SetUp struct {
	Device string `json:"device"` // its unique id
	Serial string `json:"serial"`
	Name   string `json:"name"`
	Seed   string `json:"seed"`
	QRCode []byte `json:"qrCode"` // PNG
	// Browser is a secret of the browser that began. Another that is signed in as the
	// same person may be a thief's, who would know the seed ever after.
	Browser string `json:"browser"`
}

// BegunBy reports whether a browser began.
func (u *SetUp) BegunBy(browser string) bool {
	return subtle.ConstantTimeCompare([]byte(browser), []byte(u.Browser)) == 1
}

func setUpFact(r state.Reader, owner string) string {
	return "mfa/setup/" + string(r.Stream()) + "/" + owner
}

// RememberSetUp keeps a device that an owner has just made, in place of another. r is
// of the owner's account.
func (s *Service) RememberSetUp(ctx context.Context, r state.Reader, owner, name, browser string, made *iamapi.VirtualMFADevice, now time.Time) error {
	account, _ := state.AccountOf(r.Stream())
	u := SetUp{Serial: *made.SerialNumber, Name: name, Seed: string(made.Base32StringSeed), QRCode: made.QRCodePNG, Browser: browser}
	if d, ok := iam.FindMFADevice(r, account, u.Serial); ok {
		u.Device = d.ID
	}
	plain, err := json.Marshal(u)
	if err != nil {
		return err
	}
	sealed, err := seal.Text(s.sealer, setUpPurpose, []byte(setUpFact(r, owner)), plain)
	if err != nil {
		return err
	}
	return s.facts.Put(ctx, setUpFact(r, owner), []byte(sealed), now.Add(SetUpLife))
}

// SetUpOf is what an owner is setting up; nil when it is nothing, or was enabled or
// deleted since.
func (s *Service) SetUpOf(ctx context.Context, r state.Reader, owner string, now time.Time) (*SetUp, error) {
	sealed, err := s.facts.Get(ctx, setUpFact(r, owner), now)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	u := new(SetUp)
	plain, ok := seal.OpenText(s.sealer, setUpPurpose, []byte(setUpFact(r, owner)), string(sealed), maxSetUp)
	if !ok || json.Unmarshal(plain, u) != nil {
		return nil, nil // sealed by another key
	}
	if d, ok := iam.MFADevices.Get(r, u.Device); !ok || d.Owner != "" {
		return nil, nil
	}
	return u, nil
}

// ForgetSetUp ends what an owner is setting up.
func (s *Service) ForgetSetUp(ctx context.Context, r state.Reader, owner string) error {
	return s.facts.DeleteFact(ctx, setUpFact(r, owner))
}
