package api

import "sync"

// Kind is the type of a shape.
type Kind uint8

// The kinds, with the Go type that a member of the kind has.
const (
	String    Kind = iota + 1 // *string
	Integer                   // *int64, within 32 bits on the wire
	Long                      // *int64
	Float                     // *float64
	Double                    // *float64
	Boolean                   // *bool
	Timestamp                 // *time.Time
	Blob                      // []byte
	List                      // slice of the element's type, scalars without pointer
	Map                       // map from string, scalars without pointer
	Structure                 // pointer to a generated struct
)

// Shape describes a type of the model with its constraints. Shapes are
// generated, shared by pointer and must not be copied.
type Shape struct {
	Name string
	Kind Kind

	Members []Member // of a Structure, in the model's order
	Union   bool     // a Structure of which exactly one member is set

	Elem      *Shape // of a List
	ElemName  string // element name of a List on the wire; "member" when empty
	Key       *Shape // of a Map; always a string
	Value     *Shape // of a Map
	KeyName   string // "key" when empty
	ValueName string // "value" when empty
	Flattened bool   // List or Map without a level of its own on the wire

	// Min and Max bound the length of a String (in Unicode code points, as
	// Smithy's length trait defines), List or Map (in entries) or Blob (in
	// bytes), or the value of a number. Each applies when its flag is set.
	Min, Max       int64
	HasMin, HasMax bool

	Pattern   string   // Java regular expression, as published; empty for none
	Enum      []string // allowed values of a String; nil for any
	Sensitive bool     // never echoed or logged

	// TimeFormat of a Timestamp is "iso8601", "rfc822" or "unixTimestamp"; empty for
	// the protocol's own. Only the REST protocols look at it.
	TimeFormat string

	compile sync.Once
	matcher matcher
}

// Member is one member of a Structure.
type Member struct {
	Name     string // name in the model
	WireName string // name on the wire; differs from Name only where the model says so
	Field    int    // index of the field in the Go struct
	Location string // "uri", "querystring", "header", "headers", "statusCode", "payload" (all of the body); empty for the body
	Shape    *Shape
	Required bool
}

// Member finds a member of a Structure by its name in the model.
func (s *Shape) Member(name string) (*Member, bool) {
	for i := range s.Members {
		if s.Members[i].Name == name {
			return &s.Members[i], true
		}
	}
	return nil, false
}

// IsScalar reports whether the kind holds a single value: neither a list, a
// map nor a structure.
func (k Kind) IsScalar() bool { return k >= String && k <= Blob }

// String names the kind as the models do.
func (k Kind) String() string {
	names := [...]string{"invalid", "string", "integer", "long", "float", "double",
		"boolean", "timestamp", "blob", "list", "map", "structure"}
	if int(k) < len(names) {
		return names[k]
	}
	return names[0]
}
