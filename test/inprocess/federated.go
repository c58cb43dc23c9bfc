package inprocess

import (
	"net/http"
	"testing"

	"sallyport/internal/app"
	"sallyport/internal/federation/oidc/oidctest"
	"sallyport/internal/federation/samltest"
)

// Audience is the client id of the provider of federated servers.
const Audience = "sts.amazonaws.com"

// WebRole is the ARN of their role, which trusts it.
const WebRole = "arn:aws:iam::" + Account + ":role/team/web"

// WebProvider is the ARN of the provider.
const WebProvider = "arn:aws:iam::" + Account + ":oidc-provider/" + oidctest.Host

// NewFederated starts a server with an OpenID Connect issuer that is a provider of
// the first account, and a role that those of its subjects may assume that begin
// with "subject-", and that may do everything.
func NewFederated(t testing.TB, options ...func(*app.Config)) (*Server, *oidctest.Issuer) {
	t.Helper()
	issuer := oidctest.New(t, Start)
	s := New(t, append([]func(*app.Config){func(c *app.Config) {
		c.OIDC.PrivateIssuers, c.OIDC.CAFile = []string{issuer.PrivateIssuer()}, issuer.CAFile
	}}, options...)...)
	s.Admin.Do("iam:CreateOpenIDConnectProvider", P{"Url": issuer.URL, "ClientIDList.member.1": Audience})
	s.Admin.Do("iam:CreateRole", P{"RoleName": "web", "Path": "/team/", "AssumeRolePolicyDocument": TrustingWeb(`"StringLike":{"` + oidctest.Host + `:sub":"subject-*"}`)})
	s.Admin.Do("iam:PutRolePolicy", P{"RoleName": "web", "PolicyName": "all",
		"PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`})
	return s, issuer
}

// TrustingWeb is a trust policy for the provider, with members of its Condition.
func TrustingWeb(conditions string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + WebProvider + `"},` +
		`"Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"],"Condition":{` + conditions + `}}]}`
}

// WebIdentity is a call of sts:AssumeRoleWithWebIdentity, which nobody signs, with
// further parameters.
func (s *Server) WebIdentity(token string, in P) *http.Request {
	s.Helper()
	parameters := P{"RoleArn": WebRole, "RoleSessionName": "session", "WebIdentityToken": token}
	for name, value := range in {
		parameters[name] = value
	}
	r, _ := s.Request("sts:AssumeRoleWithWebIdentity", parameters)
	return r
}

// SAMLRole and SAMLProvider are the ARNs of the role and the provider of servers
// with a SAML provider.
const (
	SAMLRole     = "arn:aws:iam::" + Account + ":role/team/web"
	SAMLProvider = "arn:aws:iam::" + Account + ":saml-provider/example"
)

// NewSAML starts a server with a SAML provider in the first account, and a role
// that its subjects may assume, and that may do everything.
func NewSAML(t testing.TB, options ...func(*app.Config)) (*Server, *samltest.Provider) {
	t.Helper()
	idp := samltest.New(t, Start)
	s := New(t, options...)
	s.Admin.Do("iam:CreateSAMLProvider", P{"Name": "example", "SAMLMetadataDocument": idp.Metadata()})
	s.Admin.Do("iam:CreateRole", P{"RoleName": "web", "Path": "/team/", "AssumeRolePolicyDocument": TrustingSAML("")})
	s.Admin.Do("iam:PutRolePolicy", P{"RoleName": "web", "PolicyName": "all",
		"PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`})
	return s, idp
}

// TrustingSAML is a trust policy for the SAML provider, with members of its
// Condition.
func TrustingSAML(conditions string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + SAMLProvider + `"},` +
		`"Action":["sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity"],"Condition":{` + conditions + `}}]}`
}

// SAML is a call of sts:AssumeRoleWithSAML, which nobody signs, with further
// parameters.
func (s *Server) SAML(response string, in P) *http.Request {
	s.Helper()
	parameters := P{"RoleArn": SAMLRole, "PrincipalArn": SAMLProvider, "SAMLAssertion": response}
	for name, value := range in {
		parameters[name] = value
	}
	r, _ := s.Request("sts:AssumeRoleWithSAML", parameters)
	return r
}
