package awsquery_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/protocol/awsquery"
	"sallyport/internal/protocol/protocoltest"
)

func decode(op *api.Operation, body string) (any, error) {
	f, err := awsquery.ParseForm(body)
	if err != nil {
		return nil, err
	}
	in := op.NewInput()
	return in, awsquery.Decode(op, f, in)
}

// TestAttackMalformedForm: ambiguous or broken forms are refused, never
// interpreted.
func TestAttackMalformedForm(t *testing.T) {
	long := "Action=CreateUser" + strings.Repeat("&x=1", awsquery.MaxParameters)
	deep := strings.Repeat("a.", 400)
	for name, body := range map[string]string{
		"repeated scalar":          "UserName=alice&UserName=bob",
		"repeated unknown":         "Foo=1&UserName=alice&Foo=1",
		"repeated by escape":       "UserName=alice&User%4Eame=bob",
		"repeated among many":      "a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&UserName=alice&UserName=alice",
		"bad escape":               "UserName=%zz",
		"cut escape":               "UserName=%4",
		"not UTF-8":                "UserName=%ff%fe",
		"raw byte not UTF-8":       "UserName=\xff",
		"name not UTF-8":           "%ff=1",
		"bare semicolon":           "UserName=alice;Path=/",
		"empty name":               "=alice",
		"too many parameters":      long,
		"too large":                "UserName=" + strings.Repeat("x", awsquery.MaxFormBytes),
		"long name":                strings.Repeat("x", 2000) + "=1",
		"huge index":               "Tags.member.999999999.Key=a",
		"index beyond int":         "Tags.member.99999999999999999999999.Key=a",
		"index zero":               "Tags.member.0.Key=a",
		"negative index":           "Tags.member.-1.Key=a",
		"signed index":             "Tags.member.%2B1.Key=a",
		"index with leading zero":  "Tags.member.01.Key=a",
		"same index twice":         "Tags.member.1.Key=a&Tags.member.01.Key=b",
		"gap in a list":            "Tags.member.1.Key=a&Tags.member.3.Key=b",
		"list without numbers":     "Tags.Key=a",
		"list with another branch": "Tags.member.1.Key=a&Tags.item.1.Key=b",
		"value in place of a list": "Tags=a",
		"value on the list's node": "Tags.member=a",
		"value and list":           "Tags=&Tags.member.1.Key=a",
		"value and structure":      "Tags.member.1=&Tags.member.1.Key=a",
		"structure as a value":     "Tags.member.1.Key.x=a",
		"deep nesting":             "Tags." + deep + "x=1",
	} {
		t.Run(name, func(t *testing.T) {
			in, err := decode(iamapi.OpCreateUser, body)
			var e *api.Error
			if !errors.As(err, &e) {
				t.Fatalf("accepted as %+v, error %v", in, err)
			}
			if e.Code != "MalformedInput" || e.Status != 400 || !e.Sender {
				t.Errorf("error is %+v", e)
			}
		})
	}
}

func TestAttackMalformedValue(t *testing.T) {
	for _, c := range []struct {
		op   *api.Operation
		body string
	}{
		{iamapi.OpCreateRole, "MaxSessionDuration=abc"},
		{iamapi.OpCreateRole, "MaxSessionDuration="},
		{iamapi.OpCreateRole, "MaxSessionDuration=3600.0"},
		{iamapi.OpCreateRole, "MaxSessionDuration=0x10"},
		{iamapi.OpCreateRole, "MaxSessionDuration=%2B3600"},
		{iamapi.OpCreateRole, "MaxSessionDuration=4294967296"},
		{iamapi.OpUpdateAccountPasswordPolicy, "RequireSymbols=yes"},
		{iamapi.OpUpdateAccountPasswordPolicy, "RequireSymbols=TRUE"},
	} {
		in, err := decode(c.op, c.body)
		var e *api.Error
		if !errors.As(err, &e) || e.Code != "MalformedInput" || e.Message != "" || e.NoMessage {
			t.Errorf("%s: %+v, %#v, want MalformedInput with an empty message", c.body, in, err)
		}
	}
	for _, body := range []string{
		"ReplacementValues.entry.1.key=a",
		"ReplacementValues.entry.1.value.Values.member.1=a",
		"ReplacementValues.entry.1.key.x=a&ReplacementValues.entry.1.value.Values=",
		"ReplacementValues.entry.1.key=a&ReplacementValues.entry.1.value=&ReplacementValues.entry.2.key=a&ReplacementValues.entry.2.value=",
		"ReplacementValues.entry.2.key=a&ReplacementValues.entry.2.value=",
	} {
		if in, err := decode(iamapi.OpAcquireRole, body); !errors.Is(err, &api.ErrorShape{Code: "MalformedInput"}) {
			t.Errorf("%s: %+v, %v", body, in, err)
		}
	}
}

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		name string
		op   *api.Operation
		body string
		want any
	}{
		{"unknown parameters are ignored", iamapi.OpCreateUser,
			"Action=CreateUser&&Version=2010-05-08&UserName=a%2Bb+c&username=x&Foo.member.7=1&UserName.x=1",
			&iamapi.CreateUserRequest{UserName: new("a+b c")}},
		{"an empty list is present", iamapi.OpTagUser, "Tags=&UserName=",
			&iamapi.TagUserRequest{UserName: new(""), Tags: []iamapi.Tag{}}},
		{"list order is by number", iamapi.OpUntagUser,
			"TagKeys.member.10=j&TagKeys.member.2=b&TagKeys.member.1=a&TagKeys.member.3=c&TagKeys.member.4=d&TagKeys.member.5=e&TagKeys.member.6=f&TagKeys.member.7=g&TagKeys.member.8=h&TagKeys.member.9=i",
			&iamapi.UntagUserRequest{TagKeys: strings.Split("abcdefghij", "")}},
		{"an empty structure is present", iamapi.OpTagUser, "Tags.member.1=",
			&iamapi.TagUserRequest{Tags: []iamapi.Tag{{}}}},
		{"map of structures", iamapi.OpAcquireRole,
			"ReplacementValues.entry.1.key=p&ReplacementValues.entry.1.value.Values.member.1=v&TemplateMinorVersion=-3",
			&iamapi.AcquireRoleRequest{TemplateMinorVersion: new(int64(-3)),
				ReplacementValues: map[string]iamapi.ReplacementValueEntry{"p": {Values: []string{"v"}}}}},
		{"no input shape", iamapi.OpGetAccountSummary, "Action=GetAccountSummary&x=1", &iamapi.GetAccountSummaryRequest{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := decode(c.op, c.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	f, err := awsquery.ParseForm("Action=GetUser&Empty=")
	if v, ok := f.Lookup("Empty"); err != nil || f.Get("Action") != "GetUser" || f.Get("Other") != "" || v != "" || !ok || f.Len() != 2 {
		t.Errorf("form is %+v, %v", f, err)
	}
}

// TestAttackManyParameters: the largest accepted form decodes in bounded
// memory whatever it holds.
func TestAttackManyParameters(t *testing.T) {
	var b strings.Builder
	for i := range awsquery.MaxParameters {
		fmt.Fprintf(&b, "&Tags.member.%d.Key=k", i+1)
	}
	in, err := decode(iamapi.OpCreateUser, b.String()[1:])
	if err != nil {
		t.Fatal(err)
	}
	if n := len(in.(*iamapi.CreateUserRequest).Tags); n != awsquery.MaxParameters {
		t.Errorf("%d tags", n)
	}
	err = api.Validate(iamapi.OpCreateUser, in, api.StyleIAM)
	if e := api.From(err); e.Code != "ValidationError" || len(e.Message) > 20000 {
		t.Errorf("message of %d bytes", len(e.Message))
	}
}

// FuzzDecode: any form is decoded or refused with a client's error, and what
// was decoded can be validated.
func FuzzDecode(f *testing.F) {
	ops := protocoltest.Operations("query")
	for i, op := range ops {
		if op.Name == "CreateUser" || op.Name == "AcquireRole" || op.Name == "SimulatePrincipalPolicy" || op.Name == "AssumeRole" {
			f.Add(uint16(i), "Action=x&UserName=alice&Tags.member.1.Key=a&Tags.member.1.Value=b")
			f.Add(uint16(i), "ReplacementValues.entry.1.key=p&ReplacementValues.entry.1.value.Values.member.1=v")
			f.Add(uint16(i), "PolicyExclusionList.member.1.InlinePolicyIdentifier.PolicyName=x&DurationSeconds=900")
			f.Add(uint16(i), "Tags.member.999999999.Key=%41&Tags=&Tags.member.1=;")
		}
	}
	f.Fuzz(func(t *testing.T, n uint16, body string) {
		op := ops[int(n)%len(ops)]
		in, err := decode(op, body)
		if err == nil {
			err = api.Validate(op, in, op.Service.Style())
		}
		var e *api.Error
		if err != nil && (!errors.As(err, &e) || e.Status != 400 || !e.Sender) {
			t.Fatalf("%q: %#v", body, err)
		}
	})
}
