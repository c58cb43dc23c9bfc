package reference

import (
	"regexp"
	"strings"
)

// A caller is the principal of a request.
type caller struct {
	kind      string // user, role session, federated user, root, service, provider or anonymous
	arn       string // of all but services, hosts and anonymous callers
	name      string // host of a service or provider
	partition string
	account   string
	issuer    string // ARN of the role or user whose session it is
}

var (
	hostPattern   = regexp.MustCompile(`^[A-Za-z0-9._/:-]*\.[A-Za-z0-9._/:-]*$`)
	rolePattern   = regexp.MustCompile(`^arn:[a-z-]+:iam::[0-9]{12}:role/`)
	issuerPattern = regexp.MustCompile(`^arn:[a-z-]+:iam::[0-9]{12}:(user/|root$)`)
)

// readCaller reads the principal of a request and the issuer of its session, which
// may be "".
func readCaller(text, issuer string) (caller, error) {
	if !strings.HasPrefix(text, "arn:") {
		return readOutsider(text, issuer)
	}
	parts, isARN := splitARN(text)
	if !isARN || !isAccount(parts[4]) || parts[3] != "" {
		return caller{}, invalid("principal %q", text)
	}
	c := caller{arn: text, partition: parts[1], account: parts[4]}
	kind, name, _ := strings.Cut(parts[5], "/")
	switch {
	case parts[2] == "iam" && parts[5] == "root":
		c.kind = "root"
	case parts[2] == "iam" && kind == "user" && friendly(name) != "":
		c.kind = "user"
	case parts[2] == "iam" && (kind == "saml-provider" || kind == "oidc-provider") && name != "":
		c = caller{kind: "provider", arn: text}
	case parts[2] == "sts" && kind == "federated-user" && name != "":
		c.kind = "federated user"
		c.issuer = issuer
	case parts[2] == "sts" && kind == "assumed-role":
		role, session, _ := strings.Cut(name, "/")
		if role == "" || session == "" || strings.Contains(session, "/") {
			return caller{}, invalid("principal %q", text)
		}
		c.kind = "role session"
		c.issuer = issuer
		if issuer == "" {
			c.issuer = "arn:" + c.partition + ":iam::" + c.account + ":role/" + role
		}
		if friendly(c.issuer) != role {
			return caller{}, invalid("%q is no session of %q", text, issuer)
		}
	default:
		return caller{}, invalid("principal %q", text)
	}
	return c, c.checkIssuer(issuer)
}

// checkIssuer reports an issuer of another kind or account than the caller's.
// ofRoot reports whether the caller is the root user or a session that it made.
func (c caller) ofRoot() bool {
	return c.kind == "root" || c.kind == "federated user" && c.issuer == c.rootARN()
}

func (c caller) checkIssuer(issuer string) error {
	if issuer == "" {
		return nil
	}
	parts, _ := splitARN(issuer)
	switch {
	case c.kind == "role session" && !rolePattern.MatchString(issuer),
		c.kind == "federated user" && !issuerPattern.MatchString(issuer),
		c.kind != "role session" && c.kind != "federated user",
		parts[1] != c.partition || parts[4] != c.account:
		return invalid("sessionIssuer %q", issuer)
	}
	return nil
}

// readOutsider reads a caller that is of no account.
func readOutsider(text, issuer string) (caller, error) {
	switch {
	case issuer != "":
		return caller{}, invalid("sessionIssuer %q", issuer)
	case text == "*":
		return caller{kind: "anonymous"}, nil
	case strings.HasSuffix(text, ".amazonaws.com") && !strings.HasPrefix(text, "cognito-identity.") && hostPattern.MatchString(text):
		return caller{kind: "service", name: text}, nil
	case hostPattern.MatchString(text):
		return caller{kind: "provider", name: text}, nil
	}
	return caller{}, invalid("principal %q", text)
}

// friendly is the name at the end of a path.
func friendly(path string) string {
	return path[strings.LastIndex(path, "/")+1:]
}

// hasAccount reports a caller that belongs to an account.
func (c caller) hasAccount() bool { return c.account != "" }

func (c caller) rootARN() string { return "arn:" + c.partition + ":iam::" + c.account + ":root" }

// serviceLinked reports a session of a role that only a service can use.
func (c caller) serviceLinked() bool {
	parts, isARN := splitARN(c.issuer)
	return c.kind == "role session" && isARN && strings.HasPrefix(parts[5], "role/aws-service-role/")
}

// keys are the condition keys that follow from the caller.
func (c caller) keys() map[string]string {
	switch c.kind {
	case "user":
		return map[string]string{"aws:principalarn": c.arn, "aws:principalaccount": c.account, "aws:principaltype": "User", "aws:username": friendly(c.arn)}
	case "role session":
		return map[string]string{"aws:principalarn": c.issuer, "aws:principalaccount": c.account, "aws:principaltype": "AssumedRole"}
	case "federated user":
		return map[string]string{"aws:principalarn": c.arn, "aws:principalaccount": c.account, "aws:principaltype": "FederatedUser"}
	case "root":
		return map[string]string{"aws:principalarn": c.arn, "aws:principalaccount": c.account, "aws:principaltype": "Account"}
	case "anonymous":
		return map[string]string{"aws:principaltype": "Anonymous"}
	}
	return nil
}
