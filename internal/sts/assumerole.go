package sts

import (
	"maps"

	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
	"sallyport/policy/condition"
)

// authorizeAssumeRole asks for sts:AssumeRole on the role, and whatever else its
// session needs; sts:SetContext when it carries what others say of it.
func (s *Service) authorizeAssumeRole(c *operation.Call, r state.Reader, in *stsapi.AssumeRoleRequest) ([]operation.Check, error) {
	if _, err := roleARN(*in.RoleArn); err != nil {
		return nil, err
	}
	if c.Caller.Principal.Kind == policy.Root {
		return nil, api.AccessDenied(c.Op.Service, "Roles may not be assumed by root accounts.")
	}
	asked, err := newAssumption(c.Caller, in)
	if err != nil {
		return nil, err
	}
	providers, err := contextProviders(in)
	if err != nil {
		return nil, err
	}
	// The code is looked at when nothing but permissions can still refuse the call,
	// so that a mistake elsewhere doesn't cost one.
	device, err := s.MFA.Prove(c, r, in.SerialNumber, in.TokenCode)
	if err != nil {
		return nil, err
	}
	keys := condition.Map{}
	if device != "" {
		// Of this call alone: the role's session doesn't carry it
		// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html).
		keys["aws:multifactorauthpresent"] = condition.One("true")
		keys["aws:multifactorauthage"] = condition.One("0")
	}
	if in.ExternalId != nil {
		keys["sts:externalid"] = condition.One(*in.ExternalId)
	}
	checks := s.checks(c, asked, "sts:AssumeRole", keys)
	if len(providers) > 0 {
		context := checks[0]
		context.Action, context.Keys = "sts:SetContext", maps.Clone(context.Keys)
		context.Keys["sts:requestcontextproviders"] = condition.Many(providers...)
		checks = append(checks, context)
	}
	return checks, nil
}

// assumeRole issues the credentials of a role session
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).
func (s *Service) assumeRole(c *operation.Call, _ state.Reader, in *stsapi.AssumeRoleRequest) (*stsapi.AssumeRoleResponse, error) {
	asked, err := newAssumption(c.Caller, in)
	if err != nil {
		return nil, err
	}
	if len(in.ProvidedContexts) > 0 {
		return nil, errContext
	}
	return s.assume(c, asked)
}
