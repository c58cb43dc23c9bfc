package policy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sallyport/policy"
	"sallyport/policy/condition"
)

// statement puts one statement into a document of version 2012-10-17.
func statement(s string) string { return `{"Version":"2012-10-17","Statement":` + s + `}` }

func parse(t testing.TB, src string) *policy.Document {
	t.Helper()
	doc, err := policy.Parse([]byte(src))
	if err != nil {
		t.Fatalf("%v in %s", err, src)
	}
	return doc
}

func compile(t testing.TB, src string) *policy.Policy {
	t.Helper()
	p, err := policy.Compile(parse(t, src), policy.Ref{})
	if err != nil {
		t.Fatalf("%v in %s", err, src)
	}
	return p
}

const full = `{
  "Version": "2012-10-17",
  "Id": "example",
  "Statement": [
    {
      "Sid": "First",
      "Effect": "Allow",
      "Principal": {"AWS": ["111122223333", "arn:aws:iam::444455556666:user/bob"], "Service": "ec2.amazonaws.com"},
      "Action": ["s3:GetObject", "s3:Put*"],
      "Resource": "arn:aws:s3:::caf\u00e9/*",
      "Condition": {
        "Bool": {"aws:SecureTransport": true},
        "NumericLessThan": {"s3:max-keys": [10, "20"]},
        "StringEquals": {}
      }
    },
    {"Effect": "Deny", "NotPrincipal": {"AWS": "*"}, "NotAction": "iam:*", "NotResource": ["*"]}
  ]
}`

func TestParsePositions(t *testing.T) {
	doc := parse(t, full)
	s := &doc.Statements[0]
	for _, tt := range []struct {
		name string
		got  policy.Position
		line int
		text string // what the source has there
	}{
		{"version", doc.VersionPosition, 2, `"2012-10-17"`},
		{"statement", s.Position, 5, "{"},
		{"sid", s.SidPosition, 6, `"First"`},
		{"effect", s.EffectPosition, 7, `"Allow"`},
		{"principal", s.Principal.Position, 8, `{"AWS"`},
		{"second principal", s.Principal.Entries[0].List.Items[1].Position, 8, `"arn:aws:iam::4`},
		{"second action", s.Action.Items[1].Position, 9, `"s3:Put*"`},
		{"resource", s.Resource.Position, 10, `"arn:aws:s3`},
		{"operator", s.Condition.Operators[1].Position, 13, `"NumericLessThan"`},
		{"key", s.Condition.Operators[1].Keys[0].Position, 13, `"s3:max-keys"`},
		{"number", s.Condition.Operators[1].Keys[0].Values.Items[0].Position, 13, "10"},
		{"second statement", doc.Statements[1].Position, 17, `{"Effect": "Deny"`},
	} {
		if tt.got.Line != tt.line || !strings.HasPrefix(full[tt.got.Offset:], tt.text) {
			t.Errorf("%s: %+v, source has %.20q", tt.name, tt.got, full[tt.got.Offset:])
		}
		start := strings.LastIndexByte(full[:tt.got.Offset], '\n') + 1
		if want := len([]rune(full[start:tt.got.Offset])) + 1; tt.got.Column != want {
			t.Errorf("%s: column %d, want %d", tt.name, tt.got.Column, want)
		}
	}
}

func TestPrint(t *testing.T) {
	doc := parse(t, full)
	for name, print := range map[string]func() ([]byte, error){"Print": doc.Print, "MarshalJSON": doc.MarshalJSON} {
		b, err := print()
		if err != nil {
			t.Fatal(name, err)
		}
		again := parse(t, string(b))
		if diff := cmp.Diff(doc, again, cmpopts.IgnoreTypes(policy.Position{})); diff != "" {
			t.Errorf("%s changes the document: %s", name, diff)
		}
	}
	compact, err := parse(t, `{"Statement":{"NotResource":["*"],"Action":"s3:*","Effect":"Deny","Sid":""}}`).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(compact), `{"Statement":{"Effect":"Deny","Action":"s3:*","NotResource":["*"]}}`; got != want {
		t.Errorf("printed %s, want %s", got, want)
	}
}

// TestAttack11OddDocuments: each is refused, at the right place.
func TestAttack11OddDocuments(t *testing.T) {
	ok := `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`
	tests := []struct {
		name, src string
		line, col int
		path      string
	}{
		{"empty", "", 1, 1, ""},
		{"not an object", "[]", 1, 1, ""},
		{"null", "null", 1, 1, ""},
		{"unfinished", `{"Statement":[`, 1, 15, ""},
		{"trailing data", statement(ok) + "\n x", 2, 2, ""},
		{"trailing comma", statement(ok) + ",", 1, 87, ""},
		{"second document", statement(ok) + statement(ok), 1, 87, ""},
		{"duplicate member", `{"Version":"2012-10-17","Version":"2012-10-17","Statement":` + ok + `}`, 1, 25, ""},
		{"duplicate escaped", statement(`{"Effect":"Deny","\u0045ffect":"Allow","Action":"s3:*","Resource":"*"}`), 1, 54, ""},
		{"duplicate operator", statement(`{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"a":"true"},"Bool":{"a":"false"}}}`), 0, 0, ""},
		{"duplicate key", statement(`{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"a":"true","a":"false"}}}`), 0, 0, ""},
		{"case of an element", statement(`{"effect":"Allow","Action":"s3:*","Resource":"*"}`), 1, 38, "/Statement/effect"},
		{"look-alike letter", statement("{\"\u0415ffect\":\"Allow\"}"), 0, 0, ""},
		{"unknown element", statement(`{"Effect":"Allow","Action":"s3:*","Resource":"*","X":1}`), 0, 0, "/Statement/X"},
		{"unknown member", `{"Statement":` + ok + `,"Comment":"x"}`, 0, 0, "/Comment"},
		{"no statement", `{"Version":"2012-10-17"}`, 1, 1, ""},
		{"statement is text", statement(`"x"`), 1, 37, ""},
		{"statement in a list is text", statement(`["x"]`), 1, 38, ""},
		{"statement is null", statement(`null`), 1, 37, ""},
		{"nested statements", statement(`[[` + ok + `]]`), 1, 38, ""},
		{"version is a number", `{"Version":2012,"Statement":` + ok + `}`, 1, 12, "/Version"},
		{"version is empty", `{"Version":"","Statement":` + ok + `}`, 1, 12, "/Version"},
		{"effect is Boolean", statement(`{"Effect":true}`), 1, 47, ""},
		{"action is an object", statement(`{"Action":{}}`), 1, 47, ""},
		{"action is a number", statement(`{"Action":1}`), 1, 47, ""},
		{"action lists null", statement(`{"Action":["a",null]}`), 1, 52, ""},
		{"action nests", statement(`{"Action":[["a"]]}`), 1, 48, ""},
		{"principal is text", statement(`{"Principal":"alice"}`), 1, 50, ""},
		{"type of principal", statement(`{"Principal":{"aws":"*"}}`), 1, 51, ""},
		{"condition is a list", statement(`{"Condition":[]}`), 1, 50, ""},
		{"operator is text", statement(`{"Condition":{"Bool":"x"}}`), 1, 58, ""},
		{"value is an object", statement(`{"Condition":{"Bool":{"a":{}}}}`), 0, 0, ""},
		{"value is null", statement(`{"Condition":{"Bool":{"a":null}}}`), 0, 0, ""},
		{"both actions", statement(`{"Action":"a:b","NotAction":"a:b"}`), 1, 37, ""},
		{"both resources", statement(`{"Resource":"*","NotResource":"*"}`), 1, 37, ""},
		{"both principals", statement(`{"Principal":"*","NotPrincipal":"*"}`), 1, 37, ""},
		{"invalid UTF-8", statement("{\"Sid\":\"\xff\"}"), 0, 0, ""},
		{"lone surrogate", statement(`{"Sid":"\ud800"}`), 0, 0, ""},
		{"byte order mark", "\ufeff" + statement(ok), 1, 1, ""},
		{"comment", "// x\n" + statement(ok), 1, 1, ""},
		{"deep", strings.Repeat(`{"Statement":[`, 10_000), 0, 0, ""},
		{"deep value", statement(`{"Action":` + strings.Repeat("[", 50_000)), 0, 0, ""},
		{"too long", statement(ok) + strings.Repeat(" ", policy.MaxDocumentBytes), 1, 1, ""},
	}
	for _, tt := range tests {
		_, err := policy.Parse([]byte(tt.src))
		var e *policy.SyntaxError
		if !errors.As(err, &e) {
			t.Errorf("%s: error %v", tt.name, err)
			continue
		}
		if tt.line != 0 && (e.Line != tt.line || e.Column != tt.col) {
			t.Errorf("%s: at %d:%d, want %d:%d: %v", tt.name, e.Line, e.Column, tt.line, tt.col, err)
		}
		if tt.path != "" && e.Path != tt.path {
			t.Errorf("%s: path %q", tt.name, e.Path)
		}
	}
}

// TestAttack11OddPolicies: documents that parse but can't be in force.
func TestAttack11OddPolicies(t *testing.T) {
	with := func(member string) string {
		return statement(`{"Effect":"Allow","Action":"s3:*","Resource":"*",` + member + `}`)
	}
	tests := []struct{ name, src string }{
		{"version", `{"Version":"2012-10-18","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`},
		{"no statements", statement(`[]`)},
		{"no effect", statement(`{"Action":"s3:*","Resource":"*"}`)},
		{"effect in another case", statement(`{"Effect":"allow","Action":"s3:*","Resource":"*"}`)},
		{"no action", statement(`{"Effect":"Allow","Resource":"*"}`)},
		{"empty actions", statement(`{"Effect":"Allow","Action":[],"Resource":"*"}`)},
		{"empty NotAction", statement(`{"Effect":"Allow","NotAction":[],"Resource":"*"}`)},
		{"action without service", statement(`{"Effect":"Allow","Action":"GetObject","Resource":"*"}`)},
		{"two colons", statement(`{"Effect":"Allow","Action":"s3:Get:Object","Resource":"*"}`)},
		{"no resource", statement(`{"Effect":"Allow","Action":"s3:*"}`)},
		{"empty resources", statement(`{"Effect":"Allow","Action":"s3:*","Resource":[]}`)},
		{"empty NotResource", statement(`{"Effect":"Deny","Action":"s3:*","NotResource":[]}`)},
		{"resource no ARN", statement(`{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}`)},
		{"two stars", statement(`{"Effect":"Allow","Action":"s3:*","Resource":"**"}`)},
		{"resource is a variable", statement(`{"Effect":"Allow","Action":"s3:*","Resource":"${aws:username}"}`)},
		{"resource begins with a variable", statement(`{"Effect":"Allow","Action":"s3:*","Resource":"${aws:username}:aws:s3:::b"}`)},
		{"variable in the first field", statement(`{"Effect":"Allow","Action":"s3:*","NotResource":"a${aws:username}:aws:s3:::b"}`)},
		{"ARN of a condition with a variable in the first field", with(`"Condition":{"ArnLike":{"aws:SourceArn":"a${aws:username}:aws:s3:::b"}}`)},
		{"malformed variable", statement(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username"}`)},
		{"NotPrincipal with Allow", with(`"NotPrincipal":{"AWS":"111122223333"}`)},
		{"no principals", with(`"Principal":{}`)},
		{"no principals of a type", with(`"Principal":{"AWS":[],"Service":"ec2.amazonaws.com"}`)},
		{"empty principal", with(`"Principal":{"AWS":""}`)},
		{"principal wildcard", with(`"Principal":{"AWS":"arn:aws:iam::111122223333:user/*"}`)},
		{"account wildcard", with(`"Principal":{"AWS":"arn:aws:iam::*:root"}`)},
		{"service wildcard", with(`"Principal":{"Service":"*"}`)},
		{"provider wildcard", with(`"Principal":{"Federated":"*"}`)},
		{"group", with(`"Principal":{"AWS":"arn:aws:iam::111122223333:group/g"}`)},
		{"principal no ARN", with(`"Principal":{"AWS":"alice"}`)},
		{"unknown operator", with(`"Condition":{"StringMatches":{"a":"b"}}`)},
		{"operator in another case", with(`"Condition":{"stringequals":{"a":"b"}}`)},
		{"bad range", with(`"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/99"}}`)},
		{"no values", with(`"Condition":{"StringEquals":{"a":[]}}`)},
	}
	for _, tt := range tests {
		_, err := policy.Compile(parse(t, tt.src), policy.Ref{})
		var e *policy.CompileError
		if !errors.As(err, &e) {
			t.Errorf("%s: error %v", tt.name, err)
		}
	}
	// An empty Condition tests nothing.
	if p := compile(t, with(`"Condition":{}`)); p.Len() != 1 {
		t.Error("empty Condition")
	}
}

// A probe is a request and the answer expected of a set.
type probe struct {
	action, resource string
	want             policy.Effect
}

func (p probe) check(t *testing.T, name string, set *policy.Set, ctx condition.Map) {
	t.Helper()
	m := set.Eval(&policy.Request{Action: p.action, Resource: p.resource, Context: ctx})
	if m.Effect != p.want {
		t.Errorf("%s: %s on %s: %v, want %v", name, p.action, p.resource, m.Effect, p.want)
	}
}

var evaluations = []struct {
	src    string
	probes []probe
}{
	{statement(`{"Effect":"Allow","Action":["S3:getobject","s3:Put*"],"Resource":"arn:aws:s3:::b/*"}`), []probe{
		{"s3:GetObject", "arn:aws:s3:::b/k", policy.Allow},
		{"S3:GETOBJECT", "arn:aws:s3:::b/k", policy.Allow},
		{"s3:PutObjectAcl", "arn:aws:s3:::b/k/l:m", policy.Allow},
		{"s3:GetObjectAcl", "arn:aws:s3:::b/k", policy.NoMatch},
		{"s3:GetObject", "arn:aws:s3:::B/k", policy.NoMatch},
		{"s3:GetObject", "*", policy.NoMatch},
		{"s3:GetObject", "", policy.NoMatch},
		{"GetObject", "arn:aws:s3:::b/k", policy.NoMatch},
		{"", "arn:aws:s3:::b/k", policy.NoMatch},
		{"\u017F3:GetObject", "arn:aws:s3:::b/k", policy.NoMatch},
	}},
	{statement(`{"Effect":"Allow","Action":"*","Resource":"*"}`), []probe{
		{"s3:GetObject", "arn:aws:s3:::b", policy.Allow},
		{"s3:ListAllMyBuckets", "*", policy.Allow},
		{"x:" + strings.Repeat("y", 500), "", policy.Allow},
	}},
	{statement(`{"Effect":"Allow","Action":["*:Get*","iam:?etUser"],"Resource":"*"}`), []probe{
		{"s3:GetObject", "*", policy.Allow},
		{"iam:SetUser", "*", policy.Allow},
		{"iam:PutUser", "*", policy.NoMatch},
	}},
	{statement(`{"Effect":"Allow","NotAction":["iam:*","s3:Delete*"],"NotResource":"arn:aws:s3:::secret*"}`), []probe{
		{"s3:GetObject", "arn:aws:s3:::b/k", policy.Allow},
		{"s3:DeleteObject", "arn:aws:s3:::b/k", policy.NoMatch},
		{"IAM:GetUser", "*", policy.NoMatch},
		{"s3:GetObject", "arn:aws:s3:::secret/k", policy.NoMatch},
	}},
	{statement(`[{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:*","NotResource":["arn:aws:s3:::mine","arn:aws:s3:::mine/*"]}]`), []probe{
		{"s3:GetObject", "arn:aws:s3:::mine/x", policy.Allow},
		{"s3:GetObject", "arn:aws:s3:::yours/x", policy.Deny},
	}},
	{statement(`{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::home/${aws:username}/*","arn:aws:s3:::t/${aws:PrincipalTag/a}"]}`), []probe{
		{"s3:GetObject", "arn:aws:s3:::home/alice/x", policy.Allow},
		{"s3:GetObject", "arn:aws:s3:::home/bob/x", policy.NoMatch},
		{"s3:GetObject", "arn:aws:s3:::t/anything", policy.NoMatch},
		{"s3:GetObject", "arn:aws:s3:::t/*", policy.Allow},
	}},
	{statement(`{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::${x:absent}","arn:aws:s3:::${x:many}","arn:aws:s3:::ok"]}`), []probe{
		{"s3:GetObject", "arn:aws:s3:::ok", policy.Allow},
		{"s3:GetObject", "arn:aws:s3:::a", policy.NoMatch},
		{"s3:GetObject", "arn:aws:s3:::", policy.NoMatch},
	}},
	{statement(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${x:absent, 'shared'}/${*}${?}${$}"}`), []probe{
		{"s3:GetObject", "arn:aws:s3:::shared/*?$", policy.Allow},
		{"s3:GetObject", "arn:aws:s3:::shared/xy$", policy.NoMatch},
	}},
	// A variable before the fifth colon has no value.
	{statement(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}"}`), []probe{
		{"s3:GetObject", "arn:aws:s3:::alice", policy.Allow},
	}},
	{statement(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3::${aws:username}:b"}`), []probe{
		{"s3:GetObject", "arn:aws:s3::alice:b", policy.NoMatch},
	}},
	// NotResource with a variable without a value: Allow does not apply, Deny does.
	{statement(`{"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::${x:absent}"}`), []probe{
		{"s3:GetObject", "arn:aws:s3:::b", policy.NoMatch},
	}},
	{statement(`{"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::${x:absent}"}`), []probe{
		{"s3:GetObject", "arn:aws:s3:::b", policy.Deny},
	}},
	// Missing trailing fields are "*".
	{statement(`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3"}`), []probe{
		{"s3:GetObject", "arn:aws:s3:::b", policy.Allow},
		{"s3:GetObject", "arn:aws:sqs:::b", policy.NoMatch},
	}},
}

func TestEval(t *testing.T) {
	ctx := condition.Map{
		"aws:username": condition.One("alice"), "aws:principaltag/a": condition.One("*"), "x:many": condition.Many("a", "b"),
	}
	for _, tt := range evaluations {
		set := policy.NewSet(compile(t, tt.src))
		for _, p := range tt.probes {
			p.check(t, tt.src, set, ctx)
		}
	}
}

// TestDenyAcrossColons: a star at the end of a segment matches colons where that
// takes permissions away, and does not where it grants.
func TestDenyAcrossColons(t *testing.T) {
	const table = "arn:aws:dynamodb:us-east-1:111122223333:table/t"
	for _, tt := range []struct {
		element, pattern string
		allow, deny      policy.Effect
	}{
		{"Resource", "arn:aws:dynamodb:*:table/t", policy.NoMatch, policy.Deny},
		{"Resource", "arn:aws:dynamodb:us-*:table/${aws:username, 't'}", policy.NoMatch, policy.NoMatch}, // no value before the fifth colon
		{"Resource", "arn:aws:*:t*", policy.NoMatch, policy.Deny},
		{"Resource", "*:table/t", policy.NoMatch, policy.Deny},
		{"Resource", "arn:aws:dynamodb:*:table/other", policy.NoMatch, policy.NoMatch},
		{"Resource", "arn:aws:dynamodb:*1:table/t", policy.NoMatch, policy.NoMatch},
		{"Resource", "arn:aws:dynamodb:us-east-?:table/t", policy.NoMatch, policy.NoMatch},
		{"NotResource", "arn:aws:dynamodb:*:table/t", policy.NoMatch, policy.Deny},
		{"NotResource", "arn:aws:dynamodb:*:table/other", policy.Allow, policy.Deny},
	} {
		for effect, want := range map[string]policy.Effect{"Allow": tt.allow, "Deny": tt.deny} {
			src := statement(`{"Effect":"` + effect + `","Action":"dynamodb:GetItem","` + tt.element + `":"` + tt.pattern + `"}`)
			probe{"dynamodb:GetItem", table, want}.check(t, src, policy.NewSet(compile(t, src)), nil)
		}
	}
	// Also when statements are found by the resource.
	var many []string
	for i := range 20 {
		many = append(many, fmt.Sprintf(`{"Effect":"Deny","Action":"dynamodb:GetItem","Resource":"arn:aws:dynamodb:*:table/t%d"}`, i))
	}
	set := policy.NewSet(compile(t, statement("["+strings.Join(many, ",")+"]")))
	probe{"dynamodb:GetItem", table + "7", policy.Deny}.check(t, "20 statements", set, nil)
	probe{"dynamodb:GetItem", "*", policy.NoMatch}.check(t, "20 statements", set, nil)
}

// TestAttack11OldVersion: without version 2012-10-17 there are no variables.
func TestAttack11OldVersion(t *testing.T) {
	for _, version := range []string{`"Version":"2008-10-17",`, ``} {
		src := `{` + version + `"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${aws:username}/${*}"}}`
		set := policy.NewSet(compile(t, src))
		ctx := condition.Map{"aws:username": condition.One("alice")}
		probe{"s3:GetObject", "arn:aws:s3:::alice/x", policy.NoMatch}.check(t, src, set, ctx)
		probe{"s3:GetObject", "arn:aws:s3:::${aws:username}/${anything}", policy.Allow}.check(t, src, set, ctx)
	}
}

func TestMatchReportsTheFirst(t *testing.T) {
	first := compile(t, statement(`[{"Effect":"Allow","Action":"sqs:*","Resource":"*"},{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"x:no":"true"}}}]`))
	second := compile(t, statement(`[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]`))
	third := compile(t, statement(`[{"Effect":"Deny","Action":"s3:Delete*","Resource":"*"},{"Effect":"Deny","Action":"s3:DeleteBucket","Resource":"*"}]`))
	set := policy.NewSet(first, second, third)
	if got := set.Policies(); len(got) != 3 || got[1] != second {
		t.Errorf("policies %v", got)
	}
	for _, tt := range []struct {
		action string
		want   policy.Match
	}{
		{"s3:GetObject", policy.Match{Effect: policy.Allow, Policy: second, Statement: 0}},
		{"sqs:SendMessage", policy.Match{Effect: policy.Allow, Policy: first, Statement: 0}},
		{"s3:DeleteBucket", policy.Match{Effect: policy.Deny, Policy: third, Statement: 0}},
	} {
		if got := set.Eval(&policy.Request{Action: tt.action, Resource: "arn:aws:s3:::b"}); got != tt.want {
			t.Errorf("%s: %+v", tt.action, got)
		}
	}
	var none *policy.Set
	if m := none.Eval(&policy.Request{Action: "s3:GetObject"}); m != (policy.Match{}) || none.Policies() != nil {
		t.Errorf("nil set matches %+v", m)
	}
}

func TestStringers(t *testing.T) {
	got := fmt.Sprint(policy.NoMatch, policy.Allow, policy.Deny, policy.Anonymous, policy.Federated, policy.PrincipalKind(99))
	if want := "no match allow deny anonymous federated unknown"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
