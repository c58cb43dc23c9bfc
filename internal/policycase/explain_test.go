package policycase

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"sallyport/catalog"
)

// TestExplain: explaining answers as deciding does, and says where in the text
// of the case each statement is.
func TestExplain(t *testing.T) {
	text := `{"request": {"principal": "arn:aws:iam::111122223333:user/Ålice", "action": "s3:GetObject",
  "resource": "arn:aws:s3:::amzn-s3-demo-bucket/key", "resourceAccount": "444455556666"},
 "policies": {
  "acl": [ {"grantee": "arn:aws:iam::111122223333:root", "permission": "WRITE"},
    {"grantee": "arn:aws:iam::111122223333:root", "permission": "READ"}],
  "identity": [` + read + `, {"Version":"2012-10-17",
    "Statement": [
      {"Sid": "é", "Effect": "Allow", "Action": "s3:*", "Resource": "*",
       "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]}],
  "session": [` + read + `], "resource": null,
  "scps": [[` + read + `], [` + deny + `, ` + read + `]]
 }}`
	x, err := Explain(catalog.AWS(), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(text, "\n")
	at := func(p Place) string {
		if text[p.Offset:p.Offset+1] != string([]rune(lines[p.Line-1])[p.Column-1]) {
			t.Errorf("line %d, column %d is not offset %d", p.Line, p.Column, p.Offset)
		}
		return text[p.Offset:]
	}
	var got []string
	for _, l := range x.Layers {
		name := l.Layer
		if l.Level != nil {
			name += fmt.Sprint(*l.Level)
		}
		for _, p := range l.Policies {
			for _, s := range p.Statements {
				got = append(got, fmt.Sprint(name, " ", l.Effect, " ", s.Effect, " ", s.Matched, " ", s.Named))
				if here := at(s.Place); !strings.HasPrefix(here, `{"Effect"`) && !strings.HasPrefix(here, `{"Sid"`) && !strings.HasPrefix(here, `{"grantee"`) {
					t.Errorf("%s is at %.20s", name, here)
				}
				for _, f := range s.Failures {
					if here := at(f.Place); f.Key != "" && !strings.HasPrefix(here, `"`+f.Key) {
						t.Errorf("%s is at %.20s", f.Key, here)
					}
				}
			}
		}
	}
	want := `scp0 allow Allow true , scp1 deny Allow true , scp1 deny Deny true , scp1 deny Allow true , ` +
		`identity allow Allow true , identity allow Allow false , session allow Allow true , acl allow Allow false account, acl allow Allow true account`
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
	if len(x.Missing) != 1 || *x.Missing[0].Remove.Level != 1 || *x.Missing[0].Remove.Policy != 0 || *x.Missing[0].Remove.Statement != 1 {
		t.Errorf("missing %+v", x.Missing)
	}
	if want := "User: arn:aws:iam::111122223333:user/Ålice is not authorized to perform: s3:GetObject on resource: " +
		"arn:aws:s3:::amzn-s3-demo-bucket/key with an explicit deny in a service control policy"; x.Message != want {
		t.Errorf("message %s", x.Message)
	}
}

// TestExplainErrors: what can't be decided can't be explained.
func TestExplainErrors(t *testing.T) {
	for _, text := range []string{``, `{`, `[]`, line(``, `"boundry":{}`), line(``, `"identity":[{}]`)} {
		if x, err := Explain(catalog.AWS(), []byte(text)); err == nil {
			t.Errorf("%s: %+v", text, x)
		}
	}
}

// FuzzExplain: whatever the text, explaining answers as deciding does, and its
// places are in the text.
func FuzzExplain(f *testing.F) {
	f.Add(line(``, `"identity":[`+read+`,`+deny+`],"scps":[[],[`+read+`]],"boundary":`+read+`,"acl":[{"grantee":"`+allUsers+`","permission":"READ"}]`))
	f.Add(line(`"principal":"ec2.amazonaws.com"`, `"resource":{"Statement":{"Effect":"Allow","Principal":{"Service":"sqs.amazonaws.com"},"Action":"*","Resource":"*"}}`))
	f.Add(line(`"context":{"a:b":["x","y"]}`, when("StringEquals", "a:b", "${aws:username}")))
	f.Fuzz(func(t *testing.T, text string) {
		answer := Decide(catalog.AWS(), []byte(text))
		x, err := Explain(catalog.AWS(), []byte(text))
		if (err != nil) != (answer.Error != "") {
			t.Fatalf("deciding: %q, explaining: %v", answer.Error, err)
		}
		if err != nil {
			return
		}
		if got, want := fmt.Sprint(mustJSON(t, x.DecidedBy), x.Decision), fmt.Sprint(mustJSON(t, answer.DecidedBy), answer.Decision); got != want {
			t.Errorf("explained %s, decided %s", got, want)
		}
		for _, l := range x.Layers {
			for _, p := range l.Policies {
				for _, s := range p.Statements {
					if s.Line < 1 || text[s.Offset] != '{' {
						t.Errorf("a statement of %s is at %+v", l.Layer, s.Place)
					}
				}
			}
		}
	})
}

func mustJSON(t *testing.T, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
