package reference

import (
	"encoding/json"
	"regexp"
	"strings"
)

// maxCase is how many bytes a case has at most.
const maxCase = 8 << 20

// A question is a case that can be decided.
type question struct {
	caller          caller
	action          string
	resource        string
	resourceAccount string
	canonicalUser   string
	keys            map[string][]string // names in lower case
	identity        []policy
	boundary        []policy // one, or none
	session         []policy
	resourcePolicy  []policy // one, or none
	scps, rcps      [][]policy
	acl             []grant
	// there tells which layers apply.
	there map[string]bool
}

// readQuestion reads a case, as docs/policy-tools.md describes it.
func (r *run) readQuestion(text []byte) error {
	if len(text) > maxCase {
		return invalid("too long")
	}
	v, err := readJSON(text)
	if err != nil {
		return err
	}
	c, isObject := v.(object)
	if !isObject {
		return invalid("a case is an object")
	}
	if err := c.only("id", "request", "policies", "expect", "source", "why"); err != nil {
		return err
	}
	request, isObject := c.members["request"].(object)
	if !isObject {
		return invalid("request is no object")
	}
	if err := r.readRequest(request); err != nil {
		return err
	}
	policies, isObject := c.members["policies"].(object)
	if !isObject {
		return invalid("policies is no object")
	}
	return r.readLayers(policies)
}

func (r *run) readRequest(request object) error {
	q := &r.q
	if err := request.only("principal", "sessionIssuer", "principalTags", "canonicalUser", "action", "resource", "resourceAccount", "context"); err != nil {
		return err
	}
	texts := map[string]string{}
	for _, name := range []string{"principal", "sessionIssuer", "canonicalUser", "action", "resource", "resourceAccount"} {
		if request.members[name] == nil {
			continue
		}
		var err error
		if texts[name], err = request.text(name); err != nil {
			return err
		}
	}
	q.action, q.resource, q.canonicalUser = texts["action"], texts["resource"], texts["canonicalUser"]
	service, name, _ := strings.Cut(q.action, ":")
	if service == "" || name == "" || strings.Contains(name, ":") || strings.ContainsAny(q.action, "*?") {
		return invalid("action %q", q.action)
	}
	var err error
	if q.caller, err = readCaller(texts["principal"], texts["sessionIssuer"]); err != nil {
		return err
	}
	if q.resource == "" {
		q.resource = "*"
	}
	if q.resource != "*" {
		if fields, isARN := splitARN(q.resource); isARN {
			q.resourceAccount = fields[4]
		}
	}
	if account := texts["resourceAccount"]; account != "" {
		if !isAccount(account) {
			return invalid("resourceAccount %q", account)
		}
		q.resourceAccount = account
	}
	if q.resourceAccount == "" {
		q.resourceAccount = q.caller.account
	}
	return r.readKeys(request)
}

var accountPattern = regexp.MustCompile(`^[0-9]{12}$`)

func isAccount(text string) bool { return accountPattern.MatchString(text) }

// readKeys reads the condition keys, and adds those that follow from the rest of
// the request.
func (r *run) readKeys(request object) error {
	q := &r.q
	q.keys = map[string][]string{}
	if request.members["context"] != nil {
		context, isObject := request.members["context"].(object)
		if !isObject || context.twice {
			return invalid("context is no object")
		}
		for name, v := range context.members {
			key := strings.ToLower(name)
			if _, twice := q.keys[key]; twice || name == "" {
				return invalid("the context key %q is given twice", name)
			}
			values, err := scalars(v)
			if err != nil {
				return err
			}
			q.keys[key] = values
		}
	}
	if request.members["principalTags"] != nil {
		tags, isObject := request.members["principalTags"].(object)
		if !isObject || tags.twice {
			return invalid("principalTags is no object")
		}
		for name, v := range tags.members {
			value, isText := v.(string)
			key := "aws:principaltag/" + strings.ToLower(name)
			if _, twice := q.keys[key]; !isText || name == "" || twice {
				return invalid("tag %q", name)
			}
			q.keys[key] = []string{value}
		}
	}
	for key, value := range q.caller.keys() {
		r.fill(key, value)
	}
	r.fill("aws:resourceaccount", q.resourceAccount)
	return nil
}

// fill adds a key that the context does not give; "" is no value.
func (r *run) fill(key, value string) {
	if _, given := r.q.keys[key]; !given && value != "" {
		r.q.keys[key] = []string{value}
	}
}

// scalars are the texts of a string, a number or a Boolean, or of a list of them.
func scalars(v any) ([]string, error) {
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	all := []string{}
	for _, item := range list {
		switch item := item.(type) {
		case string:
			all = append(all, item)
		case json.Number:
			all = append(all, item.String())
		case bool:
			if item {
				all = append(all, "true")
			} else {
				all = append(all, "false")
			}
		default:
			return nil, invalid("a value that is neither string, number nor Boolean: %v", item)
		}
	}
	return all, nil
}

// readLayers reads the policies. null is an absent member.
func (r *run) readLayers(layers object) error {
	q := &r.q
	if err := layers.only("identity", "boundary", "session", "resource", "scps", "rcps", "acl"); err != nil {
		return err
	}
	q.there = map[string]bool{}
	for name, v := range layers.members {
		if v == nil {
			continue
		}
		q.there[name] = true
		var err error
		switch name {
		case "identity":
			q.identity, err = r.readList(name, v)
		case "boundary":
			q.boundary, err = r.readList(name, []any{v})
		case "session":
			q.session, err = r.readList(name, v)
		case "resource":
			q.resourcePolicy, err = r.readList(name, []any{v})
		case "scps":
			q.scps, err = r.readLevels(name, v)
		case "rcps":
			q.rcps, err = r.readLevels(name, v)
		case "acl":
			err = r.readACL(v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *run) readLevels(layer string, v any) ([][]policy, error) {
	list, isList := v.([]any)
	if !isList {
		return nil, invalid("%s is no list", layer)
	}
	var levels [][]policy
	for _, level := range list {
		if level == nil {
			level = []any{}
		}
		policies, err := r.readList(layer, level)
		if err != nil {
			return nil, err
		}
		levels = append(levels, policies)
	}
	return levels, nil
}

func (r *run) readList(layer string, v any) ([]policy, error) {
	list, isList := v.([]any)
	if !isList {
		return nil, invalid("%s is no list", layer)
	}
	var policies []policy
	for _, document := range list {
		p, err := r.readPolicy(layer, document)
		if err != nil {
			return nil, err
		}
		policies = append(policies, p)
	}
	return policies, nil
}
