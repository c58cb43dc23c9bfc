package sts

import (
	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/iam"
	"sallyport/internal/ident"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// getCallerIdentity tells the caller who it is
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
func (s *Service) getCallerIdentity(c *operation.Call, _ state.Reader, _ *stsapi.GetCallerIdentityRequest) (*stsapi.GetCallerIdentityResponse, error) {
	p := &c.Caller.Principal
	return &stsapi.GetCallerIdentityResponse{UserId: &p.ID, Account: &p.Account, Arn: &p.ARN}, nil
}

// authorizeKeyInfo asks for sts:GetAccessKeyInfo, which has no resource
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html).
func authorizeKeyInfo(*operation.Call, state.Reader, *stsapi.GetAccessKeyInfoRequest) ([]operation.Check, error) {
	return []operation.Check{{Action: "sts:GetAccessKeyInfo", Resource: "*", Unnamed: true}}, nil
}

// getAccessKeyInfo tells the account of an access key, whether or not the key
// exists: the directory knows the ids that an operator chose, all others say it
// themselves
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html).
func (s *Service) getAccessKeyInfo(c *operation.Call, _ state.Reader, in *stsapi.GetAccessKeyInfoRequest) (*stsapi.GetAccessKeyInfoResponse, error) {
	id := *in.AccessKeyId
	if directory, ok := s.Directory(); ok {
		if owner, ok := iam.DirectoryKeys.Get(directory, id); ok {
			return &stsapi.GetAccessKeyInfoResponse{Account: new(owner.Account)}, nil
		}
	}
	account, ok := ident.AccessKeyAccount(id)
	if !ok {
		return nil, api.ValidationError(c.Op.Service, "The access key ID is invalid or belongs to no known account.")
	}
	return &stsapi.GetAccessKeyInfoResponse{Account: &account}, nil
}
