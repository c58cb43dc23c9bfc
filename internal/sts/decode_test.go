package sts_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"sallyport/test/inprocess"
)

type decoded struct {
	Allowed           bool `json:"allowed"`
	ExplicitDeny      bool `json:"explicitDeny"`
	MatchedStatements items[struct {
		StatementID     string           `json:"statementId"`
		Effect          string           `json:"effect"`
		Principals      items[value]     `json:"principals"`
		PrincipalGroups items[value]     `json:"principalGroups"`
		Actions         items[value]     `json:"actions"`
		Resources       items[value]     `json:"resources"`
		Conditions      items[keyValues] `json:"conditions"`
	}] `json:"matchedStatements"`
	Failures items[value] `json:"failures"`
	Context  struct {
		Principal struct {
			ID  string `json:"id"`
			ARN string `json:"arn"`
		} `json:"principal"`
		Action     string           `json:"action"`
		Resource   string           `json:"resource"`
		Conditions items[keyValues] `json:"conditions"`
	} `json:"context"`
}

type items[T any] struct {
	Items []T `json:"items"`
}

type value struct {
	Value string `json:"value"`
}

type keyValues struct {
	Key    string       `json:"key"`
	Values items[value] `json:"values"`
}

// decode has a denial's message decoded; an unknown member fails.
func decode(t *testing.T, c *inprocess.Client, denial *inprocess.Reply) (d decoded, text string) {
	t.Helper()
	text = c.Do("sts:DecodeAuthorizationMessage", p{"EncodedMessage": denial.Header.Get(inprocess.MessageHeader)}).Text("DecodedMessage")
	if err := json.Unmarshal([]byte(text), &d, json.RejectUnknownMembers(true)); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return d, text
}

func (d *decoded) keys() string {
	var all []string
	for _, c := range d.Context.Conditions.Items {
		for _, v := range c.Values.Items {
			all = append(all, c.Key+"="+v.Value)
		}
	}
	return strings.Join(all, " ")
}

// TestDecodeAuthorizationMessage: a denial's header opens to what AWS's messages
// tell, for those of the account who may.
func TestDecodeAuthorizationMessage(t *testing.T) {
	s := inprocess.New(t)
	alice := user(s, "alice", "")
	reader := user(s, "reader", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:DecodeAuthorizationMessage","Resource":"*"}}`)
	id := s.Admin.Do("iam:GetUser", p{"UserName": "alice"}).Text("UserId")

	tag := p{"UserName": "bob", "Tags.member.1.Key": "Team", "Tags.member.1.Value": "red"}
	implicit, text := decode(t, reader, alice.Denied("iam:CreateUser", tag, "iam:CreateUser"))
	if implicit.Allowed || implicit.ExplicitDeny || implicit.MatchedStatements.Items == nil || len(implicit.MatchedStatements.Items) != 0 ||
		implicit.Context.Principal.ID != id || implicit.Context.Principal.ARN != "arn:aws:iam::"+account+":user/alice" ||
		implicit.Context.Action != "iam:CreateUser" || implicit.Context.Resource != "arn:aws:iam::"+account+":user/bob" {
		t.Errorf("implicit denial: %s", text)
	}
	if want := "aws:CurrentTime=2026-01-02T03:04:05Z aws:EpochTime=1767323045 aws:PrincipalAccount=111122223333 aws:PrincipalArn=arn:aws:iam::111122223333:user/alice " +
		"aws:PrincipalIsAWSService=false aws:PrincipalType=User aws:RequestedRegion=us-east-1 aws:RequestTag/Team=red aws:ResourceAccount=111122223333 " +
		"aws:SecureTransport=false aws:SourceIp=127.0.0.1 aws:TagKeys=Team aws:UserAgent=Go-http-client/1.1 aws:userid=" + id +
		" aws:username=alice aws:ViaAWSService=false"; implicit.keys() != want {
		t.Errorf("conditions\n got %s\nwant %s", implicit.keys(), want)
	}

	s.Admin.Do("iam:PutUserPolicy", p{"UserName": "alice", "PolicyName": "no", "PolicyDocument": `{"Version":"2012-10-17","Statement":
		{"Sid":"NoKeys","Effect":"Deny","Action":["iam:CreateAccessKey","iam:Delete*"],"NotResource":"arn:aws:iam::*:user/free","Condition":{"IpAddress":{"aws:SourceIp":["127.0.0.0/8","10.0.0.0/8"]}}}}`})
	explicit, text := decode(t, reader, alice.Denied("iam:CreateAccessKey", p{"UserName": "alice"}, "iam:CreateAccessKey"))
	want := `{"allowed":false,"explicitDeny":true,"matchedStatements":{"items":[{"statementId":"NoKeys","effect":"DENY","principals":{"items":[{"value":"` + id + `"}]},` +
		`"principalGroups":{"items":[]},"actions":{"items":[{"value":"iam:CreateAccessKey"},{"value":"iam:Delete*"}]},"resources":{"items":[]},` +
		`"conditions":{"items":[{"key":"aws:SourceIp","values":{"items":[{"value":"127.0.0.0/8"},{"value":"10.0.0.0/8"}]}}]}}]},"failures":{"items":[]},"context":{"principal":`
	if !strings.HasPrefix(text, want) || !explicit.ExplicitDeny {
		t.Errorf("explicit denial\n got %s\nwant %s", text, want)
	}
	// Services of the JSON protocol have the header too; what no decision refused,
	// and what was allowed, have not.
	if d, text := decode(t, reader, alice.Denied("sallyport:CreateAccount", p{"Email": "x@example.com", "Name": "X"}, "sallyport:CreateAccount")); d.Context.Action != "sallyport:CreateAccount" {
		t.Errorf("JSON protocol: %s", text)
	}
	for name, reply := range map[string]*inprocess.Reply{
		"allowed": reader.Do("sts:GetCallerIdentity", nil), "invalid": alice.Call("iam:CreateUser", p{"UserName": "not/valid"}),
		"without a permission to ask for": s.Root.Call("sts:AssumeRole", p{"RoleArn": "arn:aws:iam::" + account + ":role/x", "RoleSessionName": "session"}),
	} {
		if got := reply.Header.Get(inprocess.MessageHeader); got != "" {
			t.Errorf("%s: a reply of %d has the header", name, reply.Status)
		}
	}
}

// TestAttackDecodeAuthorizationMessage: a message is opened for its own account
// only, as it was sealed, to those who may, and on record.
func TestAttackDecodeAuthorizationMessage(t *testing.T) {
	s := inprocess.New(t)
	other := s.Client(s.Admin.Do("sallyport:CreateAccount", p{"Email": "other@example.com", "Name": "AnyCompany"}).Credentials())
	alice := user(s, "alice", "")
	message := alice.Denied("iam:ListUsers", nil, "iam:ListUsers").Header.Get(inprocess.MessageHeader)
	in := p{"EncodedMessage": message}

	denied := alice.Denied("sts:DecodeAuthorizationMessage", in, "sts:DecodeAuthorizationMessage")
	denied.WantMessage("User: arn:aws:iam::" + account + ":user/alice is not authorized to perform: sts:DecodeAuthorizationMessage" +
		" because no identity-based policy allows the sts:DecodeAuthorizationMessage action")
	decode(t, s.Admin, denied)
	refused := other.Refused("sts:DecodeAuthorizationMessage", in, 400, "InvalidAuthorizationMessageException")
	for name, forged := range map[string]string{"garbage": "b94d27b9934", "altered": "B" + message[1:], "cut": message[:len(message)-1], "longer": message + "A"} {
		reply := s.Admin.Refused("sts:DecodeAuthorizationMessage", p{"EncodedMessage": forged}, 400, "InvalidAuthorizationMessageException")
		if reply.Message != refused.Message {
			t.Errorf("%s: %s, of another account: %s", name, reply.Message, refused.Message)
		}
	}
	s.Admin.Refused("sts:DecodeAuthorizationMessage", p{"EncodedMessage": strings.Repeat("A", 10241)}, 400, "ValidationError")
	record := s.RecordOf(s.Admin.Do("sts:DecodeAuthorizationMessage", in), account)
	if record.EventName != "DecodeAuthorizationMessage" || record.RequestParameters["encodedMessage"] != message || record.ResponseElements != nil || !record.ReadOnly {
		t.Errorf("record %s", record.Raw)
	}
	if strings.Contains(s.Logs.String(), message) {
		t.Error("the message is in the logs")
	}
}

// TestMessageOfAnotherAccountsPolicy: the statement of a trust policy that
// denied is not told to the account it denied.
func TestMessageOfAnotherAccountsPolicy(t *testing.T) {
	s := inprocess.New(t)
	created := s.Admin.Do("sallyport:CreateAccount", p{"Email": "other@example.com", "Name": "AnyCompany"})
	other := s.Client(created.Credentials())
	trust := func(principal string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"},
			{"Sid":"Theirs","Effect":"Deny","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"}]}`
	}
	for name, c := range map[string]struct {
		in         *inprocess.Client
		account    string
		statements int
	}{"own": {s.Admin, account, 1}, "another's": {other, created.Text("Id"), 0}} {
		c.in.Do("iam:CreateRole", p{"RoleName": "guarded", "AssumeRolePolicyDocument": trust(account)})
		denied := s.Admin.Denied("sts:AssumeRole", p{"RoleArn": "arn:aws:iam::" + c.account + ":role/guarded", "RoleSessionName": "session"}, "sts:AssumeRole")
		if d, text := decode(t, s.Admin, denied); !d.ExplicitDeny || len(d.MatchedStatements.Items) != c.statements || !strings.Contains(d.keys(), "sts:rolesessionname=session") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// TestMessageFitsAProxy: whatever the request holds, the header of the reply
// fits 4 KB, and what is left of the message is still whole.
func TestMessageFitsAProxy(t *testing.T) {
	s := inprocess.New(t)
	alice := user(s, "alice", "")
	in := p{"UserName": "bob"}
	for i := range 50 {
		n := string(rune('a'+i/26)) + string(rune('a'+i%26))
		in["Tags.member."+strconv.Itoa(i+1)+".Key"], in["Tags.member."+strconv.Itoa(i+1)+".Value"] = "key-"+n, strings.Repeat("v", 20+i*4)
	}
	r, body := s.Request("iam:CreateUser", in)
	alice.Sign(r, body, "iam")
	r.Header.Set("User-Agent", strings.Repeat("agent\xff", 1000))
	reply := s.Refused(r, 403, "AccessDenied")
	size := len("HTTP/1.1 403 Forbidden\r\n\r\n")
	for name, values := range reply.Header {
		for _, v := range values {
			size += len(name) + len(": \r\n") + len(v)
		}
	}
	if size += len("X-Amz-Sts-Extended-Request-Id: \r\n") + 68; size > 4096 { // which replies of STS have besides
		t.Errorf("the header has %d bytes", size)
	}
	d, text := decode(t, s.Admin, reply)
	if d.Context.Action != "iam:CreateUser" || d.Context.Resource == "" || len(text) < 2000 ||
		!strings.Contains(d.keys(), "aws:username=alice") || strings.Contains(d.keys(), "aws:UserAgent") || strings.Contains(d.keys(), "key-bx=") || !strings.Contains(d.keys(), "key-aa=") {
		t.Errorf("%d bytes: %s", len(text), text)
	}
}
