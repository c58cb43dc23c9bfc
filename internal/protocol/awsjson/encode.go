package awsjson

import (
	"encoding/base64"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"sallyport/internal/api"
)

// ContentType is the media type of requests and replies.
const ContentType = "application/x-amz-json-1.1"

// Append appends the reply of op. out is a pointer to the operation's
// response struct (or the struct); nil members are left out. An operation
// without output shape has an empty body, one with an empty shape has "{}",
// as AWS's services do.
func Append(dst []byte, op *api.Operation, out any) []byte {
	if op.Output == nil {
		return dst
	}
	var v reflect.Value
	if out != nil {
		v = reflect.Indirect(reflect.ValueOf(out))
	}
	if !v.IsValid() {
		return append(dst, '{', '}')
	}
	return AppendValue(dst, op.Output, v, Form{})
}

// AppendValue appends a value of the shape: a struct, list, map or scalar, no
// pointer.
func AppendValue(dst []byte, s *api.Shape, v reflect.Value, f Form) []byte {
	return f.appendValue(dst, s, v)
}

// AppendError appends the body of an error. Hint and Cause stay here.
func AppendError(dst []byte, err *api.Error) []byte {
	dst = append(dst, `{"__type":`...)
	dst = appendString(dst, err.Code)
	if !err.NoMessage {
		dst = append(dst, `,"message":`...)
		dst = appendString(dst, err.Message)
	}
	for _, m := range err.Members {
		dst = append(dst, ',')
		dst = appendString(dst, m.Name)
		dst = append(dst, ':')
		dst = appendString(dst, m.Value)
	}
	return append(dst, '}')
}

// appendString quotes s. Bytes that are not UTF-8 become U+FFFD, which is
// why the error can be dropped.
func appendString(dst []byte, s string) []byte {
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}

func (f Form) appendValue(dst []byte, s *api.Shape, v reflect.Value) []byte {
	switch s.Kind {
	case api.Structure:
		return f.appendStructure(dst, s, v)
	case api.List:
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = f.appendValue(dst, s.Elem, v.Index(i))
		}
		return append(dst, ']')
	case api.Map:
		return f.appendMap(dst, s, v)
	case api.String:
		return appendString(dst, v.String())
	case api.Integer, api.Long:
		return strconv.AppendInt(dst, v.Int(), 10)
	case api.Float, api.Double:
		return strconv.AppendFloat(dst, v.Float(), 'g', -1, 64)
	case api.Boolean:
		return strconv.AppendBool(dst, v.Bool())
	case api.Timestamp:
		if f.REST && (s.TimeFormat == "iso8601" || s.TimeFormat == "rfc822") {
			return append(AppendTime(append(dst, '"'), s.TimeFormat, v.Interface().(time.Time)), '"')
		}
		return appendTime(dst, v)
	default:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, v.Bytes())
		return append(dst, '"')
	}
}

func (f Form) appendStructure(dst []byte, s *api.Shape, v reflect.Value) []byte {
	dst = append(dst, '{')
	first := true
	for i := range s.Members {
		m := &s.Members[i]
		field := v.Field(m.Field)
		if field.IsNil() || f.REST && m.Location != "" {
			continue
		}
		if field.Kind() == reflect.Pointer {
			field = field.Elem()
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, '"')
		dst = append(dst, m.WireName...) // names of the models need no escapes
		dst = append(dst, '"', ':')
		dst = f.appendValue(dst, m.Shape, field)
	}
	return append(dst, '}')
}

// appendMap writes entries in the order of their keys, so that the same
// value always gives the same bytes.
func (f Form) appendMap(dst []byte, s *api.Shape, v reflect.Value) []byte {
	entries := make(map[string]reflect.Value, v.Len())
	for it := v.MapRange(); it.Next(); {
		entries[it.Key().String()] = it.Value()
	}
	dst = append(dst, '{')
	for i, k := range slices.Sorted(maps.Keys(entries)) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, k)
		dst = append(dst, ':')
		dst = f.appendValue(dst, s.Value, entries[k])
	}
	return append(dst, '}')
}

// appendTime writes seconds since 1970, with a fraction of three digits when
// there is one.
func appendTime(dst []byte, v reflect.Value) []byte {
	var t time.Time
	if v.CanAddr() {
		t = *v.Addr().Interface().(*time.Time) // does not allocate
	} else {
		t = v.Interface().(time.Time)
	}
	ms := t.UnixMilli()
	if ms < 0 {
		dst = append(dst, '-')
		ms = -ms
	}
	dst = strconv.AppendInt(dst, ms/1000, 10)
	if frac := ms % 1000; frac != 0 {
		dst = append(dst, '.', byte('0'+frac/100), byte('0'+frac/10%10), byte('0'+frac%10))
	}
	return dst
}
