package restjson

import (
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"sallyport/internal/api"
	"sallyport/internal/protocol/awsjson"
)

// ErrorHeader names the error of a reply.
const ErrorHeader = "X-Amzn-Errortype"

// AppendBody appends the body of a reply of op: the members of out that are nowhere
// else, or the one that is all of it. out is a pointer to the operation's response
// struct.
func AppendBody(dst []byte, op *api.Operation, out any) []byte {
	if op.Output == nil || out == nil {
		return append(dst, '{', '}')
	}
	v := reflect.Indirect(reflect.ValueOf(out))
	for i := range op.Output.Members {
		m := &op.Output.Members[i]
		if m.Location != "payload" {
			continue
		}
		field := v.Field(m.Field)
		switch {
		case field.IsNil():
			return dst
		case m.Shape.Kind == api.Blob:
			return append(dst, field.Bytes()...)
		case m.Shape.Kind == api.String:
			return append(dst, field.Elem().String()...)
		}
		return awsjson.AppendValue(dst, m.Shape, field.Elem(), awsjson.Form{REST: true})
	}
	return awsjson.AppendValue(dst, op.Output, v, awsjson.Form{REST: true})
}

// Status is the status of a reply that is no error.
func Status(op *api.Operation) int {
	if op.HTTPStatus == 0 {
		return http.StatusOK
	}
	return op.HTTPStatus
}

// SetHeaders sets the members of a reply that are headers.
func SetHeaders(h http.Header, op *api.Operation, out any) {
	if op.Output == nil || out == nil {
		return
	}
	v := reflect.Indirect(reflect.ValueOf(out))
	for i := range op.Output.Members {
		m := &op.Output.Members[i]
		field := v.Field(m.Field)
		if m.Location != "header" || field.IsNil() || field.Kind() != reflect.Pointer {
			continue
		}
		h.Set(m.WireName, text(m.Shape, field.Elem()))
	}
}

// text is a scalar as a header has it.
func text(s *api.Shape, v reflect.Value) string {
	switch s.Kind {
	case api.Integer, api.Long:
		return strconv.FormatInt(v.Int(), 10)
	case api.Float, api.Double:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case api.Boolean:
		return strconv.FormatBool(v.Bool())
	case api.Timestamp:
		format := s.TimeFormat
		if format == "" {
			format = "rfc822"
		}
		return string(awsjson.AppendTime(nil, format, v.Interface().(time.Time)))
	}
	return v.String()
}

// AppendError appends the body of an error, whose name is in ErrorHeader. Hint and
// Cause stay here.
func AppendError(dst []byte, err *api.Error) []byte {
	dst = append(dst, '{')
	separator := ""
	if !err.NoMessage {
		dst = append(dst, `"message":`...)
		dst = quote(dst, err.Message)
		separator = ","
	}
	for _, m := range err.Members {
		dst = quote(append(dst, separator...), m.Name)
		dst = quote(append(dst, ':'), m.Value)
		separator = ","
	}
	return append(dst, '}')
}

// quote replaces bytes that are not UTF-8, of which alone the error would tell.
func quote(dst []byte, s string) []byte {
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}
