package authz_test

import (
	"testing"

	"pgregory.net/rapid"

	"sallyport/authz"
	"sallyport/policy"
)

// TestMonotone holds what must be true of any combination: a limit or a deny
// never adds access, a grant never takes it away, and what is allowed across
// accounts is allowed within one.
func TestMonotone(t *testing.T) {
	callers := []policy.Principal{alice, app, kiosk, stranger, root(), strangerRoot, service, google, linked, {}}
	grants := []string{"", "silent", "*", aliceARN, roleARN, appARN, kioskARN, home, other, "ec2.amazonaws.com", "accounts.google.com"}
	texts := []string{"", "silent", "allow", "deny"}
	rapid.Check(t, func(rt *rapid.T) {
		pick := func(label string, from []string) string { return rapid.SampledFrom(from).Draw(rt, label) }
		s := situation{
			who:      rapid.SampledFrom(callers).Draw(rt, "who"),
			account:  pick("account", []string{home, other}),
			identity: pick("identity", texts), boundary: pick("boundary", texts), session: pick("session", texts),
			resource: pick("resource", append(grants, "deny")), acl: pick("acl", grants),
			decides: rapid.Bool().Draw(rt, "decides"),
			scps:    rapid.SliceOfN(rapid.SampledFrom(texts), 0, 2).Draw(rt, "scps"),
			rcps:    rapid.SliceOfN(rapid.SampledFrom(texts), 0, 2).Draw(rt, "rcps"),
		}
		d := s.decide(t)
		if d.Allowed() && d.Missing != 0 || d.Effect == authz.ImplicitDeny && !d.Missing.Has(d.Layer) {
			rt.Fatalf("%+v", d)
		}
		vary := func(name string, allowedMeans bool, change func(v *situation)) {
			v := s
			change(&v)
			if allowed := v.decide(t).Allowed(); allowed != d.Allowed() && allowed == allowedMeans {
				rt.Errorf("%s turns %v into %v", name, d.Allowed(), allowed)
			}
		}
		// Limits never add access.
		if s.boundary == "" {
			vary("a boundary", true, func(v *situation) { v.boundary = "allow" })
		}
		if s.session == "" && s.who.Kind != policy.FederatedUser {
			vary("a session policy", true, func(v *situation) { v.session = "allow" })
		}
		vary("another level", true, func(v *situation) { v.scps = append(v.scps[:len(v.scps):len(v.scps)], "allow") })
		vary("a deny", true, func(v *situation) { v.identity = "deny" })
		vary("a resource that decides", true, func(v *situation) { v.decides = true })
		// Grants never take it away.
		if s.identity != "deny" {
			vary("an identity grant", false, func(v *situation) { v.identity = "allow" })
		}
		if s.resource == "" || s.resource == "silent" {
			vary("a resource grant", false, func(v *situation) { v.resource = "*" })
		}
		if s.acl == "" {
			vary("an ACL grant", false, func(v *situation) { v.acl = "*" })
		}
		// Both sides agreeing is enough at home.
		if s.account != s.who.Account {
			vary("coming home", false, func(v *situation) { v.account = s.who.Account })
		}
	})
}
