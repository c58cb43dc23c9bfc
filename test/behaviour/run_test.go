package behaviour

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sallyport/internal/api"
	"sallyport/test/inprocess"
)

// A run asserts one fact on a server of its own.
type run struct {
	*testing.T
	*inprocess.Server
	fact fact
	// as makes the calls, unless send is set.
	as   *inprocess.Client
	send func(name string, in inprocess.P) *inprocess.Reply
	// vars are what the setup made, by the names that the fact has for them.
	vars map[string]string

	request map[string]any // of the call that is made
	last    *inprocess.Reply
	wrong   []string // what differs from the fact
	calls   int
}

func newRun(t *testing.T, f fact) *run {
	s := inprocess.New(t)
	return &run{T: t, Server: s, fact: f, as: s.Admin, vars: map[string]string{
		"account": inprocess.Account, "caller": "arn:aws:iam::" + inprocess.Account + ":user/admin",
	}}
}

// all makes every call of the fact, each of which must answer as the fact says.
func (r *run) all() {
	r.T.Helper()
	r.make()
	for _, text := range r.wrong {
		r.T.Error(text)
	}
}

// differs holds a fact that Sallyport does not follow to being one.
func (r *run) differs() {
	r.T.Helper()
	if r.make(); len(r.wrong) == 0 {
		r.T.Error("Sallyport does as this fact says: it is no difference")
	}
}

func (r *run) make() {
	r.T.Helper()
	for _, c := range r.fact.Calls {
		requests := c.Requests
		if len(requests) == 0 {
			requests = []map[string]any{nil}
		}
		used := make(map[string]bool)
		for _, name := range c.Operations {
			op, isServed := served(name)
			if !isServed {
				r.T.Fatalf("%s is not served", name)
			}
			for _, request := range requests {
				r.once(name, op, request, c.Expect, used)
			}
		}
		for _, request := range requests {
			for member := range request {
				if !used[member] {
					r.T.Errorf("no operation of %v has the parameter %s", c.Operations, member)
				}
			}
		}
	}
	if r.calls == 0 {
		r.T.Error("the fact made no call")
	}
}

// once makes one call and notes how its reply differs.
func (r *run) once(name string, op *api.Operation, request map[string]any, want expectation, used map[string]bool) {
	r.T.Helper()
	r.calls++
	r.request = make(map[string]any)
	in := make(inprocess.P)
	for member, v := range request {
		if m, ok := op.Input.Member(member); ok {
			used[member] = true
			v = r.filled(v)
			r.request[member] = v
			r.flatten(in, m.WireName, v, m.Shape)
		}
	}
	r.vars["action"], r.vars["resource"] = name, ""
	if token, ok := want.Resources[name]; ok {
		r.vars["resource"] = r.fill(token, nil)
	}
	send := r.send
	if send == nil {
		send = r.as.Call
	}
	before := ""
	if want.Code != "" {
		before = r.Dump()
	}
	reply := send(name, in)
	r.last = reply
	if want.Code != "" && r.Dump() != before {
		r.T.Errorf("%s was refused and changed the state", name)
	}
	out, err := decode(reply, op)
	if err != nil {
		r.T.Errorf("%s: %v", name, err)
	}
	differences := slices.Concat(r.checkStatus(reply, want), r.checkBytes(reply, op, name, want), r.checkOutput(out, want))
	if len(differences) > 0 {
		r.wrong = append(r.wrong, fmt.Sprintf("%s %v\n  %s\n  in %s", name, in, strings.Join(differences, "\n  "), reply.Body))
	}
}

// flatten adds a parameter to a query. A text that the fact gives as JSON, a
// policy, is its JSON.
func (r *run) flatten(in inprocess.P, name string, v any, s *api.Shape) {
	r.T.Helper()
	switch v := v.(type) {
	case string:
		in[name] = v
	case []any:
		if s.Kind == api.String {
			in[name] = printed(v)
			return
		}
		if len(v) == 0 {
			in[name] = ""
		}
		for i, item := range v {
			r.flatten(in, name+".member."+strconv.Itoa(i+1), item, s.Elem)
		}
	case map[string]any:
		if s.Kind == api.String {
			in[name] = printed(v)
			return
		}
		for key, item := range v {
			m, ok := s.Member(key)
			if !ok {
				r.T.Fatalf("%s has no member %s", name, key)
			}
			r.flatten(in, name+"."+m.WireName, item, m.Shape)
		}
	default:
		in[name] = printed(v)
	}
}

func printed(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // it came from JSON
	}
	return string(text)
}

var placeholder = regexp.MustCompile(`\{[A-Za-z_]+\}`)

// fill puts values in the place of {names}, by quote(value) unless it is nil.
func (r *run) fill(text string, quote func(string) string) string {
	r.T.Helper()
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		name := found[1 : len(found)-1]
		filled, ok := r.request[name].(string)
		if !ok {
			if filled, ok = r.vars[name]; !ok {
				r.T.Fatalf("nothing is called %s", found)
			}
		}
		if quote != nil {
			filled = quote(filled)
		}
		return filled
	})
}

// filled is a JSON value with its texts filled.
func (r *run) filled(v any) any {
	r.T.Helper()
	switch v := v.(type) {
	case string:
		return r.fill(v, nil)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = r.filled(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key := range v {
			out[key] = r.filled(v[key])
		}
		return out
	}
	return v
}
