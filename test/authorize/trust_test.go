package authorize

import (
	"slices"
	"testing"

	"sallyport/test/inprocess"
)

// trusted are the ways a trust policy may name a caller, from the weakest to the
// strongest.
var trusted = []string{"nobody", "other account", "account", "role", "self", "everyone"}

// A caller of AssumeRole, with the ways of being named that open the role.
type caller struct {
	name     string
	client   *inprocess.Client
	account  string // its own
	self     string // its ARN
	roleARN  string // its role's, for a session
	openedBy []string
}

// TestAttack10Trust: who may assume a role, for each kind of caller and each way
// that the trust policy names it. Within one account a policy that names the
// principal itself is enough, one that names its role is held to boundary and
// session policies, and one that names the account delegates to the caller's
// policies; across accounts both sides must allow ("Policy evaluation logic",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
func TestAttack10Trust(t *testing.T) {
	s := inprocess.New(t)
	target := role(s, "target", trusting(inprocess.Account))
	otherID, otherAdmin := account(s, "other@example.com")
	may := allow("sts:AssumeRole", target)

	callers := append(usersOf(s, may), sessionsOf(s, may)...)
	callers = append(callers, outsidersOf(s, otherID, otherAdmin, may)...)
	opened := 0
	for _, way := range trusted {
		for _, c := range callers {
			document, applies := trustNaming(way, c, otherID)
			if !applies {
				continue
			}
			s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "target", "PolicyDocument": document})
			reply := c.client.Call("sts:AssumeRole", p{"RoleArn": target, "RoleSessionName": "s1"})
			want := slices.Contains(c.openedBy, way)
			if got := reply.Status == 200; got != want || !got && (reply.Status != 403 || reply.Code != "AccessDenied") {
				t.Errorf("%s, trusted by %s: %d %s %s; want it allowed: %t", c.name, way, reply.Status, reply.Code, reply.Message, want)
			} else if got {
				opened++
			}
		}
	}
	if opened == 0 {
		t.Error("nothing was ever allowed")
	}
	// A record of a call across accounts is in both.
	outsider := callers[len(callers)-1]
	reply := outsider.client.Call("sts:AssumeRole", p{"RoleArn": target, "RoleSessionName": "s1"})
	here, there := s.RecordOf(reply, inprocess.Account), s.RecordOf(reply, otherID)
	if here.SharedEventID == "" || here.SharedEventID != there.SharedEventID {
		t.Errorf("the records of a call across accounts are\n%s\n%s", here.Raw, there.Raw)
	}
}

// trustNaming is a trust policy that names the caller in one way, when there is
// such a way.
func trustNaming(way string, c caller, otherID string) (document string, applies bool) {
	switch way {
	case "nobody":
		return policyOf(`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`), true
	case "other account":
		if c.account == otherID {
			return trusting(inprocess.Account), true
		}
		return trusting(otherID), true
	case "account":
		return trusting(c.account), true
	case "role":
		return trusting(c.roleARN), c.roleARN != ""
	case "self":
		return trusting(c.self), true
	default:
		return trusting("*"), true
	}
}

func usersOf(s *inprocess.Server, may string) []caller {
	all := []caller{
		{name: "user without policies", client: member(s, "nothing"), self: iamARN + "user/nothing", openedBy: []string{"self", "everyone"}},
		{name: "user", client: member(s, "allowed", may), self: iamARN + "user/allowed", openedBy: []string{"account", "self", "everyone"}},
		{name: "user within a boundary", client: member(s, "boxed", may), self: iamARN + "user/boxed", openedBy: []string{"self", "everyone"}},
		{name: "denied user", client: member(s, "denied", may, deny("sts:*", "*")), self: iamARN + "user/denied"},
		{name: "user denied by its boundary", client: member(s, "walled", may), self: iamARN + "user/walled"},
		{name: "root", client: s.Root, self: iamARN + "root"},
	}
	s.Root.Do("iam:CreatePolicy", p{"PolicyName": "wall", "PolicyDocument": policyOf(allow("*", "*"), deny("sts:AssumeRole", "*"))})
	s.Root.Do("iam:PutUserPermissionsBoundary", p{"UserName": "boxed", "PermissionsBoundary": readOnly})
	s.Root.Do("iam:PutUserPermissionsBoundary", p{"UserName": "walled", "PermissionsBoundary": iamARN + "policy/wall"})
	for i := range all {
		all[i].account = inprocess.Account
	}
	return all
}

func sessionsOf(s *inprocess.Server, may string) []caller {
	session := func(roleName string, limit []string, openedBy ...string) caller {
		return caller{
			client: assume(s, s.Admin, iamARN+"role/"+roleName, "nightly", limit...), account: inprocess.Account,
			self:    "arn:aws:sts::" + inprocess.Account + ":assumed-role/" + roleName + "/nightly",
			roleARN: iamARN + "role/" + roleName, openedBy: openedBy,
		}
	}
	role(s, "plain", trust)
	role(s, "granted", trust, may)
	role(s, "bounded", trust, may)
	s.Root.Do("iam:PutRolePermissionsBoundary", p{"RoleName": "bounded", "PermissionsBoundary": readOnly})
	plain := session("plain", nil, "role", "self", "everyone")
	granted := session("granted", nil, "account", "role", "self", "everyone")
	bounded := session("bounded", nil, "self", "everyone")
	narrow := session("granted", []string{"Policy", policyOf(allow(listsUsers, "*"))}, "self", "everyone")
	denied := session("granted", []string{"Policy", policyOf(allow("*", "*"), deny("sts:AssumeRole", "*"))})
	plain.name, granted.name, bounded.name = "session without policies", "session", "session within a boundary"
	narrow.name, denied.name = "session with a session policy", "session denied by its session policy"
	return []caller{plain, granted, bounded, narrow, denied}
}

func outsidersOf(s *inprocess.Server, id string, admin *inprocess.Client, may string) []caller {
	arn := "arn:aws:iam::" + id + ":user/"
	all := []caller{
		{name: "outsider without policies", client: user(admin, admin, s, "nothing"), self: arn + "nothing"},
		{name: "outsider within a boundary", client: user(admin, admin, s, "boxed", may), self: arn + "boxed"},
		{name: "outsider", client: user(admin, admin, s, "allowed", may), self: arn + "allowed", openedBy: []string{"account", "self", "everyone"}},
	}
	admin.Do("iam:PutUserPermissionsBoundary", p{"UserName": "boxed", "PermissionsBoundary": readOnly})
	for i := range all {
		all[i].account = id
	}
	return all
}
