package awsquery

import (
	"encoding/base64"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"sallyport/internal/api"
)

// faultNamespace is the namespace of errors that no service raised, such as
// a call of an action that does not exist.
const faultNamespace = "http://webservices.amazon.com/AWSFault/2005-15-09"

const spaces = "                                                                "

// Append appends the response document of op. out is a pointer to the
// operation's response struct (or the struct); nil members are left out, an
// empty slice is an empty element. Without an output shape out is ignored.
func Append(dst []byte, op *api.Operation, out any, requestID string) []byte {
	dst = append(dst, '<')
	dst = append(dst, op.Name...)
	dst = append(dst, `Response xmlns="`...)
	dst = append(dst, op.Service.XMLNamespace...)
	dst = append(dst, "\">\n"...)
	if op.ResultWrapper != "" {
		e := encoder{dst: dst, milliseconds: op.Milliseconds}
		var v reflect.Value
		if out != nil {
			v = reflect.Indirect(reflect.ValueOf(out))
		}
		e.structure(op.Output, v, op.ResultWrapper, 1)
		dst = e.dst
	}
	dst = append(dst, "  <ResponseMetadata>\n    <RequestId>"...)
	dst = appendText(dst, requestID)
	dst = append(dst, "</RequestId>\n  </ResponseMetadata>\n</"...)
	dst = append(dst, op.Name...)
	return append(dst, "Response>\n"...)
}

// Encode writes what Append appends.
func Encode(w io.Writer, op *api.Operation, out any, requestID string) error {
	_, err := w.Write(Append(nil, op, out, requestID))
	return err
}

// AppendError appends the error document of err for a service; svc is nil
// when it is not known which. Hint and Cause stay here.
func AppendError(dst []byte, svc *api.Service, err *api.Error, requestID string) []byte {
	namespace := faultNamespace
	if svc != nil && err.Code != "InvalidAction" {
		namespace = svc.XMLNamespace
	}
	fault := "Receiver"
	if err.Sender {
		fault = "Sender"
	}
	dst = append(dst, `<ErrorResponse xmlns="`...)
	dst = append(dst, namespace...)
	dst = append(dst, "\">\n  <Error>\n"...)
	dst = appendElement(dst, "Type", fault, 2)
	dst = appendElement(dst, "Code", err.Code, 2)
	if !err.NoMessage {
		dst = appendElement(dst, "Message", err.Message, 2)
	}
	for _, m := range err.Members {
		dst = appendElement(dst, m.Name, m.Value, 2)
	}
	dst = append(dst, "  </Error>\n"...)
	dst = appendElement(dst, "RequestId", requestID, 1)
	return append(dst, "</ErrorResponse>\n"...)
}

// appendElement appends a line with an element that holds text.
func appendElement(dst []byte, name, text string, depth int) []byte {
	dst = appendIndent(dst, depth)
	if text == "" {
		return appendEmpty(dst, name)
	}
	dst = appendOpen(dst, name)
	dst = appendText(dst, text)
	return appendClose(dst, name)
}

func appendIndent(dst []byte, depth int) []byte {
	for n := 2 * depth; n > 0; n -= len(spaces) {
		dst = append(dst, spaces[:min(n, len(spaces))]...)
	}
	return dst
}

func appendOpen(dst []byte, name string) []byte {
	dst = append(dst, '<')
	dst = append(dst, name...)
	return append(dst, '>')
}

func appendClose(dst []byte, name string) []byte {
	dst = append(dst, '<', '/')
	dst = append(dst, name...)
	return append(dst, '>', '\n')
}

func appendEmpty(dst []byte, name string) []byte {
	dst = append(dst, '<')
	dst = append(dst, name...)
	return append(dst, '/', '>', '\n')
}

// encoder walks shapes and values together. Descriptors are built once, at
// program start, so walking them is the plan: nothing is looked up by name.
type encoder struct {
	dst          []byte
	milliseconds bool
}

// element writes a value as an element; v is not a nil pointer.
func (e *encoder) element(s *api.Shape, v reflect.Value, name string, depth int) {
	switch s.Kind {
	case api.Structure:
		e.structure(s, v, name, depth)
	case api.List:
		e.list(s, v, name, depth)
	case api.Map:
		e.mapping(s, v, name, depth)
	default:
		e.dst = appendIndent(e.dst, depth)
		mark := len(e.dst)
		e.dst = appendOpen(e.dst, name)
		empty := len(e.dst)
		e.scalar(s, v)
		if len(e.dst) == empty {
			e.dst = appendEmpty(e.dst[:mark], name)
			return
		}
		e.dst = appendClose(e.dst, name)
	}
}

// structure writes the members that are present; v is invalid for an output
// that the handler left out.
func (e *encoder) structure(s *api.Shape, v reflect.Value, name string, depth int) {
	e.dst = appendIndent(e.dst, depth)
	mark := len(e.dst)
	e.dst = appendOpen(e.dst, name)
	e.dst = append(e.dst, '\n')
	empty := len(e.dst)
	if v.IsValid() {
		for i := range s.Members {
			m := &s.Members[i]
			f := v.Field(m.Field)
			if f.IsNil() {
				continue
			}
			if f.Kind() == reflect.Pointer {
				f = f.Elem()
			}
			e.element(m.Shape, f, m.WireName, depth+1)
		}
	}
	if len(e.dst) == empty {
		e.dst = appendEmpty(e.dst[:mark], name)
		return
	}
	e.dst = appendIndent(e.dst, depth)
	e.dst = appendClose(e.dst, name)
}

func (e *encoder) list(s *api.Shape, v reflect.Value, name string, depth int) {
	if s.Flattened {
		for i := range v.Len() {
			e.element(s.Elem, v.Index(i), name, depth)
		}
		return
	}
	e.dst = appendIndent(e.dst, depth)
	if v.Len() == 0 {
		e.dst = appendEmpty(e.dst, name)
		return
	}
	e.dst = append(appendOpen(e.dst, name), '\n')
	item := orDefault(s.ElemName, "member")
	for i := range v.Len() {
		e.element(s.Elem, v.Index(i), item, depth+1)
	}
	e.dst = appendIndent(e.dst, depth)
	e.dst = appendClose(e.dst, name)
}

// mapping writes entries in the order of their keys, so that the same value
// always gives the same bytes.
func (e *encoder) mapping(s *api.Shape, v reflect.Value, name string, depth int) {
	entry := name
	if !s.Flattened {
		e.dst = appendIndent(e.dst, depth)
		if v.Len() == 0 {
			e.dst = appendEmpty(e.dst, name)
			return
		}
		e.dst = append(appendOpen(e.dst, name), '\n')
		entry = "entry"
		depth++
	}
	keys := make(map[string]reflect.Value, v.Len())
	for it := v.MapRange(); it.Next(); {
		keys[it.Key().String()] = it.Value()
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		e.dst = appendIndent(e.dst, depth)
		e.dst = append(appendOpen(e.dst, entry), '\n')
		e.dst = appendElement(e.dst, orDefault(s.KeyName, "key"), k, depth+1)
		e.element(s.Value, keys[k], orDefault(s.ValueName, "value"), depth+1)
		e.dst = appendIndent(e.dst, depth)
		e.dst = appendClose(e.dst, entry)
	}
	if !s.Flattened {
		e.dst = appendIndent(e.dst, depth-1)
		e.dst = appendClose(e.dst, name)
	}
}

func (e *encoder) scalar(s *api.Shape, v reflect.Value) {
	switch s.Kind {
	case api.String:
		e.dst = appendText(e.dst, v.String())
	case api.Integer, api.Long:
		e.dst = strconv.AppendInt(e.dst, v.Int(), 10)
	case api.Float, api.Double:
		e.dst = strconv.AppendFloat(e.dst, v.Float(), 'g', -1, 64)
	case api.Boolean:
		e.dst = strconv.AppendBool(e.dst, v.Bool())
	case api.Timestamp:
		e.dst = e.time(v)
	case api.Blob:
		e.dst = base64.StdEncoding.AppendEncode(e.dst, v.Bytes())
	}
}

func (e *encoder) time(v reflect.Value) []byte {
	var t time.Time
	if v.CanAddr() {
		t = *v.Addr().Interface().(*time.Time) // does not allocate
	} else {
		t = v.Interface().(time.Time)
	}
	layout := "2006-01-02T15:04:05Z"
	if e.milliseconds {
		layout = "2006-01-02T15:04:05.000Z"
	}
	return t.UTC().AppendFormat(e.dst, layout)
}
