package awsjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/protocol/awsjson"
	"sallyport/internal/protocol/protocoltest"
)

// toJSON is a client's encoder, written apart from the codec, over
// encoding/json.
func toJSON(s *api.Shape, v reflect.Value) any {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch s.Kind {
	case api.Structure:
		obj := map[string]any{}
		for _, m := range s.Members {
			if f := v.Field(m.Field); !f.IsNil() {
				obj[m.WireName] = toJSON(m.Shape, f)
			}
		}
		return obj
	case api.List:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = toJSON(s.Elem, v.Index(i))
		}
		return list
	case api.Map:
		obj := map[string]any{}
		for _, k := range v.MapKeys() {
			obj[k.String()] = toJSON(s.Value, v.MapIndex(k))
		}
		return obj
	case api.Timestamp:
		return float64(v.Interface().(time.Time).UnixMilli()) / 1000
	default:
		return v.Interface()
	}
}

// operations are every JSON operation and, since their shapes are richer
// (maps, unions, deep lists), IAM's as well: the codec does not care.
func operations(t testing.TB) []*api.Operation {
	ops := append(protocoltest.Operations("json"), protocoltest.Operations("query")...)
	if len(ops) < 193 {
		t.Fatalf("only %d operations", len(ops))
	}
	return ops
}

func TestRoundTrip(t *testing.T) {
	for _, op := range operations(t) {
		t.Run(op.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				want, got := op.NewInput(), op.NewInput()
				protocoltest.Fill(t, op.Input, want, protocoltest.Options{Precision: time.Millisecond})
				body := []byte("{}")
				if op.Input != nil {
					body, _ = json.Marshal(toJSON(op.Input, reflect.ValueOf(want)))
				}
				if err := awsjson.Decode(op, body, got); err != nil {
					t.Fatalf("Decode(%s): %v", body, err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("decoded value differs (-want +got):\n%s", diff)
				}
				out := op.NewOutput()
				protocoltest.Fill(t, op.Output, out, protocoltest.Options{Precision: time.Millisecond})
				doc := awsjson.Append(nil, op, out)
				checkOutput(t, op, out, doc)
			})
		})
	}
}

func checkOutput(t *rapid.T, op *api.Operation, out any, doc []byte) {
	if op.Output == nil {
		if len(doc) != 0 {
			t.Fatalf("void reply is %s", doc)
		}
		return
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, doc); err != nil || !bytes.Equal(compact.Bytes(), doc) {
		t.Fatalf("not compact JSON (%v): %s", err, doc)
	}
	var got any
	if err := json.Unmarshal(doc, &got); err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(toJSON(op.Output, reflect.ValueOf(out)))
	var want any
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("reply differs (-want +got):\n%s", diff)
	}
}

func TestReplies(t *testing.T) {
	when := time.Date(2024, 2, 29, 12, 0, 0, 250e6, time.UTC)
	for _, c := range []struct {
		op   *api.Operation
		out  any
		want string
	}{
		{sallyportapi.OpEvaluate, &sallyportapi.EvaluateResponse{Decision: new(sallyportapi.DecisionTypeImplicitDeny),
			DecidedBy: &sallyportapi.StatementReference{Layer: new(sallyportapi.LayerTypeIdentityPolicy), Line: new(int64(3))},
			Reason:    new("a \"b\"\n<c>")},
			`{"Decision":"implicitDeny","DecidedBy":{"Layer":"identityPolicy","Line":3},"Reason":"a \"b\"\n<c>"}`},
		{sallyportapi.OpCreateAccount, &sallyportapi.CreateAccountResponse{Account: &sallyportapi.Account{CreatedTimestamp: &when}},
			`{"Account":{"CreatedTimestamp":1709208000.250}}`},
		{sallyportapi.OpEvaluate, nil, `{}`},
		{sallyportapi.OpEvaluate, sallyportapi.EvaluateResponse{Reason: new("\xff")}, `{"Reason":"` + "\uFFFD" + `"}`},
		{iamapi.OpDeleteUser, nil, ``},
		{iamapi.OpGetAccountSummary, &iamapi.GetAccountSummaryResponse{SummaryMap: map[string]int64{"b": 2, "a": 1}}, `{"SummaryMap":{"a":1,"b":2}}`},
	} {
		if got := string(awsjson.Append(nil, c.op, c.out)); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.op.Name, got, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		err  *api.Error
		want string
	}{
		{sallyportapi.EmailAlreadyExistsException("taken"), `{"__type":"EmailAlreadyExistsException","message":"taken"}`},
		{api.InternalFailure(errors.New("disk")).WithHint("look"), `{"__type":"InternalFailure","message":"The request processing has failed because of an unknown error, exception or failure."}`},
		{api.UnknownOperation(), `{"__type":"UnknownOperationException"}`},
		{api.Errorf("ConstraintViolationException", 400, true, `"q"`).WithMember("Reason", "OU_DEPTH_LIMIT_EXCEEDED"),
			`{"__type":"ConstraintViolationException","message":"\"q\"","Reason":"OU_DEPTH_LIMIT_EXCEEDED"}`},
	} {
		if got := string(awsjson.AppendError(nil, c.err)); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestAttackMalformedBody(t *testing.T) {
	for name, body := range map[string]string{
		"empty":                     ``,
		"not JSON":                  `{"Action"`,
		"list":                      `[]`,
		"null":                      `null`,
		"string":                    `"x"`,
		"two objects":               `{}{}`,
		"trailing text":             `{} x`,
		"repeated member":           `{"Action":"s3:GetObject","Action":"s3:PutObject"}`,
		"repeated by escape":        `{"Action":"s3:GetObject","\u0041ction":"s3:PutObject"}`,
		"repeated in unknown":       `{"Foo":{"a":1,"a":2}}`,
		"wrong type":                `{"Action":7}`,
		"object for a string":       `{"Action":{}}`,
		"list for a string":         `{"Action":["s3:GetObject"]}`,
		"string for a list":         `{"Context":"x"}`,
		"null in a list":            `{"Context":[null]}`,
		"null in a list of strings": `{"Context":[{"Key":"aws:x","Values":[null]}]}`,
		"not UTF-8":                 "{\"Action\":\"\xff\"}",
		"lone surrogate":            `{"Action":"\ud800"}`,
		"deep unknown":              `{"Foo":` + strings.Repeat(`[`, 100) + strings.Repeat(`]`, 100) + `}`,
		"deep and cut":              `{"Foo":` + strings.Repeat(`[`, 1e6),
		"wrong close":               `{"Context":[}`,
		"comment":                   `{/**/}`,
		"too large":                 `{"Foo":"` + strings.Repeat("x", awsjson.MaxBodyBytes) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			in := sallyportapi.OpEvaluate.NewInput()
			err := awsjson.Decode(sallyportapi.OpEvaluate, []byte(body), in)
			var e *api.Error
			if !errors.As(err, &e) || e.Code != "SerializationException" || e.Status != 400 || !e.Sender || e.Message == "" {
				t.Fatalf("accepted as %+v, error %#v", in, err)
			}
			if strings.Contains(e.Message, "s3:") {
				t.Errorf("message quotes the request: %s", e.Message)
			}
		})
	}
}

func TestAttackMalformedNumber(t *testing.T) {
	for _, body := range []string{`{"MaxItems":1.5}`, `{"MaxItems":1e2}`, `{"MaxItems":2147483648}`, `{"MaxItems":"5"}`,
		`{"MaxItems":true}`, `{"MaxItems":-1e400}`} {
		in := new(iamapi.ListUsersRequest)
		if err := awsjson.Decode(iamapi.OpListUsers, []byte(body), in); !errors.Is(err, &api.ErrorShape{Code: "SerializationException"}) {
			t.Errorf("%s: %+v, %v", body, in, err)
		}
	}
}

func TestDecode(t *testing.T) {
	in := new(sallyportapi.EvaluateRequest)
	body := ` {"Action":"s3:GetObject","Unknown":[{"a":[1,2,{}]}],"ResourceArn":null,
		"Context":[{"Key":"aws:username","Values":["a","b"]},{}], "PrincipalArn":"arn:aws:iam::123456789012:user/\u00e9"} `
	if err := awsjson.Decode(sallyportapi.OpEvaluate, []byte(body), in); err != nil {
		t.Fatal(err)
	}
	want := &sallyportapi.EvaluateRequest{Action: new("s3:GetObject"), PrincipalArn: new("arn:aws:iam::123456789012:user/é"),
		Context: []sallyportapi.ContextEntry{{Key: new("aws:username"), Values: []string{"a", "b"}}, {}}}
	if diff := cmp.Diff(want, in); diff != "" {
		t.Error(diff)
	}
	if err := awsjson.Decode(iamapi.OpGetAccountSummary, []byte(`{"x":{"y":[1]}}`), iamapi.OpGetAccountSummary.NewInput()); err != nil {
		t.Errorf("operation without input shape: %v", err)
	}
}

// FuzzDecode: any body is decoded or refused with a client's error, and what
// was decoded can be validated.
func FuzzDecode(f *testing.F) {
	ops := operations(f)
	for _, body := range []string{`{}`, `{"Action":"s3:GetObject","Context":[{"Key":"aws:x","Values":["1"]}]}`,
		`{"Email":"alice@example.com","Name":"AnyCompany"}`, `{"a":{"b":[null,1e9,"\u0000"]}}`, `[[[[`, `{"Tags":[{}],"MaxItems":1}`} {
		f.Add(uint16(0), []byte(body))
		f.Add(uint16(1), []byte(body))
		f.Add(uint16(40), []byte(body))
	}
	f.Fuzz(func(t *testing.T, n uint16, body []byte) {
		op := ops[int(n)%len(ops)]
		in := op.NewInput()
		err := awsjson.Decode(op, body, in)
		if err == nil {
			err = api.Validate(op, in, op.Service.Style())
		}
		var e *api.Error
		if err != nil && (!errors.As(err, &e) || e.Status != 400 || !e.Sender) {
			t.Fatalf("%q: %#v", body, err)
		}
	})
}

func BenchmarkAppendEvaluate(b *testing.B) {
	out := &sallyportapi.EvaluateResponse{Decision: new(sallyportapi.DecisionTypeAllow), Reason: new("because an identity-based policy allows it"),
		DecidedBy: &sallyportapi.StatementReference{Layer: new(sallyportapi.LayerTypeIdentityPolicy), PolicyArn: new("arn:aws:iam::aws:policy/AdministratorAccess"), StatementIndex: new(int64(1))}}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = awsjson.Append(buf[:0], sallyportapi.OpEvaluate, out)
	}
}
