package policycase

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sallyport/arn"
	"sallyport/policy"
	"sallyport/policy/condition"
)

// parsePrincipal makes the caller. issuer is the role or user whose session it is;
// it may be empty.
func parsePrincipal(text, issuer string) (policy.Principal, error) {
	switch {
	case text == "":
		return policy.Principal{}, errors.New("a principal is required; \"*\" is an anonymous caller")
	case text == "*":
		return policy.Principal{}, noIssuer(issuer)
	case !strings.HasPrefix(text, "arn:"):
		return parseOutsider(text, issuer)
	}
	a, err := arn.Parse(text)
	if err != nil {
		return policy.Principal{}, err
	}
	if !policy.IsAccountID(a.Account) || a.Region != "" {
		return policy.Principal{}, fmt.Errorf("principal %q is of no account", text)
	}
	p := policy.Principal{Account: a.Account, ARN: text}
	kind, name, _ := strings.Cut(a.Resource, "/")
	switch {
	case a.Service == "iam" && a.Resource == "root":
		p.Kind = policy.Root
	case name == "":
		return p, fmt.Errorf("principal %q makes no requests", text)
	case a.Service == "iam" && kind == "user":
		p.Kind = policy.User
	case a.Service == "iam" && (kind == "saml-provider" || kind == "oidc-provider"):
		// Until it has a role it belongs to no account.
		p = policy.Principal{Kind: policy.Federated, Federated: text}
	case a.Service == "sts" && kind == "assumed-role":
		return sessionOfRole(p, name, issuer)
	case a.Service == "sts" && kind == "federated-user":
		return sessionOfUser(p, issuer)
	default:
		return p, fmt.Errorf("principal %q makes no requests", text)
	}
	return p, noIssuer(issuer)
}

func noIssuer(issuer string) error {
	if issuer != "" {
		return errors.New("only a role session or a federated user has a sessionIssuer")
	}
	return nil
}

// sessionOfRole completes a session called "ROLE/SESSION". Its ARN leaves out the
// path of the role, which the issuer may give.
func sessionOfRole(p policy.Principal, name, issuer string) (policy.Principal, error) {
	role, session, _ := strings.Cut(name, "/")
	if role == "" || session == "" || strings.Contains(session, "/") {
		return p, fmt.Errorf("principal %q: a role session is assumed-role/ROLE/SESSION", p.ARN)
	}
	a := arn.Split(p.ARN)
	p.Kind, p.RoleARN = policy.RoleSession, "arn:"+a.Partition()+":iam::"+p.Account+":role/"+role
	if issuer == "" {
		return p, nil
	}
	i := arn.Split(issuer)
	if i.Partition() != a.Partition() || i.Service() != "iam" || i.Account() != p.Account || !strings.HasPrefix(i.Resource(), "role/") || !strings.HasSuffix(i.Resource(), "/"+role) {
		return p, fmt.Errorf("sessionIssuer %q is not the role of %s", issuer, p.ARN)
	}
	p.RoleARN = issuer
	return p, nil
}

func sessionOfUser(p policy.Principal, issuer string) (policy.Principal, error) {
	p.Kind, p.UserARN = policy.FederatedUser, issuer
	i := arn.Split(issuer)
	if a := arn.Split(p.ARN); issuer != "" && (i.Partition() != a.Partition() || i.Service() != "iam" || i.Account() != p.Account || !strings.HasPrefix(i.Resource(), "user/") && i.Resource() != "root") {
		return p, fmt.Errorf("sessionIssuer %q is no user of the account of %s", issuer, p.ARN)
	}
	return p, nil
}

// parseOutsider makes a service or a web identity provider, which are named by
// hosts.
func parseOutsider(text, issuer string) (policy.Principal, error) {
	for _, c := range text {
		if c > '~' || !strings.ContainsRune("-._/:", c) && !isAlphanumeric(c) {
			return policy.Principal{}, fmt.Errorf("principal %q is neither an ARN nor a host name", text)
		}
	}
	if !strings.Contains(text, ".") {
		return policy.Principal{}, fmt.Errorf("principal %q is neither an ARN nor a host name", text)
	}
	if strings.HasSuffix(text, ".amazonaws.com") && !strings.HasPrefix(text, "cognito-identity.") {
		return policy.Principal{Kind: policy.Service, Service: text}, noIssuer(issuer)
	}
	return policy.Principal{Kind: policy.Federated, Federated: text}, noIssuer(issuer)
}

func isAlphanumeric(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// contextKeys reads the request's condition keys. Numbers and Booleans become the
// text that JSON has for them.
func contextKeys(given map[string]jsontext.Value) (condition.Map, error) {
	keys := make(condition.Map, len(given))
	for name, value := range given {
		lower := condition.LowerKey(name)
		if _, twice := keys[lower]; twice {
			return nil, fmt.Errorf("context key %q is given twice", name)
		}
		values, err := contextValues(value)
		if err != nil {
			return nil, fmt.Errorf("context key %q: %w", name, err)
		}
		keys[lower] = values
	}
	return keys, nil
}

func contextValues(v jsontext.Value) (condition.Values, error) {
	if v.Kind() != jsontext.KindBeginArray {
		text, err := scalar(v)
		return condition.One(text), err
	}
	var list []jsontext.Value
	if err := json.Unmarshal(v, &list); err != nil {
		return condition.Values{}, err
	}
	texts := make([]string, len(list))
	for i, item := range list {
		var err error
		if texts[i], err = scalar(item); err != nil {
			return condition.Values{}, err
		}
	}
	return condition.Many(texts...), nil
}

func scalar(v jsontext.Value) (string, error) {
	switch v.Kind() {
	case jsontext.KindString:
		var text string
		err := json.Unmarshal(v, &text)
		return text, err
	case jsontext.KindNumber, jsontext.KindTrue, jsontext.KindFalse:
		return string(v), nil
	}
	return "", errors.New("a value is a string, a number, a Boolean or a list of these")
}

// fill adds what AWS's requests always carry, where the case does not say
// otherwise, and the principal's tags.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html.
func (c *Case) fill(keys condition.Map, tags map[string]*string) error {
	for tag, value := range tags {
		if value == nil {
			return fmt.Errorf("the principal's tag %q has no value", tag)
		}
		lower := condition.LowerKey("aws:PrincipalTag/" + tag)
		if _, twice := keys[lower]; twice {
			return fmt.Errorf("the principal's tag %q is given twice", tag)
		}
		keys[lower] = condition.One(*value)
	}
	p := &c.Request.Principal
	always := map[string]string{
		"aws:principalarn":     p.ARN,
		"aws:principalaccount": p.Account,
		"aws:principaltype":    p.Kind.ConditionValue(),
		"aws:resourceaccount":  c.Request.ResourceAccount,
	}
	switch p.Kind {
	case policy.RoleSession:
		always["aws:principalarn"] = p.RoleARN
	case policy.User:
		always["aws:username"] = p.ARN[strings.LastIndexByte(p.ARN, '/')+1:]
	}
	for key, value := range always {
		if _, given := keys[key]; !given && value != "" {
			keys[key] = condition.One(value)
		}
	}
	return nil
}
