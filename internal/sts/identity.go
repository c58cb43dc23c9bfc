package sts

import (
	"sallyport/internal/api/stsapi"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// getCallerIdentity tells the caller who it is
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
func (s *Service) getCallerIdentity(c *operation.Call, _ state.Reader, _ *stsapi.GetCallerIdentityRequest) (*stsapi.GetCallerIdentityResponse, error) {
	p := &c.Caller.Principal
	return &stsapi.GetCallerIdentityResponse{UserId: &p.ID, Account: &p.Account, Arn: &p.ARN}, nil
}
