package protocoltest

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"pgregory.net/rapid"

	"sallyport/internal/api"
	"sallyport/internal/api/accessanalyzerapi"
	"sallyport/internal/api/cloudtrailapi"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/api/stsapi"
)

// Operations returns every generated operation whose service speaks the
// protocol ("query", "json").
func Operations(protocol string) []*api.Operation {
	var ops []*api.Operation
	for _, svc := range []*api.Service{iamapi.Service, stsapi.Service, sallyportapi.Service, cloudtrailapi.Service, accessanalyzerapi.Service} {
		if svc.Protocol == protocol {
			ops = append(ops, svc.Operations...)
		}
	}
	return ops
}

// Options bound the values.
type Options struct {
	Precision time.Duration // of timestamps
	NilOnly   bool          // no empty, non-nil lists and maps
}

// Fill sets the struct that ptr points at to a drawn value of the shape:
// members absent and present, lists and maps of up to three entries, any
// text that XML and JSON can hold. Constraints are not observed.
func Fill(t *rapid.T, s *api.Shape, ptr any, o Options) {
	if s != nil {
		fill(t, s, reflect.ValueOf(ptr).Elem(), o, s.Name, 0)
	}
}

// text draws what both wire formats carry unchanged.
var text = rapid.Custom(func(t *rapid.T) string {
	if rapid.Bool().Draw(t, "simple") {
		return rapid.StringMatching(`[ -~]{0,12}`).Draw(t, "ascii")
	}
	s := rapid.StringN(0, 10, -1).Draw(t, "unicode")
	return strings.Map(func(r rune) rune {
		if (r < 0x20 && r != '\t' && r != '\n' && r != '\r') || r == 0xFFFD || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, s)
})

func fill(t *rapid.T, s *api.Shape, v reflect.Value, o Options, at string, depth int) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch s.Kind {
	case api.String:
		v.SetString(text.Draw(t, at))
	case api.Integer:
		v.SetInt(int64(rapid.Int32().Draw(t, at)))
	case api.Long:
		v.SetInt(rapid.Int64().Draw(t, at))
	case api.Float, api.Double:
		v.SetFloat(rapid.Float64Range(-math.MaxFloat32, math.MaxFloat32).Draw(t, at))
	case api.Boolean:
		v.SetBool(rapid.Bool().Draw(t, at))
	case api.Timestamp:
		d := time.Duration(rapid.Int64Range(0, 4e18).Draw(t, at)).Truncate(o.Precision)
		v.Set(reflect.ValueOf(time.Unix(0, 0).Add(d).UTC()))
	case api.Blob:
		v.SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, at))
	case api.List:
		n := rapid.IntRange(o.least(), 3).Draw(t, at)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, s.Elem, v.Index(i), o, fmt.Sprintf("%s[%d]", at, i), depth+1)
		}
	case api.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for i := range rapid.IntRange(o.least(), 3).Draw(t, at) {
			elem := reflect.New(v.Type().Elem()).Elem()
			fill(t, s.Value, elem, o, at+".value", depth+1)
			key := text.Draw(t, at+".key")
			if key == "" {
				key = fmt.Sprint("k", i)
			}
			v.SetMapIndex(reflect.ValueOf(key), elem)
		}
	case api.Structure:
		for i := range s.Members {
			m := &s.Members[i]
			if depth > 5 || rapid.IntRange(0, 3).Draw(t, at+"."+m.Name+"?") == 0 {
				continue
			}
			fill(t, m.Shape, v.Field(m.Field), o, at+"."+m.Name, depth+1)
		}
	default:
		panic("protocoltest: unknown kind of " + s.Name)
	}
}

func (o Options) least() int {
	if o.NilOnly {
		return 1
	}
	return 0
}
