package apigen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// shapes renders the descriptors of every shape that an operation can reach.
// Descriptors are static data; those that take part in recursion get their
// parts in init, because Go refuses an initialization cycle.
func (g *generator) shapes() ([]string, error) {
	var chunks []string
	var links strings.Builder
	taken := map[string]string{}
	for _, name := range g.shapeNames() {
		s := g.model.Shapes[name]
		if !g.reached[name] {
			continue
		}
		if owner, dup := taken[shapeVar(name)]; dup {
			return nil, fmt.Errorf("shapes %s and %s become one name", owner, name)
		}
		taken[shapeVar(name)] = name
		own, parts, err := g.descriptor(name, s)
		if err != nil {
			return nil, err
		}
		if !g.linked[name] {
			own = append(own, parts...)
		} else {
			for _, p := range parts {
				field, value, _ := strings.Cut(p, ": ")
				fmt.Fprintf(&links, "%s.%s = %s\n", shapeVar(name), field, value)
			}
		}
		chunks = append(chunks, fmt.Sprintf("var %s = api.Shape{%s}\n", shapeVar(name), strings.Join(own, ", ")))
	}
	if links.Len() > 0 {
		chunks = append(chunks, "func init() {\n"+links.String()+"}\n")
	}
	return chunks, nil
}

func shapeVar(name string) string { return "shape" + exported(name) }

// descriptor renders a shape's fields: its own and those that refer to other
// shapes.
func (g *generator) descriptor(name string, s *Shape) (own, parts []string, err error) {
	kind, ok := map[string]string{"string": "String", "integer": "Integer", "long": "Long", "float": "Float",
		"double": "Double", "boolean": "Boolean", "timestamp": "Timestamp", "blob": "Blob", "list": "List",
		"map": "Map", "structure": "Structure"}[s.Type]
	if !ok {
		return nil, nil, fmt.Errorf("shape %s has unknown type %q", name, s.Type)
	}
	own = []string{fmt.Sprintf("Name: %q", name), "Kind: api." + kind}
	for _, bound := range []struct {
		field string
		value interface{ Int64() (int64, error) }
		set   bool
	}{{"Min", s.Min, s.Min != nil}, {"Max", s.Max, s.Max != nil}} {
		if !bound.set {
			continue
		}
		n, err := bound.value.Int64()
		if err != nil {
			return nil, nil, fmt.Errorf("shape %s: %s: %w", name, bound.field, err)
		}
		own = append(own, fmt.Sprintf("%s: %d, Has%s: true", bound.field, n, bound.field))
	}
	if s.Pattern != "" {
		own = append(own, "Pattern: "+quote(s.Pattern))
	}
	if len(s.Enum) > 0 {
		own = append(own, fmt.Sprintf("Enum: %#v", s.Enum))
	}
	own = appendName(own, "TimeFormat", s.TimestampFormat)
	for _, flag := range []struct {
		name string
		set  bool
	}{{"Sensitive", s.Sensitive}, {"Flattened", s.Flattened}, {"Union", s.Union}} {
		if flag.set {
			own = append(own, flag.name+": true")
		}
	}
	switch s.Type {
	case "structure":
		if len(s.Members) > 0 {
			parts = append(parts, "Members: "+g.members(s))
		}
	case "list":
		parts = append(parts, "Elem: &"+shapeVar(s.Member.Shape))
		own = appendName(own, "ElemName", s.Member.LocationName)
	case "map":
		parts = append(parts, "Key: &"+shapeVar(s.Key.Shape), "Value: &"+shapeVar(s.Value.Shape))
		own = appendName(own, "KeyName", s.Key.LocationName)
		own = appendName(own, "ValueName", s.Value.LocationName)
	}
	return own, parts, nil
}

func appendName(fields []string, field, value string) []string {
	if value == "" {
		return fields
	}
	return append(fields, fmt.Sprintf("%s: %q", field, value))
}

func (g *generator) members(s *Shape) string {
	var b strings.Builder
	b.WriteString("[]api.Member{\n")
	for i, m := range s.Members {
		wire := m.LocationName
		if wire == "" {
			wire = m.Name
		}
		fmt.Fprintf(&b, "{Name: %q, WireName: %q, Field: %d, Shape: &%s", m.Name, wire, i, shapeVar(m.Shape))
		location := m.Location
		if s.Payload == m.Name {
			location = "payload"
		}
		if location != "" {
			fmt.Fprintf(&b, ", Location: %q", location)
		}
		if slices.Contains(s.Required, m.Name) {
			b.WriteString(", Required: true")
		}
		b.WriteString("},\n")
	}
	b.WriteString("}")
	return b.String()
}

// quote prefers a raw literal, in which a pattern reads as published.
func quote(s string) string {
	if strconv.CanBackquote(s) {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}

// operations renders the service and its operation table.
func (g *generator) operations() ([]string, error) {
	md := g.model.Metadata
	signing := md.SigningName
	if signing == "" {
		signing = md.EndpointPrefix
	}
	var b strings.Builder
	fmt.Fprintf(&b, "// Service is %s, version %s.\n", md.ServiceFullName, md.APIVersion)
	b.WriteString("var Service = api.NewService(&api.Service{\n")
	for _, f := range [][2]string{{"ID", md.ServiceID}, {"FullName", md.ServiceFullName}, {"SigningName", signing},
		{"EndpointPrefix", md.EndpointPrefix}, {"APIVersion", md.APIVersion}, {"Protocol", md.Protocol},
		{"JSONVersion", md.JSONVersion}, {"TargetPrefix", md.TargetPrefix}, {"XMLNamespace", md.XMLNamespace}} {
		if f[1] != "" {
			fmt.Fprintf(&b, "%s: %q,\n", f[0], f[1])
		}
	}
	b.WriteString("Operations: []*api.Operation{\n")
	for _, op := range g.opNames() {
		fmt.Fprintf(&b, "%s,\n", opVar(op))
	}
	b.WriteString("},\n})\n")
	chunks := []string{b.String()}
	for _, name := range g.opNames() {
		chunks = append(chunks, g.operation(name))
	}
	return chunks, nil
}

func opVar(name string) string { return "Op" + name }

func (g *generator) operation(name string) string {
	op := g.model.Operations[name]
	var b strings.Builder
	fmt.Fprintf(&b, "// %s describes %s.\n", opVar(name), name)
	if op.Doc != "" {
		b.WriteString("//\n")
		b.WriteString(comment(op.Doc))
	}
	fmt.Fprintf(&b, "var %s = &api.Operation{\nName: %q, HTTPMethod: %q, HTTPPath: %q,\n", opVar(name), name, op.HTTP.Method, op.HTTP.RequestURI)
	if op.HTTP.Status != 0 && op.HTTP.Status != 200 {
		fmt.Fprintf(&b, "HTTPStatus: %d,\n", op.HTTP.Status)
	}
	if op.Input != nil {
		fmt.Fprintf(&b, "Input: &%s,\n", shapeVar(op.Input.Shape))
	}
	if op.Output != nil {
		fmt.Fprintf(&b, "Output: &%s,\n", shapeVar(op.Output.Shape))
		if op.Output.ResultWrapper != "" {
			fmt.Fprintf(&b, "ResultWrapper: %q,\n", op.Output.ResultWrapper)
		}
	}
	if len(op.Errors) > 0 {
		b.WriteString("Errors: []*api.ErrorShape{")
		for _, e := range op.Errors {
			fmt.Fprintf(&b, "%s, ", errVar(e.Shape))
		}
		b.WriteString("},\n")
	}
	if op.AuthType == "none" {
		b.WriteString("Unsigned: true,\n")
	}
	if op.TimestampPrecision == "milliseconds" {
		b.WriteString("Milliseconds: true,\n")
	}
	fmt.Fprintf(&b, "NewInput: func() any { return new(%sRequest) },\n", name)
	fmt.Fprintf(&b, "NewOutput: func() any { return new(%sResponse) },\n}\n", name)
	return b.String()
}

func errVar(name string) string { return "Err" + exported(name) }

// errors renders a descriptor and a constructor per error.
func (g *generator) errors() ([]string, error) {
	var chunks []string
	for _, name := range g.shapeNames() {
		s := g.model.Shapes[name]
		if !s.Exception {
			continue
		}
		// The AWS JSON protocols give every client error 400 unless the
		// model says otherwise; the same holds for errors without traits.
		code, status, sender := name, 400, true
		if s.Error != nil {
			if s.Error.Code != "" {
				code = s.Error.Code
			}
			if s.Error.Status != 0 {
				status = s.Error.Status
			}
			sender = status < 500
		}
		var b strings.Builder
		fmt.Fprintf(&b, "// %s is the error %s, status %d.\n", errVar(name), code, status)
		fmt.Fprintf(&b, "var %s = &api.ErrorShape{Name: %q, Code: %q, Status: %d, Sender: %t}\n\n", errVar(name), name, code, status, sender)
		fmt.Fprintf(&b, "// %s makes the error %s with a message.\n", exported(name), code)
		if s.Doc != "" {
			b.WriteString("//\n")
			b.WriteString(comment(s.Doc))
		}
		fmt.Fprintf(&b, "func %s(format string, args ...any) *api.Error {\nreturn %s.New(format, args...)\n}\n", exported(name), errVar(name))
		chunks = append(chunks, b.String())
	}
	return chunks, nil
}

// enums renders the values of enumerations as string constants.
func (g *generator) enums() ([]string, error) {
	var chunks []string
	taken := map[string]string{}
	for _, name := range g.shapeNames() {
		s := g.model.Shapes[name]
		if len(s.Enum) == 0 {
			continue
		}
		var b strings.Builder
		fmt.Fprintf(&b, "// Values of %s.\nconst (\n", name)
		for _, v := range s.Enum {
			c := exported(name) + exported(v)
			if owner, dup := taken[c]; dup || g.structs[c] {
				return nil, fmt.Errorf("constant %s of %s is taken by %s", c, name, owner)
			}
			taken[c] = name
			fmt.Fprintf(&b, "%s = %q\n", c, v)
		}
		b.WriteString(")\n")
		chunks = append(chunks, b.String())
	}
	return chunks, nil
}
