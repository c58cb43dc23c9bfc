package sts

import (
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

// An assumption is what all operations that assume a role come down to: a request
// of AssumeRole, and what becomes of it and the caller's session.
type assumption struct {
	in         *stsapi.AssumeRoleRequest
	target     arn.ARN
	tags       []operation.Tag
	transitive []string
	source     string // the source identity; "" for none
}

func newAssumption(caller *operation.Caller, in *stsapi.AssumeRoleRequest) (*assumption, error) {
	a := &assumption{in: in}
	var err error
	if a.target, err = roleARN(*in.RoleArn); err != nil {
		return nil, err
	}
	if a.tags, a.transitive, err = sessionTags(caller, in); err != nil {
		return nil, err
	}
	if a.source, err = sourceIdentity(caller, in); err != nil {
		return nil, err
	}
	return a, nil
}

// roleARN reads the ARN of a role (rows sts-006 to sts-010).
func roleARN(text string) (arn.ARN, error) {
	a, err := arn.Parse(text)
	if err != nil || a.Service != "iam" || !strings.HasPrefix(a.Resource, "role/") {
		return a, api.ValidationError(stsapi.Service, "%s is invalid", text)
	}
	return a, nil
}

// checks asks for an action on the role, whose trust policy decides, and for
// sts:TagSession and sts:SetSourceIdentity when the session carries tags or a
// source identity. A role that does not exist is denied like one that may not be
// assumed. keys are condition keys of the action beside those of all.
func (s *Service) checks(c *operation.Call, a *assumption, action string, keys condition.Map) []operation.Check {
	keys["sts:rolesessionname"] = condition.One(*a.in.RoleSessionName)
	if a.source != "" {
		keys["sts:sourceidentity"] = condition.One(a.source)
	}
	if len(a.transitive) > 0 {
		keys["sts:transitivetagkeys"] = condition.Many(a.transitive...)
	}
	check := operation.Check{
		Action: action, Resource: *a.in.RoleArn, Account: a.target.Account, Terse: true, Keys: keys, RequestTags: a.tags,
	}
	if role, ok := s.role(c, a.target); ok {
		check.ResourceTags = role.Tags
		check.Trust = &operation.ResourcePolicy{Document: role.TrustDocument(), ARN: *a.in.RoleArn}
	} else {
		check.Refused = true
	}
	checks := []operation.Check{check}
	if len(a.tags) > 0 {
		check.Action = "sts:TagSession"
		checks = append(checks, check)
	}
	if a.source != "" {
		check.Action = "sts:SetSourceIdentity"
		checks = append(checks, check)
	}
	return checks
}

// account is an account as the call sees it: the same from its checks to its reply.
// Otherwise a role that is made anew meanwhile could be assumed because the one that
// had its name before allowed it.
func (s *Service) account(c *operation.Call, id string) (*state.View, bool) {
	type account string // keys of this function
	view := operation.Kept(c, account(id), func() *state.View {
		view, ok := s.Accounts(id)
		if !ok {
			return nil
		}
		return view
	})
	return view, view != nil
}

// role finds the role an ARN names.
func (s *Service) role(c *operation.Call, target arn.ARN) (*iam.Role, bool) {
	view, ok := s.account(c, target.Account)
	if !ok {
		return nil, false
	}
	return roleIn(view, target)
}

// roleIn finds the role an ARN names, path included. The view is of its account.
func roleIn(view *state.View, target arn.ARN) (*iam.Role, bool) {
	name := target.Resource[strings.LastIndexByte(target.Resource, '/')+1:]
	role, err := iam.FindRole(view, name)
	if err != nil || iam.RoleARN(target.Account, role) != target.String() {
		return nil, false
	}
	return role, true
}

// assume issues the credentials of the session.
func (s *Service) assume(c *operation.Call, a *assumption) (*stsapi.AssumeRoleResponse, error) {
	role, ok := s.role(c, a.target)
	if !ok {
		return nil, api.ServiceUnavailable(nil).WithHint("the role was deleted while it was being assumed")
	}
	chained := c.Caller.Principal.Kind == policy.RoleSession
	duration, err := sessionDuration(c, a.in, role, chained)
	if err != nil {
		return nil, err
	}
	policies, arns, err := s.sessionPolicies(c, a.target.Account, a.in.Policy, a.in.PolicyArns)
	if err != nil {
		return nil, err
	}
	token := Token{
		Account: a.target.Account, Kind: policy.RoleSession, EntityID: role.ID, Name: *a.in.RoleSessionName,
		Policies: policies, PolicyARNs: arns, Tags: a.tags, Transitive: a.transitive, SourceIdentity: a.source,
		Chained: chained,
	}
	if c.Caller.Assertion != nil {
		token.Federation = &c.Caller.Assertion.Federation
	}
	packed, err := packedSize(&token)
	if err != nil {
		return nil, err
	}
	if a := c.Caller.Assertion; a != nil && a.SessionEnds != nil {
		if duration = min(duration, a.SessionEnds.Sub(c.Now)); duration <= 0 {
			return nil, stsapi.ExpiredTokenException("The assertion's session has ended.")
		}
	}
	credentials, err := s.issue(token, c.Now, duration, a.in.MinimumSessionTokenSize)
	if err != nil {
		return nil, err
	}
	session := iam.RoleCaller(a.target.Account, role, token.Name).Principal
	out := &stsapi.AssumeRoleResponse{
		Credentials: credentials.Credentials, SessionTokenSize: credentials.size, SessionTokenUtilization: credentials.utilization,
		AssumedRoleUser:  &stsapi.AssumedRoleUser{AssumedRoleId: &session.ID, Arn: &session.ARN},
		PackedPolicySize: packed,
	}
	if a.source != "" {
		out.SourceIdentity = &a.source
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
