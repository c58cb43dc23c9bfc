package pdp

import (
	"regexp"
	"strings"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy"
)

// customContextKeys lists the condition keys of policies given as text
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html).
func (p *PDP) customContextKeys(_ *operation.Call, _ state.Reader, in *iamapi.GetContextKeysForCustomPolicyRequest) (*iamapi.GetContextKeysForCustomPolicyResponse, error) {
	policies, err := inputPolicies("PolicyInputList", in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	return &iamapi.GetContextKeysForCustomPolicyResponse{ContextKeyNames: keyNames(policies).list}, nil
}

// principalContextKeys lists the condition keys of the policies of a user, group
// or role, and of others given as text
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForPrincipalPolicy.html).
func (p *PDP) principalContextKeys(c *operation.Call, r state.Reader, in *iamapi.GetContextKeysForPrincipalPolicyRequest) (*iamapi.GetContextKeysForPrincipalPolicyResponse, error) {
	source, err := findSource(c, r, *in.PolicySourceArn)
	if err != nil {
		return nil, err
	}
	policies, err := p.sourcePolicies(c, r, source)
	if err != nil {
		return nil, err
	}
	inputs, err := inputPolicies("PolicyInputList", in.PolicyInputList)
	if err != nil {
		return nil, err
	}
	return &iamapi.GetContextKeysForPrincipalPolicyResponse{ContextKeyNames: keyNames(append(policies, inputs...)).list}, nil
}

// names are condition keys as policies write them, each once in whatever case.
type names struct {
	list    []string
	written map[string]string // by the key in lower case
}

// variable finds the keys of policy variables, in what is known to be well-formed.
var variable = regexp.MustCompile(`\$\{ *([^{}$,*? ][^{}$,]*?) *[,}]`)

// keyNames are the condition keys that policies refer to, in their order.
func keyNames(policies []*policy.Policy) *names {
	n := &names{list: []string{}, written: map[string]string{}}
	for _, p := range policies {
		doc := p.Document()
		variables := doc.Version == policy.Version2012
		for i := range doc.Statements {
			s := &doc.Statements[i]
			for _, list := range []*policy.List{s.Resource, s.NotResource} {
				n.addVariables(list, variables)
			}
			if s.Condition == nil {
				continue
			}
			for _, op := range s.Condition.Operators {
				for k := range op.Keys {
					n.add(op.Keys[k].Name)
					n.addVariables(&op.Keys[k].Values, variables)
				}
			}
		}
	}
	return n
}

func (n *names) add(key string) {
	folded := strings.ToLower(key)
	if _, known := n.written[folded]; !known {
		n.written[folded] = key
		n.list = append(n.list, key)
	}
}

func (n *names) addVariables(list *policy.List, variables bool) {
	if !variables {
		return
	}
	for _, text := range list.Texts() {
		for _, m := range variable.FindAllStringSubmatch(text, -1) {
			n.add(m[1])
		}
	}
}
