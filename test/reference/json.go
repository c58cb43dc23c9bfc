package reference

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// errInvalid is the answer to a case that can't be understood. What is wrong with
// it is for people who look for a difference, and is never compared.
var errInvalid = errors.New("invalid")

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errInvalid, fmt.Sprintf(format, args...))
}

// maxDepth is how deep a case may be nested: more than the grammar of policies is.
const maxDepth = 100

// An object is a JSON object, whose members have different names. size is how many
// bytes it has as it was written.
type object struct {
	members map[string]any
	twice   bool // a member is given twice
	size    int64
}

// readJSON reads one JSON text: objects become object, lists []any, and numbers
// json.Number.
func readJSON(text []byte) (any, error) {
	if !utf8.Valid(text) {
		return nil, invalid("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := readValue(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, invalid("text behind the value")
	}
	return v, nil
}

func readValue(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, invalid("nested too deep")
	}
	token, err := d.Token()
	if err != nil {
		return nil, invalid("%v", err)
	}
	switch token {
	case json.Delim('{'):
		return readObject(d, depth)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := readValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, end(d)
	}
	return token, nil
}

func readObject(d *json.Decoder, depth int) (any, error) {
	start := d.InputOffset() - 1
	o := object{members: map[string]any{}}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, invalid("%v", err)
		}
		name, isString := token.(string)
		if !isString {
			return nil, invalid("the name of a member is %v", token)
		}
		if _, twice := o.members[name]; twice {
			o.twice = true
		}
		if o.members[name], err = readValue(d, depth+1); err != nil {
			return nil, err
		}
	}
	err := end(d)
	o.size = d.InputOffset() - start
	return o, err
}

// end reads the closing bracket.
func end(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return invalid("%v", err)
	}
	return nil
}

// only reports members of o that are not among names, and members given twice.
func (o object) only(names ...string) error {
	if o.twice {
		return invalid("a member is given twice")
	}
members:
	for name := range o.members {
		for _, known := range names {
			if name == known {
				continue members
			}
		}
		return invalid("there is no member %q", name)
	}
	return nil
}

// text is the value of a member that must be a string; absent is "".
func (o object) text(name string) (string, error) {
	v, there := o.members[name]
	if !there {
		return "", nil
	}
	s, isString := v.(string)
	if !isString {
		return "", invalid("%s is no string", name)
	}
	return s, nil
}

// texts is a string or a list of strings.
func texts(v any) ([]string, error) {
	if s, isString := v.(string); isString {
		return []string{s}, nil
	}
	list, isList := v.([]any)
	if !isList {
		return nil, invalid("neither a string nor a list of strings: %v", v)
	}
	var all []string
	for _, item := range list {
		s, isString := item.(string)
		if !isString {
			return nil, invalid("no string: %v", item)
		}
		all = append(all, s)
	}
	return all, nil
}
