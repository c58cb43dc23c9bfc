package authz_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sallyport/authz"
	"sallyport/catalog"
	"sallyport/policy"
	"sallyport/policy/condition"
)

// statementGen draws statements that are about the request of explainedRequest
// as often as not.
func statementGen(principals bool) *rapid.Generator[string] {
	from := func(rt *rapid.T, label string, texts ...string) string {
		return rapid.SampledFrom(texts).Draw(rt, label)
	}
	return rapid.Custom(func(rt *rapid.T) string {
		effect := from(rt, "effect", "Allow", "Allow", "Allow", "Deny")
		parts := []string{`"Effect":"` + effect + `"`,
			from(rt, "action", `"Action":"s3:GetObject"`, `"Action":["sqs:*","s3:Get*"]`, `"Action":"*"`, `"Action":"s3:Put*"`, `"NotAction":"iam:*"`, `"NotAction":"S3:GETOBJECT"`),
			from(rt, "resource", `"Resource":"*"`, `"Resource":"arn:aws:s3:::b/*"`, `"Resource":"arn:aws:s3:::${aws:username}/k"`, `"Resource":"arn:aws:s3:::other"`, `"NotResource":"arn:aws:s3:::other"`, `"NotResource":"arn:aws:s3:::b/${aws:PrincipalTag/none}"`),
		}
		if principals {
			p := from(rt, "principal", `"Principal":"*"`, `{"AWS":"`+home+`"}`, `{"AWS":"`+aliceARN+`"}`, `{"AWS":"`+roleARN+`"}`, `{"AWS":"`+appARN+`"}`, `{"AWS":"`+other+`"}`, `{"Service":"ec2.amazonaws.com"}`)
			if strings.HasPrefix(p, "{") {
				p = from(rt, "not", `"Principal":`, `"Principal":`, `"NotPrincipal":`) + p
				if effect == "Allow" {
					p = strings.Replace(p, "NotPrincipal", "Principal", 1)
				}
			}
			parts = append(parts, p)
		}
		if c := from(rt, "condition", "", "", `{"StringEquals":{"aws:PrincipalTag/team":["blue","${aws:username}"]}}`, `{"StringNotLike":{"aws:PrincipalTag/none":"x*"}}`,
			`{"Bool":{"aws:SecureTransport":"true"},"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}`, `{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"Null":{"aws:TagKeys":true}}`); c != "" {
			parts = append(parts, `"Condition":`+c)
		}
		return "{" + strings.Join(parts, ",") + "}"
	})
}

func setGen(t *testing.T, kind policy.RefKind, principals bool) *rapid.Generator[*policy.Set] {
	return rapid.Custom(func(rt *rapid.T) *policy.Set {
		if rapid.Bool().Draw(rt, "none") {
			return nil
		}
		var policies []*policy.Policy
		for range rapid.IntRange(0, 2).Draw(rt, "policies") {
			statements := rapid.SliceOfN(statementGen(principals), 1, 3).Draw(rt, "statements")
			policies = append(policies, compile(t, kind, "p", `{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`))
		}
		return policy.NewSet(policies...)
	})
}

func explainedRequest(rt *rapid.T) *authz.Request {
	context := condition.Map{}
	for key, values := range map[string][]string{
		"aws:username": {"b", "alice"}, "aws:principaltag/team": {"blue", "red", "b"}, "aws:sourceip": {"10.1.2.3", "192.0.2.1"}, "aws:securetransport": {"true", "false"},
	} {
		if v := rapid.SampledFrom(append(values, "")).Draw(rt, key); v != "" {
			context[key] = condition.One(v)
		}
	}
	return &authz.Request{
		ResourceAccount: rapid.SampledFrom([]string{home, other, ""}).Draw(rt, "account"),
		Request: policy.Request{
			Principal: rapid.SampledFrom([]policy.Principal{alice, app, kiosk, stranger, root(), strangerRoot, service, google, linked, {}}).Draw(rt, "who"),
			Action:    action, Resource: rapid.SampledFrom([]string{object, "*", "arn:aws:s3:::b/*?${x}", bucket}).Draw(rt, "resource"), Context: context,
		},
	}
}

// TestExplainIsDecide holds, for any request, that explaining decides as
// deciding does, visits every statement of the layers it lists, and finds a
// change that has the request allowed, no part of which can be left out.
func TestExplainIsDecide(t *testing.T) {
	counts := map[string]int{}
	for range 20 { // one run of rapid's draws too few that are allowed
		rapid.Check(t, func(rt *rapid.T) { explainOne(t, rt, counts) })
	}
	for _, kind := range []string{"allowed", "implicitDeny", "explicitDeny", "remedies", "near", "inapplicable"} {
		if counts[kind] == 0 {
			t.Errorf("no %s was drawn", kind)
		}
	}
}

func explainOne(t *testing.T, rt *rapid.T, counts map[string]int) {
	own, resource := setGen(t, policy.RefManaged, false), setGen(t, policy.RefResource, true)
	p := &authz.Policies{
		Identity: own.Draw(rt, "identity"), Boundary: own.Draw(rt, "boundary"), Session: own.Draw(rt, "session"),
		Resource: resource.Draw(rt, "resource"), ACL: resource.Draw(rt, "acl"),
		SCPs:            rapid.SliceOfN(own, 0, 2).Draw(rt, "scps"),
		RCPs:            rapid.SliceOfN(setGen(t, policy.RefRCP, true), 0, 1).Draw(rt, "rcps"),
		ResourceDecides: rapid.Bool().Draw(rt, "decides"),
		Catalog:         rapid.SampledFrom([]*catalog.Catalog{nil, catalog.AWS()}).Draw(rt, "catalog"),
	}
	r := explainedRequest(rt)
	x, d := authz.Explain(r, p), authz.Decide(r, p)
	if x.Decision != d {
		rt.Fatalf("explained %+v, decided %+v", x.Decision, d)
	}
	counts[d.Effect.String()]++
	for _, a := range x.Layers {
		statements := 0
		for _, q := range a.Set.Policies() {
			statements += q.Len()
		}
		if len(a.Outcomes) != statements {
			rt.Fatalf("%v: %d of %d statements were visited", a.Layer, len(a.Outcomes), statements)
		}
	}
	if p.Catalog.Applies(r.Action, r.Resource) == catalog.Inapplicable {
		counts["inapplicable"]++
		if d.Allowed() || len(x.Missing) > 0 {
			rt.Fatalf("%v, missing %+v", d.Effect, x.Missing)
		}
		return
	}
	if d.Allowed() != (len(x.Missing) == 0) {
		rt.Fatalf("%v, but missing %+v", d.Effect, x.Missing)
	}
	if d.Allowed() {
		return
	}
	if after := authz.Decide(r, remedied(t, p, x.Missing, false)); !after.Allowed() {
		rt.Fatalf("%+v: remedied by %s, it is %+v", d, remedyNames(x.Missing), after)
	}
	if after := authz.Decide(r, remedied(t, p, x.Missing, true)); !after.Allowed() {
		rt.Fatalf("%+v: remedied by %s and conditions that hold, it is %+v", d, remedyNames(x.Missing), after)
	}
	for i := range x.Missing {
		counts["remedies"]++
		if x.Missing[i].Near != nil {
			counts["near"]++
		}
		fewer := slices.Delete(slices.Clone(x.Missing), i, i+1)
		if authz.Decide(r, remedied(t, p, fewer, false)).Allowed() {
			rt.Fatalf("%+v: of %s, number %d is not needed", d, remedyNames(x.Missing), i)
		}
	}
}

func remedyNames(all []authz.Remedy) string {
	var names []string
	for _, m := range all {
		names = append(names, fmt.Sprintf("%v %d deny %v near %v", m.Layer, m.Level, m.Deny != nil, m.Near != nil))
	}
	return strings.Join(names, ", ")
}

// remedied is the policies with remedies made: with near, near misses lose their
// conditions where there are such.
func remedied(t *testing.T, p *authz.Policies, all []authz.Remedy, near bool) *authz.Policies {
	t.Helper()
	after := *p
	after.SCPs, after.RCPs = slices.Clone(p.SCPs), slices.Clone(p.RCPs)
	layer := func(m *authz.Remedy) **policy.Set {
		switch m.Layer {
		case authz.LayerSCP:
			return &after.SCPs[m.Level]
		case authz.LayerRCP:
			return &after.RCPs[m.Level]
		case authz.LayerIdentity:
			return &after.Identity
		case authz.LayerBoundary:
			return &after.Boundary
		case authz.LayerSession:
			return &after.Session
		case authz.LayerACL:
			return &after.ACL
		}
		return &after.Resource
	}
	// Documents are changed first: outcomes name the policies as they were.
	changed := map[*policy.Policy]map[int]bool{}
	for i := range all {
		if o := all[i].Deny; o != nil {
			mark(changed, o)
		} else if o := all[i].Near; o != nil && near {
			mark(changed, o)
		}
	}
	for i := range all {
		set := layer(&all[i])
		var policies []*policy.Policy
		for _, q := range (*set).Policies() {
			if q = edited(t, q, changed[q]); q != nil {
				policies = append(policies, q)
			}
		}
		if s := all[i].Add; s != nil && (all[i].Near == nil || !near) {
			doc := &policy.Document{Version: policy.Version2012, Statements: []policy.Statement{*s}}
			added, err := policy.Compile(doc, policy.Ref{})
			if err != nil {
				t.Fatal(err)
			}
			policies = append(policies, added)
		}
		*set = policy.NewSet(policies...)
	}
	return &after
}

func mark(changed map[*policy.Policy]map[int]bool, o *policy.Outcome) {
	if changed[o.Policy] == nil {
		changed[o.Policy] = map[int]bool{}
	}
	changed[o.Policy][o.Statement] = true
}

// edited is a policy without some Deny statements, and without the conditions of
// some Allow statements.
func edited(t *testing.T, p *policy.Policy, changed map[int]bool) *policy.Policy {
	doc := *p.Document()
	doc.Statements = nil
	for i, s := range p.Document().Statements {
		if changed[i] && s.Effect == "Deny" {
			continue
		}
		if changed[i] {
			s.Condition = nil
		}
		doc.Statements = append(doc.Statements, s)
	}
	if len(doc.Statements) == 0 {
		return nil
	}
	after, err := policy.Compile(&doc, p.Ref())
	if err != nil {
		t.Fatal(err)
	}
	return after
}
