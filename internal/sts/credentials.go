package sts

import (
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
)

// issue makes temporary credentials that say what t says, good from now for
// the duration. It fills the token's key, secret and times.
func (s *Service) issue(t Token, now time.Time, duration time.Duration) (*stsapi.Credentials, error) {
	t.AccessKeyID = s.Ident.TemporaryAccessKeyID(t.Account)
	t.Secret = s.Ident.SecretAccessKey()
	t.Issued = now.UTC().Truncate(time.Second)
	t.Expires = t.Issued.Add(duration)
	token, err := s.Tokens.Seal(&t)
	if err != nil {
		return nil, api.InternalFailure(err)
	}
	return &stsapi.Credentials{
		AccessKeyId: &t.AccessKeyID, SecretAccessKey: &t.Secret,
		SessionToken: &token, Expiration: &t.Expires,
	}, nil
}
