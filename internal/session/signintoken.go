package session

import (
	"strconv"
	"time"

	"sallyport/internal/iam"
	"sallyport/internal/sts"
	"sallyport/policy"
)

const (
	// signinTokenLife is how long a sign-in token is good, once.
	signinTokenLife = 15 * time.Minute

	shortestSession = 900
	longestSession  = 43200
	// longestFederated is the longest of a federated user, who has the credentials'
	// time at most.
	longestFederated = 129600
)

// A SigninToken is what a sign-in token of the federation endpoint says
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html).
type SigninToken struct {
	ID      string               `json:"id"`
	Until   time.Time            `json:"until"`
	Session iam.TemporarySession `json:"session"`
	// Seconds is how long the session lasts from its beginning; 0 is until the
	// credentials expire.
	Seconds int64 `json:"seconds,omitempty"`
}

// NewSigninToken is one for the credentials of a role or of a federated user; nil when
// the duration that is asked for can't be had: a role's by SessionDuration, which who
// came by another role can't give, and a federated user's by DurationSeconds.
func NewSigninToken(id string, t *sts.Token, sessionDuration, durationSeconds string, now time.Time) *SigninToken {
	token := &SigninToken{ID: id, Until: now.Add(signinTokenLife), Session: Temporary(t)}
	text, longest := sessionDuration, int64(longestSession)
	if t.Kind == policy.FederatedUser {
		if sessionDuration != "" {
			return nil
		}
		text, longest = durationSeconds, longestFederated
	}
	if text == "" {
		return token
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < shortestSession || n > longest || t.Chained {
		return nil
	}
	token.Seconds = n
	return token
}

// Begun is the session of the token that begins now.
func (t *SigninToken) Begun(now time.Time) iam.TemporarySession {
	made := t.Session
	if t.Seconds > 0 {
		until := now.Add(time.Duration(t.Seconds) * time.Second)
		if !made.FederatedUser || until.Before(made.Expires) {
			made.Expires = until
		}
	}
	return made
}
