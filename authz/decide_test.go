package authz_test

import (
	"fmt"
	"testing"

	"sallyport/authz"
	"sallyport/policy"
)

const (
	action   = "s3:GetObject"
	object   = "arn:aws:s3:::b/k"
	bucket   = "arn:aws:s3:::b"
	aliceARN = "arn:aws:iam::" + home + ":user/alice"
	roleARN  = "arn:aws:iam::" + home + ":role/app"
	appARN   = "arn:aws:sts::" + home + ":assumed-role/app/run"
	kioskARN = "arn:aws:sts::" + home + ":federated-user/kiosk"
)

// answer makes a layer's policies: "allow", "deny", "silent" (there is a policy,
// about something else) or "" (there is none).
func answer(t testing.TB, kind policy.RefKind, name, text, principal string) *policy.Set {
	t.Helper()
	if principal != "" {
		principal = `"Principal":` + principal + `,`
	}
	one := `{"Effect":"Allow",` + principal + `"Action":%q,"Resource":"*"}`
	switch text {
	case "":
		return nil
	case "silent":
		return policy.NewSet(compile(t, kind, name, `{"Version":"2012-10-17","Statement":`+fmt.Sprintf(one, "sqs:*")+`}`))
	case "allow":
		return policy.NewSet(compile(t, kind, name, `{"Version":"2012-10-17","Statement":`+fmt.Sprintf(one, "s3:*")+`}`))
	case "deny":
		// An allow stands beside the deny, to show that the deny wins.
		return policy.NewSet(compile(t, kind, name, `{"Version":"2012-10-17","Statement":[`+fmt.Sprintf(one, "s3:*")+
			`,{"Effect":"Deny",`+principal+`"Action":"s3:Get*","Resource":"*"}]}`))
	}
	t.Fatalf("unknown answer %q", text)
	return nil
}

// A situation is what each layer says. resource is the Principal element of a
// policy that allows, "silent", or "" for none.
type situation struct {
	who                                   policy.Principal
	account                               string // of the resource; home when empty
	identity, boundary, session, resource string
	acl                                   string // like resource
	decides                               bool
	scps, rcps                            []string
}

func (s situation) decide(t testing.TB) authz.Decision {
	t.Helper()
	return authz.Decide(s.question(t))
}

func (s situation) explain(t testing.TB) authz.Explanation {
	t.Helper()
	return authz.Explain(s.question(t))
}

func (s situation) question(t testing.TB) (*authz.Request, *authz.Policies) {
	t.Helper()
	account := s.account
	if account == "" {
		account = home
	}
	p := &authz.Policies{
		Identity:        answer(t, policy.RefManaged, "identity", s.identity, ""),
		Boundary:        answer(t, policy.RefManaged, "boundary", s.boundary, ""),
		Session:         answer(t, policy.RefSession, "session", s.session, ""),
		Resource:        grant(t, s.resource),
		ACL:             grant(t, s.acl),
		ResourceDecides: s.decides,
	}
	for _, text := range s.scps {
		p.SCPs = append(p.SCPs, answer(t, policy.RefSCP, "scp", text, ""))
	}
	for _, text := range s.rcps {
		p.RCPs = append(p.RCPs, answer(t, policy.RefRCP, "rcp", text, `"*"`))
	}
	return &authz.Request{
		ResourceAccount: account,
		Request:         policy.Request{Principal: s.who, Action: action, Resource: object},
	}, p
}

func grant(t testing.TB, principal string) *policy.Set {
	switch principal {
	case "":
		return nil
	case "silent":
		return answer(t, policy.RefResource, "resource", "silent", `"*"`)
	case "deny":
		return answer(t, policy.RefResource, "resource", "deny", `"*"`)
	case "*":
		return answer(t, policy.RefResource, "resource", "allow", `"*"`)
	case "ec2.amazonaws.com":
		return answer(t, policy.RefResource, "resource", "allow", `{"Service":"ec2.amazonaws.com"}`)
	case "accounts.google.com":
		return answer(t, policy.RefResource, "resource", "allow", `{"Federated":"accounts.google.com"}`)
	}
	return answer(t, policy.RefResource, "resource", "allow", `{"AWS":"`+principal+`"}`)
}

// Callers of the tables.
var (
	alice, app, kiosk = user("alice"), session("app", "run"), federatedUser("kiosk")
	stranger          = policy.Principal{Kind: policy.User, Account: other, ARN: "arn:aws:iam::" + other + ":user/bob", ID: "AIDAEXAMPLEBOB000001"}
	strangerRoot      = policy.Principal{Kind: policy.Root, Account: other, ARN: "arn:aws:iam::" + other + ":root"}
	service           = policy.Principal{Kind: policy.Service, Service: "ec2.amazonaws.com"}
	google            = policy.Principal{Kind: policy.Federated, Federated: "accounts.google.com"}
	linked            = session("aws-service-role/ec2.amazonaws.com/AWSServiceRoleForEC2", "x")
)

// combinations is the tables of the pages named in the package comment. want is
// the deciding layer, with "!" before it when the request is denied for want of
// an allow there.
var combinations = []struct {
	name string
	situation
	want string
}{
	// One account, a user.
	{"nothing", situation{who: alice}, "!identity"},
	{"identity", situation{who: alice, identity: "allow"}, "identity"},
	{"silent identity", situation{who: alice, identity: "silent"}, "!identity"},
	{"silent resource", situation{who: alice, identity: "allow", resource: "silent"}, "identity"},
	{"boundary alone", situation{who: alice, boundary: "allow"}, "!identity"},
	{"boundary allows", situation{who: alice, identity: "allow", boundary: "allow"}, "identity"},
	{"boundary silent", situation{who: alice, identity: "allow", boundary: "silent"}, "!boundary"},
	{"user named", situation{who: alice, resource: aliceARN}, "resource"},
	{"user named, boundary silent", situation{who: alice, resource: aliceARN, boundary: "silent"}, "resource"},
	{"user named, identity and boundary silent", situation{who: alice, resource: aliceARN, identity: "silent", boundary: "silent"}, "resource"},
	{"everyone named", situation{who: alice, resource: "*", boundary: "silent"}, "resource"},
	{"account named delegates", situation{who: alice, resource: home}, "!identity"},
	{"account named, identity allows", situation{who: alice, resource: home, identity: "allow"}, "identity"},
	{"account named, boundary silent", situation{who: alice, resource: home, identity: "allow", boundary: "silent"}, "!boundary"},
	{"another named", situation{who: alice, resource: "arn:aws:iam::" + home + ":user/bob"}, "!identity"},
	// One account, a role session.
	{"role named", situation{who: app, resource: roleARN}, "resource"},
	{"role named, identity silent", situation{who: app, resource: roleARN, identity: "silent"}, "resource"},
	{"role named, boundary silent", situation{who: app, resource: roleARN, boundary: "silent"}, "!boundary"},
	{"role named, session silent", situation{who: app, resource: roleARN, session: "silent"}, "!session"},
	{"role named, both allow", situation{who: app, resource: roleARN, boundary: "allow", session: "allow"}, "resource"},
	{"session named", situation{who: app, resource: appARN, boundary: "silent", session: "silent"}, "resource"},
	{"session everyone", situation{who: app, resource: "*", boundary: "silent", session: "silent"}, "resource"},
	{"session policy limits", situation{who: app, identity: "allow", session: "silent"}, "!session"},
	{"session policy allows", situation{who: app, identity: "allow", session: "allow"}, "identity"},
	{"session policy grants nothing", situation{who: app, session: "allow"}, "!identity"},
	{"session and boundary limit", situation{who: app, identity: "allow", session: "silent", boundary: "silent"}, "!boundary"},
	{"role session without session policy", situation{who: app, identity: "allow"}, "identity"},
	// One account, a federated-user session.
	{"federated without session policy", situation{who: kiosk, identity: "allow"}, "!session"},
	{"federated with session policy", situation{who: kiosk, identity: "allow", session: "allow"}, "identity"},
	{"federated named", situation{who: kiosk, resource: kioskARN}, "resource"},
	{"federated named, all silent", situation{who: kiosk, resource: kioskARN, identity: "silent", boundary: "silent", session: "silent"}, "resource"},
	{"parent named", situation{who: kiosk, resource: aliceARN, session: "allow"}, "resource"},
	{"parent named, session silent", situation{who: kiosk, resource: aliceARN, session: "silent"}, "!session"},
	{"parent named, no session policy", situation{who: kiosk, resource: aliceARN}, "!session"},
	{"parent named, boundary silent", situation{who: kiosk, resource: aliceARN, session: "allow", boundary: "silent"}, "!boundary"},
	// Root.
	{"root", situation{who: root()}, "root"},
	{"root, service control policy silent", situation{who: root(), scps: []string{"allow", "silent"}}, "!scp"},
	{"root with a session policy", situation{who: root(), session: "silent"}, "!session"},
	{"root abroad", situation{who: strangerRoot}, "!resource"},
	{"root abroad, account named", situation{who: strangerRoot, resource: other}, "resource"},
	// Across accounts both sides must allow and limits always hold.
	{"stranger, identity", situation{who: stranger, identity: "allow"}, "!resource"},
	{"stranger, resource", situation{who: stranger, resource: stranger.ARN}, "!identity"},
	{"stranger, everyone named", situation{who: stranger, resource: "*"}, "!identity"},
	{"stranger, both", situation{who: stranger, identity: "allow", resource: stranger.ARN}, "identity"},
	{"stranger, account named", situation{who: stranger, identity: "allow", resource: other}, "identity"},
	{"stranger, home named", situation{who: stranger, identity: "allow", resource: home}, "!resource"},
	{"stranger, named, boundary silent", situation{who: stranger, identity: "allow", resource: stranger.ARN, boundary: "silent"}, "!boundary"},
	{"abroad, session named, session silent", situation{who: app, account: other, identity: "allow", resource: appARN, session: "silent"}, "!session"},
	{"abroad, session named, identity silent", situation{who: app, account: other, identity: "silent", resource: appARN}, "!identity"},
	{"unknown account", situation{who: alice, account: "?", identity: "allow"}, "!resource"},
	{"unknown principal account", situation{who: policy.Principal{Kind: policy.User, ARN: aliceARN}, account: "?", identity: "allow"}, "!resource"},
	// The resource decides.
	{"key, identity alone", situation{who: alice, decides: true, identity: "allow"}, "!resource"},
	{"key, silent", situation{who: alice, decides: true, identity: "allow", resource: "silent"}, "!resource"},
	{"key, account named", situation{who: alice, decides: true, resource: home}, "!identity"},
	{"key, account named, identity allows", situation{who: alice, decides: true, resource: home, identity: "allow"}, "identity"},
	{"key, user named", situation{who: alice, decides: true, resource: aliceARN}, "resource"},
	{"key, role named", situation{who: app, decides: true, resource: roleARN, boundary: "silent"}, "!boundary"},
	{"key, root unnamed", situation{who: root(), decides: true, resource: aliceARN}, "!resource"},
	{"key, root named", situation{who: root(), decides: true, resource: home}, "resource"},
	{"key, access control list", situation{who: alice, decides: true, acl: aliceARN, identity: "allow"}, "!resource"},
	{"trust abroad", situation{who: stranger, decides: true, resource: stranger.ARN}, "!identity"},
	{"trust abroad, both", situation{who: stranger, decides: true, resource: other, identity: "allow"}, "identity"},
	// Those without policies of their own.
	{"service", situation{who: service, resource: "ec2.amazonaws.com"}, "resource"},
	{"service unnamed", situation{who: service, resource: home, identity: "allow"}, "!resource"},
	{"service abroad", situation{who: service, account: other, resource: "ec2.amazonaws.com", decides: true}, "resource"},
	{"provider", situation{who: google, resource: "accounts.google.com", decides: true}, "resource"},
	{"provider unnamed", situation{who: google, resource: "ec2.amazonaws.com"}, "!resource"},
	{"anonymous", situation{resource: "*"}, "resource"},
	{"anonymous unnamed", situation{resource: home, identity: "allow"}, "!resource"},
	// Access control lists.
	{"list names user", situation{who: alice, acl: aliceARN, boundary: "silent"}, "acl"},
	{"list names account", situation{who: alice, acl: home}, "!identity"},
	{"list names everyone", situation{acl: "*"}, "acl"},
	{"list serves strangers", situation{who: stranger, acl: other, identity: "allow"}, "identity"},
	{"policy before list", situation{who: alice, acl: aliceARN, resource: aliceARN}, "resource"},
	{"stronger of the two", situation{who: app, acl: appARN, resource: roleARN, boundary: "silent"}, "acl"},
	// Organizations.
	{"every level allows", situation{who: alice, identity: "allow", scps: []string{"allow", "allow"}, rcps: []string{"allow"}}, "identity"},
	{"one level silent", situation{who: alice, identity: "allow", scps: []string{"allow", "silent", "allow"}}, "!scp"},
	{"one level empty", situation{who: alice, identity: "allow", scps: []string{"allow", ""}}, "!scp"},
	{"named users too", situation{who: alice, resource: aliceARN, scps: []string{"silent"}}, "!scp"},
	{"grants nothing", situation{who: alice, scps: []string{"allow"}, rcps: []string{"allow"}}, "!identity"},
	{"resource control silent", situation{who: alice, identity: "allow", rcps: []string{"allow", "silent"}}, "!rcp"},
	{"resource control, stranger", situation{who: stranger, identity: "allow", resource: "*", rcps: []string{"silent"}}, "!rcp"},
	{"service-linked role", situation{who: linked, identity: "allow", scps: []string{"silent", "deny"}, rcps: []string{"deny"}}, "identity"},
}

// TestAttack10Combination holds decisions to the tables of AWS's pages.
func TestAttack10Combination(t *testing.T) {
	for _, tt := range combinations {
		t.Run(tt.name, func(t *testing.T) {
			d := tt.decide(t)
			got := d.Layer.String()
			if !d.Allowed() {
				got = "!" + got
			}
			if got != tt.want || d.Effect == authz.ExplicitDeny {
				t.Errorf("%v by %s, missing %b, want %s", d.Effect, got, d.Missing, tt.want)
			}
			if d.Allowed() != (d.Missing == 0) || !d.Allowed() && !d.Missing.Has(d.Layer) {
				t.Errorf("%v by %v, missing %b", d.Effect, d.Layer, d.Missing)
			}
			if granted := d.Allowed() && d.Layer != authz.LayerRoot; granted != (d.Policy != nil) {
				t.Errorf("%v by %v with policy %v", d.Effect, d.Layer, d.Policy)
			}
		})
	}
}

// TestAttack08ExplicitDeny: a deny in any one layer wins over allows in all
// others, for every kind of principal.
func TestAttack08ExplicitDeny(t *testing.T) {
	for _, who := range []policy.Principal{user("alice"), session("app", "run"), federatedUser("kiosk"), root()} {
		all := situation{who: who, identity: "allow", boundary: "allow", session: "allow", resource: who.ARN, acl: who.ARN,
			scps: []string{"allow", "allow"}, rcps: []string{"allow", "allow"}}
		if who.Kind == policy.Root {
			all.resource, all.acl = home, home
		}
		for _, account := range []string{home, other} {
			for _, decides := range []bool{false, true} {
				all.account, all.decides = account, decides
				if d := all.decide(t); !d.Allowed() {
					t.Fatalf("%v: without a deny: %v by %v", who.Kind, d.Effect, d.Layer)
				}
				for layer, deny := range map[authz.Layer]func(s *situation){
					authz.LayerIdentity: func(s *situation) { s.identity = "deny" },
					authz.LayerBoundary: func(s *situation) { s.boundary = "deny" },
					authz.LayerSession:  func(s *situation) { s.session = "deny" },
					authz.LayerResource: func(s *situation) { s.resource = "deny" },
					authz.LayerACL:      func(s *situation) { s.acl = "deny" },
					authz.LayerSCP:      func(s *situation) { s.scps = []string{"silent", "deny"} },
					authz.LayerRCP:      func(s *situation) { s.rcps = []string{"silent", "deny"} },
				} {
					s := all
					deny(&s)
					d := s.decide(t)
					if d.Effect != authz.ExplicitDeny || d.Layer != layer || d.Policy == nil || d.Statement != 1 || d.Allowed() {
						t.Errorf("%v, deny in %v: %v by %v, statement %d", who.Kind, layer, d.Effect, d.Layer, d.Statement)
					}
					if level := d.Level; (layer == authz.LayerSCP || layer == authz.LayerRCP) != (level == 1) {
						t.Errorf("%v: level %d", layer, level)
					}
				}
			}
		}
	}
	// Outsiders are denied as well.
	if d := (situation{who: policy.Principal{Kind: policy.Service, Service: "ec2.amazonaws.com"}, resource: "deny"}).decide(t); d.Effect != authz.ExplicitDeny {
		t.Errorf("service: %v", d.Effect)
	}
}

// TestAttack09RestrictedStaysRestricted: whatever a session policy or a boundary
// leaves out stays out, in the caller's own account too, whatever else grants
// it to its role or account (CVE-2025-62506, CVE-2022-24842, CVE-2024-24747).
func TestAttack09RestrictedStaysRestricted(t *testing.T) {
	for _, resource := range []string{"", "silent", home, roleARN} {
		for _, account := range []string{home, other} {
			for _, limits := range [][2]string{{"silent", ""}, {"", "silent"}, {"silent", "silent"}, {"silent", "allow"}, {"allow", "silent"}} {
				for _, decides := range []bool{false, true} {
					s := situation{who: session("app", "run"), account: account, identity: "allow", resource: resource, decides: decides,
						boundary: limits[0], session: limits[1], scps: []string{"allow"}}
					if d := s.decide(t); d.Allowed() {
						t.Errorf("%+v: allowed by %v", s, d.Layer)
					}
				}
			}
		}
	}
}

// TestAttack09ServiceLinkedLookAlike: the exemption of service-linked roles from
// organization policies can't be had by choosing a role's path or name.
func TestAttack09ServiceLinkedLookAlike(t *testing.T) {
	for _, role := range []string{"x:role/aws-service-role/ec2.amazonaws.com/y", "x/aws-service-role/y", "aws-service-role", "AWS-service-role/x/y"} {
		s := situation{who: session(role, "run"), identity: "allow", scps: []string{"deny"}}
		if d := s.decide(t); d.Effect != authz.ExplicitDeny || d.Layer != authz.LayerSCP {
			t.Errorf("%s: %v by %v", s.who.RoleARN, d.Effect, d.Layer)
		}
	}
}

// TestNotPrincipalWithBoundary: AWS denies whoever has a boundary, listed or not.
func TestNotPrincipalWithBoundary(t *testing.T) {
	p := &authz.Policies{
		Identity: answer(t, policy.RefManaged, "identity", "allow", ""),
		Resource: policy.NewSet(compile(t, policy.RefResource, "r", `{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotPrincipal":{"AWS":["`+aliceARN+`","`+home+`"]},"Action":"*","Resource":"*"}}`)),
	}
	r := &authz.Request{ResourceAccount: home, Request: policy.Request{Principal: alice, Action: action, Resource: object}}
	if d := authz.Decide(r, p); !d.Allowed() {
		t.Errorf("without a boundary: %v", d.Effect)
	}
	p.Boundary = p.Identity
	if d := authz.Decide(r, p); d.Effect != authz.ExplicitDeny || d.Layer != authz.LayerResource {
		t.Errorf("with a boundary: %v by %v", d.Effect, d.Layer)
	}
}

func TestMissing(t *testing.T) {
	d := situation{who: session("app", "run"), account: other, boundary: "silent", session: "silent"}.decide(t)
	for _, layer := range []authz.Layer{authz.LayerIdentity, authz.LayerBoundary, authz.LayerSession, authz.LayerResource} {
		if !d.Missing.Has(layer) {
			t.Errorf("%v is not missing", layer)
		}
	}
	if d.Missing.Has(authz.LayerSCP) || d.Layer != authz.LayerIdentity {
		t.Errorf("%+v", d)
	}
	if d := (situation{who: user("alice"), identity: "allow", scps: []string{"allow", "allow", "silent", "silent"}}).decide(t); d.Level != 2 {
		t.Errorf("level %d", d.Level)
	}
}

func TestZeroDecisionDenies(t *testing.T) {
	if (authz.Decision{}).Allowed() {
		t.Error("the zero decision allows")
	}
	if d := authz.Decide(&authz.Request{}, &authz.Policies{}); d.Allowed() {
		t.Error("the zero request is allowed")
	}
}
