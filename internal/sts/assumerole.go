package sts

import (
	"maps"
	"net/http"
	"strings"
	"time"

	"sallyport/arn"
	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
	"sallyport/policy/condition"
)

const (
	assumeRoleDefault = time.Hour
	// chainedLongest is the longest session of a role assumed with another
	// role's credentials.
	chainedLongest = time.Hour
)

// authorizeAssumeRole asks for sts:AssumeRole on the role, whose trust policy
// decides, and for sts:TagSession, sts:SetSourceIdentity and sts:SetContext when the
// session carries tags, a source identity or others' context. A role that does not exist is denied like
// one that may not be assumed.
func (s *Service) authorizeAssumeRole(c *operation.Call, r state.Reader, in *stsapi.AssumeRoleRequest) ([]operation.Check, error) {
	target, err := arn.Parse(*in.RoleArn)
	if err != nil || target.Service != "iam" || !strings.HasPrefix(target.Resource, "role/") {
		return nil, api.ValidationError(c.Op.Service, "%s is invalid", *in.RoleArn)
	}
	if c.Caller.Principal.Kind == policy.Root {
		return nil, api.AccessDenied(c.Op.Service, "Roles may not be assumed by root accounts.")
	}
	tags, transitive, err := sessionTags(c.Caller, in)
	if err != nil {
		return nil, err
	}
	source, err := sourceIdentity(c.Caller, in)
	if err != nil {
		return nil, err
	}
	providers, err := contextProviders(in)
	if err != nil {
		return nil, err
	}
	// The code is looked at when nothing but permissions can still refuse the call,
	// so that a mistake elsewhere doesn't cost one.
	device, err := s.mfa.Prove(c, r, in.SerialNumber, in.TokenCode)
	if err != nil {
		return nil, err
	}
	check := operation.Check{
		Action: "sts:AssumeRole", Resource: *in.RoleArn, Account: target.Account, Terse: true,
		Keys:        condition.Map{"sts:rolesessionname": condition.One(*in.RoleSessionName)},
		RequestTags: tags,
	}
	if device != "" {
		// Of this call alone: the role's session doesn't carry it
		// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html).
		check.Keys["aws:multifactorauthpresent"] = condition.One("true")
		check.Keys["aws:multifactorauthage"] = condition.One("0")
	}
	if in.ExternalId != nil {
		check.Keys["sts:externalid"] = condition.One(*in.ExternalId)
	}
	if source != "" {
		check.Keys["sts:sourceidentity"] = condition.One(source)
	}
	if len(transitive) > 0 {
		check.Keys["sts:transitivetagkeys"] = condition.Many(transitive...)
	}
	if role, ok := s.role(target); ok {
		check.ResourceTags = role.Tags
		check.Trust = &operation.ResourcePolicy{Document: role.TrustDocument(), ARN: *in.RoleArn}
	} else {
		check.Refused = true
	}
	checks := []operation.Check{check}
	if len(tags) > 0 {
		check.Action = "sts:TagSession"
		checks = append(checks, check)
	}
	if source != "" {
		check.Action = "sts:SetSourceIdentity"
		checks = append(checks, check)
	}
	if len(providers) > 0 {
		check.Action, check.Keys = "sts:SetContext", maps.Clone(check.Keys)
		check.Keys["sts:requestcontextproviders"] = condition.Many(providers...)
		checks = append(checks, check)
	}
	return checks, nil
}

// role finds the role an ARN names, path included.
func (s *Service) role(target arn.ARN) (*iam.Role, bool) {
	view, ok := s.accounts(target.Account)
	if !ok {
		return nil, false
	}
	name := target.Resource[strings.LastIndexByte(target.Resource, '/')+1:]
	role, err := iam.FindRole(view, name)
	if err != nil || iam.RoleARN(target.Account, role) != target.String() {
		return nil, false
	}
	return role, true
}

// assumeRole issues the credentials of a role session
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html).
func (s *Service) assumeRole(c *operation.Call, _ state.Reader, in *stsapi.AssumeRoleRequest) (*stsapi.AssumeRoleResponse, error) {
	target, err := arn.Parse(*in.RoleArn)
	if err != nil {
		return nil, api.ValidationError(c.Op.Service, "%s is invalid", *in.RoleArn)
	}
	role, ok := s.role(target)
	if !ok {
		return nil, api.ServiceUnavailable(nil).WithHint("the role was deleted while it was being assumed")
	}
	if len(in.ProvidedContexts) > 0 {
		return nil, errContext
	}
	chained := c.Caller.Principal.Kind == policy.RoleSession
	duration, err := sessionDuration(c, in, role, chained)
	if err != nil {
		return nil, err
	}
	policies, arns, err := s.sessionPolicies(target.Account, in.Policy, in.PolicyArns)
	if err != nil {
		return nil, err
	}
	tags, transitive, err := sessionTags(c.Caller, in)
	if err != nil {
		return nil, err
	}
	source, err := sourceIdentity(c.Caller, in)
	if err != nil {
		return nil, err
	}
	token := Token{
		Account: target.Account, Kind: policy.RoleSession, EntityID: role.ID, Name: *in.RoleSessionName,
		Policies: policies, PolicyARNs: arns, Tags: tags, Transitive: transitive, SourceIdentity: source,
		Chained: chained,
	}
	packed, err := packedSize(&token)
	if err != nil {
		return nil, err
	}
	credentials, err := s.issue(token, c.Now, duration)
	if err != nil {
		return nil, err
	}
	session := iam.RoleCaller(target.Account, role, token.Name).Principal
	out := &stsapi.AssumeRoleResponse{
		Credentials:      credentials,
		AssumedRoleUser:  &stsapi.AssumedRoleUser{AssumedRoleId: &session.ID, Arn: &session.ARN},
		PackedPolicySize: packed,
	}
	if source != "" {
		out.SourceIdentity = &source
	}
	return out, nil
}

func sessionDuration(c *operation.Call, in *stsapi.AssumeRoleRequest, role *iam.Role, chained bool) (time.Duration, error) {
	if in.DurationSeconds == nil {
		return assumeRoleDefault, nil
	}
	duration := time.Duration(*in.DurationSeconds) * time.Second
	if *in.DurationSeconds > role.MaxSession {
		return 0, api.ValidationError(c.Op.Service, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	if chained && duration > chainedLongest {
		return 0, api.ValidationError(c.Op.Service, "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	}
	return duration, nil
}

// sourceIdentity is the session's: the caller's own, which can't be changed
// once set, or the one asked for.
func sourceIdentity(caller *operation.Caller, in *stsapi.AssumeRoleRequest) (string, error) {
	inherited := ""
	if caller.Session != nil {
		inherited = caller.Session.SourceIdentity
	}
	switch {
	case in.SourceIdentity == nil:
		return inherited, nil
	case inherited != "" && inherited != *in.SourceIdentity:
		return "", api.ValidationError(stsapi.Service, "The source identity is already set for this assume role session")
	default:
		return *in.SourceIdentity, nil
	}
}

// invalidParameter is how STS reports values that contradict each other.
func invalidParameter(format string, args ...any) error {
	return api.Errorf("InvalidParameterValue", http.StatusBadRequest, true, format, args...)
}
