package restjson

import (
	"math"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/protocol/awsjson"
)

// Limits of a query.
const (
	MaxQueryBytes = 16 << 10
	maxParameters = 256
)

// ContentType is the media type of bodies.
const ContentType = "application/json"

// A Request is what an input is decoded from.
type Request struct {
	Labels   []Label
	RawQuery string
	Header   http.Header
	Body     []byte
}

// Decode fills in, a pointer that op.NewInput returned. Parameters, headers and
// members of the body that the model does not know are passed over. Anything
// malformed is refused with SerializationException and status 400.
func Decode(op *api.Operation, r *Request, in any) error {
	query, err := parseQuery(r.RawQuery)
	if err != nil {
		return err
	}
	if op.Input == nil {
		return nil
	}
	v := reflect.ValueOf(in).Elem()
	payload := false
	for i := range op.Input.Members {
		m := &op.Input.Members[i]
		switch m.Location {
		case "uri":
			err = label(m, r.Labels, v.Field(m.Field))
		case "querystring":
			err = parameter(m, query, v.Field(m.Field))
		case "header":
			err = header(m, r.Header.Values(m.WireName), v.Field(m.Field))
		case "headers":
			prefixed(m, r.Header, v.Field(m.Field))
		case "payload":
			payload = true
			err = whole(m, r.Body, v.Field(m.Field))
		}
		if err != nil {
			return err
		}
	}
	if payload || len(r.Body) == 0 {
		return nil
	}
	return awsjson.DecodeValue(op.Input, r.Body, v, awsjson.Form{REST: true})
}

func refuse(msg string) *api.Error {
	return api.Errorf("SerializationException", http.StatusBadRequest, true, "%s", msg)
}

func parseQuery(raw string) (url.Values, error) {
	if len(raw) > MaxQueryBytes || strings.Count(raw, "&") >= maxParameters {
		return nil, refuse("The query is too large")
	}
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, refuse("The query is malformed")
	}
	return query, nil
}

func label(m *api.Member, labels []Label, v reflect.Value) error {
	for _, l := range labels {
		if l.Name == m.WireName {
			return setText(m.Shape, l.Value, "iso8601", v)
		}
	}
	return refuse("The path lacks " + m.Name)
}

// parameter sets a member from the query: a list from all parameters of its name, a
// map of text from all that have none of their own, a scalar from one.
func parameter(m *api.Member, query url.Values, v reflect.Value) error {
	values, there := query[m.WireName]
	if !there {
		return nil
	}
	switch {
	case m.Shape.Kind == api.List:
		list := reflect.MakeSlice(v.Type(), len(values), len(values))
		for i, value := range values {
			if err := setText(m.Shape.Elem, value, "iso8601", list.Index(i)); err != nil {
				return err
			}
		}
		v.Set(list)
		return nil
	case len(values) > 1:
		return refuse("The query repeats " + m.Name)
	}
	return setText(m.Shape, values[0], "iso8601", v)
}

// header sets a member from a header: a list from its parts between commas.
func header(m *api.Member, values []string, v reflect.Value) error {
	switch {
	case len(values) == 0:
		return nil
	case m.Shape.Kind == api.List:
		parts := strings.Split(strings.Join(values, ","), ",")
		list := reflect.MakeSlice(v.Type(), len(parts), len(parts))
		for i, part := range parts {
			if err := setText(m.Shape.Elem, strings.TrimSpace(part), "rfc822", list.Index(i)); err != nil {
				return err
			}
		}
		v.Set(list)
		return nil
	case len(values) > 1:
		return refuse("A header is repeated: " + m.Name)
	}
	return setText(m.Shape, values[0], "rfc822", v)
}

// prefixed collects the headers whose names begin with the member's.
func prefixed(m *api.Member, h http.Header, v reflect.Value) {
	found := reflect.MakeMap(v.Type())
	for name, values := range h {
		if len(name) > len(m.WireName) && strings.EqualFold(name[:len(m.WireName)], m.WireName) && len(values) == 1 {
			found.SetMapIndex(reflect.ValueOf(strings.ToLower(name[len(m.WireName):])), reflect.ValueOf(values[0]))
		}
	}
	if found.Len() > 0 {
		v.Set(found)
	}
}

// whole sets the member that is the body.
func whole(m *api.Member, body []byte, v reflect.Value) error {
	switch {
	case len(body) == 0:
		return nil
	case m.Shape.Kind == api.Blob:
		v.SetBytes(body)
		return nil
	case m.Shape.Kind == api.String:
		v.Set(reflect.ValueOf(new(string(body))))
		return nil
	case m.Shape.Kind == api.Structure:
		v.Set(reflect.New(v.Type().Elem()))
		return awsjson.DecodeValue(m.Shape, body, v.Elem(), awsjson.Form{REST: true})
	}
	return refuse("A body of this kind is not supported")
}

// setText sets v, a pointer field or an element, from text outside of a body.
// timeFormat is that of timestamps which have none of their own.
func setText(s *api.Shape, text, timeFormat string, v reflect.Value) error {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch s.Kind {
	case api.String:
		v.SetString(text)
	case api.Boolean:
		if text != "true" && text != "false" {
			return refuse("A parameter must be true or false")
		}
		v.SetBool(text == "true")
	case api.Integer, api.Long:
		bits := 64
		if s.Kind == api.Integer {
			bits = 32
		}
		n, err := strconv.ParseInt(text, 10, bits)
		if err != nil {
			return refuse("A parameter must be a whole number of its size")
		}
		v.SetInt(n)
	case api.Float, api.Double:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return refuse("A parameter must be a number")
		}
		v.SetFloat(x)
	case api.Timestamp:
		if s.TimeFormat != "" {
			timeFormat = s.TimeFormat
		}
		t, err := parseTime(timeFormat, text)
		if err != nil {
			return err
		}
		v.Set(reflect.ValueOf(t))
	default:
		return refuse("A parameter of this kind is not supported")
	}
	return nil
}

func parseTime(format, text string) (time.Time, error) {
	if format != "unixTimestamp" {
		return awsjson.ParseTime(format, text)
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < -62135596800 || n > 253402300799 { // the years 1 and 9999
		return time.Time{}, refuse("A timestamp is out of range")
	}
	return time.Unix(n, 0).UTC(), nil
}
