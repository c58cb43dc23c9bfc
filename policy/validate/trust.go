package validate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sallyport/arn"
	"sallyport/policy"
)

// Messages of trust policies.
const (
	msgTrustJSON         = "This policy contains invalid Json"
	msgTrustSyntax       = "Syntax error in policy."
	msgTrustVersion      = "The policy must contain a valid version string"
	msgTrustEmpty        = "Could not parse the policy: Statement is empty!"
	msgTrustResource     = "Has prohibited field Resource"
	msgTrustNotResource  = "AssumeRole policy must not contain resources."
	msgTrustNoEffect     = "Missing required field Effect"
	msgTrustAllowNot     = "Allow with NotPrincipal is not allowed."
	msgTrustNotPrincipal = "AssumeRole policy must not contain NotPrincipal field."
	msgTrustNoPrincipal  = "Missing required field Principal"
	msgTrustNobody       = "Missing required field Principal cannot be empty!"
	msgTrustStar         = "AssumeRolepolicy contained an invalid principal: \"STAR\":\"*\"."
	msgTrustNoAction     = "Missing required field Action"
	msgTrustAction       = "AssumeRole policy may only specify STS AssumeRole actions."
	msgTrustCognito      = "A condition block must be present for the Cognito provider"
	msgTrustFederated    = "Federated principals must be valid domain names or SAML metadata ARNs"
	msgTrustSids         = "The Statement Ids in the policy are not unique"
)

// Trust checks the trust policy of a role in an account. exists, at most one,
// tells whether a principal exists; it is asked with the text of each AWS
// principal that is an ARN, an account id or a unique id, of each service
// principal, and of each identity provider that is an ARN of this account.
// Without it all exist. Errors are of type *Error.
func Trust(src []byte, account string, exists ...func(principal string) bool) error {
	doc, err := parse(src)
	if err != nil {
		message := msgTrustSyntax
		var syntax *policy.SyntaxError
		if errors.As(err, &syntax) && syntax.JSON {
			message = msgTrustJSON
		}
		return &Error{Message: message, Cause: err}
	}
	if !knownVersion(doc.Version) {
		return malformed(msgTrustVersion)
	}
	if len(doc.Statements) == 0 {
		return malformed(msgTrustEmpty)
	}
	t := trust{account: account, exists: func(string) bool { return true }}
	if len(exists) > 0 && exists[0] != nil {
		t.exists = exists[0]
	}
	sids := map[string]bool{}
	for i := range doc.Statements {
		if e := t.statement(&doc.Statements[i]); e != nil {
			return e
		}
		sid := doc.Statements[i].Sid
		if sid != "" && sids[sid] {
			return malformed(msgTrustSids)
		}
		sids[sid] = true
	}
	if _, err := policy.Compile(doc, policy.Ref{}); err != nil {
		return &Error{Message: msgTrustSyntax, Cause: err}
	}
	return nil
}

// trust is one check of a trust policy.
type trust struct {
	account string
	exists  func(principal string) bool
}

func (t *trust) statement(s *policy.Statement) *Error {
	switch {
	case s.Resource != nil:
		return malformed(msgTrustResource)
	case s.NotResource != nil:
		return malformed(msgTrustNotResource)
	case s.Effect == "":
		return malformed(msgTrustNoEffect)
	case s.Effect != "Allow" && s.Effect != "Deny":
		return malformed("Invalid effect: " + s.Effect)
	case s.NotPrincipal != nil && s.Effect == "Allow":
		return malformed(msgTrustAllowNot)
	case s.NotPrincipal != nil:
		return malformed(msgTrustNotPrincipal)
	case s.Principal == nil:
		return malformed(msgTrustNoPrincipal)
	case s.Principal.Everyone:
		return malformed(msgTrustStar)
	case len(s.Principal.Entries) == 0:
		return malformed(msgTrustNobody)
	case len(both(s.Action, s.NotAction)) == 0:
		return malformed(msgTrustNoAction)
	case !operatorsKnown(s.Condition) || !datesValid(s.Condition):
		return malformed(msgTrustSyntax)
	}
	for _, item := range both(s.Action, s.NotAction) {
		if !trustAction(item.Text) {
			return malformed(msgTrustAction)
		}
	}
	if e := t.principals(s.Principal); e != nil {
		return e
	}
	return tenants(s)
}

// trustActions are the actions of AWS STS that a role's trust policy can grant.
var trustActions = []string{
	"sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:TagSession",
	"sts:SetSourceIdentity", "sts:SetContext",
}

// trustAction reports whether an action is one of those, or a pattern within STS
// that covers one.
func trustAction(action string) bool {
	vendor, _, _ := strings.Cut(action, ":")
	if !strings.EqualFold(vendor, "sts") {
		return false
	}
	glob := arn.ParseGlob(action, true)
	return slices.ContainsFunc(trustActions, func(known string) bool { return glob.Match(known, nil) })
}

func (t *trust) principals(e *policy.PrincipalElement) *Error {
	for i := range e.Entries {
		entry := &e.Entries[i]
		if len(entry.List.Items) == 0 {
			return malformed(msgTrustNobody)
		}
		for _, item := range entry.List.Items {
			if entry.Type == "Federated" && !providerForm(item.Text) {
				return malformed(msgTrustFederated)
			}
			if !t.principal(entry.Type, item.Text) {
				return malformed(fmt.Sprintf("Invalid principal in policy: \"%s\":\"%s\"", strings.ToUpper(entry.Type), item.Text))
			}
		}
	}
	return nil
}

func (t *trust) principal(kind, text string) bool {
	switch kind {
	case "AWS":
		return text == "*" || policy.ValidPrincipal(kind, text) && t.exists(text)
	case "Service":
		return validService(text) && t.exists(text)
	case "Federated":
		a, err := arn.Parse(text)
		return err != nil || a.Account != t.account || t.exists(text)
	}
	return false
}

// validService reports whether text has the form of a service principal.
func validService(text string) bool {
	name, ok := strings.CutSuffix(text, ".amazonaws.com")
	if !ok {
		name, ok = strings.CutSuffix(text, ".amazonaws.com.cn")
	}
	if !ok || name == "" || len(text) > 255 {
		return false
	}
	for _, label := range strings.Split(name, ".") {
		if label == "" || !alphanumeric(strings.ReplaceAll(label, "-", "")) {
			return false
		}
	}
	return true
}

const cognito = "cognito-identity.amazonaws.com"

// publicProviders are the identity providers that need no entity of their own.
var publicProviders = []string{cognito, "accounts.google.com", "graph.facebook.com", "www.amazon.com"}

// providerForm reports whether text names an identity provider: one of those, or
// one of an account by ARN.
func providerForm(text string) bool {
	if slices.Contains(publicProviders, text) {
		return true
	}
	a, err := arn.Parse(text)
	if err != nil || a.Service != "iam" || a.Region != "" || strings.ContainsAny(text, "*?") {
		return false
	}
	kind, name, _ := strings.Cut(a.Resource, "/")
	return (kind == "saml-provider" || kind == "oidc-provider") && name != "" && policy.IsAccountID(a.Account)
}
