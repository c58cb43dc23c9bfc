package sts

import (
	"errors"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
)

// issued is what a call that makes credentials replies of them.
type issued struct {
	*stsapi.Credentials
	// size is the token's, in bytes; utilization that size in percent of the most.
	size, utilization *int64
}

// issue makes temporary credentials that say what t says, good from now for the
// duration, with a session token of at least so many bytes. It fills the token's key,
// secret and times.
func (s *Service) issue(t Token, now time.Time, duration time.Duration, least *int64) (*issued, error) {
	t.AccessKeyID = s.Ident.TemporaryAccessKeyID(t.Account)
	t.Secret = s.Ident.SecretAccessKey()
	t.Issued = now.UTC().Truncate(time.Second)
	t.Expires = t.Issued.Add(duration)
	token, err := s.Tokens.Seal(&t, int(api.Value(least)))
	if errors.Is(err, errTooLong) {
		return nil, stsapi.PackedPolicyTooLargeException("The session token would be longer than %d bytes. Pass shorter session policies and tags.", MaxTokenBytes)
	}
	if err != nil {
		return nil, api.InternalFailure(err)
	}
	size := int64(len(token))
	return &issued{
		Credentials: &stsapi.Credentials{
			AccessKeyId: &t.AccessKeyID, SecretAccessKey: &t.Secret,
			SessionToken: &token, Expiration: &t.Expires,
		},
		size: &size, utilization: new((size*100 + MaxTokenBytes - 1) / MaxTokenBytes),
	}, nil
}
