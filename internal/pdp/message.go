package pdp

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sallyport/authz"
	"sallyport/internal/api"
	"sallyport/internal/operation"
	"sallyport/policy"
	"sallyport/policy/condition"
)

// A Denial is AWS's AccessDenied for a check, with the decision behind it.
type Denial struct {
	said     *api.Error
	call     *operation.Call
	check    *operation.Check
	decision authz.Decision
}

// Error implements error.
func (d *Denial) Error() string { return d.said.Error() }

// Unwrap returns what the client is told.
func (d *Denial) Unwrap() error { return d.said }

// A list is how decoded messages have every list.
type list[T any] struct {
	Items []T `json:"items"`
}

type value struct {
	Value string `json:"value"`
}

type keyValues struct {
	Key    string      `json:"key"`
	Values list[value] `json:"values"`
}

// message is a decoded authorization message, as
// https://docs.aws.amazon.com/IAM/latest/UserGuide/sts_example_sts_DecodeAuthorizationMessage_section.html
// shows one. AWS's examples have no item in failures and principalGroups.
type message struct {
	Allowed           bool                   `json:"allowed"`
	ExplicitDeny      bool                   `json:"explicitDeny"`
	MatchedStatements list[matchedStatement] `json:"matchedStatements"`
	Failures          list[value]            `json:"failures"`
	Context           messageContext         `json:"context"`
}

type matchedStatement struct {
	StatementID     string          `json:"statementId"`
	Effect          string          `json:"effect"`
	Principals      list[value]     `json:"principals"`
	PrincipalGroups list[value]     `json:"principalGroups"`
	Actions         list[value]     `json:"actions"`
	Resources       list[value]     `json:"resources"`
	Conditions      list[keyValues] `json:"conditions"`
}

type messageContext struct {
	Principal struct {
		ID  string `json:"id"`
		ARN string `json:"arn"`
	} `json:"principal"`
	Action     string          `json:"action"`
	Resource   string          `json:"resource"`
	Conditions list[keyValues] `json:"conditions"`
}

// Message is what sts:DecodeAuthorizationMessage tells of the denial, as JSON of
// at most size bytes: where it would be more, the longest parts are left out. A
// size below 1,024 may be too small for a message without any.
func (d *Denial) Message(size int) ([]byte, error) {
	m := d.message()
	for {
		text, err := json.Marshal(m, jsontext.AllowInvalidUTF8(true)) // a client's name for itself may be anything
		if err != nil || len(text) <= size {
			return text, err
		}
		if !m.shorten() {
			return json.Marshal(message{ExplicitDeny: m.ExplicitDeny, Context: messageContext{Action: m.Context.Action}})
		}
	}
}

func (d *Denial) message() *message {
	caller := d.call.Caller
	m := &message{ExplicitDeny: d.decision.Effect == authz.ExplicitDeny}
	m.Context.Principal.ID, m.Context.Principal.ARN = caller.Principal.ID, caller.Principal.ARN
	m.Context.Action, m.Context.Resource = d.check.Action, d.check.Resource
	owner := d.check.Account
	if owner == "" {
		owner = caller.Account()
	}
	keys := requestContext{call: d.call, check: d.check, owner: owner}
	m.Context.Conditions.Items = keys.all()
	if m.ExplicitDeny && d.own(owner) {
		m.MatchedStatements.Items = []matchedStatement{matched(d.decision.Policy.Statement(d.decision.Statement), caller)}
	}
	return m
}

// own reports whether the statement that denied is of the caller's account. What
// others have written is theirs to tell.
func (d *Denial) own(owner string) bool {
	switch d.decision.Layer {
	case authz.LayerIdentity, authz.LayerBoundary, authz.LayerSession:
		return true
	case authz.LayerResource, authz.LayerACL:
		return owner == d.call.Caller.Account()
	}
	return false
}

// matched describes the statement that denied. A NotAction or NotResource has no
// place in the form.
func matched(s *policy.Statement, caller *operation.Caller) matchedStatement {
	entity := caller.EntityID
	if entity == "" {
		entity = caller.Principal.ID
	}
	m := matchedStatement{
		StatementID: s.Sid, Effect: strings.ToUpper(s.Effect),
		Principals: values(entity), Actions: values(s.Action.Texts()...), Resources: values(s.Resource.Texts()...),
	}
	if s.Condition == nil {
		return m
	}
	for i := range s.Condition.Operators {
		for _, key := range s.Condition.Operators[i].Keys {
			m.Conditions.Items = append(m.Conditions.Items, keyValues{key.Name, values(key.Values.Texts()...)})
		}
	}
	return m
}

func values(texts ...string) (l list[value]) {
	for _, text := range texts {
		l.Items = append(l.Items, value{text})
	}
	return l
}

// shorten leaves out the longest part that may be, and reports whether there was
// one.
func (m *message) shorten() bool {
	longest := 0
	var remove func()
	found := func(size int, how func()) {
		if size > longest {
			longest, remove = size, how
		}
	}
	pairs := func(l *list[keyValues]) {
		for i := range l.Items {
			found(l.Items[i].size(), func() { l.Items = slices.Delete(l.Items, i, i+1) })
		}
	}
	pairs(&m.Context.Conditions)
	for i := range m.MatchedStatements.Items {
		s := &m.MatchedStatements.Items[i]
		pairs(&s.Conditions)
		for _, l := range []*list[value]{&s.Actions, &s.Resources} {
			found(size(l), func() { l.Items = nil })
		}
	}
	found(len(m.Context.Resource), func() { m.Context.Resource = "" })
	if remove == nil {
		return false
	}
	remove()
	return true
}

func size(values *list[value]) int {
	size := 0
	for i := range values.Items {
		size += len(values.Items[i].Value) + len(`{"value":""},`)
	}
	return size
}

func (k *keyValues) size() int { return len(k.Key) + size(&k.Values) }

// globalKeys are the condition keys that the context may fill besides tags and
// those of the check, as AWS writes them.
var globalKeys = []string{
	"aws:CurrentTime", "aws:EpochTime", "aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:PrincipalAccount",
	"aws:PrincipalArn", "aws:PrincipalIsAWSService", "aws:PrincipalType", "aws:RequestedRegion", "aws:ResourceAccount",
	"aws:SecureTransport", "aws:SourceIdentity", "aws:SourceIp", "aws:TagKeys", "aws:TokenIssueTime", "aws:UserAgent",
	"aws:userid", "aws:username", "aws:ViaAWSService",
}

// all lists every condition key that has a value.
func (c *requestContext) all() []keyValues {
	var names []string
	names = append(names, globalKeys...)
	for _, tags := range []struct {
		prefix string
		tags   []operation.Tag
	}{
		{"aws:PrincipalTag/", c.call.Caller.Tags}, {"aws:RequestTag/", c.check.RequestTags}, {"aws:ResourceTag/", c.check.ResourceTags},
		{"iam:ResourceTag/", c.check.ResourceTags},
	} {
		for _, tag := range tags.tags {
			names = append(names, tags.prefix+tag.Key)
		}
	}
	for key := range c.check.Keys {
		names = append(names, key)
	}
	if f := c.call.Caller.Federation(); f != nil {
		names = append(slices.AppendSeq(names, maps.Keys(f.Keys)), "aws:FederatedProvider")
	}
	slices.SortFunc(names, func(a, b string) int {
		return strings.Compare(condition.LowerKey(a), condition.LowerKey(b))
	})
	// A key of the check may replace a global one.
	names = slices.CompactFunc(names, func(a, b string) bool { return condition.LowerKey(a) == condition.LowerKey(b) })
	var all []keyValues
	for _, name := range names {
		found, ok := c.Lookup(condition.LowerKey(name))
		if !ok || found.Len() == 0 {
			continue
		}
		pair := keyValues{Key: name}
		for i := range found.Len() {
			pair.Values.Items = append(pair.Values.Items, value{found.At(i)})
		}
		all = append(all, pair)
	}
	return all
}
