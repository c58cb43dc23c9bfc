package credentials

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// services are those that service-specific credentials can be for, each with
// how its API keys begin; empty for a service that takes a user name and a
// password
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html).
var services = map[string]string{
	"codecommit.amazonaws.com": "",
	"cassandra.amazonaws.com":  "",
	"bedrock.amazonaws.com":    "ABSK",
	"logs.amazonaws.com":       "ACWL",
}

// supported returns AWS's NoSuchEntity for a service without credentials of its
// own (rows iam-184 and iam-185).
func supported(service string) error {
	if _, ok := services[service]; ok {
		return nil
	}
	return iamapi.NoSuchEntityException("No such service %s is supported for Service Specific Credentials", service)
}

// findService returns a credential of a user that exists. Another's is as
// missing as one that does not exist (rows iam-188 and iam-189).
func findService(c *operation.Call, r state.Reader, name *string, id string) (*iam.User, *iam.ServiceCredential, error) {
	subject, err := findUser(c, r, name)
	if err != nil {
		return nil, nil, err
	}
	if err := subject.Missing(); err != nil {
		return nil, nil, err
	}
	s, ok := iam.ServiceCredentials.Get(r, iam.CredentialKey(subject.User.ID, id))
	if !ok {
		return nil, nil, iamapi.NoSuchEntityException("No such credential %s exists", id)
	}
	return subject.User, s, nil
}

func (h *handlers) createService(c *operation.Call, tx *state.Tx, in *iamapi.CreateServiceSpecificCredentialRequest) (*iamapi.CreateServiceSpecificCredentialResponse, error) {
	u, err := iam.FindUser(tx, *in.UserName)
	if err != nil {
		return nil, err
	}
	service := *in.ServiceName
	if err := supported(service); err != nil {
		return nil, err
	}
	if in.CredentialAgeDays != nil && services[service] == "" {
		return nil, iam.ValidationError("CredentialAgeDays is not valid for service %s.", service)
	}
	if err := h.env.Limits.Check(iam.ServiceCredentialQuota, countServices(tx, u.ID, service)+1); err != nil {
		return nil, err
	}
	now := iam.Moment(tx.Now())
	s := &iam.ServiceCredential{
		ID: h.env.Ident.ServiceCredentialID(), Service: service, Active: true, Created: now,
		UserName: serviceUserName(tx, service, u.Name, c.Caller.Account()),
	}
	if in.CredentialAgeDays != nil {
		s.Expires = new(now.AddDate(0, 0, int(*in.CredentialAgeDays)))
	}
	out, err := h.issue(c, tx, u, s)
	if err != nil {
		return nil, err
	}
	iam.ServiceCredentials.Put(tx, iam.CredentialKey(u.ID, s.ID), s)
	return &iamapi.CreateServiceSpecificCredentialResponse{ServiceSpecificCredential: out}, nil
}

func countServices(r state.Reader, user, service string) (n int) {
	iam.ServiceCredentials.AscendPrefix(r, iam.CredentialKey(user, ""), func(_ string, s *iam.ServiceCredential) bool {
		if s.Service == service {
			n++
		}
		return true
	})
	return n
}

// serviceUserName is the first of "alice-at-111122223333",
// "alice+1-at-111122223333" and so on that nobody has with the service. A user
// who was renamed keeps the ones of the old name, so that the next to be called
// so must not get them too.
func serviceUserName(r state.Reader, service, user, account string) string {
	for n := 0; ; n++ {
		name := user
		if n > 0 {
			name += "+" + strconv.Itoa(n)
		}
		name += "-at-" + account
		if _, _, taken := iam.ServiceCredentialsByUserName.First(r, service+"/"+iam.FoldName(name)); !taken {
			return name
		}
	}
}

// issued is what is secret of a credential, which an API key makes of its name.
type issued struct{ user, secret, hash string }

// issue makes a password or API key for a credential, seals its hash and
// returns the credential with it: the only reply that shows it.
func (h *handlers) issue(c *operation.Call, tx *state.Tx, u *iam.User, s *iam.ServiceCredential) (*iamapi.ServiceSpecificCredential, error) {
	prefix := services[s.Service]
	made, err := operation.Outside(c, issued{user: s.UserName}, func() (made issued, err error) {
		made.secret = h.env.Ident.ServicePassword()
		if prefix != "" {
			made.secret = prefix + base64.StdEncoding.EncodeToString([]byte(s.UserName+":"+made.secret))
		}
		made.hash, err = credential.HashPassword(made.secret)
		return made, err
	})
	if err != nil {
		return nil, err
	}
	tx.PutSecret(iam.ServiceCredentialSecret(s.ID), []byte(made.hash))
	m := describedService(u, s, tx.Now())
	out := &iamapi.ServiceSpecificCredential{
		UserName: m.UserName, Status: m.Status, ServiceName: m.ServiceName, ServiceUserName: m.ServiceUserName,
		ServiceCredentialAlias: m.ServiceCredentialAlias, ServiceSpecificCredentialId: m.ServiceSpecificCredentialId,
		CreateDate: m.CreateDate, ExpirationDate: m.ExpirationDate,
	}
	if prefix != "" {
		out.ServiceCredentialSecret = new(made.secret)
	} else {
		out.ServicePassword = new(made.secret)
	}
	return out, nil
}

// describedService is a credential without what is secret of it. An API key has
// an alias where others have a user name (row iam-180). Past its time it is
// expired, whatever status it was given.
func describedService(u *iam.User, s *iam.ServiceCredential, now time.Time) iamapi.ServiceSpecificCredentialMetadata {
	out := iamapi.ServiceSpecificCredentialMetadata{
		UserName: new(u.Name), ServiceName: new(s.Service), ServiceSpecificCredentialId: new(s.ID),
		CreateDate: new(s.Created), ExpirationDate: s.Expires,
	}
	switch {
	case s.Expires != nil && !now.Before(*s.Expires):
		out.Status = new(iamapi.StatusTypeExpired)
	case s.Active:
		out.Status = new(iamapi.StatusTypeActive)
	default:
		out.Status = new(iamapi.StatusTypeInactive)
	}
	if services[s.Service] != "" {
		out.ServiceCredentialAlias = new(s.UserName)
	} else {
		out.ServiceUserName = new(s.UserName)
	}
	return out
}

// listService lists the credentials of one user, or with AllUsers of them all,
// in the order of their ids.
func (h *handlers) listService(c *operation.Call, r state.Reader, in *iamapi.ListServiceSpecificCredentialsRequest) (*iamapi.ListServiceSpecificCredentialsResponse, error) {
	prefix := ""
	if in.AllUsers == nil || !*in.AllUsers {
		subject, err := find(c, r, in.UserName)
		if err != nil {
			return nil, err
		}
		prefix = iam.CredentialKey(subject.CredentialOwner(), "")
	}
	if in.ServiceName != nil {
		if err := supported(*in.ServiceName); err != nil {
			return nil, err
		}
	}
	page, err := iam.NewPage(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iamapi.ListServiceSpecificCredentialsResponse{ServiceSpecificCredentials: []iamapi.ServiceSpecificCredentialMetadata{}}
	add := func(key string, s *iam.ServiceCredential) bool {
		u, ok := iam.Users.Get(r, iam.CredentialOwner(key))
		return !ok || page.Add(key, func() {
			out.ServiceSpecificCredentials = append(out.ServiceSpecificCredentials, describedService(u, s, c.Now))
		})
	}
	from := max(page.From, prefix)
	switch {
	case in.ServiceName == nil:
		iam.ServiceCredentials.Ascend(r, from, func(key string, s *iam.ServiceCredential) bool {
			return strings.HasPrefix(key, prefix) && add(key, s)
		})
	default:
		under := *in.ServiceName + "/"
		iam.ServiceCredentialsByService.AscendAll(r, under+from, func(of, key string, s *iam.ServiceCredential) bool {
			return strings.HasPrefix(of, under+prefix) && add(key, s)
		})
	}
	out.IsTruncated, out.Marker = page.Result()
	if !api.Value(in.AllUsers) && !*out.IsTruncated {
		out.IsTruncated = nil // the list of one user was not paged once, and does not say so (row wire-002)
	}
	return out, nil
}

func (h *handlers) updateService(c *operation.Call, tx *state.Tx, in *iamapi.UpdateServiceSpecificCredentialRequest) (*iamapi.UpdateServiceSpecificCredentialResponse, error) {
	u, s, err := findService(c, tx, in.UserName, *in.ServiceSpecificCredentialId)
	if err != nil {
		return nil, err
	}
	changed := *s
	switch *in.Status {
	case iamapi.StatusTypeActive:
		changed.Active = true
	case iamapi.StatusTypeInactive:
		changed.Active = false
	default:
		// The model's third status, Expired, is not one to set (row wire-013).
		return nil, iam.ValidationError("1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set")
	}
	iam.ServiceCredentials.Put(tx, iam.CredentialKey(u.ID, s.ID), &changed)
	return &iamapi.UpdateServiceSpecificCredentialResponse{}, nil
}

// resetService replaces what is secret of a credential. The old one holds no
// more; when it expires is left as it is.
func (h *handlers) resetService(c *operation.Call, tx *state.Tx, in *iamapi.ResetServiceSpecificCredentialRequest) (*iamapi.ResetServiceSpecificCredentialResponse, error) {
	u, s, err := findService(c, tx, in.UserName, *in.ServiceSpecificCredentialId)
	if err != nil {
		return nil, err
	}
	out, err := h.issue(c, tx, u, s)
	if err != nil {
		return nil, err
	}
	changed := *s
	changed.Reset = iam.Moment(tx.Now())
	iam.ServiceCredentials.Put(tx, iam.CredentialKey(u.ID, s.ID), &changed)
	return &iamapi.ResetServiceSpecificCredentialResponse{ServiceSpecificCredential: out}, nil
}

func (h *handlers) deleteService(c *operation.Call, tx *state.Tx, in *iamapi.DeleteServiceSpecificCredentialRequest) (*iamapi.DeleteServiceSpecificCredentialResponse, error) {
	u, s, err := findService(c, tx, in.UserName, *in.ServiceSpecificCredentialId)
	if err != nil {
		return nil, err
	}
	iam.ServiceCredentials.Delete(tx, iam.CredentialKey(u.ID, s.ID))
	tx.DeleteSecret(iam.ServiceCredentialSecret(s.ID))
	return &iamapi.DeleteServiceSpecificCredentialResponse{}, nil
}
