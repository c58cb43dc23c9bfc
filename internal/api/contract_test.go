package api_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/api/stsapi"
)

var services = []*api.Service{iamapi.Service, stsapi.Service, sallyportapi.Service}

// TestOperationsMatchSDK: the operations are those of the official SDK, all
// of them and no others, and so are the names of inputs' members.
func TestOperationsMatchSDK(t *testing.T) {
	for _, c := range []struct {
		svc    *api.Service
		client reflect.Type
		count  int
	}{
		{iamapi.Service, reflect.TypeFor[*iam.Client](), 180},
		{stsapi.Service, reflect.TypeFor[*sts.Client](), 11},
	} {
		var sdk []string
		for i := range c.client.NumMethod() {
			m := c.client.Method(i)
			if m.Name == "Options" {
				continue
			}
			sdk = append(sdk, m.Name)
			op, ok := c.svc.Operation(m.Name)
			if !ok {
				t.Errorf("%s lacks %s", c.svc.ID, m.Name)
				continue
			}
			input := m.Type.In(2).Elem()
			for j := range input.NumField() {
				name := input.Field(j).Name
				if name == "noSmithyDocumentSerde" {
					continue
				}
				if op.Input == nil {
					t.Errorf("%s has no input, the SDK has %s", op.Name, name)
				} else if _, ok := op.Input.Member(name); !ok {
					t.Errorf("%s lacks input member %s", op.Name, name)
				}
			}
		}
		if len(sdk) != c.count || len(c.svc.Operations) != c.count {
			t.Errorf("%s: SDK has %d operations, the model %d, want %d", c.svc.ID, len(sdk), len(c.svc.Operations), c.count)
		}
	}
}

// TestDescriptorsFitStructs: every descriptor points at the field it names,
// of the Go type that its kind promises.
func TestDescriptorsFitStructs(t *testing.T) {
	checked := 0
	for _, svc := range services {
		for _, op := range svc.Operations {
			if op.Service != svc || op.NewInput() == nil || op.NewOutput() == nil {
				t.Errorf("%s.%s is incomplete", svc.ID, op.Name)
			}
			if in := reflect.TypeOf(op.NewInput()).Elem(); op.Input == nil && in.NumField() > 0 {
				t.Errorf("%s has input fields and no shape", op.Name)
			}
			for _, side := range []struct {
				shape *api.Shape
				value any
			}{{op.Input, op.NewInput()}, {op.Output, op.NewOutput()}} {
				if side.shape != nil {
					checked += fits(t, side.shape, reflect.TypeOf(side.value), op.Name)
				}
			}
		}
	}
	if checked < 1000 {
		t.Errorf("only %d members checked", checked)
	}
}

var goTypes = map[api.Kind]string{api.String: "string", api.Integer: "int64", api.Long: "int64", api.Float: "float64",
	api.Double: "float64", api.Boolean: "bool", api.Timestamp: "time.Time", api.Blob: "[]uint8"}

func fits(t *testing.T, s *api.Shape, typ reflect.Type, at string) int {
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch s.Kind {
	case api.Structure:
		if typ.Kind() != reflect.Struct || typ.NumField() != len(s.Members) {
			t.Fatalf("%s: %s is not the structure %s", at, typ, s.Name)
		}
		n := 0
		for i := range s.Members {
			m := &s.Members[i]
			f := typ.Field(m.Field)
			if !strings.EqualFold(f.Name, m.Name) {
				t.Errorf("%s: member %s is field %s", at, m.Name, f.Name)
			}
			if k := f.Type.Kind(); k != reflect.Pointer && k != reflect.Slice && k != reflect.Map {
				t.Errorf("%s.%s cannot be absent", at, m.Name)
			}
			n += 1 + fits(t, m.Shape, f.Type, at+"."+m.Name)
		}
		return n
	case api.List:
		if typ.Kind() != reflect.Slice {
			t.Fatalf("%s: %s is not a list", at, typ)
		}
		return fits(t, s.Elem, typ.Elem(), at)
	case api.Map:
		if typ.Kind() != reflect.Map || typ.Key().Kind() != reflect.String || s.Key.Kind != api.String {
			t.Fatalf("%s: %s is not a map from string", at, typ)
		}
		return fits(t, s.Value, typ.Elem(), at)
	default:
		if typ.String() != goTypes[s.Kind] || !s.Kind.IsScalar() {
			t.Errorf("%s: kind %v is %s", at, s.Kind, typ)
		}
		return 0
	}
}

// TestPatternsCompile: every published pattern can be evaluated.
func TestPatternsCompile(t *testing.T) {
	patterns := map[string]bool{}
	var visit func(s *api.Shape)
	visit = func(s *api.Shape) {
		if s == nil {
			return
		}
		if s.Pattern != "" && !patterns[s.Pattern] {
			patterns[s.Pattern] = true
			s.Matches("x")
		}
		for i := range s.Members {
			visit(s.Members[i].Shape)
		}
		visit(s.Elem)
		visit(s.Key)
		visit(s.Value)
	}
	for _, svc := range services {
		for _, op := range svc.Operations {
			visit(op.Input)
			visit(op.Output)
		}
	}
	if len(patterns) < 35 {
		t.Errorf("only %d patterns", len(patterns))
	}
}

func TestPatterns(t *testing.T) {
	shape := func(op *api.Operation, member string) *api.Shape {
		m, ok := op.Input.Member(member)
		if !ok {
			t.Fatalf("no member %s", member)
		}
		return m.Shape
	}
	for _, c := range []struct {
		shape   *api.Shape
		yes, no []string
	}{
		{shape(iamapi.OpCreateAccountAlias, "AccountAlias"), []string{"abc", "a-b", "any-company-1"}, []string{"a--b", "-ab", "ab-", "Abc", "ab", "abc\n", strings.Repeat("a", 64)}},
		{shape(iamapi.OpCreateUser, "UserName"), []string{"alice", "a+=,.@_-1"}, []string{"", "a b", "a/b", "é", "alice\n", "a\x00"}},
		{shape(iamapi.OpCreateUser, "Path"), []string{"/", "/a/", "/a/b!c/"}, []string{"", "//\u00e9/", "a/", "/a", "/a b/"}},
		{shape(iamapi.OpPutUserPolicy, "PolicyDocument"), []string{"{}", "\t\r\n é ÿ"}, []string{"", "\u0100", "a\x00b", "\x1f"}},
		{shape(stsapi.OpGetFederationToken, "Policy"), []string{"{}", "\u00ff"}, []string{"\x00", "\u0100", ""}},
		{shape(stsapi.OpAssumeRole, "RoleSessionName"), []string{"", "a@b"}, []string{"a:b", "a b"}},
		{shape(sallyportapi.OpCreateAccount, "Email"), []string{"alice@example.com"}, []string{"alice@example", "a b@example.com", "a@b@example.com", "@example.com"}},
		{&api.Shape{Pattern: `(-?)P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)([DW]))?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?`},
			[]string{"PT1H", "P1D", "-P1Y2M3DT4H5M6.7S"}, []string{"P", "PT", "PTH", "1H", "PT1H ", ""}},
		{&api.Shape{Pattern: `[\u0009\u0020-\u007E\u10000-\u10FFFF]*`}, []string{"", "a\t", "\U00010000"}, []string{"\u1000", "é"}},
		{&api.Shape{}, []string{"", "anything\x00"}, nil},
	} {
		for _, v := range c.yes {
			if !c.shape.Matches(v) {
				t.Errorf("%q does not match %s", v, c.shape.Pattern)
			}
		}
		for _, v := range c.no {
			if c.shape.Matches(v) {
				t.Errorf("%q matches %s", v, c.shape.Pattern)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	cause := errors.New("disk full")
	err := iamapi.NoSuchEntityException("The user with name %s cannot be found.", "bob").WithCause(cause).WithHint("free some space")
	if err.Code != "NoSuchEntity" || err.Status != 404 || !err.Sender || err.Message != "The user with name bob cannot be found." {
		t.Errorf("%+v", err)
	}
	if !errors.Is(err, iamapi.ErrNoSuchEntityException) || errors.Is(err, iamapi.ErrDeleteConflictException) || !errors.Is(err, cause) {
		t.Error("errors.Is")
	}
	if got := err.Error(); got != "NoSuchEntity: The user with name bob cannot be found.: disk full" {
		t.Error(got)
	}
	if e := iamapi.ServiceFailureException("%s", "100%"); e.Sender || e.Status != 500 || e.Message != "100%" {
		t.Errorf("%+v", e)
	}
	if e := api.From(cause); e.Code != "InternalFailure" || e.Status != 500 || strings.Contains(e.Message, "disk") || !errors.Is(e, cause) {
		t.Errorf("%+v", e)
	}
	if api.From(nil) != nil || api.From(err) != err {
		t.Error("From")
	}
	if e := api.AccessDenied(iamapi.Service, "no"); e.Code != "AccessDenied" || e.Status != 403 {
		t.Errorf("%+v", e)
	}
	if e := api.AccessDenied(sallyportapi.Service, "no"); e.Code != "AccessDeniedException" || e.Status != 400 {
		t.Errorf("%+v", e)
	}
	op, _ := iamapi.Service.Operation("DeleteUser")
	if !slices.Contains(op.Errors, iamapi.ErrDeleteConflictException) {
		t.Error("DeleteUser does not list DeleteConflict")
	}
	if _, ok := iamapi.Service.Operation("deleteuser"); ok {
		t.Error("operation names are case-sensitive")
	}
}
