package pdp

import (
	"fmt"
	"regexp"
	"strings"

	"sallyport/arn"
	"sallyport/catalog"
	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
	"sallyport/policy/condition"
)

// SimulateCustomPolicy, SimulatePrincipalPolicy and GetContextKeysFor… ask the
// engine that enforces, about requests that nobody makes
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html).

// authorizeCustom asks for an action that is on no resource.
func authorizeCustom[In any](action string) func(*operation.Call, state.Reader, *In) ([]operation.Check, error) {
	return func(*operation.Call, state.Reader, *In) ([]operation.Check, error) {
		return []operation.Check{{Action: action, Resource: "*"}}, nil
	}
}

func authorizePrincipalKeys(c *operation.Call, r state.Reader, in *iamapi.GetContextKeysForPrincipalPolicyRequest) ([]operation.Check, error) {
	return onSource(c, r, "iam:GetContextKeysForPrincipalPolicy", *in.PolicySourceArn)
}

func authorizeSimulatePrincipal(c *operation.Call, r state.Reader, in *iamapi.SimulatePrincipalPolicyRequest) ([]operation.Check, error) {
	return onSource(c, r, "iam:SimulatePrincipalPolicy", *in.PolicySourceArn)
}

// onSource asks for an action on the user, group or role whose policies are looked
// at, whether or not it exists.
func onSource(c *operation.Call, r state.Reader, action, sourceARN string) ([]operation.Check, error) {
	a, _, _, err := splitSource(sourceARN)
	if err != nil {
		return nil, err
	}
	check := operation.Check{Action: action, Resource: sourceARN, Account: a.Account}
	if s, err := findSource(c, r, sourceARN); err == nil {
		check.ResourceTags = s.tags
	}
	return []operation.Check{check}, nil
}

// A source is a user, group or role whose policies are simulated.
type source struct {
	kind     string // "user", "group" or "role"
	name, id string
	boundary string // ARN; "" without one
	tags     []operation.Tag
	groups   []*iam.Group
	caller   *operation.Caller // nil for a group
}

// splitSource takes the ARN of a user, group or role apart.
func splitSource(sourceARN string) (a arn.ARN, kind, name string, err error) {
	if a, err = arn.Parse(sourceARN); err != nil {
		return a, "", "", iam.ValidationError("Invalid ARN: %s", sourceARN)
	}
	kind, path, _ := strings.Cut(a.Resource, "/")
	if a.Service != "iam" || kind != "user" && kind != "group" && kind != "role" {
		return a, "", "", iamapi.InvalidInputException("Invalid Entity Arn: %s does not clearly define entity type and name.", sourceARN)
	}
	return a, kind, path[strings.LastIndexByte(path, '/')+1:], nil
}

// findSource finds the entity that an ARN names in the caller's account.
func findSource(c *operation.Call, r state.Reader, sourceARN string) (*source, error) {
	account := c.Caller.Account()
	_, kind, name, err := splitSource(sourceARN)
	if err != nil {
		return nil, err
	}
	var s *source
	var entity string
	switch kind {
	case "user":
		if u, err := iam.FindUser(r, name); err == nil {
			entity = iam.UserARN(account, u)
			s = &source{kind: kind, name: u.Name, id: u.ID, boundary: u.Boundary, tags: u.Tags, caller: iam.UserCaller(account, u)}
			iam.Memberships.AscendPrefix(r, u.ID+"/", func(_ string, m *iam.Membership) bool {
				if g, ok := iam.Groups.Get(r, m.Group); ok {
					s.groups = append(s.groups, g)
				}
				return true
			})
		}
	case "group":
		if g, err := iam.FindGroup(r, name); err == nil {
			entity = iam.GroupARN(account, g)
			s = &source{kind: kind, name: g.Name, id: g.ID}
		}
	case "role":
		if role, err := iam.FindRole(r, name); err == nil {
			entity = iam.RoleARN(account, role)
			s = &source{kind: kind, name: role.Name, id: role.ID, boundary: role.Boundary, tags: role.Tags, caller: iam.RoleCaller(account, role, evaluatedSession)}
		}
	}
	if entity != sourceARN {
		return nil, iamapi.NoSuchEntityException("The %s with name %s cannot be found.", kind, name)
	}
	return s, nil
}

// sourcePolicies are the policies of an entity, a user's groups' included. Inline
// policies are named as AWS's simulator does: "user_Alice_ReadOnly".
func (p *PDP) sourcePolicies(c *operation.Call, r state.Reader, s *source) ([]*policy.Policy, error) {
	docs := documents{pdp: p, home: r, account: c.Caller.Account()}
	docs.entityAs(s.kind+"_"+s.name+"_", s.id)
	for _, g := range s.groups {
		docs.entityAs("group_"+g.Name+"_", g.ID)
	}
	return docs.list, docs.err
}

// inputPolicies compiles the policies of a parameter. Their text is in nobody's
// account, and stays out of the caches.
func inputPolicies(parameter string, texts []string) ([]*policy.Policy, error) {
	var all []*policy.Policy
	for i, text := range texts {
		p, err := inputPolicy(fmt.Sprintf("%s.%d", parameter, i+1), policy.RefInline, text)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func inputPolicy(name string, kind policy.RefKind, text string) (*policy.Policy, error) {
	doc, err := policy.Parse([]byte(text))
	if err != nil {
		return nil, iamapi.InvalidInputException("%s: %s", name, err.Error())
	}
	p, err := policy.Compile(doc, policy.Ref{Name: name, Kind: kind})
	if err != nil {
		return nil, iamapi.InvalidInputException("%s: %s", name, err.Error())
	}
	for i := range doc.Statements {
		if s := &doc.Statements[i]; kind != policy.RefResource && (s.Principal != nil || s.NotPrincipal != nil) {
			return nil, iamapi.InvalidInputException("%s: an identity-based policy has no principal.", name)
		}
	}
	return p, nil
}

// actionName is the form of an action: no wildcards.
var actionName = regexp.MustCompile(`^[A-Za-z0-9-]+:[A-Za-z0-9-]+$`)

// simulatedKeys checks context entries; every value must be of the type given.
func simulatedKeys(entries []iamapi.ContextEntry) (condition.Map, error) {
	keys := make(condition.Map, len(entries))
	for _, e := range entries {
		name := strings.ToLower(api.Value(e.ContextKeyName))
		if _, twice := keys[name]; twice || name == "" {
			return nil, iamapi.InvalidInputException("The context key %q is empty or given twice.", api.Value(e.ContextKeyName))
		}
		kind := api.Value(e.ContextKeyType)
		base, list := strings.CutSuffix(kind, "List")
		if !list && len(e.ContextKeyValues) > 1 {
			return nil, iamapi.InvalidInputException("The context key %s of type %s has several values.", *e.ContextKeyName, kind)
		}
		for _, value := range e.ContextKeyValues {
			if !ofType(base, value) {
				return nil, iamapi.InvalidInputException("The value of the context key %s is not of type %s.", *e.ContextKeyName, base)
			}
		}
		if list {
			keys[name] = condition.Many(e.ContextKeyValues...)
		} else if len(e.ContextKeyValues) == 1 {
			keys[name] = condition.One(e.ContextKeyValues[0])
		}
	}
	return keys, nil
}

// typeOperators are operators that read a value of each type but text.
var typeOperators = map[string]string{
	"numeric": "NumericEquals", "boolean": "Bool", "ip": "IpAddress", "binary": "BinaryEquals", "date": "DateEquals",
}

// ofType reports whether the engine can read a value as being of a type.
func ofType(kind, value string) bool {
	operator, typed := typeOperators[kind]
	if !typed {
		return true
	}
	_, err := condition.Compile(operator, "aws:CurrentTime", []string{value}, false)
	return err == nil
}

// simulatedScenarios are the resource types that each handling option wants among
// the resources, as EC2's ARNs spell them.
var simulatedScenarios = map[string][]string{
	"EC2-Classic-InstanceStore":    {"instance", "image", "security-group"},
	"EC2-Classic-EBS":              {"instance", "image", "security-group", "volume"},
	"EC2-VPC-InstanceStore":        {"instance", "image", "security-group", "network-interface"},
	"EC2-VPC-InstanceStore-Subnet": {"instance", "image", "security-group", "network-interface", "subnet"},
	"EC2-VPC-EBS":                  {"instance", "image", "security-group", "network-interface", "volume"},
	"EC2-VPC-EBS-Subnet":           {"instance", "image", "security-group", "network-interface", "subnet", "volume"},
}

// checkScenario holds the resources to a handling option.
func checkScenario(option *string, resources []string) error {
	if option == nil {
		return nil
	}
	wanted, ok := simulatedScenarios[*option]
	if !ok {
		return iamapi.InvalidInputException("Invalid resource handling option: %s", *option)
	}
	for _, kind := range wanted {
		found := false
		for _, r := range resources {
			a, err := arn.Parse(r)
			found = found || err == nil && a.Service == "ec2" && strings.HasPrefix(a.Resource, kind+"/")
		}
		if !found {
			return iamapi.InvalidInputException("The resource handling option %s requires a resource of type %s.", *option, kind)
		}
	}
	return nil
}

// accountOf reads ResourceOwner: an account's ARN, or its digits.
func accountOf(owner *string) (string, error) {
	if owner == nil {
		return "", nil
	}
	if policy.IsAccountID(*owner) {
		return *owner, nil
	}
	a, err := arn.Parse(*owner)
	if err != nil || a.Service != "iam" || a.Resource != "root" || !policy.IsAccountID(a.Account) {
		return "", iamapi.InvalidInputException("Invalid resource owner: %s", *owner)
	}
	return a.Account, nil
}

// simulatedCaller makes a principal of the ARN of a user, of whom nothing else is
// known: whoever may simulate policies may not learn of a user's tags by it.
func simulatedCaller(callerARN string) (*operation.Caller, error) {
	a, err := arn.Parse(callerARN)
	path, ok := strings.CutPrefix(a.Resource, "user/")
	name := path[strings.LastIndexByte(path, '/')+1:]
	if err != nil || a.Service != "iam" || !ok || name == "" || !policy.IsAccountID(a.Account) {
		return nil, iamapi.InvalidInputException("Invalid caller: %s is not the ARN of a user.", callerARN)
	}
	return &operation.Caller{
		Principal: policy.Principal{Kind: policy.User, Account: a.Account, ARN: callerARN},
		UserName:  name,
	}, nil
}

// newSimulation makes a simulation of what the two operations have in common.
func newSimulation(c *operation.Call, in *iamapi.SimulateCustomPolicyRequest) (*simulation, error) {
	s := &simulation{call: c, actions: in.ActionNames, resources: in.ResourceArns}
	s.policies.Catalog = catalog.AWS()
	for _, action := range s.actions {
		if !actionName.MatchString(action) {
			return nil, iamapi.InvalidInputException("Invalid action name: %s", action)
		}
	}
	if len(s.resources) == 0 {
		s.resources = []string{"*"}
	}
	for _, resource := range s.resources {
		if t := arn.Split(resource); resource != "*" && !t.IsARN() {
			return nil, iamapi.InvalidInputException("Invalid resource ARN: %s", resource)
		}
	}
	err := checkScenario(in.ResourceHandlingOption, in.ResourceArns)
	if err == nil {
		s.owner, err = accountOf(in.ResourceOwner)
	}
	if err == nil {
		s.keys, err = simulatedKeys(in.ContextEntries)
	}
	if err != nil {
		return nil, err
	}
	if in.CallerArn != nil {
		if s.caller, err = simulatedCaller(*in.CallerArn); err != nil {
			return nil, err
		}
	}
	if err := s.layers(in); err != nil {
		return nil, err
	}
	return s, nil
}

// layers compiles the policies of all parameters but PolicyInputList.
func (s *simulation) layers(in *iamapi.SimulateCustomPolicyRequest) error {
	if len(in.PermissionsBoundaryPolicyInputList) > 1 {
		return iamapi.InvalidInputException("Only one permissions boundary can be simulated.")
	}
	boundary, err := inputPolicies("PermissionsBoundaryPolicyInputList", in.PermissionsBoundaryPolicyInputList)
	if err != nil {
		return err
	}
	if len(boundary) > 0 {
		s.use(&s.policies.Boundary, boundary)
	}
	for i, level := range in.OrderedOrganizationPolicyInputList {
		policies, err := inputPolicies(fmt.Sprintf("OrderedOrganizationPolicyInputList.%d", i+1), level.ServiceControlPolicyInputList)
		if err != nil {
			return err
		}
		var set *policy.Set
		s.use(&set, policies)
		s.policies.SCPs = append(s.policies.SCPs, set)
	}
	if in.ResourcePolicy != nil {
		p, err := inputPolicy("ResourcePolicy", policy.RefResource, *in.ResourcePolicy)
		if err != nil {
			return err
		}
		s.use(&s.policies.Resource, []*policy.Policy{p})
	}
	return nil
}

// use makes policies a layer of the simulation.
func (s *simulation) use(layer **policy.Set, policies []*policy.Policy) {
	*layer = policy.NewSet(policies...)
	s.all = append(s.all, policies...)
}
