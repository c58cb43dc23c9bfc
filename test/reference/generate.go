package reference

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// A generator makes one case. It draws from small alphabets, and prefers to draw
// again what the request has, so that policies often match and often just fail to.
type generator struct {
	*rand.Rand
	action, resource string // of the request
	principal        string
	context          map[string]any
}

// Generate makes the case that a seed stands for, as one JSON line. It is a
// question most of the time, and now and then something that is not one.
func Generate(seed uint64) []byte {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 4)), context: map[string]any{}}
	c := map[string]any{"id": "case", "request": g.request(), "policies": g.policies()}
	if g.oneIn(25) {
		g.spoil(c)
	}
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // maps, lists, strings and numbers encode
	}
	if g.oneIn(200) {
		return g.spoilText(text)
	}
	return text
}

func (g *generator) oneIn(n int) bool { return g.IntN(n) == 0 }

// pick draws one of all, each as likely as the others.
func pick[T any](g *generator, all ...T) T { return all[g.IntN(len(all))] }

// some draws between one and n of all, as a list or, if it is one, perhaps alone.
func (g *generator) some(n int, draw func() any) any {
	count := 1 + g.IntN(n)
	if count == 1 && !g.oneIn(4) {
		return draw()
	}
	list := []any{}
	for range count {
		list = append(list, draw())
	}
	return list
}

const (
	accountA = "111122223333"
	accountB = "444455556666"
)

// users and roles of both accounts: the same names, with and without paths.
var (
	callers = []string{
		"arn:aws:iam::111122223333:user/Alice", "arn:aws:iam::111122223333:user/Alice", "arn:aws:iam::111122223333:user/Bob",
		"arn:aws:iam::111122223333:user/team/Alice", "arn:aws:iam::444455556666:user/Alice", "arn:aws-cn:iam::111122223333:user/Alice",
		"arn:aws:sts::111122223333:assumed-role/Reader/Alice", "arn:aws:sts::111122223333:assumed-role/Reader/Alice",
		"arn:aws:sts::111122223333:assumed-role/Reader/Bob", "arn:aws:sts::444455556666:assumed-role/Reader/Alice",
		"arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/Alice",
		"arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root",
		"arn:aws:sts::111122223333:federated-user/Alice", "arn:aws:sts::111122223333:federated-user/Alice", "arn:aws:sts::444455556666:federated-user/Alice",
	}
	outsiders = []string{
		"ec2.amazonaws.com", "logging.s3.amazonaws.com", "ec2.amazonaws.com",
		"arn:aws:iam::111122223333:saml-provider/Corp", "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
		"accounts.google.com", "*", "*",
	}
	noCallers = []string{
		"arn:aws:iam::111122223333:role/Reader", "arn:aws:iam::111122223333:group/Alice", "Alice", "",
		"arn:aws:sts::111122223333:assumed-role/Reader", "arn:aws:iam::1111:user/Alice", "arn:aws:iam::111122223333:user/",
		"arn:aws:s3:::amzn-bucket",
	}
	issuers = []string{
		"arn:aws:iam::111122223333:role/Reader", "arn:aws:iam::111122223333:role/team/Reader", "arn:aws:iam::444455556666:role/Reader",
		"arn:aws:iam::111122223333:role/aws-service-role/ec2.amazonaws.com/AWSServiceRoleForX", "arn:aws:iam::111122223333:user/Alice",
		"arn:aws:iam::111122223333:user/team/Alice", "arn:aws:iam::444455556666:user/Alice",
		"arn:aws:iam::111122223333:root",
	}
	canonical = strings.Repeat("0123456789abcdef", 4)
	other     = strings.Repeat("fedcba9876543210", 4)
)

// asked are actions with resources that they are about, and that they are not.
var asked = []struct {
	actions   []string
	resources []string
}{
	{[]string{"s3:GetObject", "s3:PutObject", "S3:getobject", "s3:GetObjectAcl", "s3:PutObjectAcl", "s3:DeleteObject"},
		[]string{"arn:aws:s3:::amzn-bucket/home/Alice/x", "arn:aws:s3:::amzn-bucket/home/Bob", "arn:aws:s3:::amzn-bucket/*", "arn:aws:s3:::amzn-bucket/a:b",
			"arn:aws:s3:::Amzn-bucket/home/alice/x", "arn:aws-cn:s3:::amzn-bucket/home/Alice/x", "arn:aws:s3:::amzn-bucket"}},
	{[]string{"s3:ListBucket", "s3:PutObject", "s3:GetBucketAcl", "s3:PutBucketAcl", "s3:DeleteBucket"}, []string{"arn:aws:s3:::amzn-bucket", "arn:aws:s3:::amzn-bucket-2", "arn:aws:s3:::amzn-bucket/x"}},
	{[]string{"sqs:SendMessage", "SQS:SendMessage", "sqs:ReceiveMessage"}, []string{"arn:aws:sqs:us-east-1:111122223333:queue1", "arn:aws:sqs:us-east-1:444455556666:queue1", "arn:aws:sqs:eu-west-1:111122223333:queue1", "arn:aws:sns:us-east-1:111122223333:queue1"}},
	{[]string{"someservice:GetItem", "someservice:PutItem", "someservice:getitem"}, []string{"arn:aws:someservice:us-east-1:111122223333:item/1", "arn:aws:someservice:us-east-1:444455556666:item/1", "arn:aws:someservice:us-east-1::item/Alice", "*"}},
	{[]string{"iam:GetUser", "iam:CreateUser", "iam:ListUsers"}, []string{"arn:aws:iam::111122223333:user/Alice", "arn:aws:iam::444455556666:user/Alice", "arn:aws:iam::111122223333:role/Reader", "*"}},
	{[]string{"sts:AssumeRole", "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "STS:assumerole"},
		[]string{"arn:aws:iam::111122223333:role/Reader", "arn:aws:iam::111122223333:role/Reader", "arn:aws:iam::444455556666:role/Reader", "arn:aws:iam::111122223333:role/aws-service-role/ec2.amazonaws.com/AWSServiceRoleForX"}},
	{[]string{"kms:Decrypt", "kms:Decrypt", "kms:RetireGrant", "KMS:decrypt"}, []string{"arn:aws:kms:us-east-1:111122223333:key/k1", "arn:aws:kms:us-east-1:444455556666:key/k1"}},
	{[]string{"ec2:StartInstances", "ec2:DescribeInstances"}, []string{"arn:aws:ec2:us-east-1:111122223333:instance/i-1", "arn:aws:ec2:us-east-1:111122223333:volume/v-1", "*"}},
}

func (g *generator) request() map[string]any {
	about := pick(g, asked...)
	g.action, g.resource = pick(g, about.actions...), pick(g, about.resources...)
	g.principal = pick(g, callers...)
	if g.oneIn(5) {
		g.principal = pick(g, outsiders...)
	}
	if g.oneIn(200) {
		g.principal = pick(g, noCallers...)
	}
	r := map[string]any{"principal": g.principal, "action": g.action, "resource": g.resource}
	if g.oneIn(3) {
		r["resourceAccount"] = pick(g, accountA, accountA, accountB)
	}
	if fits := g.issuer(); fits != "" && (g.oneIn(3) || strings.Contains(g.principal, "federated-user")) {
		r["sessionIssuer"] = fits
	}
	if g.oneIn(3) {
		r["canonicalUser"] = pick(g, canonical, canonical, other)
	}
	g.keys()
	if !g.tagged() && g.oneIn(3) || g.oneIn(500) {
		r["principalTags"] = map[string]any{pick(g, "team", "Team", "unit"): pick(g, "red", "Alice", "*", "re?", "", "${aws:username}", "a:b", "arn:aws:s3:::amzn-bucket")}
	}
	if len(g.context) > 0 || g.oneIn(2) {
		r["context"] = g.context
	}
	return r
}

// tagged reports whether the context has tags of the principal.
func (g *generator) tagged() bool {
	for key := range g.context {
		if strings.HasPrefix(strings.ToLower(key), "aws:principaltag/") {
			return true
		}
	}
	return false
}

// issuer is an issuer that the caller may have, once in a while one it may not.
func (g *generator) issuer() string {
	switch {
	case g.oneIn(100):
		return pick(g, issuers...)
	case strings.Contains(g.principal, "assumed-role/Reader"):
		account := strings.Split(g.principal, ":")[4]
		return "arn:aws:iam::" + account + pick(g, ":role/Reader", ":role/team/Reader")
	case strings.Contains(g.principal, "AWSServiceRoleForX"):
		return issuers[3]
	case strings.Contains(g.principal, "federated-user"):
		account := strings.Split(g.principal, ":")[4]
		return "arn:aws:iam::" + account + pick(g, ":user/Alice", ":user/team/Alice", ":root")
	}
	return ""
}

// values are what the keys of the alphabet hold, in requests and in policies, by
// the type of the operators that go with them.
var values = map[string][]any{
	"String":  {"red", "Red", "blue", "Alice", "re*", "r?d", "*", "", "ſed", "Straße"},
	"Numeric": {"1", 1, "01", "1.0", "-1", "10", 9.5, "9.50", "1e1", "+1", "", "x", "12345678901234567890", "12345678901234567891", ".5", "5.", "0x1", " 1"},
	"Date": {"2020-07-01T00:00:00Z", "2020-07-01", "2020-07-01T02:00:00+02:00", "2020-07-01T00:00Z", 1593561600, "1593561600", "2020-07-01T00:00:00.5Z", "2020-07", "2020", "2020-06-31",
		"2019-12-31T23:59:59Z", "yesterday", "", "2020-07-01T00:00:00.000Z", "20200701T000000Z", "2020-13-01", "1593561600000", "1593561600.5", "2020-07-01T00:00:00", "2020-07-01T00:00:00+0000", "2020-07-01T00", "2020-07-32", "-1", "01T", "2020-7-1t0:0:0z"},
	"Bool":   {"true", "false", true, false, "True", "FALSE", "yes", "", 1, 0},
	"Binary": {"QmluYXJ5", "qmluyxj5", "QQ==", "QQ", "QR==", "", "!!"},
	"Ip":     {"203.0.113.7", "203.0.113.0/24", "203.0.113.7/24", "203.0.113.9/24", "203.0.114.1", "0.0.0.0/0", "2001:db8::1", "2001:DB8:0::1", "2001:db8::/32", "::ffff:203.0.113.7", "::/0", "10.0.0.0/8", "203.0.113.7/33", "203.0.113", "", "203.000.113.007", "fe80::1%eth0"},
	"Arn":    {"arn:aws:iam::111122223333:user/Alice", "arn:aws:iam::111122223333:role/Reader", "arn:aws:sns:us-east-1:111122223333:t1", "arn:aws:sns:us-east-1:111122223333:t1:x", "arn:aws-cn:sns:us-east-1:111122223333:t1", "arn:aws:s3:::amzn-bucket", "arn:aws:sns", "red", ""},
}

// typed are the keys by type. Others that go with String are filled by the case.
var typed = map[string][]string{
	"String":  {"aws:username", "aws:PrincipalTag/team", "someservice:Key", "aws:PrincipalType", "aws:PrincipalAccount", "aws:ResourceAccount", "SOMESERVICE:key", "s3:prefix", "aws:principaltag/unit"},
	"Numeric": {"someservice:Count", "s3:max-keys", "aws:EpochTime", "someservice:Key"},
	"Date":    {"aws:CurrentTime", "aws:TokenIssueTime", "aws:EpochTime"},
	"Bool":    {"aws:SecureTransport", "aws:MultiFactorAuthPresent"},
	"Binary":  {"someservice:Blob"},
	"Ip":      {"aws:SourceIp"},
	"Arn":     {"aws:PrincipalArn", "aws:SourceArn", "someservice:Key"},
}

var types = []string{"String", "String", "Numeric", "Date", "Bool", "Binary", "Ip", "Ip", "Arn"}

func (g *generator) keys() {
	seen := map[string]bool{}
	for range g.IntN(7) {
		kind := pick(g, types...)
		key := pick(g, typed[kind]...)
		if seen[strings.ToLower(key)] && !g.oneIn(200) {
			continue
		}
		seen[strings.ToLower(key)] = true
		switch {
		case g.oneIn(15):
			g.context[key] = []any{}
		case g.oneIn(15):
			g.context[key] = ""
		case g.oneIn(3):
			g.context[key] = []any{pick(g, values[kind]...), pick(g, values[kind]...)}
		default:
			g.context[key] = pick(g, values[kind]...)
		}
	}
}

// names are the members of an object in the same order in every run.
func names(m map[string]any) []string {
	return slices.Sorted(maps.Keys(m))
}
