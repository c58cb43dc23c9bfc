package sts

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"sallyport/arn"
	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/federation/saml"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
)

// maxSAMLMetadata bounds how many different metadata documents one response is
// verified against. Accounts that share an identity provider mostly share its
// document as well; then it is one, for any number of them.
const maxSAMLMetadata = 20

// A SAMLPosted is a response that a browser posted to sign somebody in.
type SAMLPosted struct {
	Response string    `json:"response"`           // in base64, as it came
	Provider string    `json:"provider,omitempty"` // the id in the URL it was posted to; "" for none
	Arrived  time.Time `json:"arrived"`            // its times are judged by this
}

// A SAMLOffer is what a response that was posted gives: the roles of all accounts
// whose providers vouch for it.
type SAMLOffer struct {
	Roles []SAMLRole // in order of account and name; never empty
	// Once names the assertion among all, until it expires at Until; STS's own
	// operation uses the same name.
	Once  string
	Until time.Time
}

// A SAMLRole is a role that may be asked for, by whom. What the role's trust policy
// says of it was not asked.
type SAMLRole struct {
	Account, Role, Provider string // the account's id; the ARNs
	Caller                  *operation.Caller
	Request                 *stsapi.AssumeRoleWithSAMLRequest
}

// A SAMLRefusal is why a response gives nobody anything. Account and Provider, an
// ARN, are those that refused it first; empty if no provider was asked.
type SAMLRefusal struct {
	Account, Provider string
	Status            int
	Message           string // safe to send and to record
	cause             error
}

// Error implements error, for logs.
func (r *SAMLRefusal) Error() string { return r.Message }

// Unwrap returns what is for the log alone.
func (r *SAMLRefusal) Unwrap() error { return r.cause }

// OfferSAML verifies a response that was posted, and returns what it offers. The
// roles and providers that the response names tell whom to ask; each of its roles
// is offered if the provider beside it, of the role's own account, has verified the
// very assertion that says so. A response that answers a request is another's: none
// is ever made. Errors that are not a *SAMLRefusal are the server's own.
func (s *Service) OfferSAML(ctx context.Context, posted SAMLPosted) (*SAMLOffer, error) {
	named, err := s.namedProviders(posted)
	if err != nil {
		return nil, asRefusal(err, namedProvider{})
	}
	offer, first, checked := new(SAMLOffer), error(nil), make(map[string]samlChecked)
	for _, p := range named {
		err := s.offerOf(ctx, p, posted, checked, offer)
		if refusal, ok := errors.AsType[*SAMLRefusal](err); err != nil && !ok {
			return nil, err
		} else if ok && first == nil {
			first = refusal
		}
	}
	if len(offer.Roles) == 0 {
		return nil, cmp.Or(first, asRefusal(errNoSAMLProvider, namedProvider{}))
	}
	slices.SortFunc(offer.Roles, func(a, b SAMLRole) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Provider, b.Provider))
	})
	return offer, nil
}

// A namedProvider is one that a response names, as it is in its account.
type namedProvider struct {
	*iam.SAMLProvider
	account, arn string
}

// samlChecked is what became of a response by one metadata document.
type samlChecked struct {
	assertion *saml.Assertion
	err       error
}

// offerOf adds what a response gives by one provider to the offer.
func (s *Service) offerOf(ctx context.Context, p namedProvider, posted SAMLPosted, checked map[string]samlChecked, offer *SAMLOffer) error {
	// Without keys of its own, a provider's answer is its document's.
	same := p.Metadata + "\x00" + p.EncryptionMode
	if posted.Provider != "" {
		same = p.ID
	}
	c, ok := checked[same]
	if !ok && len(checked) == maxSAMLMetadata {
		return asRefusal(stsapi.InvalidIdentityTokenException("The response names too many identity providers."), p)
	}
	if !ok {
		c.assertion, c.err = s.verifySAML(ctx, posted.Arrived, p.account, p.SAMLProvider, posted.Response,
			saml.Rules{Recipients: s.samlURLs(posted.Provider), Unsolicited: true})
		checked[same] = c
	}
	if c.err != nil {
		return asRefusal(c.err, p)
	}
	vouched, err := readSAML(p.account, p.SAMLProvider, c.assertion)
	if err != nil {
		return asRefusal(err, p)
	}
	return asRefusal(offer.add(vouched, posted.Response), p)
}

// add offers the roles of a provider's own account.
func (o *SAMLOffer) add(v *samlVouched, response string) error {
	added := false
	for _, pair := range v.claims.Roles {
		role, err := roleARN(pair.Role)
		if err != nil || role.Account != v.account || pair.Provider != v.provider {
			continue
		}
		offered := SAMLRole{
			Account: v.account, Role: pair.Role, Provider: pair.Provider, Caller: v.caller(),
			Request: &stsapi.AssumeRoleWithSAMLRequest{RoleArn: &pair.Role, PrincipalArn: &pair.Provider, SAMLAssertion: &response},
		}
		if d := v.claims.SessionDuration; d > 0 {
			offered.Request.DurationSeconds = new(int64(d / time.Second))
		}
		if err := possibleSAML(offered.Caller, offered.Request); err != nil {
			return err
		}
		added = true
		if !slices.ContainsFunc(o.Roles, func(r SAMLRole) bool { return r.Role == pair.Role && r.Provider == pair.Provider }) {
			o.Roles = append(o.Roles, offered)
		}
	}
	if !added {
		return v.claims.CheckRole("", "") // it has no role by this provider
	}
	o.Once, o.Until = v.once(), v.assertion.Expires
	return nil
}

// namedProviders are the providers that a response is verified by: that of the URL
// it was posted to, or else those that it names itself.
func (s *Service) namedProviders(posted SAMLPosted) ([]namedProvider, error) {
	if posted.Provider != "" {
		return s.providerWithID(posted.Provider)
	}
	claimed, err := saml.Claimed([]byte(posted.Response))
	if err != nil {
		return nil, err
	}
	var named []namedProvider
	for _, pair := range claimed {
		a, err := arn.Parse(pair.Provider)
		if err != nil || slices.ContainsFunc(named, func(p namedProvider) bool { return p.arn == pair.Provider }) {
			continue
		}
		view, ok := s.Accounts(a.Account)
		if !ok {
			continue
		}
		if p, err := iam.FindSAMLProvider(view, pair.Provider); err == nil && iam.SAMLProviderARN(a.Account, p) == pair.Provider {
			named = append(named, namedProvider{p, a.Account, pair.Provider})
		}
	}
	return named, nil
}

// providerWithID looks in every account for a provider, which is in one at most.
func (s *Service) providerWithID(id string) (found []namedProvider, err error) {
	directory, ok := s.Directory()
	if !ok {
		return nil, errors.New("the directory is not loaded")
	}
	iam.DirectoryAccounts.Ascend(directory, "", func(account string, _ *iam.DirectoryAccount) bool {
		if view, ok := s.Accounts(account); ok {
			if p, ok := iam.SAMLProviders.Get(view, id); ok {
				found = append(found, namedProvider{p, account, iam.SAMLProviderARN(account, p)})
			}
		}
		return len(found) == 0
	})
	return found, nil
}

// asRefusal turns the errors that a response is refused with into a *SAMLRefusal.
func asRefusal(err error, by namedProvider) error {
	if refused, ok := errors.AsType[*saml.Error](err); ok {
		return &SAMLRefusal{Account: by.account, Provider: by.arn, Status: refused.Status, Message: refused.Message, cause: refused.Cause}
	}
	if spoken, ok := errors.AsType[*api.Error](err); ok && spoken.Status < http.StatusInternalServerError {
		return &SAMLRefusal{Account: by.account, Provider: by.arn, Status: spoken.Status, Message: spoken.Message, cause: spoken.Cause}
	}
	return err
}
