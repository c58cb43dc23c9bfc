package restjson_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/internal/api"
	"sallyport/internal/api/accessanalyzerapi"
	"sallyport/internal/protocol/protocoltest"
	"sallyport/internal/protocol/restjson"
)

// everything has a member in every place.
type everything struct {
	ID      *string
	Limit   *int64
	Tags    []string
	Flag    *bool
	Since   *time.Time
	When    *time.Time
	Ratio   *float64
	Meta    map[string]string
	Name    *string
	Moment  *time.Time
	Seconds *time.Time
}

func operation(shape *api.Shape, method, path string) *api.Operation {
	op := &api.Operation{Name: "Op", HTTPMethod: method, HTTPPath: path, Input: shape, Output: shape}
	op.NewInput = func() any { return new(everything) }
	return op
}

func everywhere() *api.Operation {
	str := &api.Shape{Kind: api.String}
	members := []api.Member{
		{Name: "ID", WireName: "id", Location: "uri", Shape: str},
		{Name: "Limit", WireName: "limit", Location: "querystring", Shape: &api.Shape{Kind: api.Integer}},
		{Name: "Tags", WireName: "tag", Location: "querystring", Shape: &api.Shape{Kind: api.List, Elem: str}},
		{Name: "Flag", WireName: "flag", Location: "querystring", Shape: &api.Shape{Kind: api.Boolean}},
		{Name: "Since", WireName: "since", Location: "querystring", Shape: &api.Shape{Kind: api.Timestamp}},
		{Name: "When", WireName: "X-When", Location: "header", Shape: &api.Shape{Kind: api.Timestamp}},
		{Name: "Ratio", WireName: "X-Ratio", Location: "header", Shape: &api.Shape{Kind: api.Double}},
		{Name: "Meta", WireName: "X-Meta-", Location: "headers", Shape: &api.Shape{Kind: api.Map, Key: str, Value: str}},
		{Name: "Name", WireName: "name", Shape: str},
		{Name: "Moment", WireName: "moment", Shape: &api.Shape{Kind: api.Timestamp, TimeFormat: "iso8601"}},
		{Name: "Seconds", WireName: "seconds", Shape: &api.Shape{Kind: api.Timestamp}},
	}
	for i := range members {
		members[i].Field = i
	}
	return operation(&api.Shape{Kind: api.Structure, Members: members}, "PUT", "/things/{id}")
}

// TestPlaces: each member comes from where its trait says, and a reply has in its body
// what is nowhere else.
func TestPlaces(t *testing.T) {
	op := everywhere()
	found, labels, known := restjson.NewRoutes([]*api.Operation{op}).Match("PUT", "/things/a%2Fb%20c")
	if found != op || !known {
		t.Fatalf("the route is not found: %v %v", found, known)
	}
	var in everything
	err := restjson.Decode(op, &restjson.Request{
		Labels: labels, RawQuery: "limit=7&tag=x&tag=y&flag=true&since=2026-01-02T03:04:05.250Z&other=1",
		Header: http.Header{"X-When": {"Fri, 02 Jan 2026 03:04:05 GMT"}, "X-Ratio": {"0.5"}, "X-Meta-Key": {"v"}},
		Body:   []byte(`{"name":"n","moment":"2026-01-02T03:04:05Z","seconds":1.5,"limit":9,"id":"no","unknown":[{}]}`),
	}, &in)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	want := everything{
		ID: new("a/b c"), Limit: new(int64(7)), Tags: []string{"x", "y"}, Flag: new(true), Since: new(at.Add(250 * time.Millisecond)),
		When: &at, Ratio: new(0.5), Meta: map[string]string{"key": "v"}, Name: new("n"), Moment: &at, Seconds: new(time.UnixMilli(1500).UTC()),
	}
	if diff := cmp.Diff(want, in); diff != "" {
		t.Error(diff)
	}
	if got := string(restjson.AppendBody(nil, op, &in)); got != `{"name":"n","moment":"2026-01-02T03:04:05Z","seconds":1.500}` {
		t.Errorf("the body is %s", got)
	}
	h := http.Header{}
	restjson.SetHeaders(h, op, &in)
	if diff := cmp.Diff(http.Header{"X-When": {"Fri, 02 Jan 2026 03:04:05 GMT"}, "X-Ratio": {"0.5"}}, h); diff != "" {
		t.Error(diff)
	}
}

// TestMalformed: what is not what its place holds is refused, and so are repetitions.
func TestMalformed(t *testing.T) {
	op := everywhere()
	for name, r := range map[string]restjson.Request{
		"number":            {RawQuery: "limit=x"},
		"number's size":     {RawQuery: "limit=2147483648"},
		"boolean":           {RawQuery: "flag=TRUE"},
		"repeated":          {RawQuery: "limit=1&limit=1"},
		"escape":            {RawQuery: "limit=%zz"},
		"semicolon":         {RawQuery: "limit=1;flag=true"},
		"too many":          {RawQuery: strings.Repeat("a=&", 300)},
		"too long":          {RawQuery: "a=" + strings.Repeat("a", restjson.MaxQueryBytes)},
		"date":              {RawQuery: "since=2026"},
		"header's date":     {Header: http.Header{"X-When": {"2026-01-02T03:04:05Z"}}},
		"repeated header":   {Header: http.Header{"X-Ratio": {"1", "2"}}},
		"not a number":      {Header: http.Header{"X-Ratio": {"NaN"}}},
		"no object":         {Body: []byte(`[]`)},
		"two objects":       {Body: []byte(`{}{}`)},
		"repeated member":   {Body: []byte(`{"name":"a","name":"b"}`)},
		"body's date":       {Body: []byte(`{"moment":5}`)},
		"seconds as a text": {Body: []byte(`{"seconds":"2026-01-02T03:04:05Z"}`)},
		"deep":              {Body: []byte(`{"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`)},
	} {
		r.Labels = []restjson.Label{{Name: "id", Value: "x"}}
		err := restjson.Decode(op, &r, new(everything))
		if e := api.From(err); err == nil || e.Code != "SerializationException" || e.Status != 400 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if restjson.Decode(op, &restjson.Request{}, new(everything)) == nil {
		t.Error("a label is missing, and nothing was said")
	}
}

// TestRoutes: literal segments count before labels, paths are not tidied, and no two
// operations share a route.
func TestRoutes(t *testing.T) {
	routes := restjson.NewRoutes(accessanalyzerapi.Service.Operations)
	for _, c := range []struct {
		method, path, op string
		labels           []restjson.Label
		known            bool
	}{
		{"POST", "/policy/validation", "ValidatePolicy", nil, true},
		{"GET", "/policy/validation", "", nil, true},
		{"PUT", "/policy/generation", "StartPolicyGeneration", nil, true},
		{"GET", "/policy/generation/j1", "GetGeneratedPolicy", []restjson.Label{{Name: "jobId", Value: "j1"}}, true},
		{"POST", "/analyzer/findings/statistics", "GetFindingsStatistics", nil, true},
		{"GET", "/analyzer/a/archive-rule/r%2F1", "GetArchiveRule", []restjson.Label{{Name: "analyzerName", Value: "a"}, {Name: "ruleName", Value: "r/1"}}, true},
		{"POST", "/policy/validation/", "", nil, false},
		{"POST", "//policy/validation", "", nil, false},
		{"POST", "/policy/./validation", "", nil, false},
		{"POST", "/policy%2Fvalidation", "", nil, false},
		{"POST", "/Policy/validation", "", nil, false},
		{"POST", "/policy", "", nil, false},
		{"GET", "/analyzer/", "", nil, false},
		{"GET", "/analyzer/%zz", "", nil, false},
		{"GET", "", "", nil, false},
		{"GET", "*", "", nil, false},
		{"GET", "/" + strings.Repeat("x/", 200), "", nil, false},
	} {
		op, labels, known := routes.Match(c.method, c.path)
		name := ""
		if op != nil {
			name = op.Name
		}
		if name != c.op || known != c.known || cmp.Diff(c.labels, labels) != "" {
			t.Errorf("%s %s: %q %v %v", c.method, c.path, name, labels, known)
		}
	}
	greedy := restjson.NewRoutes([]*api.Operation{{Name: "Get", HTTPMethod: "GET", HTTPPath: "/files/{key+}"}})
	if op, labels, _ := greedy.Match("GET", "/files/a/b%20c"); op == nil || labels[0].Value != "a/b c" {
		t.Errorf("the rest of a path: %v %v", op, labels)
	}
	defer func() {
		if recover() == nil {
			t.Error("two operations share a route")
		}
	}()
	restjson.NewRoutes([]*api.Operation{{Name: "A", HTTPMethod: "GET", HTTPPath: "/{a}"}, {Name: "B", HTTPMethod: "GET", HTTPPath: "/{b}"}})
}

// TestRoundTrip: whatever a reply's body holds is read back, for every shape of the
// generated services.
func TestRoundTrip(t *testing.T) {
	ops := protocoltest.Operations("rest-json")
	if len(ops) < 30 {
		t.Fatalf("only %d operations", len(ops))
	}
	for _, op := range ops {
		if op.Output == nil {
			continue
		}
		rapid.Check(t, func(t *rapid.T) {
			out := op.NewOutput()
			protocoltest.Fill(t, op.Output, out, protocoltest.Options{Precision: time.Second})
			body := restjson.AppendBody(nil, op, out)
			back := op.NewOutput()
			reading := &api.Operation{Name: op.Name, Input: op.Output}
			if err := restjson.Decode(reading, &restjson.Request{Body: body}, back); err != nil {
				t.Fatalf("%s: %s: %v", op.Name, body, err)
			}
			if diff := cmp.Diff(out, back); diff != "" {
				t.Fatalf("%s: %s\n%s", op.Name, body, diff)
			}
		})
	}
}

// FuzzDecode: no request crashes the codec, and what it takes has been read from one
// place alone.
func FuzzDecode(f *testing.F) {
	op := everywhere()
	routes := restjson.NewRoutes(append([]*api.Operation{op}, accessanalyzerapi.Service.Operations...))
	f.Add("PUT", "/things/x", "limit=1&tag=a", "X-Ratio", "1", []byte(`{"name":"n"}`))
	f.Add("POST", "/policy/validation", "maxResults=1", "", "", []byte(`{"policyDocument":"{}","policyType":"IDENTITY_POLICY"}`))
	f.Add("GET", "/analyzer/a%2f/archive-rule/%00", "", "", "", []byte(nil))
	f.Fuzz(func(t *testing.T, method, path, query, name, value string, body []byte) {
		found, labels, known := routes.Match(method, path)
		if found == nil {
			return
		}
		if !known {
			t.Error("an operation at a path that is not known")
		}
		in := found.NewInput()
		err := restjson.Decode(found, &restjson.Request{Labels: labels, RawQuery: query, Header: http.Header{name: {value}}, Body: body}, in)
		if e := api.From(err); err != nil && (e.Code != "SerializationException" || e.Status != 400) {
			t.Errorf("%v", err)
		}
		if reflect.ValueOf(in).IsNil() {
			t.Error("no input")
		}
	})
}
