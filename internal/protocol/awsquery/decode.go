package awsquery

import (
	"encoding/base64"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"sallyport/internal/api"
)

// Decode fills in, a pointer that op.NewInput returned, from a form.
// Parameters that the model does not know are ignored, as AWS does. Input
// that is not well-formed is refused with MalformedInput and status 400; a
// value of the wrong type has an empty message.
//
// A list is Name.member.1, Name.member.2 and so on without gaps, or
// Name.1 when the model flattens it; a map is Name.entry.1.key with
// Name.entry.1.value; an empty Name is an empty list, map or structure.
func Decode(op *api.Operation, f Form, in any) error {
	if op.Input == nil {
		return nil
	}
	v := reflect.ValueOf(in).Elem()
	var roots []*node // parallel to op.Input.Members; nil until needed
	for _, p := range f.params {
		head, rest, nested := strings.Cut(p.name, ".")
		i := memberIndex(op.Input, head)
		if i < 0 {
			continue
		}
		m := &op.Input.Members[i]
		if m.Shape.Kind.IsScalar() {
			if !nested {
				if err := setScalar(m.Shape, v.Field(m.Field), p.value); err != nil {
					return err
				}
			}
			continue
		}
		if roots == nil {
			roots = make([]*node, len(op.Input.Members))
		}
		if roots[i] == nil {
			roots[i] = &node{}
		}
		if err := roots[i].insert(rest, nested, p.value); err != nil {
			return err
		}
	}
	for i, root := range roots {
		if root == nil {
			continue
		}
		m := &op.Input.Members[i]
		if err := root.decode(m.Shape, v.Field(m.Field)); err != nil {
			return err
		}
	}
	return nil
}

// memberIndex finds a member by its name on the wire. Structures are small
// enough that a scan beats a map.
func memberIndex(s *api.Shape, wire string) int {
	for i := range s.Members {
		if s.Members[i].WireName == wire {
			return i
		}
	}
	return -1
}

// node is a parameter name's part with what follows it. Its size is bounded
// by the number of parameters and maxSegments.
type node struct {
	value    string
	hasValue bool
	children map[string]*node
}

func (n *node) insert(path string, nested bool, value string) error {
	for depth := 0; nested; depth++ {
		if depth >= maxSegments {
			return malformed("Parameter names are nested too deeply")
		}
		var head string
		head, path, nested = strings.Cut(path, ".")
		if n.children == nil {
			n.children = map[string]*node{}
		}
		child := n.children[head]
		if child == nil {
			child = &node{}
			n.children[head] = child
		}
		n = child
	}
	n.value, n.hasValue = value, true
	return nil
}

// decode sets v, a field or element, from the node.
func (n *node) decode(s *api.Shape, v reflect.Value) error {
	if s.Kind.IsScalar() {
		if !n.hasValue || n.children != nil {
			return malformed("Unexpected structure in place of a value")
		}
		return setScalar(s, v, n.value)
	}
	if n.hasValue && (n.value != "" || n.children != nil) {
		return malformed("Unexpected value in place of a list or structure")
	}
	switch s.Kind {
	case api.List:
		return n.list(s, v)
	case api.Map:
		return n.mapping(s, v)
	default:
		return n.structure(s, v)
	}
}

func (n *node) structure(s *api.Shape, v reflect.Value) error {
	v = settable(v)
	for i := range s.Members {
		m := &s.Members[i]
		if child := n.children[m.WireName]; child != nil {
			if err := child.decode(m.Shape, v.Field(m.Field)); err != nil {
				return err
			}
		}
	}
	return nil
}

// settable allocates what a pointer field points at.
func settable(v reflect.Value) reflect.Value {
	if v.Kind() != reflect.Pointer {
		return v
	}
	if v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
	}
	return v.Elem()
}

func (n *node) list(s *api.Shape, v reflect.Value) error {
	name := s.ElemName
	if name == "" {
		name = "member"
	}
	items, err := n.sequence(s.Flattened, name)
	if err != nil {
		return err
	}
	list := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		if err := item.decode(s.Elem, list.Index(i)); err != nil {
			return err
		}
	}
	v.Set(list)
	return nil
}

func (n *node) mapping(s *api.Shape, v reflect.Value) error {
	entries, err := n.sequence(s.Flattened, "entry")
	if err != nil {
		return err
	}
	keyName, valueName := orDefault(s.KeyName, "key"), orDefault(s.ValueName, "value")
	result := reflect.MakeMapWithSize(v.Type(), len(entries))
	for _, e := range entries {
		key, value := e.children[keyName], e.children[valueName]
		if key == nil || !key.hasValue || key.children != nil || value == nil {
			return malformed("A map entry must have a key and a value")
		}
		k := reflect.ValueOf(key.value)
		if result.MapIndex(k).IsValid() {
			return malformed("Map keys must be unique")
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		if err := value.decode(s.Value, elem); err != nil {
			return err
		}
		result.SetMapIndex(k, elem)
	}
	v.Set(result)
	return nil
}

func orDefault(name, def string) string {
	if name == "" {
		return def
	}
	return name
}

// sequence returns the numbered children below name, or below the node
// itself when flattened, in order. The numbers must be 1 to their count,
// which also bounds the result by the number of parameters.
func (n *node) sequence(flattened bool, name string) ([]*node, error) {
	if !flattened {
		child := n.children[name]
		if len(n.children) > 0 && (child == nil || len(n.children) > 1 || child.hasValue) {
			return nil, malformed("A list must be numbered")
		}
		if child == nil {
			return nil, nil
		}
		n = child
	}
	items := make([]*node, len(n.children))
	for number, item := range n.children {
		i, err := strconv.Atoi(number)
		if err != nil || i < 1 || i > len(items) || strconv.Itoa(i) != number {
			return nil, malformed("A list must be numbered from 1 without gaps")
		}
		items[i-1] = item
	}
	return items, nil
}

// setScalar parses text into v, a pointer field or an element.
func setScalar(s *api.Shape, v reflect.Value, text string) error {
	if s.Kind == api.Blob {
		b, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return malformed("")
		}
		v.SetBytes(b)
		return nil
	}
	v = settable(v)
	switch s.Kind {
	case api.String:
		v.SetString(text)
		return nil
	case api.Integer, api.Long:
		bits := 64
		if s.Kind == api.Integer {
			bits = 32
		}
		n, err := strconv.ParseInt(text, 10, bits)
		if err != nil || text[0] == '+' {
			return malformed("")
		}
		v.SetInt(n)
		return nil
	case api.Float, api.Double:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
			return malformed("")
		}
		v.SetFloat(x)
		return nil
	case api.Boolean:
		if text != "true" && text != "false" {
			return malformed("")
		}
		v.SetBool(text == "true")
		return nil
	case api.Timestamp:
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return malformed("")
		}
		v.Set(reflect.ValueOf(t.UTC()))
		return nil
	}
	return malformed("")
}
