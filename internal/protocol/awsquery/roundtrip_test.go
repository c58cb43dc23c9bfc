package awsquery_test

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/internal/api"
	"sallyport/internal/protocol/awsquery"
	"sallyport/internal/protocol/protocoltest"
)

// formOf is a client's encoder, written apart from the codec.
func formOf(values url.Values, s *api.Shape, v reflect.Value, name string) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch s.Kind {
	case api.Structure:
		any := false
		for _, m := range s.Members {
			f := v.Field(m.Field)
			if f.IsNil() {
				continue
			}
			any = true
			at := m.WireName
			if name != "" {
				at = name + "." + at
			}
			formOf(values, m.Shape, f, at)
		}
		if !any && name != "" {
			values.Set(name, "")
		}
	case api.List:
		if v.Len() == 0 {
			values.Set(name, "")
		}
		for i := range v.Len() {
			formOf(values, s.Elem, v.Index(i), fmt.Sprintf("%s.member.%d", name, i+1))
		}
	case api.Map:
		if v.Len() == 0 {
			values.Set(name, "")
		}
		for i, k := range v.MapKeys() {
			at := fmt.Sprintf("%s.entry.%d", name, i+1)
			values.Set(at+".key", k.String())
			formOf(values, s.Value, v.MapIndex(k), at+".value")
		}
	default:
		values.Set(name, scalarText(s, v))
	}
}

func scalarText(s *api.Shape, v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Time:
		return x.Format(time.RFC3339Nano)
	case []byte:
		return base64.StdEncoding.EncodeToString(x)
	default:
		return fmt.Sprint(x)
	}
}

func TestDecodeRoundTrip(t *testing.T) {
	ops := protocoltest.Operations("query")
	if len(ops) != 191 {
		t.Fatalf("%d operations, want 191", len(ops))
	}
	for _, op := range ops {
		t.Run(op.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				want, got := op.NewInput(), op.NewInput()
				protocoltest.Fill(t, op.Input, want, protocoltest.Options{Precision: time.Nanosecond})
				values := url.Values{"Action": {op.Name}, "Version": {op.Service.APIVersion}}
				if op.Input != nil {
					formOf(values, op.Input, reflect.ValueOf(want), "")
				}
				form, err := awsquery.ParseForm(values.Encode())
				if err != nil {
					t.Fatalf("ParseForm(%v): %v", values, err)
				}
				if err := awsquery.Decode(op, form, got); err != nil {
					t.Fatalf("Decode(%v): %v", values, err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("decoded value differs (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// element is an XML document as a client's parser sees it.
type element struct {
	XMLName  xml.Name
	Text     string    `xml:",chardata"`
	Children []element `xml:",any"`
}

func (e *element) child(name string) *element {
	for i := range e.Children {
		if e.Children[i].XMLName.Local == name {
			return &e.Children[i]
		}
	}
	return nil
}

// valueOf is a client's decoder, written apart from the codec.
func valueOf(t *rapid.T, s *api.Shape, e *element, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch s.Kind {
	case api.Structure:
		for _, m := range s.Members {
			if c := e.child(m.WireName); c != nil {
				valueOf(t, m.Shape, c, v.Field(m.Field))
			}
		}
	case api.List:
		v.Set(reflect.MakeSlice(v.Type(), len(e.Children), len(e.Children)))
		for i := range e.Children {
			valueOf(t, s.Elem, &e.Children[i], v.Index(i))
		}
	case api.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for i := range e.Children {
			elem := reflect.New(v.Type().Elem()).Elem()
			valueOf(t, s.Value, e.Children[i].child("value"), elem)
			v.SetMapIndex(reflect.ValueOf(e.Children[i].child("key").Text), elem)
		}
	default:
		setText(t, v, e.Text)
	}
}

func setText(t *rapid.T, v reflect.Value, text string) {
	var err error
	switch v.Interface().(type) {
	case string:
		v.SetString(text)
	case int64:
		var n int64
		n, err = strconv.ParseInt(text, 10, 64)
		v.SetInt(n)
	case float64:
		var x float64
		x, err = strconv.ParseFloat(text, 64)
		v.SetFloat(x)
	case bool:
		var b bool
		b, err = strconv.ParseBool(text)
		v.SetBool(b)
	case time.Time:
		var at time.Time
		at, err = time.Parse(time.RFC3339Nano, text)
		v.Set(reflect.ValueOf(at))
	case []byte:
		var b []byte
		b, err = base64.StdEncoding.DecodeString(text)
		v.SetBytes(b)
	default:
		err = fmt.Errorf("unknown type %v", v.Type())
	}
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
}

func TestEncodeRoundTrip(t *testing.T) {
	for _, op := range protocoltest.Operations("query") {
		t.Run(op.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				want, got := op.NewOutput(), op.NewOutput()
				protocoltest.Fill(t, op.Output, want, protocoltest.Options{Precision: time.Second})
				doc := awsquery.Append(nil, op, want, "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE")
				var root element
				if err := xml.Unmarshal(doc, &root); err != nil {
					t.Fatalf("%v in\n%s", err, doc)
				}
				if root.XMLName.Local != op.Name+"Response" || root.XMLName.Space != op.Service.XMLNamespace {
					t.Fatalf("root is %v", root.XMLName)
				}
				if id := root.child("ResponseMetadata").child("RequestId").Text; id != "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE" {
					t.Fatalf("request id %q", id)
				}
				if op.Output != nil {
					valueOf(t, op.Output, root.child(op.ResultWrapper), reflect.ValueOf(got).Elem())
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("document differs (-want +got):\n%s\n%s", diff, doc)
				}
				checkLayout(t, string(doc))
			})
		})
	}
}

// checkLayout checks that elements start lines and that indentation is two
// spaces a level.
func checkLayout(t *rapid.T, doc string) {
	if !strings.HasSuffix(doc, ">\n") || strings.HasPrefix(doc, "<?xml") {
		t.Fatalf("document starts or ends badly:\n%s", doc)
	}
	if again := reindent(t, doc); again != doc {
		t.Fatalf("layout differs (-want +got):\n%s", cmp.Diff(again, doc))
	}
}

// reindent prints the document anew from its tokens.
func reindent(t *rapid.T, doc string) string {
	var root element
	if err := xml.Unmarshal([]byte(doc), &root); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	var print func(e *element, depth int, attr string)
	print = func(e *element, depth int, attr string) {
		pad := strings.Repeat("  ", depth)
		name := e.XMLName.Local
		switch {
		case len(e.Children) > 0:
			b.WriteString(pad + "<" + name + attr + ">\n")
			for i := range e.Children {
				print(&e.Children[i], depth+1, "")
			}
			b.WriteString(pad + "</" + name + ">\n")
		case e.Text == "":
			b.WriteString(pad + "<" + name + "/>\n")
		default:
			r := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;")
			b.WriteString(pad + "<" + name + ">" + r.Replace(e.Text) + "</" + name + ">\n")
		}
	}
	print(&root, 0, ` xmlns="`+root.XMLName.Space+`"`)
	return b.String()
}
