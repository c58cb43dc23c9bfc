package apigen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Model is an API model in botocore's service-2 format.
type Model struct {
	Metadata   Metadata             `json:"metadata"`
	Operations map[string]Operation `json:"operations"`
	Shapes     map[string]*Shape    `json:"shapes"`
	Doc        string               `json:"documentation"`
}

// Metadata is the model's description of the service.
type Metadata struct {
	APIVersion      string `json:"apiVersion"`
	EndpointPrefix  string `json:"endpointPrefix"`
	JSONVersion     string `json:"jsonVersion"`
	Protocol        string `json:"protocol"`
	ServiceFullName string `json:"serviceFullName"`
	ServiceID       string `json:"serviceId"`
	SigningName     string `json:"signingName"` // the endpoint prefix when empty
	TargetPrefix    string `json:"targetPrefix"`
	XMLNamespace    string `json:"xmlNamespace"`
}

// Operation is one operation of the model.
type Operation struct {
	Name string `json:"name"`
	HTTP struct {
		Method     string `json:"method"`
		RequestURI string `json:"requestUri"`
		Status     int    `json:"responseCode"` // 200 when 0
	} `json:"http"`
	Input  *Ref   `json:"input"`
	Output *Ref   `json:"output"`
	Errors []Ref  `json:"errors"`
	Doc    string `json:"documentation"`
	// AuthType is "none" for an operation that is not signed.
	AuthType string `json:"authtype"`

	// TimestampPrecision is an overlay's hint; only "milliseconds" is known.
	TimestampPrecision string `json:"timestampPrecision"`
}

// Ref is a use of a shape.
type Ref struct {
	Shape         string `json:"shape"`
	ResultWrapper string `json:"resultWrapper"`
	LocationName  string `json:"locationName"`
	Location      string `json:"location"`
	Doc           string `json:"documentation"`
}

// Shape is a type of the model.
type Shape struct {
	Type      string       `json:"type"`
	Members   Members      `json:"members"`
	Required  []string     `json:"required"`
	Member    *Ref         `json:"member"`
	Key       *Ref         `json:"key"`
	Value     *Ref         `json:"value"`
	Min       *json.Number `json:"min"`
	Max       *json.Number `json:"max"`
	Pattern   string       `json:"pattern"`
	Enum      []string     `json:"enum"`
	Sensitive bool         `json:"sensitive"`
	Flattened bool         `json:"flattened"`
	Union     bool         `json:"union"`
	Exception bool         `json:"exception"`
	// Payload is the member that is the whole body, in the REST protocols.
	Payload string `json:"payload"`
	// TimestampFormat is "iso8601", "rfc822" or "unixTimestamp"; empty for the
	// protocol's own.
	TimestampFormat string `json:"timestampFormat"`
	Error           *struct {
		Code   string `json:"code"`
		Status int    `json:"httpStatusCode"`
		Sender bool   `json:"senderFault"`
	} `json:"error"`
	Doc string `json:"documentation"`
}

// Members are the members of a structure in the model's order, which is the
// order of elements on the wire.
type Members []NamedRef

// NamedRef is a member with its name.
type NamedRef struct {
	Name string
	Ref
}

// UnmarshalJSON reads an object, keeping its order.
func (m *Members) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("members: want an object, have %v (%v)", t, err)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		var r Ref
		if err := dec.Decode(&r); err != nil {
			return fmt.Errorf("member %v: %w", name, err)
		}
		*m = append(*m, NamedRef{name.(string), r})
	}
	return nil
}

// Load reads dir/<name>.json and, when it exists, dir/overlays/<name>.json.
func Load(dir, name string) (*Model, error) {
	m, err := readModel(filepath.Join(dir, name+".json"))
	if err != nil {
		return nil, err
	}
	overlay, err := readModel(filepath.Join(dir, "overlays", name+".json"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		if err := m.merge(overlay); err != nil {
			return nil, fmt.Errorf("overlay of %s: %w", name, err)
		}
	}
	return m, m.check()
}

func readModel(path string) (*Model, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var m Model
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &m, nil
}

// merge adds what the overlay holds. To change or repeat what the base says
// is an error: then the base has caught up, and the overlay must shrink.
func (m *Model) merge(overlay *Model) error {
	for name, op := range overlay.Operations {
		base, exists := m.Operations[name]
		if op.Name != "" {
			if exists {
				return fmt.Errorf("operation %s is already in the model", name)
			}
			base = op
		} else if !exists {
			return fmt.Errorf("hint for unknown operation %s", name)
		}
		base.TimestampPrecision = op.TimestampPrecision
		m.Operations[name] = base
	}
	for name, s := range overlay.Shapes {
		base, exists := m.Shapes[name]
		if !exists {
			m.Shapes[name] = s
			continue
		}
		if base.Type != "structure" || s.Type != "structure" || len(s.Required) > 0 {
			return fmt.Errorf("shape %s can only gain optional members", name)
		}
		for _, add := range s.Members {
			for _, have := range base.Members {
				if have.Name == add.Name {
					return fmt.Errorf("member %s.%s is already in the model", name, add.Name)
				}
			}
			base.Members = append(base.Members, add)
		}
	}
	return nil
}

// check reports the first reference to a shape that does not exist, and
// hints that are not known.
func (m *Model) check() error {
	var refs []Ref
	for name, op := range m.Operations {
		if op.TimestampPrecision != "" && op.TimestampPrecision != "milliseconds" {
			return fmt.Errorf("operation %s: unknown timestampPrecision %q", name, op.TimestampPrecision)
		}
		refs = append(refs, op.Errors...)
		for _, r := range []*Ref{op.Input, op.Output} {
			if r != nil {
				refs = append(refs, *r)
			}
		}
	}
	for _, s := range m.Shapes {
		for _, mem := range s.Members {
			refs = append(refs, mem.Ref)
		}
		for _, r := range []*Ref{s.Member, s.Key, s.Value} {
			if r != nil {
				refs = append(refs, *r)
			}
		}
	}
	for _, r := range refs {
		if m.Shapes[r.Shape] == nil {
			return fmt.Errorf("no shape named %q", r.Shape)
		}
	}
	return nil
}
