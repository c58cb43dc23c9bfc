package sts

import (
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
)

// Durations of GetSessionToken and GetFederationToken: root's sessions are held to
// an hour.
const (
	sessionDefault     = 12 * time.Hour
	rootSessionLongest = time.Hour
)

// userSession is how long a session of the user or root user who asks lasts.
func userSession(c *operation.Call, seconds *int64) time.Duration {
	duration := sessionDefault
	if seconds != nil {
		duration = time.Duration(*seconds) * time.Second
	}
	if c.Caller.Principal.Kind == policy.Root {
		duration = min(duration, rootSessionLongest)
	}
	return duration
}

// getSessionToken issues credentials with the permissions of the user or root
// user who asks
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html).
func (s *Service) getSessionToken(c *operation.Call, r state.Reader, in *stsapi.GetSessionTokenRequest) (*stsapi.GetSessionTokenResponse, error) {
	if c.Caller.Session != nil {
		return nil, api.AccessDenied(c.Op.Service, "Cannot call GetSessionToken with session credentials")
	}
	device, err := s.MFA.Prove(c, r, in.SerialNumber, in.TokenCode)
	if err != nil {
		return nil, err
	}
	token := Token{
		Account: c.Caller.Account(), Kind: c.Caller.Principal.Kind, EntityID: c.Caller.EntityID, MFADevice: device,
	}
	if device != "" {
		token.MFAAt = c.Now
	}
	credentials, err := s.issue(token, c.Now, userSession(c, in.DurationSeconds), in.MinimumSessionTokenSize)
	if err != nil {
		return nil, err
	}
	return &stsapi.GetSessionTokenResponse{
		Credentials: credentials.Credentials, SessionTokenSize: credentials.size, SessionTokenUtilization: credentials.utilization,
	}, nil
}
