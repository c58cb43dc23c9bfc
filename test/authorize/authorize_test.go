package authorize

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"sallyport/internal/app"
	"sallyport/internal/operation"
	"sallyport/test/inprocess"
)

// TestAttack16EveryOperation: a principal with nothing, with every other
// action, or with the action on another resource is denied, in AWS's words for
// exactly this action, and changes nothing; with the action on the resource it
// is not, the change is there to be read, and its record is in the journal.
func TestAttack16EveryOperation(t *testing.T) {
	table := app.Operations().All()
	if len(table) < 80 {
		t.Fatalf("only %d operations are served", len(table))
	}
	for _, d := range table {
		name := d.Op.Service.SigningName + ":" + d.Op.Name
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d.Identify != nil {
				if vouched[name] == nil {
					t.Fatal("the operation is not signed, and has no test of who may call it")
				}
				vouched[name](t)
				return
			}
			f, ok := fixtures[name]
			if reason, isOpen := open[name]; isOpen != (d.Open != "") || isOpen == ok || isOpen && reason == "" {
				t.Fatalf("open: %q; in the list of open operations: %t; with a fixture: %t", d.Open, isOpen, ok)
			}
			if d.Open != "" {
				openToNobody(t, name)
				return
			}
			closed(t, name, f, d)
		})
	}
	served := func(name string) bool {
		return slices.ContainsFunc(table, func(d *operation.Definition) bool {
			return d.Op.Service.SigningName+":"+d.Op.Name == name
		})
	}
	for name := range fixtures {
		if !served(name) {
			t.Errorf("the fixture of %s is for an operation that is not served", name)
		}
	}
	for name := range open {
		if !served(name) {
			t.Errorf("%s is in the list of open operations, but not served", name)
		}
	}
}

// probed is a server with the fixture's setup and a user who may do nothing, and
// the parameters of the fixture's call.
func probed(t *testing.T, f fixture) (s *inprocess.Server, probe *inprocess.Client, in p) {
	s = inprocess.New(t, inprocess.Localhost)
	in = setUp(s, f)
	s.Root.Do("iam:CreateUser", p{"UserName": "probe"})
	return s, s.Client(s.Root.Do("iam:CreateAccessKey", p{"UserName": "probe"}).Credentials()), in
}

// filled is in with an id in place of each madeID.
func filled(in p, id func(name string) string) p {
	for name, value := range in {
		if value == madeID {
			in = with(in, name, id(name))
		}
	}
	return in
}

func closed(t *testing.T, name string, f fixture, d *operation.Definition) {
	s, probe, in := probed(t, f)
	f.in = in
	for _, step := range probeSetup[name] {
		s.Root.Do(step.call, step.in)
	}
	grant := func(statement string) {
		if more, ok := also[name]; ok {
			statement += "," + more
		}
		s.Root.Do("iam:PutUserPolicy", p{"UserName": "probe", "PolicyName": "grant",
			"PolicyDocument": `{"Version":"2012-10-17","Statement":[` + statement + `]}`})
	}
	if f.in["EncodedMessage"] == ownDenial {
		f.in = p{"EncodedMessage": probe.Denied("iam:ListUsers", nil, "iam:ListUsers").Header.Get(inprocess.MessageHeader)}
	}
	if made, ok := ownMade(f.in); ok {
		grant(fmt.Sprintf(`{"Effect":"Allow","Action":%q,"Resource":"*"}`, made.action))
		f.in = made.by(s, probe, f.in)
		s.Root.Do("iam:DeleteUserPolicy", p{"UserName": "probe", "PolicyName": "grant"})
	}
	action := actionOf(name)
	probe.Denied(name, f.in, action)
	grant(fmt.Sprintf(`{"Effect":"Allow","NotAction":%q,"Resource":"*"}`, action))
	probe.Denied(name, f.in, action)
	for i := range f.resources {
		others := slices.Clone(f.resources)
		others[i] = "arn:aws:iam::" + inprocess.Account + ":user/other"
		grant(fmt.Sprintf(`{"Effect":"Allow","Action":%q,"Resource":["%s"]}`, action, strings.Join(others, `","`)))
		probe.Denied(name, f.in, action)
	}
	resources := strings.Join(f.resources, `","`)
	grant(fmt.Sprintf(`{"Effect":"Allow","Action":%q,"Resource":["%s"]},{"Effect":"Deny","Action":%q,"Resource":"*"}`, action, resources, action))
	probe.Denied(name, f.in, action)
	grant(fmt.Sprintf(`{"Effect":"Allow","Action":%q,"Resource":["%s"]}`, action, resources))
	if !d.Mutates() {
		before := s.Dump()
		reply := probe.Do(name, f.in)
		if s.Dump() != before {
			t.Error("an operation that reads changed the state")
		}
		if record := s.RecordOf(reply, inprocess.Account); record.Stream != "block" || record.ReadOnly == d.NotReadOnly {
			t.Errorf("the record of a read is in %s: %s", record.Stream, record.Raw)
		}
		return
	}
	before, shown := s.Dump(), read(s, f.read)
	reply := probe.Do(name, f.in)
	if s.Dump() == before {
		t.Error("nothing changed")
	}
	if _, hidden := unread[name]; hidden != (f.read.call == "") {
		t.Errorf("a change must be read, or be said to show nowhere: read by %q", f.read.call)
	}
	if f.read.call != "" && read(s, f.read) == shown {
		t.Errorf("%s shows nothing of the change: %s", f.read.call, shown)
	}
	record := s.RecordOf(reply, inprocess.Account)
	if record.Stream != "account/"+inprocess.Account || record.ReadOnly || record.EventName != d.Op.Name ||
		record.UserIdentity["userName"] != "probe" {
		t.Errorf("the record of a change is in %s: %s", record.Stream, record.Raw)
	}
}

// unread are the changes that no operation shows, with the reason.
var unread = map[string]string{
	"iam:ResetServiceSpecificCredential": "the new password is shown once",
	"iam:ResyncMFADevice":                "how far a device's clock is off is nobody's to see",
	"sallyport:CreateAccount":            "the new account is read with its own credentials",
}

// read is what root sees, without the request's id.
func read(s *inprocess.Server, r step) string {
	if r.call == "" {
		return ""
	}
	reply := s.Root.Call(r.call, r.in)
	body := strings.ReplaceAll(reply.Body, reply.Header.Get("X-Amzn-Requestid"), "")
	return fmt.Sprint(reply.Status, body)
}

// openToNobody: operations without a permission still need a known caller.
func openToNobody(t *testing.T, name string) {
	s, probe, _ := probed(t, fixture{})
	r, _ := s.Request(name, nil)
	s.Refused(r, http.StatusForbidden, "MissingAuthenticationToken")
	s.Root.Do("iam:PutUserPolicy", p{"UserName": "probe", "PolicyName": "deny",
		"PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`})
	before := s.Dump()
	reply := probe.Do(name, nil)
	if s.Dump() != before {
		t.Error("an open operation changed the state")
	}
	s.RecordOf(reply, inprocess.Account)
}
