package history_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/iam"
	"sallyport/internal/state"
)

// TestHistoryEqualsLive: whatever IAM's operations do, what GetEntityHistory
// says adds up, at every revision, to what the tables held then, and EvaluateAt
// answers as Evaluate did then, with snapshots and with all of them deleted.
func TestHistoryEqualsLive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{world: newWorld(t), rows: map[state.Revision]map[string][]string{}, answers: map[state.Revision]map[string]string{}}
		defer func() { m.must(m.store.Close()) }()
		m.iam("CreateUser", `{"UserName":"alice"}`)
		m.iam("CreateGroup", `{"GroupName":"crew"}`)
		rt.Repeat(map[string]func(*rapid.T){
			"change": func(rt *rapid.T) {
				for range rapid.IntRange(1, 4).Draw(rt, "changes") {
					m.change(rt)
					m.look()
				}
			},
			"snapshot": func(*rapid.T) { m.must(m.store.Snapshot(context.Background())) },
			"":         func(*rapid.T) { m.look() },
		})
		m.checkHistory(rt)
		m.checkAnswers(rt)
		m.forget()
		m.checkHistory(rt)
		m.checkAnswers(rt)
	})
}

// A machine makes random changes and writes down what is seen at each revision.
type machine struct {
	*world
	rows    map[state.Revision]map[string][]string // of each entity
	answers map[state.Revision]map[string]string   // to each question
}

var documents = []string{
	`{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}`,
	`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Sid":"Never","Effect":"Deny","Action":"s3:PutObject","Resource":"*"}]}`,
	`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Null":{"aws:SecureTransport":"true"},"DateLessThan":{"aws:CurrentTime":"2026-01-02T03:04:25Z"}}}]}`,
}

// change makes one change, which IAM may refuse. What is simplest to undo and
// do again comes more often.
func (m *machine) change(rt *rapid.T) {
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(rt, label) }
	user, group := pick("user", "alice", "alice", "bob"), pick("group", "crew", "crew", "staff")
	managed := pick("managed", readOnly, iamARN+"policy/limits")
	document, err := json.Marshal(pick("document", documents...))
	m.must(err)
	key := "AKIAIOSFODNN7EXAMPLE"
	iam.AccessKeys.Ascend(m.view(), "", func(id string, _ *iam.AccessKey) bool { key = id; return rapid.Bool().Draw(rt, "next key") })
	calls := [][2]string{
		{"CreateUser", `{"UserName":"` + user + `"}`},
		{"DeleteUser", `{"UserName":"` + user + `"}`},
		{"UpdateUser", `{"UserName":"` + user + `","NewUserName":"` + pick("new user", "alice", "bob", "carol") + `"}`},
		{"UpdateUser", `{"UserName":"carol","NewUserName":"` + user + `","NewPath":"/staff/"}`},
		{"TagUser", `{"UserName":"` + user + `","Tags":[{"Key":"team","Value":"` + group + `"}]}`},
		{"PutUserPermissionsBoundary", `{"UserName":"` + user + `","PermissionsBoundary":"` + managed + `"}`},
		{"DeleteUserPermissionsBoundary", `{"UserName":"` + user + `"}`},
		{"CreateGroup", `{"GroupName":"` + group + `"}`},
		{"DeleteGroup", `{"GroupName":"` + group + `"}`},
		{"UpdateGroup", `{"GroupName":"` + group + `","NewGroupName":"` + pick("new group", "crew", "staff") + `"}`},
		{"AddUserToGroup", `{"UserName":"` + user + `","GroupName":"` + group + `"}`},
		{"RemoveUserFromGroup", `{"UserName":"` + user + `","GroupName":"` + group + `"}`},
		{"PutUserPolicy", `{"UserName":"` + user + `","PolicyName":"own","PolicyDocument":` + string(document) + `}`},
		{"DeleteUserPolicy", `{"UserName":"` + user + `","PolicyName":"own"}`},
		{"PutGroupPolicy", `{"GroupName":"` + group + `","PolicyName":"own","PolicyDocument":` + string(document) + `}`},
		{"DeleteGroupPolicy", `{"GroupName":"` + group + `","PolicyName":"own"}`},
		{"AttachUserPolicy", `{"UserName":"` + user + `","PolicyArn":"` + managed + `"}`},
		{"DetachUserPolicy", `{"UserName":"` + user + `","PolicyArn":"` + managed + `"}`},
		{"AttachGroupPolicy", `{"GroupName":"` + group + `","PolicyArn":"` + managed + `"}`},
		{"DetachGroupPolicy", `{"GroupName":"` + group + `","PolicyArn":"` + managed + `"}`},
		{"CreatePolicy", `{"PolicyName":"limits","PolicyDocument":` + string(document) + `}`},
		{"DeletePolicy", `{"PolicyArn":"` + iamARN + `policy/limits"}`},
		{"CreatePolicyVersion", `{"PolicyArn":"` + iamARN + `policy/limits","SetAsDefault":true,"PolicyDocument":` + string(document) + `}`},
		{"DeletePolicyVersion", `{"PolicyArn":"` + iamARN + `policy/limits","VersionId":"v1"}`},
		{"CreateAccessKey", `{"UserName":"` + user + `"}`},
		{"UpdateAccessKey", `{"UserName":"` + user + `","AccessKeyId":"` + key + `","Status":"Inactive"}`},
		{"DeleteAccessKey", `{"UserName":"` + user + `","AccessKeyId":"` + key + `"}`},
	}
	calls = append(calls, calls[10:20]...)
	call := rapid.SampledFrom(calls).Draw(rt, "call")
	m.iam(call[0], call[1])
}

// look writes down what is there, from the tables and from Evaluate.
func (m *machine) look() {
	view := m.view()
	if _, known := m.rows[view.Revision()]; known {
		return
	}
	rows := map[string][]string{}
	add := func(id, format string, args ...any) { rows[id] = append(rows[id], fmt.Sprintf(format, args...)) }
	iam.Users.Ascend(view, "", func(id string, u *iam.User) bool {
		add(id, "User %s%s boundary %s tags %v", u.Path, u.Name, u.Boundary, u.Tags)
		return true
	})
	iam.Groups.Ascend(view, "", func(id string, g *iam.Group) bool { add(id, "Group %s%s", g.Path, g.Name); return true })
	iam.Policies.Ascend(view, "", func(id string, p *iam.Policy) bool {
		add(id, "Policy %s%s default %d", p.Path, p.Name, p.Default)
		return true
	})
	iam.PolicyVersions.Ascend(view, "", func(key string, v *iam.PolicyVersion) bool {
		add(key[:strings.IndexByte(key, '/')], "PolicyVersion %d %s", v.Number, v.Document)
		return true
	})
	iam.InlinePolicies.Ascend(view, "", func(key string, i *iam.InlinePolicy) bool {
		add(key[:strings.IndexByte(key, '/')], "InlinePolicy %s %s", i.Name, i.Document)
		return true
	})
	iam.Attachments.Ascend(view, "", func(_ string, a *iam.Attachment) bool {
		add(a.Entity, "AttachedPolicy %s to %s", a.Policy, a.Entity)
		if p, err := iam.FindPolicy(view, account, a.Policy); err == nil {
			add(p.ID, "AttachedPolicy %s to %s", a.Policy, a.Entity)
		}
		return true
	})
	iam.Memberships.Ascend(view, "", func(_ string, member *iam.Membership) bool {
		add(member.User, "GroupMembership %s in %s", member.User, member.Group)
		add(member.Group, "GroupMembership %s in %s", member.User, member.Group)
		return true
	})
	iam.AccessKeys.Ascend(view, "", func(id string, k *iam.AccessKey) bool {
		add(k.User, "AccessKey %s active %t", id, k.Active)
		return true
	})
	for id := range rows {
		slices.Sort(rows[id])
	}
	m.rows[view.Revision()] = rows
	m.answers[view.Revision()] = m.ask(sallyportapi.OpEvaluate.Name, "", askedAbout)
}

var askedAbout = []string{"user/alice", "user/bob", "user/staff/alice"}

// ask asks for decisions about users, with further members of the input in
// JSON.
func (m *machine) ask(operation, more string, users []string) map[string]string {
	op, _ := sallyportapi.Service.Operation(operation)
	answers := map[string]string{}
	for _, user := range users {
		for _, action := range []string{"s3:GetObject", "s3:PutObject"} {
			question := `"PrincipalArn":"` + iamARN + user + `","Action":"` + action + `"`
			out, err := m.call(op, `{`+question+more+`}`)
			if err != nil {
				answers[question] = err.Error()
				continue
			}
			text, err := json.Marshal(out, json.OmitZeroStructFields(true))
			m.must(err)
			var answer struct {
				Decision, Reason string
				DecidedBy        jsontext.Value
			}
			m.must(json.Unmarshal(text, &answer))
			answers[question] = answer.Decision + " " + answer.Reason + " " + string(answer.DecidedBy)
		}
	}
	return answers
}

// checkAnswers holds EvaluateAt, by revision and by time, to what Evaluate said.
func (m *machine) checkAnswers(rt *rapid.T) {
	for at, want := range m.answers {
		view, err := m.store.ViewAt(context.Background(), home, at)
		m.must(err)
		byRevision := m.ask(sallyportapi.OpEvaluateAt.Name, fmt.Sprintf(`,"Revision":%d`, at), askedAbout)
		if diff := cmp.Diff(want, byRevision); diff != "" {
			rt.Fatalf("revision %d (-then +now):\n%s", at, diff)
		}
		byTime := m.ask(sallyportapi.OpEvaluateAt.Name, `,"Time":"`+view.Time().Format(time.RFC3339)+`"`, askedAbout[:1])
		for question, answer := range byTime {
			if answer != want[question] {
				rt.Fatalf("at the time of revision %d: %s: %s, want %s", at, question, answer, want[question])
			}
		}
	}
}

// checkHistory replays what history says of every entity there ever was.
func (m *machine) checkHistory(rt *rapid.T) {
	entities := map[string]bool{}
	for _, rows := range m.rows {
		for id := range rows {
			entities[id] = true
		}
	}
	for id := range entities {
		events := m.history(id)
		documents := map[string]string{} // what is there, by what it was before
		next := 0
		for at := state.Revision(1); at <= m.view().Revision(); at++ {
			for ; next < len(events) && *events[next].Revision == int64(at); next++ {
				m.apply(rt, documents, &events[next])
			}
			rows, known := m.rows[at]
			if !known {
				continue
			}
			var got []string
			for text, kind := range documents {
				got = append(got, inShort(rt, kind, text))
			}
			slices.Sort(got)
			if diff := cmp.Diff(rows[id], got); diff != "" {
				rt.Fatalf("%s at revision %d (-then +by history):\n%s", id, at, diff)
			}
		}
		if next != len(events) {
			rt.Fatalf("%s: %d of %d events are of revisions of the account", id, next, len(events))
		}
	}
}

// apply does to the documents what an event says was done.
func (m *machine) apply(rt *rapid.T, documents map[string]string, e *sallyportapi.EntityEvent) {
	for _, c := range e.Changes {
		if c.Before != nil {
			if documents[*c.Before] != *c.Kind {
				rt.Fatalf("revision %d: before was %s %s, which was not there", *e.Revision, *c.Kind, *c.Before)
			}
			delete(documents, *c.Before)
		}
		if c.After != nil {
			documents[*c.After] = *c.Kind
		}
	}
}

// inShort words a document as look words its row.
func inShort(rt *rapid.T, kind, text string) string {
	var d struct {
		Path, UserName, GroupName, PolicyName, DefaultVersionId, VersionId string
		PolicyArn, EntityId, UserId, GroupId, AccessKeyId, Status          string
		PolicyDocument, Document                                           jsontext.Value
		PermissionsBoundary                                                struct{ PermissionsBoundaryArn string }
		Tags                                                               []struct{ Key, Value string }
	}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		rt.Fatal(err)
	}
	switch kind {
	case "User":
		return fmt.Sprintf("User %s%s boundary %s tags %v", d.Path, d.UserName, d.PermissionsBoundary.PermissionsBoundaryArn, d.Tags)
	case "Group":
		return "Group " + d.Path + d.GroupName
	case "Policy":
		return "Policy " + d.Path + d.PolicyName + " default " + strings.TrimPrefix(d.DefaultVersionId, "v")
	case "PolicyVersion":
		return "PolicyVersion " + strings.TrimPrefix(d.VersionId, "v") + " " + string(d.Document)
	case "InlinePolicy":
		return "InlinePolicy " + d.PolicyName + " " + string(d.PolicyDocument)
	case "AttachedPolicy":
		return "AttachedPolicy " + d.PolicyArn + " to " + d.EntityId
	case "GroupMembership":
		return "GroupMembership " + d.UserId + " in " + d.GroupId
	case "AccessKey":
		return fmt.Sprintf("AccessKey %s active %t", d.AccessKeyId, d.Status == "Active")
	}
	rt.Fatalf("a change of %s", kind)
	return ""
}
