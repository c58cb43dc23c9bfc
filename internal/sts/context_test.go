package sts_test

import (
	"strconv"
	"strings"
	"testing"

	"sallyport/test/inprocess"
)

const identityCenter = "arn:aws:iam::aws:contextProvider/IdentityCenter"

var withContext = with(assume, "ProvidedContexts.member.1.ProviderArn", identityCenter, "ProvidedContexts.member.1.ContextAssertion", "an-assertion-of-nobody")

// TestProvidedContexts: a context needs sts:SetContext of the role's trust policy and
// of the caller, and then an assertion that STS made, which no text is.
func TestProvidedContexts(t *testing.T) {
	s := deploying(t)
	role := func(actions, condition string) {
		s.Admin.Do("iam:UpdateAssumeRolePolicy", p{"RoleName": "deploy", "PolicyDocument": `{"Version":"2012-10-17","Statement":[` +
			`{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":` + actions + condition + `}]}`})
	}
	s.Admin.Denied("sts:AssumeRole", withContext, "sts:SetContext") // the trust policy lacks it
	const both = `["sts:AssumeRole","sts:SetContext"]`
	role(both, "")
	user(s, "plain", allowing("sts:AssumeRole", "")).Denied("sts:AssumeRole", withContext, "sts:SetContext")
	invalid := func(c *inprocess.Client) {
		t.Helper()
		reply := c.Refused("sts:AssumeRole", withContext, 400, "ExpiredTokenException")
		if raw := s.RecordOf(reply, account).Raw; strings.Contains(raw, "an-assertion-of-nobody") {
			t.Errorf("the assertion is on record: %s", raw)
		}
	}
	invalid(s.Admin)
	invalid(user(s, "both", allowing("sts:AssumeRole sts:SetContext", "")))
	trusts := func(provider string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"},{"Effect":"Allow","Action":"sts:SetContext",` +
			`"Resource":"` + deployARN + `","Condition":{"ForAllValues:ArnEquals":{"sts:RequestContextProviders":["` + provider + `"]}}}]}`
	}
	invalid(user(s, "idc", trusts(identityCenter)))
	user(s, "other", trusts("arn:aws:iam::aws:contextProvider/Other")).Denied("sts:AssumeRole", withContext, "sts:SetContext")
	// What an assertion would say is absent as long as none is believed.
	role(both, `,"Condition":{"Null":{"sts:RequestContext/identitystore:UserId":"false"}}`)
	s.Admin.Denied("sts:AssumeRole", withContext, "sts:AssumeRole")
}

func TestProvidedContextRefusals(t *testing.T) {
	s := deploying(t)
	many := with(withContext)
	for i := range 6 {
		member := "ProvidedContexts.member." + strconv.Itoa(i+1)
		many[member+".ProviderArn"], many[member+".ContextAssertion"] = identityCenter, "an-assertion"
	}
	for name, c := range map[string]struct {
		in      p
		message string
	}{
		"six contexts":     {many, ""},
		"three characters": {with(withContext, "ProvidedContexts.member.1.ContextAssertion", "abc"), ""},
		"too long":         {with(withContext, "ProvidedContexts.member.1.ContextAssertion", strings.Repeat("a", 2049)), ""},
		"no assertion":     {with(assume, "ProvidedContexts.member.1.ProviderArn", identityCenter), "A provided context must have a ProviderArn and a ContextAssertion."},
		"no provider":      {with(assume, "ProvidedContexts.member.1.ContextAssertion", "an-assertion"), "A provided context must have a ProviderArn and a ContextAssertion."},
		"a role":           {with(withContext, "ProvidedContexts.member.1.ProviderArn", deployARN), deployARN + " is invalid"},
		"without a name":   {with(withContext, "ProvidedContexts.member.1.ProviderArn", "arn:aws:iam::aws:contextProvider/"), "arn:aws:iam::aws:contextProvider/ is invalid"},
		"of an account":    {with(withContext, "ProvidedContexts.member.1.ProviderArn", "arn:aws:iam::"+account+":contextProvider/IdentityCenter"), "arn:aws:iam::" + account + ":contextProvider/IdentityCenter is invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			reply := s.Admin.Refused("sts:AssumeRole", c.in, 400, "ValidationError")
			if c.message != "" {
				reply.WantMessage(c.message)
			}
		})
	}
}
