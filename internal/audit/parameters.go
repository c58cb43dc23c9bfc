package audit

import (
	"cmp"
	"encoding/base64"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"sallyport/internal/api"
)

// form is how parameters or a reply are written.
type form struct {
	// reply leaves secrets out; in parameters they are masked.
	reply bool
	// dates is the layout of timestamps, which differs between services.
	dates string
}

// formOf is the form of a service's parameters or replies. STS writes a comma
// after the year.
func formOf(s *api.Service, reply bool) form {
	if s.SigningName == "sts" {
		return form{reply, "Jan 2, 2006, 3:04:05 PM"}
	}
	return form{reply, "Jan 2, 2006 3:04:05 PM"}
}

// hidden stands for a secret in requestParameters. AWS writes the same words.
const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"

// secretMembers are those that the models do not mark as sensitive though they
// prove who somebody is. CloudTrail records session tokens; Sallyport does not
// (docs/divergences.md).
var secretMembers = map[string]bool{
	"SessionToken": true, "SecretAccessKey": true, "TokenCode": true,
	"AuthenticationCode1": true, "AuthenticationCode2": true,
	"SAMLAssertion": true, "Password": true,
	"OldPassword": true, "NewPassword": true, "PrivateKey": true,
	"ServicePassword": true, "Base32StringSeed": true, "QRCodePNG": true,
	"ContextAssertion": true, "AssertionEncryptionPrivateKey": true, "AddPrivateKey": true,
}

// leftOut are secrets that CloudTrail has no word of.
var leftOut = map[string]bool{"WebIdentityToken": true}

// maxValue bounds one recorded string; longer ones are cut, as CloudTrail cuts
// what does not fit its event of 256 KB.
const maxValue = 100 << 10

// appendParameters writes a request's or a reply's members, with the names
// CloudTrail gives them: the model's with the first letter in lower case.
// A value with no members is null.
func appendParameters(dst []byte, shape *api.Shape, v any, f form) []byte {
	if shape == nil || v == nil {
		return append(dst, "null"...)
	}
	rv := reflect.ValueOf(v)
	for rv.Kind() == reflect.Pointer {
		if rv.IsNil() {
			return append(dst, "null"...)
		}
		rv = rv.Elem()
	}
	start := len(dst)
	dst = appendStructure(dst, shape, rv, f)
	if string(dst[start:]) == "{}" {
		return append(dst[:start], "null"...)
	}
	return dst
}

func appendStructure(dst []byte, shape *api.Shape, v reflect.Value, f form) []byte {
	o := object{buf: append(dst, '{'), first: true}
	for i := range shape.Members {
		m := &shape.Members[i]
		field := v.Field(m.Field)
		if absent(field) || leftOut[m.Name] {
			continue
		}
		if m.Shape.Sensitive || secretMembers[m.Name] {
			if f.reply {
				continue
			}
			o.str(lowerFirst(m.Name), hidden)
			continue
		}
		o.key(lowerFirst(m.Name))
		o.buf = appendValue(o.buf, m.Shape, field, f)
	}
	return append(o.buf, '}')
}

func absent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return v.IsNil()
	}
	return false
}

func appendValue(dst []byte, shape *api.Shape, v reflect.Value, f form) []byte {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch shape.Kind {
	case api.String:
		return appendString(dst, truncate(v.String(), maxValue))
	case api.Integer, api.Long:
		return strconv.AppendInt(dst, v.Int(), 10)
	case api.Float, api.Double:
		return strconv.AppendFloat(dst, v.Float(), 'g', -1, 64)
	case api.Boolean:
		return strconv.AppendBool(dst, v.Bool())
	case api.Timestamp:
		dst = append(dst, '"')
		dst = v.Interface().(time.Time).UTC().AppendFormat(dst, f.dates)
		return append(dst, '"')
	case api.Blob:
		return appendString(dst, base64.StdEncoding.EncodeToString(v.Bytes()))
	case api.List:
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, shape.Elem, v.Index(i), f)
		}
		return append(dst, ']')
	case api.Map:
		return appendMap(dst, shape, v, f)
	case api.Structure:
		return appendStructure(dst, shape, v, f)
	default:
		return append(dst, "null"...)
	}
}

func appendMap(dst []byte, shape *api.Shape, v reflect.Value, f form) []byte {
	o := object{buf: append(dst, '{'), first: true}
	for _, key := range sortedKeys(v) {
		if !o.first {
			o.buf = append(o.buf, ',')
		}
		o.first = false
		o.buf = append(appendString(o.buf, key.String()), ':')
		o.buf = appendValue(o.buf, shape.Value, v.MapIndex(key), f)
	}
	return append(o.buf, '}')
}

// lowerFirst turns a model's member name into CloudTrail's.
func lowerFirst(name string) string {
	r, size := utf8.DecodeRuneInString(name)
	if unicode.IsLower(r) {
		return name
	}
	return string(unicode.ToLower(r)) + name[size:]
}

// sortedKeys makes the record of a map the same each time.
func sortedKeys(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
	return keys
}
