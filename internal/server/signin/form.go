package signin

import (
	"net/http"
	"time"

	"sallyport/internal/session"
)

const (
	// formLife is how long a page's form can be sent.
	formLife    = time.Hour
	formPurpose = "console.form"
	maxToken    = 1024
)

// formClaim is what a form's token says. What it is bound to is its context: the
// cookie of who is signing in, or the session.
type formClaim struct {
	Until time.Time `json:"until"`
}

// token is a token for the forms of a page.
func (x *exchange) token(boundTo string) (string, error) {
	return x.Sessions.Seal(formPurpose, boundTo, formClaim{x.now.Add(formLife)})
}

// checkToken refuses a form that was not made for this browser or session: the
// second defence against requests of other sites, and against being signed in by
// one as somebody else
// (https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html).
func (x *exchange) checkToken(boundTo string) error {
	var claim formClaim
	if !x.Sessions.Cookies.Open(formPurpose, boundTo, x.form.Get("token"), maxToken, &claim) || !x.now.Before(claim.Until) {
		return errForm
	}
	return nil
}

// The steps of signing in.
const (
	stepStart    = ""
	stepMFA      = "mfa"
	stepPassword = "password"
	stepRole     = "role" // an identity provider has proved who it is
)

const (
	challengeCookie  = "signin"
	challengePurpose = "console.challenge"
	// challengeLife is how long what was proved counts.
	challengeLife = 5 * time.Minute
	maxChallenge  = 4096
)

// A challenge is what somebody who is signing in has proved so far. The nonce
// binds the forms of their pages to it, and changes with each step.
type challenge struct {
	Nonce string    `json:"nonce"`
	Step  string    `json:"step,omitempty"`
	Until time.Time `json:"until"`
	Next  string    `json:"next,omitempty"`
	// Account and Owner (a user's unique id or iam.RootLogin) have proved the
	// password whose hash has the hash Proof.
	Account string `json:"account,omitempty"`
	Owner   string `json:"owner,omitempty"`
	Proof   string `json:"proof,omitempty"`
	// MFAAt is when they proved the second factor MFADevice.
	MFAAt     time.Time `json:"mfaAt,omitzero"`
	MFADevice string    `json:"mfaDevice,omitempty"`
	// Response is the id of the SAML response that was verified.
	Response string `json:"response,omitempty"`
	// Passkey is the challenge that a passkey answers at the step MFA; Count is the
	// counter of the one that was proved, to be noted with the session.
	Passkey string  `json:"passkey,omitempty"`
	Count   *uint32 `json:"count,omitempty"`
}

// challenge is the one that a request comes with, at a step; nil without one.
func (x *exchange) challenge(step string) *challenge {
	c := new(challenge)
	if !x.Sessions.Cookies.Open(challengePurpose, "", x.Sessions.Value(x.http, challengeCookie), maxChallenge, c) ||
		c.Step != step || !x.now.Before(c.Until) {
		return nil
	}
	return c
}

// keep gives the browser a challenge under a new nonce.
func (x *exchange) keep(c *challenge, life time.Duration) error {
	c.Nonce, c.Until = x.Ident.Token(16), x.now.Add(life)
	value, err := x.Sessions.Seal(challengePurpose, "", c)
	if err != nil {
		return err
	}
	http.SetCookie(x.w, x.Sessions.Named(challengeCookie, value, 0))
	return nil
}

// forget takes the challenge back.
func (x *exchange) forget() { http.SetCookie(x.w, x.Sessions.Named(challengeCookie, "", 0)) }

// start is a challenge to begin with: the browser's, or a new one. Several pages
// that are open at once share it.
func (x *exchange) start() (*challenge, error) {
	if c := x.challenge(stepStart); c != nil && c.Until.Sub(x.now) > formLife {
		return c, nil
	}
	c := new(challenge)
	return c, x.keep(c, 2*formLife)
}

// signedIn is the session of a request, with its cookie renewed if it is due.
func (x *exchange) signedIn() (*session.Session, error) {
	s, err := x.Sessions.Open(x.http, x.now)
	if err != nil {
		return nil, err
	}
	cookie, err := x.Sessions.Renewed(s, x.now)
	if err != nil {
		return nil, err
	}
	if cookie != nil {
		http.SetCookie(x.w, cookie)
	}
	return s, nil
}

// ownForm is the session of a form that was made for it, or that the console's
// script sent, as it sends calls.
func (x *exchange) ownForm() (*session.Session, error) {
	s, err := x.signedIn()
	if err != nil {
		return nil, errForm
	}
	if x.http.Header.Get(session.Header) != "" {
		return s, nil
	}
	return s, x.checkToken(s.Key)
}
