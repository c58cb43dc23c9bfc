package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MaxServicesBytes is the longest text that ParseServices reads.
const MaxServicesBytes = 1 << 20

// ParseServices reads services of one's own: a JSON list of them, or one alone.
// The members are those of [Service] and of what is in it; access levels and the
// types of keys are in AWS's words. docs/policy-tools.md has an example.
//
// An error says where in the text it is. Members that are unknown or given twice
// are errors. What the services say is for [Catalog.With] to check.
func ParseServices(text []byte) ([]Service, error) {
	if len(text) > MaxServicesBytes {
		return nil, fmt.Errorf("catalog: longer than %d bytes", MaxServicesBytes)
	}
	var list []Service
	into := any(&list)
	if jsontext.Value(text).Kind() == jsontext.KindBeginObject {
		list = make([]Service, 1)
		into = &list[0]
	}
	if err := json.Unmarshal(text, into, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("catalog: %w", readable(text, err))
	}
	if list == nil { // null
		return nil, errors.New("catalog: neither a list nor an object")
	}
	return list, nil
}

// readable says where an error is, and leaves out what the JSON library says
// about Go.
func readable(text []byte, err error) error {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		switch at := where(semantic.JSONPointer); {
		case errors.Is(err, json.ErrUnknownName):
			return fmt.Errorf("%s: unknown member", at)
		case semantic.Err != nil:
			return fmt.Errorf("%s: %w", at, semantic.Err)
		default:
			return fmt.Errorf("%s: unexpected %v", at, semantic.JSONKind)
		}
	}
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		line := bytes.Count(text[:syntactic.ByteOffset], []byte{'\n'}) + 1
		return fmt.Errorf("line %d, %s: %w", line, where(syntactic.JSONPointer), syntactic.Err)
	}
	return err
}

// where quotes a pointer: names in it may hold anything.
func where(pointer jsontext.Pointer) string {
	if pointer == "" {
		return "at the top"
	}
	return fmt.Sprintf("at %q", pointer)
}

// UnmarshalText reads AWS's words, as String gives them.
func (l *AccessLevel) UnmarshalText(text []byte) error {
	i, err := oneOf(accessLevels[1:], text)
	*l = AccessLevel(i + 1)
	return err
}

// UnmarshalText reads AWS's word, as String gives it.
func (t *KeyType) UnmarshalText(text []byte) error {
	i, err := oneOf(keyTypes[1:], text)
	*t = KeyType(i + 1)
	return err
}

// oneOf finds a word.
func oneOf(words []string, text []byte) (int, error) {
	i := slices.Index(words, string(text))
	if i < 0 {
		return i, fmt.Errorf("%q is none of %s", text, strings.Join(words, ", "))
	}
	return i, nil
}
