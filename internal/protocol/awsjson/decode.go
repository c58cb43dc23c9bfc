package awsjson

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"math"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"sallyport/internal/api"
)

// Limits on a request body. The limit on its size is checked before anything
// is parsed.
const (
	MaxBodyBytes = 16 << 20
	maxDepth     = 32
)

// Decode fills in, a pointer that op.NewInput returned, from a request body.
// Members that the model does not know are skipped; null is an absent member.
// Anything malformed is refused with SerializationException and status 400.
func Decode(op *api.Operation, body []byte, in any) error {
	v := reflect.Value{}
	if op.Input != nil {
		v = reflect.ValueOf(in).Elem()
	}
	return DecodeValue(op.Input, body, v, Form{})
}

// A Form is how the JSON of one protocol differs from another's.
type Form struct {
	// REST leaves members alone that are not in the body, and heeds the formats of
	// timestamps
	// (https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html).
	REST bool
}

// DecodeValue fills v, a struct of the shape, from a body that is one object. A nil
// shape has no members. Errors are those of Decode.
func DecodeValue(s *api.Shape, body []byte, v reflect.Value, f Form) error {
	if len(body) > MaxBodyBytes {
		return refuse("The request body is too large")
	}
	d := decoder{jsontext.NewDecoder(bytes.NewBuffer(body)), f}
	if d.PeekKind() != '{' {
		return refuse("The request body must be a JSON object")
	}
	var err error
	if s == nil {
		err = d.skip()
	} else {
		err = d.value(s, v)
	}
	if err != nil {
		return asRefusal(err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return refuse("The request body must be one JSON object")
	}
	return nil
}

type decoder struct {
	*jsontext.Decoder
	form Form
}

// refuse is the one error of this file.
func refuse(msg string) *api.Error {
	return api.Errorf("SerializationException", http.StatusBadRequest, true, "%s", msg)
}

// asRefusal keeps a refusal and words a syntax error without quoting what
// was sent.
func asRefusal(err error) error {
	var e *api.Error
	if errors.As(err, &e) {
		return e
	}
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return refuse("A JSON object repeats a member name")
	}
	return refuse("The request body is not valid JSON")
}

// kindNames are the words that AWS has for what it found.
var kindNames = map[jsontext.Kind]string{'n': "NULL_VALUE", 't': "TRUE_VALUE", 'f': "FALSE_VALUE",
	'"': "STRING_VALUE", '0': "NUMBER_VALUE"}

// mismatch refuses the next token for a member of kind want.
func (d decoder) mismatch(found jsontext.Kind, want api.Kind) error {
	switch found {
	case '{':
		return refuse("Start of structure or map found where not expected.")
	case '[':
		return refuse("Start of list found where not expected")
	case 0: // not JSON; the decoder knows more
		_, err := d.ReadToken()
		return err
	}
	names := [...]string{api.String: "String", api.Integer: "Integer", api.Long: "Long", api.Float: "Float",
		api.Double: "Double", api.Boolean: "Boolean", api.Timestamp: "Timestamp", api.Blob: "Blob",
		api.List: "List", api.Map: "Map", api.Structure: "Structure"}
	return refuse(kindNames[found] + " can not be converted to a " + names[want])
}

// value sets v, a field or element, from the next value; null has been dealt
// with by the caller where it is allowed.
func (d decoder) value(s *api.Shape, v reflect.Value) error {
	switch s.Kind {
	case api.Structure:
		return d.structure(s, v)
	case api.List:
		return d.list(s, v)
	case api.Map:
		return d.mapping(s, v)
	default:
		return d.scalar(s, v)
	}
}

// enter consumes the opening token and checks the depth.
func (d decoder) enter(open jsontext.Kind, s *api.Shape) error {
	if found := d.PeekKind(); found != open {
		return d.mismatch(found, s.Kind)
	}
	if d.StackDepth() >= maxDepth {
		return refuse("The request body is nested too deeply")
	}
	_, err := d.ReadToken()
	return err
}

// more reports whether the open object or list has another entry.
func (d decoder) more() bool {
	k := d.PeekKind()
	return k != '}' && k != ']' && k != 0
}

// leave consumes the closing token, or reports the syntax error that ended
// the loop over entries.
func (d decoder) leave() error {
	_, err := d.ReadToken()
	return err
}

func (d decoder) structure(s *api.Shape, v reflect.Value) error {
	if err := d.enter('{', s); err != nil {
		return err
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	for d.more() {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		m := memberNamed(s, name.String())
		switch {
		case m == nil, d.form.REST && m.Location != "":
			err = d.skip()
		case d.PeekKind() == 'n':
			_, err = d.ReadToken()
		default:
			err = d.value(m.Shape, v.Field(m.Field))
		}
		if err != nil {
			return err
		}
	}
	return d.leave()
}

func memberNamed(s *api.Shape, wire string) *api.Member {
	for i := range s.Members {
		if s.Members[i].WireName == wire {
			return &s.Members[i]
		}
	}
	return nil
}

// skip passes over a value of an unknown member without recursion.
func (d decoder) skip() error {
	base := d.StackDepth()
	for {
		if d.StackDepth() > maxDepth {
			return refuse("The request body is nested too deeply")
		}
		if _, err := d.ReadToken(); err != nil {
			return err
		}
		if d.StackDepth() == base {
			return nil
		}
	}
}

func (d decoder) list(s *api.Shape, v reflect.Value) error {
	if err := d.enter('[', s); err != nil {
		return err
	}
	list := reflect.MakeSlice(v.Type(), 0, 0)
	for d.more() {
		elem := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(s.Elem, elem); err != nil {
			return err
		}
		list = reflect.Append(list, elem)
	}
	v.Set(list)
	return d.leave()
}

func (d decoder) mapping(s *api.Shape, v reflect.Value) error {
	if err := d.enter('{', s); err != nil {
		return err
	}
	result := reflect.MakeMap(v.Type())
	for d.more() {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		key := reflect.ValueOf(name.String())
		elem := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(s.Value, elem); err != nil {
			return err
		}
		result.SetMapIndex(key, elem)
	}
	v.Set(result)
	return d.leave()
}

// scalar reads a token and sets v, a pointer field or an element.
func (d decoder) scalar(s *api.Shape, v reflect.Value) error {
	found := d.PeekKind()
	text := d.form.REST && s.Kind == api.Timestamp && (s.TimeFormat == "iso8601" || s.TimeFormat == "rfc822")
	if text != (found == '"') && s.Kind == api.Timestamp || !text && !accepts(s.Kind, found) {
		return d.mismatch(found, s.Kind)
	}
	tok, err := d.ReadToken()
	if err != nil {
		return err
	}
	if text {
		t, err := ParseTime(s.TimeFormat, tok.String())
		if err != nil {
			return err
		}
		setTime(v, t)
		return nil
	}
	if s.Kind == api.Blob {
		b, err := base64.StdEncoding.DecodeString(tok.String())
		if err != nil {
			return refuse("A blob must be in base64")
		}
		v.SetBytes(b)
		return nil
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch s.Kind {
	case api.String:
		v.SetString(strings.Clone(tok.String()))
	case api.Boolean:
		v.SetBool(found == 't')
	case api.Integer, api.Long:
		bits := 64
		if s.Kind == api.Integer {
			bits = 32
		}
		n, err := strconv.ParseInt(tok.String(), 10, bits)
		if err != nil {
			return refuse("NUMBER_VALUE can not be converted to an integer of the member's size")
		}
		v.SetInt(n)
	default:
		return setFractional(s.Kind, tok.String(), v)
	}
	return nil
}

// accepts says which token a kind is written as.
func accepts(k api.Kind, found jsontext.Kind) bool {
	switch k {
	case api.String, api.Blob:
		return found == '"'
	case api.Boolean:
		return found == 't' || found == 'f'
	default:
		return found == '0'
	}
}

// maxSeconds is the end of the year 9999, the last that every client can read.
const maxSeconds = 253402300800

// setFractional sets floats and timestamps; timestamps keep milliseconds.
func setFractional(k api.Kind, text string, v reflect.Value) error {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(x, 0) {
		return refuse("NUMBER_VALUE is out of range")
	}
	if k != api.Timestamp {
		v.SetFloat(x)
		return nil
	}
	if math.Abs(x) >= maxSeconds {
		return refuse("A timestamp is out of range")
	}
	v.Set(reflect.ValueOf(time.UnixMilli(int64(math.Round(x * 1000))).UTC()))
	return nil
}

// ParseTime reads a timestamp that is written as text: "iso8601" (RFC 3339) or
// "rfc822" (an HTTP date). Milliseconds are kept.
func ParseTime(format, text string) (time.Time, error) {
	layout := time.RFC3339
	if format == "rfc822" {
		layout = http.TimeFormat
	}
	t, err := time.Parse(layout, text)
	if err != nil || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, refuse("STRING_VALUE can not be converted to a Timestamp")
	}
	return t.UTC().Truncate(time.Millisecond), nil
}

// AppendTime appends a timestamp as ParseTime reads it.
func AppendTime(dst []byte, format string, t time.Time) []byte {
	if format == "rfc822" {
		return t.UTC().AppendFormat(dst, http.TimeFormat)
	}
	return t.UTC().AppendFormat(dst, "2006-01-02T15:04:05.999Z07:00")
}

func setTime(v reflect.Value, t time.Time) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	v.Set(reflect.ValueOf(t))
}
