package cloudtrail_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"sallyport/internal/api/cloudtrailapi"
	"sallyport/test/inprocess"
)

type p = inprocess.P

// event is what tests look at of an event; times are seconds.
type event struct {
	EventID         string `json:"EventId"`
	EventName       string
	ReadOnly        string
	AccessKeyID     string `json:"AccessKeyId"`
	EventTime       float64
	EventSource     string
	Username        string
	Resources       []struct{ ResourceType, ResourceName string }
	CloudTrailEvent string
}

func (e *event) has(kind, name string) bool {
	return slices.ContainsFunc(e.Resources, func(r struct{ ResourceType, ResourceName string }) bool {
		return r.ResourceType == kind && r.ResourceName == name
	})
}

// all turns the pages of a lookup.
func all(t *testing.T, c *inprocess.Client, in p, size int) []event {
	t.Helper()
	var events []event
	page := p{"MaxResults": fmt.Sprint(size)}
	for name, value := range in {
		page[name] = value
	}
	for range 1000 {
		var out struct {
			Events    []event
			NextToken string
		}
		if err := json.Unmarshal([]byte(c.Do("cloudtrail:LookupEvents", page).Body), &out); err != nil {
			t.Fatal(err)
		}
		if len(out.Events) > size {
			t.Fatalf("%d events in a page of %d", len(out.Events), size)
		}
		events = append(events, out.Events...)
		if out.NextToken == "" {
			return events
		}
		page["NextToken"] = out.NextToken
	}
	t.Fatal("pages have no end")
	return nil
}

func attribute(key, value string) p {
	return p{"LookupAttributes": fmt.Sprintf(`[{"AttributeKey":%q,"AttributeValue":%q}]`, key, value)}
}

// story makes calls, denials and sign-ins in two accounts, and crosses them.
func story(s *inprocess.Server) (other *inprocess.Client, otherID string) {
	made := s.Admin.Do("sallyport:CreateAccount", p{"Email": "other@example.com", "Name": "AnyCompany"})
	other, otherID = s.Client(made.Credentials()), made.Text("Id")
	s.Admin.Do("iam:CreateUser", p{"UserName": "alice"})
	key := s.Admin.Do("iam:CreateAccessKey", p{"UserName": "alice"}).Credentials()
	alice := s.Client(key)
	s.Advance(time.Second)
	for range 30 {
		s.Advance(100 * time.Millisecond)
		s.Admin.Do("iam:ListUsers", nil)
		alice.Call("iam:CreateUser", p{"UserName": "bob"}).Want(403, "AccessDenied")
	}
	trust := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + inprocess.Account + `"},"Action":"sts:AssumeRole"}}`
	other.Do("iam:CreateRole", p{"RoleName": "guest", "AssumeRolePolicyDocument": trust})
	guest := s.Client(s.Admin.Do("sts:AssumeRole", p{"RoleArn": "arn:aws:iam::" + otherID + ":role/guest", "RoleSessionName": "visit"}).Credentials())
	guest.Call("iam:ListRoles", nil).Want(403, "AccessDenied")
	s.Client(inprocess.Stranger).Call("iam:ListUsers", nil)
	s.Root.Do("iam:GetAccountSummary", nil)
	s.Browser().SignIn("admin", "a-wrong-password")
	s.Browser().SignIn("admin", inprocess.AdminPassword)
	return other, otherID
}

// TestEveryCallIsFound: every call, denial and sign-in of a story is found in its
// account, once, by pages of any size, the latest first; nothing of another account.
func TestEveryCallIsFound(t *testing.T) {
	s := inprocess.New(t)
	other, otherID := story(s)
	s.SignIns(2)
	records := s.Trail()
	for account, client := range map[string]*inprocess.Client{inprocess.Account: s.Admin, otherID: other} {
		want := map[string]string{} // event id → record
		for _, r := range records {
			if r.RecipientAccountID == account {
				want[r.EventID] = r.Raw
			}
		}
		if len(want) < 4 {
			t.Fatalf("only %d records in account %s", len(want), account)
		}
		for _, size := range []int{1, 7, 50} {
			seen, last := map[string]bool{}, 0.0
			for i, e := range all(t, client, p{"EndTime": "4102444800"}, size) {
				if seen[e.EventID] {
					t.Errorf("%s is found twice", e.EventID)
				}
				seen[e.EventID] = true
				if raw, ok := want[e.EventID]; ok && raw != e.CloudTrailEvent {
					t.Errorf("the record is %s\nthe event has %s", raw, e.CloudTrailEvent)
				}
				if !strings.Contains(e.CloudTrailEvent, `"recipientAccountId":"`+account+`"`) {
					t.Errorf("in account %s: %s", account, e.CloudTrailEvent)
				}
				if i > 0 && e.EventTime > last {
					t.Errorf("%s is not in its place", e.EventID)
				}
				last = e.EventTime
			}
			for id, raw := range want {
				if !seen[id] {
					t.Errorf("not found by pages of %d: %s", size, raw)
				}
			}
		}
	}
	// A call across accounts is in both, under one id.
	shared := map[string]int{}
	for _, client := range []*inprocess.Client{s.Admin, other} {
		for _, e := range all(t, client, attribute("EventName", "AssumeRole"), 50) {
			_, rest, _ := strings.Cut(e.CloudTrailEvent, `"sharedEventID":"`)
			shared[rest[:36]]++
		}
	}
	if len(shared) != 1 {
		t.Errorf("AssumeRole across accounts: %v", shared)
	}
	for _, n := range shared {
		if n != 2 {
			t.Errorf("AssumeRole is in %d accounts", n)
		}
	}
}

// TestAttributes: each attribute finds what has it, and nothing else.
func TestAttributes(t *testing.T) {
	s := inprocess.New(t)
	other, otherID := story(s)
	s.SignIns(2)
	s.Trail()
	whole := all(t, s.Admin, nil, 50)
	for _, c := range []struct {
		key, value string
		least      int
		has        func(*event) bool
	}{
		{"EventName", "CreateUser", 31, func(e *event) bool { return e.EventName == "CreateUser" }},
		{"EventSource", "signin.amazonaws.com", 2, func(e *event) bool { return e.EventSource == "signin.amazonaws.com" }},
		{"ReadOnly", "false", 30, func(e *event) bool { return e.ReadOnly == "false" }},
		{"ReadOnly", "true", 30, func(e *event) bool { return e.ReadOnly == "true" }},
		{"Username", "alice", 30, func(e *event) bool { return e.Username == "alice" }},
		{"Username", "root", 1, func(e *event) bool { return e.Username == "root" }},
		{"AccessKeyId", inprocess.RootKey, 1, func(e *event) bool { return e.AccessKeyID == inprocess.RootKey }},
		{"ResourceName", "bob", 30, func(e *event) bool { return e.has("AWS::IAM::User", "bob") }},
		{"ResourceName", "arn:aws:iam::" + inprocess.Account + ":user/alice", 1, func(e *event) bool {
			return e.EventName == "CreateUser" && e.ReadOnly == "false" && e.has("AWS::IAM::User", "arn:aws:iam::"+inprocess.Account+":user/alice")
		}},
		{"ResourceType", "AWS::IAM::Role", 1, func(e *event) bool { return e.has("AWS::IAM::Role", "arn:aws:iam::"+otherID+":role/guest") }},
		{"EventName", "createuser", 0, func(e *event) bool { return false }},
		{"EventName", `"eventName":"CreateUser`, 0, func(e *event) bool { return false }},
		{"Username", "alic", 0, func(e *event) bool { return false }},
		{"EventId", whole[3].EventID, 1, func(e *event) bool { return e.EventID == whole[3].EventID }},
	} {
		found := all(t, s.Admin, attribute(c.key, c.value), 7)
		want := 0
		for i := range whole {
			if c.has(&whole[i]) {
				want++
			}
		}
		got := 0
		for i := range found {
			if !c.has(&found[i]) {
				t.Errorf("%s %s finds %s", c.key, c.value, found[i].CloudTrailEvent)
			}
			if found[i].EventName != "LookupEvents" {
				got++
			}
		}
		// Lookups go on record themselves while the test goes on.
		if want < c.least || (c.key != "ReadOnly" || c.value != "true") && got != want {
			t.Errorf("%s %s: %d events, %d of all have it, want %d at least", c.key, c.value, got, want, c.least)
		}
	}
	for _, e := range all(t, other, attribute("EventName", "ListRoles"), 50) {
		if e.Username != "visit" {
			t.Errorf("the session is called %q", e.Username)
		}
	}
	// Resources as in AWS's examples of AssumeRole.
	for _, e := range all(t, s.Admin, attribute("EventName", "AssumeRole"), 50) {
		var kinds []string
		for _, r := range e.Resources {
			kinds = append(kinds, r.ResourceType)
		}
		slices.Sort(kinds)
		if got := strings.Join(kinds, " "); got != "AWS::IAM::AccessKey AWS::IAM::Role AWS::STS::AssumedRole AWS::STS::AssumedRole AWS::STS::AssumedRole" {
			t.Errorf("AssumeRole has the resources %s", got)
		}
	}
}

// TestTimes: events are of the times asked for, and of ninety days.
func TestTimes(t *testing.T) {
	s := inprocess.New(t)
	s.Admin.Do("iam:CreateUser", p{"UserName": "alice"})
	s.Admin.Do("iam:GetUser", p{"UserName": "alice"})
	s.Trail()
	s.Advance(time.Hour)
	s.Admin.Do("iam:CreateUser", p{"UserName": "bob"})
	s.Admin.Do("iam:GetUser", p{"UserName": "bob"})
	s.Trail()
	at := func(d time.Duration) string { return fmt.Sprint(inprocess.Start.Add(d).Unix()) }
	names := func(in p) string {
		var found []string
		for _, e := range all(t, s.Admin, in, 50) {
			if strings.HasSuffix(e.EventName, "User") {
				_, name, _ := strings.Cut(e.CloudTrailEvent, `"requestParameters":{"userName":"`)
				name, _, _ = strings.Cut(name, `"`)
				found = append(found, name)
			}
		}
		return strings.Join(slices.Compact(found), " ")
	}
	for _, c := range []struct {
		in   p
		want string
	}{
		{p{"StartTime": at(0)}, "bob alice"},
		{p{"StartTime": at(time.Second)}, "bob"},
		{p{"EndTime": at(0)}, "alice"},
		{p{"EndTime": at(-time.Second)}, ""},
		{p{"StartTime": at(0), "EndTime": at(0)}, "alice"},
		{p{"StartTime": at(time.Hour), "EndTime": at(time.Hour)}, "bob"},
		{p{"StartTime": at(-1000 * 24 * time.Hour)}, "bob alice"},
	} {
		if got := names(c.in); got != c.want && got != strings.TrimSpace("admin "+c.want) && got != strings.TrimSpace(c.want+" admin") {
			t.Errorf("%v: %q, want %q", c.in, got, c.want)
		}
	}
	s.Advance(90*24*time.Hour - 30*time.Minute)
	if got := names(p{"StartTime": at(0)}); got != "bob" {
		t.Errorf("after ninety days: %q", got)
	}
}

// TestRefusals: what AWS refuses, by its names.
func TestRefusals(t *testing.T) {
	s := inprocess.New(t)
	other, _ := story(s)
	two := `[{"AttributeKey":"EventName","AttributeValue":"a"},{"AttributeKey":"EventName","AttributeValue":"b"}]`
	first := s.Admin.Do("cloudtrail:LookupEvents", p{"MaxResults": "1"}).Text("NextToken")
	for name, c := range map[string]struct {
		client *inprocess.Client
		in     p
		code   string
	}{
		"too many":          {s.Admin, p{"MaxResults": "51"}, "InvalidMaxResultsException"},
		"none":              {s.Admin, p{"MaxResults": "0"}, "InvalidMaxResultsException"},
		"attribute":         {s.Admin, attribute("Region", "us-east-1"), "InvalidLookupAttributesException"},
		"empty value":       {s.Admin, attribute("EventName", ""), "InvalidLookupAttributesException"},
		"two attributes":    {s.Admin, p{"LookupAttributes": two}, "InvalidLookupAttributesException"},
		"category":          {s.Admin, p{"EventCategory": "data"}, "InvalidEventCategoryException"},
		"times":             {s.Admin, p{"StartTime": "1000", "EndTime": "999"}, "InvalidTimeRangeException"},
		"no token":          {s.Admin, p{"NextToken": "x"}, "InvalidNextTokenException"},
		"long token":        {s.Admin, p{"NextToken": strings.Repeat("A", 4000)}, "InvalidNextTokenException"},
		"other parameters":  {s.Admin, p{"NextToken": first, "EndTime": "1000"}, "InvalidNextTokenException"},
		"other attribute":   {s.Admin, p{"NextToken": first, "LookupAttributes": attribute("EventName", "x")["LookupAttributes"]}, "InvalidNextTokenException"},
		"another's account": {other, p{"NextToken": first}, "InvalidNextTokenException"},
	} {
		if reply := c.client.Call("cloudtrail:LookupEvents", c.in); reply.Status != 400 || reply.Code != c.code {
			t.Errorf("%s: %d %s: %s", name, reply.Status, reply.Code, reply.Message)
		}
	}
	// A page may be larger than the one before it.
	s.Admin.Do("cloudtrail:LookupEvents", p{"NextToken": first, "MaxResults": "50"})
	if reply := s.Admin.Do("cloudtrail:LookupEvents", p{"EventCategory": cloudtrailapi.EventCategoryInsight}); reply.Body != `{"Events":[]}` {
		t.Errorf("insight events: %s", reply.Body)
	}
	s.Admin.Do("iam:CreateUser", p{"UserName": "nobody"})
	nobody := s.Client(s.Admin.Do("iam:CreateAccessKey", p{"UserName": "nobody"}).Credentials())
	nobody.Call("cloudtrail:LookupEvents", nil).WantMessage("User: arn:aws:iam::" + inprocess.Account +
		":user/nobody is not authorized to perform: cloudtrail:LookupEvents because no identity-based policy allows the cloudtrail:LookupEvents action")
}

// TestInTheConsole: who is signed in looks up events there.
func TestInTheConsole(t *testing.T) {
	s := inprocess.New(t)
	b := s.Browser()
	b.SignIn("admin", inprocess.AdminPassword)
	r, body := s.Request("cloudtrail:LookupEvents", attribute("Username", "admin"))
	if len(body) == 0 {
		t.Fatal("no body")
	}
	r.Header.Set("X-Amz-Target", "cloudtrail.LookupEvents")
	reply := s.Send(b.Console(r))
	if reply.Want(200, ""); !strings.Contains(reply.Body, "ConsoleLogin") {
		t.Errorf("events: %s", reply.Body)
	}
}
