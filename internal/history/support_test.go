package history_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"sallyport/test/inprocess"
)

type p = inprocess.P

const (
	account  = inprocess.Account
	iamARN   = "arn:aws:iam::" + account + ":"
	alice    = iamARN + "user/alice"
	readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	document = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`
	wider    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
	trust    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}]}`
)

// An event is a change as a client reads it.
type event struct {
	EntityId, EntityArn, RequestId, EventName, CallerArn, SourceIpAddress, UserAgent string
	Revision                                                                         int
	EventTime                                                                        float64
	Changes                                                                          []change
}

type change struct{ Kind, Name, Before, After string }

// page reads one page.
func page(t testing.TB, r *inprocess.Reply) (events []event, next string) {
	t.Helper()
	var out struct {
		Events    []event
		NextToken string
	}
	if err := json.Unmarshal([]byte(r.Body), &out); err != nil {
		t.Fatal(err)
	}
	return out.Events, out.NextToken
}

// historyOf reads every page of an entity's history.
func historyOf(c *inprocess.Client, t testing.TB, entity string, more ...string) []event {
	t.Helper()
	in := p{"Entity": entity}
	for i := 0; i < len(more); i += 2 {
		in[more[i]] = more[i+1]
	}
	var all []event
	for {
		events, next := page(t, c.Do("sallyport:GetEntityHistory", in))
		all = append(all, events...)
		if next == "" {
			return all
		}
		in["NextToken"] = next
	}
}

// lines is a history in short, the oldest first.
func lines(events []event) []string {
	var out []string
	for _, e := range slices.Backward(events) {
		for _, c := range e.Changes {
			verb := "changed"
			switch {
			case c.Before == "":
				verb = "made"
			case c.After == "":
				verb = "removed"
			}
			out = append(out, e.EventName+" "+verb+" "+c.Kind+" "+strings.TrimPrefix(c.Name, iamARN))
		}
	}
	return out
}

func wantLines(t testing.TB, events []event, want ...string) {
	t.Helper()
	if got := lines(events); !slices.Equal(got, want) {
		t.Errorf("history\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}
