package peers

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/gobwas/glob"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"sallyport/authz"
	"sallyport/policy"
	"sallyport/policy/condition"
)

// An engine prepares a workload and returns what decides request i.
type engine struct {
	name    string
	prepare func(*workload) (decide func(i int) (bool, error), err error)
}

var engines = []engine{
	{"sallyport", prepareSallyport},
	{"cedar", prepareCedar},
	{"opa", prepareOPA},
	{"casbin", prepareCasbin},
}

// quoted are texts as a list in JSON's notation, which all the languages share.
func quoted(texts []string) string {
	quotes := make([]string, len(texts))
	for i, text := range texts {
		quotes[i] = fmt.Sprintf("%q", text)
	}
	return strings.Join(quotes, ", ")
}

func prepareSallyport(w *workload) (func(int) (bool, error), error) {
	var policies []*policy.Policy
	for i, statements := range w.policies {
		var list []string
		for _, s := range statements {
			effect, condition := "Allow", ""
			if s.deny {
				effect = "Deny"
			}
			if s.conditional {
				condition = fmt.Sprintf(`, "Condition": {"StringEquals": {"aws:PrincipalTag/team": %q}, "IpAddress": {"aws:SourceIp": [%s]}}`, team, quoted(networks))
			}
			list = append(list, fmt.Sprintf(`{"Effect": %q, "Action": [%s], "Resource": [%s]%s}`, effect, quoted(s.actions), quoted(s.resources), condition))
		}
		document, err := policy.Parse([]byte(`{"Version": "2012-10-17", "Statement": [` + strings.Join(list, ",") + `]}`))
		if err != nil {
			return nil, err
		}
		compiled, err := policy.Compile(document, policy.Ref{Name: fmt.Sprint("policy-", i), Kind: policy.RefManaged})
		if err != nil {
			return nil, err
		}
		policies = append(policies, compiled)
	}
	all := &authz.Policies{Identity: policy.NewSet(policies...)}
	requests := make([]authz.Request, len(w.requests))
	for i, r := range w.requests {
		requests[i] = authz.Request{ResourceAccount: account, Request: policy.Request{
			Principal: policy.Principal{Kind: policy.User, Account: account, ARN: "arn:aws:iam::" + account + ":user/Alice", ID: "AIDACKCEVSQ6C2EXAMPLE"},
			Action:    r.action, Resource: r.resource,
			Context: condition.Map{"aws:principaltag/team": condition.One(r.team), "aws:sourceip": condition.One(r.address)},
		}}
	}
	return func(i int) (bool, error) { return authz.Decide(&requests[i], all).Allowed(), nil }, nil
}

// prepareCedar writes a permit or forbid for each statement. Cedar's action and
// resource are entities, which wildcards do not match: their names are compared
// with "like".
func prepareCedar(w *workload) (func(int) (bool, error), error) {
	like := func(what string, patterns []string) string {
		tests := make([]string, len(patterns))
		for i, p := range patterns {
			tests[i] = fmt.Sprintf("%s like %q", what, p)
		}
		return "(" + strings.Join(tests, " || ") + ")"
	}
	var text strings.Builder
	for _, statements := range w.policies {
		for _, s := range statements {
			effect := "permit"
			if s.deny {
				effect = "forbid"
			}
			fmt.Fprintf(&text, "%s (principal, action, resource) when { %s && %s", effect, like("context.action", s.actions), like("context.resource", s.resources))
			if s.conditional {
				fmt.Fprintf(&text, " && context.team == %q && (context.address.isInRange(ip(%q)) || context.address.isInRange(ip(%q)))", team, networks[0], networks[1])
			}
			text.WriteString(" };\n")
		}
	}
	set, err := cedar.NewPolicySetFromBytes("policies.cedar", []byte(text.String()))
	if err != nil {
		return nil, err
	}
	requests := make([]cedar.Request, len(w.requests))
	for i, r := range w.requests {
		address, err := types.ParseIPAddr(r.address)
		if err != nil {
			return nil, err
		}
		requests[i] = cedar.Request{
			Principal: cedar.NewEntityUID("User", "Alice"),
			Action:    cedar.NewEntityUID("Action", types.String(r.action)),
			Resource:  cedar.NewEntityUID("Resource", types.String(r.resource)),
			Context: cedar.NewRecord(cedar.RecordMap{
				"action": types.String(r.action), "resource": types.String(r.resource), "team": types.String(r.team), "address": address,
			}),
		}
	}
	entities := cedar.EntityMap{}
	return func(i int) (bool, error) {
		decision, diagnostic := cedar.Authorize(set, entities, requests[i])
		if len(diagnostic.Errors) > 0 {
			return false, fmt.Errorf("%v", diagnostic.Errors[0])
		}
		return decision == cedar.Allow, nil
	}, nil
}

// prepareOPA writes a rule for each statement.
func prepareOPA(w *workload) (func(int) (bool, error), error) {
	var text strings.Builder
	text.WriteString("package iam\n\ndefault allow := false\n\nallow if {\n\tpermitted\n\tnot denied\n}\n")
	for _, statements := range w.policies {
		for _, s := range statements {
			rule := "permitted"
			if s.deny {
				rule = "denied"
			}
			fmt.Fprintf(&text, "%s if {\n\tsome action in [%s]\n\tglob.match(action, null, input.action)\n\tsome resource in [%s]\n\tglob.match(resource, null, input.resource)\n",
				rule, quoted(s.actions), quoted(s.resources))
			if s.conditional {
				fmt.Fprintf(&text, "\tinput.team == %q\n\tsome network in [%s]\n\tnet.cidr_contains(network, input.address)\n", team, quoted(networks))
			}
			text.WriteString("}\n")
		}
	}
	ctx := context.Background()
	query, err := rego.New(rego.Query("data.iam.allow"), rego.Module("iam.rego", text.String())).PrepareForEval(ctx)
	if err != nil {
		return nil, err
	}
	inputs := make([]ast.Value, len(w.requests))
	for i, r := range w.requests {
		if inputs[i], err = ast.InterfaceToValue(map[string]any{"action": r.action, "resource": r.resource, "address": r.address, "team": r.team}); err != nil {
			return nil, err
		}
	}
	return func(i int) (bool, error) {
		results, err := query.Eval(ctx, rego.EvalParsedInput(inputs[i]))
		return results.Allowed(), err
	}, nil
}

const casbinModel = `
[request_definition]
r = act, obj, team, address

[policy_definition]
p = act, obj, team, networks, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = like(r.act, p.act) && like(r.obj, p.obj) && (p.team == "" || r.team == p.team) && (p.networks == "" || within(r.address, p.networks))
`

// prepareCasbin writes a rule for each action and resource of each statement.
// Casbin's own wildcard functions do not know IAM's: patterns are compiled once.
func prepareCasbin(w *workload) (func(int) (bool, error), error) {
	m, err := model.NewModelFromString(casbinModel)
	if err != nil {
		return nil, err
	}
	e, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, err
	}
	patterns := map[string]*glob.Pattern{}
	var rules [][]string
	for _, statements := range w.policies {
		for _, s := range statements {
			effect, tag, within := "allow", "", ""
			if s.deny {
				effect = "deny"
			}
			if s.conditional {
				tag, within = team, strings.Join(networks, " ")
			}
			for _, action := range s.actions {
				for _, resource := range s.resources {
					patterns[action], patterns[resource] = glob.MustCompile(action), glob.MustCompile(resource)
					rules = append(rules, []string{action, resource, tag, within, effect})
				}
			}
		}
	}
	ranges := map[string][]netip.Prefix{}
	for _, network := range networks {
		joined := strings.Join(networks, " ")
		ranges[joined] = append(ranges[joined], netip.MustParsePrefix(network))
	}
	e.AddFunction("like", func(arguments ...any) (any, error) {
		return patterns[arguments[1].(string)].Match(arguments[0].(string)), nil
	})
	e.AddFunction("within", func(arguments ...any) (any, error) {
		address, err := netip.ParseAddr(arguments[0].(string))
		for _, r := range ranges[arguments[1].(string)] {
			if r.Contains(address) {
				return true, nil
			}
		}
		return false, err
	})
	if _, err := e.AddPoliciesEx(rules); err != nil {
		return nil, err
	}
	requests := make([][]any, len(w.requests))
	for i, r := range w.requests {
		requests[i] = []any{r.action, r.resource, r.team, r.address}
	}
	return func(i int) (bool, error) { return e.Enforce(requests[i]...) }, nil
}
