package authorize

import (
	"net/http"
	"strings"
	"testing"

	"sallyport/internal/federation/oidc/oidctest"
	"sallyport/test/inprocess"
)

// vouched are the tests of operations that are not signed, whose callers an
// identity provider vouches for: no policy of the account is theirs, and the
// role's trust policy alone opens them, by exactly their own action.
var vouched = map[string]func(t *testing.T){
	"sts:AssumeRoleWithWebIdentity": func(t *testing.T) {
		s, issuer := inprocess.NewFederated(t)
		r := func() *http.Request {
			return s.WebIdentity(issuer.Sign(issuer.Claims(inprocess.Audience, s.Now())), nil)
		}
		trustedAlone(t, s, "sts:AssumeRoleWithWebIdentity", inprocess.WebProvider, iamARN+"oidc-provider/other.example.com", r)
		// The provider's own name as an issuer is none of its principals here.
		s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "web", "PolicyDocument": strings.ReplaceAll(inprocess.TrustingWeb(""), oidctest.Host, "other.example.com")})
		s.Refused(r(), http.StatusForbidden, "AccessDenied")
	},
	"sts:AssumeRoleWithSAML": func(t *testing.T) {
		s, idp := inprocess.NewSAML(t)
		r := func() *http.Request {
			return s.SAML(idp.Sign(idp.Assertion(inprocess.SAMLRole, inprocess.SAMLProvider, s.Now())), nil)
		}
		trustedAlone(t, s, "sts:AssumeRoleWithSAML", inprocess.SAMLProvider, iamARN+"saml-provider/other", r)
	},
}

// trustedAlone holds an operation on the role of federated servers to the role's
// trust policy: provider vouches for whoever makes the request.
func trustedAlone(t *testing.T, s *inprocess.Server, action, provider, other string, r func() *http.Request) {
	t.Helper()
	statement := func(effect, principal, actions string) string {
		return `{"Effect":"` + effect + `","Principal":` + principal + `,` + actions + `}`
	}
	federated := `{"Federated":"` + provider + `"}`
	own := `"Action":"` + action + `"`
	others := `"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity","sts:AssumeRoleWithSAML","sts:AssumeRoleWithWebIdentity"]`
	others = strings.Replace(strings.Replace(others, `,"`+action+`"`, "", 1), `"`+action+`",`, "", 1)
	ran := 0
	for name, statements := range map[string][]string{
		"other actions":      {statement("Allow", federated, others)},
		"another provider":   {statement("Allow", `{"Federated":"`+other+`"}`, own)},
		"the account":        {statement("Allow", `{"AWS":"`+inprocess.Account+`"}`, own)},
		"a user":             {statement("Allow", `{"AWS":"`+alice+`"}`, own)},
		"denied as well":     {statement("Allow", federated, own), statement("Deny", federated, own)},
		"denied to everyone": {statement("Allow", federated, own), statement("Deny", `{"AWS":"*"}`, own)},
	} {
		if name == "a user" {
			s.Root.Do("iam:CreateUser", p{"UserName": "alice"})
		}
		s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "web", "PolicyDocument": policyOf(statements...)})
		reply := s.Refused(r(), http.StatusForbidden, "AccessDenied")
		if want := "Not authorized to perform " + action; reply.Message != want {
			t.Errorf("%s: message %q, want %q", name, reply.Message, want)
		}
		if record := s.RecordOf(reply, inprocess.Account); record.ErrorCode != "AccessDenied" {
			t.Errorf("%s is on record as %s", name, record.Raw)
		}
		ran++
	}
	if ran != 6 {
		t.Errorf("%d trust policies were tried", ran)
	}
	s.Root.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "web", "PolicyDocument": policyOf(statement("Allow", federated, own))})
	before := s.Dump()
	reply := s.Send(r())
	reply.Want(http.StatusOK, "")
	if s.Dump() != before {
		t.Error("an operation that reads changed the state")
	}
	if record := s.RecordOf(reply, inprocess.Account); record.Stream != "block" || !record.ReadOnly || record.EventName != strings.TrimPrefix(action, "sts:") {
		t.Errorf("on record as %s", record.Raw)
	}
}
