package iam

import (
	"regexp"
	"strconv"
	"strings"

	"sallyport/arn"
	"sallyport/internal/api/iamapi"
)

// AWSAccount is the account field of ARNs of AWS managed policies.
const AWSAccount = "aws"

// EntityARN builds "arn:aws:iam::account:kind" + path + name, where path
// begins and ends with a slash.
func EntityARN(account, kind, path, name string) string {
	return "arn:aws:iam::" + account + ":" + kind + path + name
}

// PathOf is the path, or path prefix, that a request gives: the root path
// unless it gives one.
func PathOf(path *string) string {
	if path == nil {
		return "/"
	}
	return *path
}

// UserARN, GroupARN, RoleARN and PolicyARN name the entities of an account.
func UserARN(account string, u *User) string   { return EntityARN(account, "user", u.Path, u.Name) }
func GroupARN(account string, g *Group) string { return EntityARN(account, "group", g.Path, g.Name) }
func RoleARN(account string, r *Role) string   { return EntityARN(account, "role", r.Path, r.Name) }
func PolicyARN(account string, p *Policy) string {
	return EntityARN(account, "policy", p.Path, p.Name)
}

// ServerCertificateARN names a server certificate of an account.
func ServerCertificateARN(account string, c *ServerCertificate) string {
	return EntityARN(account, "server-certificate", c.Path, c.Name)
}

// InstanceProfileARN names an instance profile of an account.
func InstanceProfileARN(account string, p *InstanceProfile) string {
	return EntityARN(account, "instance-profile", p.Path, p.Name)
}

// RootARN names the account's root user.
func RootARN(account string) string { return "arn:aws:iam::" + account + ":root" }

// dashed is how an account's id is shown to people.
var dashed = regexp.MustCompile(`^\d{4}-\d{4}-\d{4}$`)

// PlainAccountID is an account's id without the dashes that it may be written with;
// whatever else name is, it stays.
func PlainAccountID(name string) string {
	if dashed.MatchString(name) {
		return strings.ReplaceAll(name, "-", "")
	}
	return name
}

// LooksLikeAccountID reports whether sign-in would take an alias for an account's id,
// and so one account for another.
func LooksLikeAccountID(alias string) bool {
	alias = PlainAccountID(alias)
	return len(alias) == 12 && strings.Trim(alias, "0123456789") == ""
}

// VersionID is how AWS writes the number of a policy version.
func VersionID(n int) string { return "v" + strconv.Itoa(n) }

// ParseVersionID returns the number in a version id such as "v3", written as
// VersionID writes it.
func ParseVersionID(id string) (int, bool) {
	digits, ok := strings.CutPrefix(id, "v")
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || VersionID(n) != id {
		return 0, false
	}
	return n, true
}

// SplitPolicyARN returns the account and the name with its path of a managed
// policy's ARN; ok is false when it is not one.
func SplitPolicyARN(policyARN string) (account, path, name string, ok bool) {
	rest, ok := strings.CutPrefix(policyARN, "arn:aws:iam::")
	if !ok {
		return "", "", "", false
	}
	account, resource, ok := strings.Cut(rest, ":")
	if !ok {
		return "", "", "", false
	}
	resource, ok = strings.CutPrefix(resource, "policy/")
	if !ok {
		return "", "", "", false
	}
	slash := strings.LastIndexByte(resource, '/')
	return account, "/" + resource[:slash+1], resource[slash+1:], resource[slash+1:] != ""
}

// CheckARN returns AWS's InvalidInput for text that is not the ARN of an entity of
// the kind, such as "policy", in any account or AWS's. It is asked before
// permissions are: what is asked about is then of the action's resource type.
func CheckARN(kind, text string) error {
	a, err := arn.Parse(text)
	if err != nil || a.Partition != "aws" || a.Service != "iam" || a.Region != "" || !isOwner(a.Account) ||
		len(a.Resource) < len(kind)+len("/x") || !strings.HasPrefix(a.Resource, kind+"/") || strings.TrimSpace(text) != text {
		return iamapi.InvalidInputException("ARN %s is not valid.", text)
	}
	return nil
}

// isOwner reports whether text is the account field of some ARN of IAM.
func isOwner(text string) bool {
	return text == AWSAccount || len(text) == 12 && strings.Trim(text, "0123456789") == ""
}
