package mfa

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/go-json-experiment/json"

	"sallyport/internal/api"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/seal"
	"sallyport/internal/state"
	"sallyport/policy/condition"
)

const (
	// registrationLife is how long a registration that was begun can be finished.
	registrationLife    = 5 * time.Minute
	registrationPurpose = "mfa.registration"
	challengeBytes      = 32
	maxRegistration     = 2048 // bytes of text, as the model has it
)

// keyRegister says which half of a registration is asked for
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_RegisterSecurityKey).
const keyRegister = "iam:registersecuritykey"

// A registration is one that was begun, as it travels through the client. Beside
// what it was begun for it names who began it: nobody else finishes it.
type registration struct {
	Account   string    `json:"account"`
	Owner     string    `json:"owner"`
	Caller    string    `json:"caller"`
	Challenge string    `json:"challenge"`
	Until     time.Time `json:"until"`
}

// usedRegistration is the noting that a registration was used.
type usedRegistration string

// Registering is asked as AWS's console asks it: iam:EnableMFADevice on the user,
// first to make the device known, then to activate it. The keys that say how an
// authenticator is certified (iam:FIDO-certification and those of FIPS) are absent:
// who demands one of them refuses.

func checkBegin(c *operation.Call, r state.Reader, in *sallyportapi.BeginPasskeyRegistrationRequest) ([]operation.Check, error) {
	return onRegistration(c, r, in.UserName, "Create")
}

func checkFinish(c *operation.Call, r state.Reader, in *sallyportapi.FinishPasskeyRegistrationRequest) ([]operation.Check, error) {
	return onRegistration(c, r, in.UserName, "Activate")
}

func onRegistration(c *operation.Call, r state.Reader, name *string, half string) ([]operation.Check, error) {
	checks, err := onSubject(c, r, "iam:EnableMFADevice", name)
	if err != nil {
		return nil, api.ValidationError(c.Op.Service, "Must specify UserName when calling with credentials that are no user's.")
	}
	for i := range checks {
		checks[i].Keys = condition.Map{keyRegister: condition.One(half)}
	}
	return checks, nil
}

// registrant is whom a passkey is to be registered for, when they may have
// another.
func (h *handlers) registrant(c *operation.Call, r state.Reader, name *string) (iam.Subject, error) {
	if h.noPasskeys != nil {
		return iam.Subject{}, sallyportapi.PasskeysUnavailableException("%s", h.noPasskeys)
	}
	subject, err := findSubject(c, r, name)
	if err != nil {
		return subject, err
	}
	if subject.Missing() != nil {
		return subject, sallyportapi.NoSuchEntityException("The user with name %s cannot be found.", subject.Name)
	}
	owner := ownerOf(subject)
	if err := guarded(c, r, owner); err != nil {
		return subject, err
	}
	if most := h.env.Limits[iam.MFADevicesPerUser]; iam.MFADevicesByOwner.Count(r, owner) >= most {
		return subject, sallyportapi.LimitExceededException("Cannot exceed quota for %s: %d", iam.MFADevicesPerUser, most)
	}
	return subject, nil
}

func (h *handlers) begin(c *operation.Call, r state.Reader, in *sallyportapi.BeginPasskeyRegistrationRequest) (*sallyportapi.BeginPasskeyRegistrationResponse, error) {
	subject, err := h.registrant(c, r, in.UserName)
	if err != nil {
		return nil, err
	}
	account, owner := c.Caller.Account(), ownerOf(subject)
	begun := registration{
		Account: account, Owner: owner, Caller: c.Caller.Principal.ARN,
		Challenge: h.env.Ident.Token(challengeBytes), Until: iam.Moment(c.Now.Add(registrationLife)),
	}
	options, err := h.passkeys.CreationOptions(passkeyUser(r, account, owner), begun.Challenge)
	if err != nil {
		return nil, api.InternalFailure(err)
	}
	plain, err := json.Marshal(begun)
	if err != nil {
		return nil, api.InternalFailure(err)
	}
	sealed, err := seal.Text(h.sealer, registrationPurpose, nil, plain)
	if err != nil {
		return nil, api.InternalFailure(err)
	}
	return &sallyportapi.BeginPasskeyRegistrationResponse{
		Registration: new(sealed), CreationOptions: new(string(options)), ExpiresTimestamp: new(begun.Until),
	}, nil
}

func (h *handlers) finish(c *operation.Call, tx *state.Tx, in *sallyportapi.FinishPasskeyRegistrationRequest) (*sallyportapi.FinishPasskeyRegistrationResponse, error) {
	subject, err := h.registrant(c, tx, in.UserName)
	if err != nil {
		return nil, err
	}
	account, owner := c.Caller.Account(), ownerOf(subject)
	begun, ok := h.opened(*in.Registration)
	if !ok || begun.Account != account || begun.Owner != owner || begun.Caller != c.Caller.Principal.ARN || !tx.Now().Before(begun.Until) {
		return nil, sallyportapi.InvalidPasskeyException("The registration is not this user's, or has expired. Begin again.")
	}
	first, err := operation.Outside(c, usedRegistration(begun.Challenge), func() (bool, error) {
		return h.facts.Once(c.Context, "mfa/registration/"+begun.Challenge, begun.Until.Add(time.Minute))
	})
	if err != nil {
		return nil, err
	}
	if !first {
		return nil, sallyportapi.InvalidPasskeyException("The registration was used already. Begin again.")
	}
	key, err := h.passkeys.Register(passkeyUser(tx, account, owner), begun.Challenge, []byte(*in.Credential))
	if err != nil {
		return nil, notAnswered(err)
	}
	if _, _, taken := iam.MFADevicesByPasskey.First(tx, iam.PasskeyKey(key.ID)); taken {
		return nil, sallyportapi.EntityAlreadyExistsException("The passkey is registered already.")
	}
	d := &iam.MFADevice{
		ID: h.env.Ident.MFADeviceID(), Kind: iam.MFASecurityKey, Path: pathOf(subject), Name: *in.DeviceName + "-" + h.env.Ident.SecurityKeyID(),
		Created: iam.Moment(tx.Now()), Owner: owner, Enabled: iam.Moment(tx.Now()), Passkey: key,
	}
	iam.MFADevices.Put(tx, d.ID, d)
	return &sallyportapi.FinishPasskeyRegistrationResponse{
		SerialNumber: new(iam.MFASerial(account, d)), EnableTimestamp: new(d.Enabled),
	}, nil
}

// opened is the registration that a text holds, which is hostile.
func (h *handlers) opened(text string) (begun registration, ok bool) {
	plain, ok := seal.OpenText(h.sealer, registrationPurpose, nil, text, maxRegistration)
	if !ok {
		return begun, false
	}
	return begun, json.Unmarshal(plain, &begun, json.RejectUnknownMembers(true)) == nil
}

// notAnswered words an answer that is none to what was asked. The cause is
// logged: it may name the challenge.
func notAnswered(err error) error {
	if !errors.Is(err, credential.ErrPasskey) {
		return api.InternalFailure(err)
	}
	return sallyportapi.InvalidPasskeyException("The browser's answer does not register a passkey for this server.").WithCause(err)
}

// pathOf is the path of the serial numbers of a subject's security keys: they go by
// the name that the user has when they are registered
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetMFADevice.html).
func pathOf(subject iam.Subject) string {
	if subject.Root {
		return "/root/"
	}
	return "/user/" + subject.User.Name + "/"
}

// passkeyUser is an owner as authenticators know it. The handle is the same for all
// of an owner's passkeys, and says nothing about whose they are.
func passkeyUser(r state.Reader, account, owner string) credential.PasskeyUser {
	handle := sha256.Sum256([]byte("passkey\x00" + account + "\x00" + owner))
	shown := account
	if a, ok := iam.Accounts.Get(r, iam.AccountKey); ok && a.Alias != "" {
		shown = a.Alias
	}
	u := credential.PasskeyUser{Handle: handle[:], Name: "root user @ " + shown}
	if user, ok := iam.Users.Get(r, owner); ok {
		u.Name = user.Name + " @ " + shown
	}
	for _, d := range passkeysOf(r, owner) {
		u.Passkeys = append(u.Passkeys, *d.Passkey)
	}
	return u
}

// passkeysOf are the security keys of an owner.
func passkeysOf(r state.Reader, owner string) (devices []*iam.MFADevice) {
	iam.MFADevicesByOwner.Ascend(r, owner, func(_ string, d *iam.MFADevice) bool {
		if d.Passkey != nil {
			devices = append(devices, d)
		}
		return true
	})
	return devices
}

// PasskeyOptions are what a browser is asked for a passkey of an owner with, for
// navigator.credentials.get; nil when the owner has none that could be used. r is of
// the owner's account.
func (s *Service) PasskeyOptions(r state.Reader, owner, challenge string) ([]byte, error) {
	account, ok := state.AccountOf(r.Stream())
	if !ok || s.passkeys == nil || len(passkeysOf(r, owner)) == 0 {
		return nil, nil
	}
	return s.passkeys.RequestOptions(passkeyUser(r, account, owner), challenge)
}

// ProvePasskey decides whether a browser's answer to PasskeyOptions proves a
// passkey of the owner, and uses the challenge up, whatever it decides. until is
// when the challenge is too old. It returns the device's id and the counter, which
// the session that is made has to note (iam.CountPasskey); a failure that is the
// answer's is credential.ErrPasskey or credential.ErrSignCount.
func (s *Service) ProvePasskey(ctx context.Context, r state.Reader, owner, challenge string, answer []byte, until time.Time) (device string, count uint32, err error) {
	account, ok := state.AccountOf(r.Stream())
	if !ok || s.passkeys == nil || challenge == "" {
		return "", 0, credential.ErrPasskey
	}
	first, err := s.facts.Once(ctx, "mfa/passkey/"+challenge, until.Add(time.Minute))
	if err != nil {
		return "", 0, err
	}
	if !first {
		return "", 0, credential.ErrPasskey
	}
	id, count, err := s.passkeys.Prove(passkeyUser(r, account, owner), challenge, answer)
	if err != nil {
		return "", 0, err
	}
	_, d, ok := iam.MFADevicesByPasskey.First(r, iam.PasskeyKey(id))
	if !ok || d.Owner != owner {
		return "", 0, credential.ErrPasskey
	}
	if err := credential.CheckSignCount(iam.LastPasskeyCount(r, d), count); err != nil {
		return d.ID, count, err
	}
	return d.ID, count, nil
}
