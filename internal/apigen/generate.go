package apigen

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// generator renders the parts of one package.
type generator struct {
	model   *Model
	structs map[string]bool // Go names of the structs that are rendered
	reached map[string]bool // shapes that an operation's input or output reaches
	linked  map[string]bool // shapes whose members are set in init, to break recursion
}

// exported makes a model name a Go name.
func exported(name string) string {
	var b strings.Builder
	up := true
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			up = true
			continue
		}
		if up {
			r = unicode.ToUpper(r)
			up = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (g *generator) opNames() []string { return slices.Sorted(maps.Keys(g.model.Operations)) }

func (g *generator) shapeNames() []string { return slices.Sorted(maps.Keys(g.model.Shapes)) }

// prepare claims the Go names and finds the reached and the recursive shapes.
func (g *generator) prepare() error {
	for _, name := range g.shapeNames() {
		s := g.model.Shapes[name]
		if s.Type != "structure" || s.Exception {
			continue
		}
		if g.structs[exported(name)] {
			return fmt.Errorf("two shapes become %s", exported(name))
		}
		g.structs[exported(name)] = true
	}
	const open, done = 1, 2
	state := map[string]int{}
	var visit func(name string)
	visit = func(name string) {
		state[name] = open
		for _, r := range g.model.Shapes[name].refs() {
			switch state[r] {
			case open:
				g.linked[name] = true
			case 0:
				visit(r)
			}
		}
		state[name] = done
	}
	for _, name := range g.opNames() {
		op := g.model.Operations[name]
		for _, r := range []*Ref{op.Input, op.Output} {
			if r != nil && state[r.Shape] == 0 {
				visit(r.Shape)
			}
		}
	}
	for name := range state {
		g.reached[name] = true
	}
	return nil
}

// refs names the shapes that s is made of.
func (s *Shape) refs() []string {
	var names []string
	for _, m := range s.Members {
		names = append(names, m.Shape)
	}
	for _, r := range []*Ref{s.Member, s.Key, s.Value} {
		if r != nil {
			names = append(names, r.Shape)
		}
	}
	return names
}

// goType is the type of a struct field (ptr) or of an element.
func (g *generator) goType(shape string, ptr bool) (string, error) {
	s := g.model.Shapes[shape]
	star := ""
	if ptr {
		star = "*"
	}
	switch s.Type {
	case "string":
		return star + "string", nil
	case "integer", "long":
		return star + "int64", nil
	case "float", "double":
		return star + "float64", nil
	case "boolean":
		return star + "bool", nil
	case "timestamp":
		return star + "time.Time", nil
	case "blob":
		return "[]byte", nil
	case "structure":
		return star + exported(shape), nil
	case "list":
		elem, err := g.goType(s.Member.Shape, false)
		return "[]" + elem, err
	case "map":
		value, err := g.goType(s.Value.Shape, false)
		return "map[string]" + value, err
	}
	return "", fmt.Errorf("shape %s has unknown type %q", shape, s.Type)
}

// types renders the structs, and the request and response of operations
// that the model gives none, or one of another name.
func (g *generator) types() ([]string, error) {
	var chunks []string
	for _, op := range g.opNames() {
		o := g.model.Operations[op]
		for _, side := range []struct {
			name, what string
			ref        *Ref
		}{{op + "Request", "input", o.Input}, {op + "Response", "output", o.Output}} {
			switch {
			case side.ref != nil && exported(side.ref.Shape) == side.name:
			case g.structs[side.name]:
				return nil, fmt.Errorf("%s is taken by another shape", side.name)
			case side.ref == nil:
				chunks = append(chunks, fmt.Sprintf("// %s is the empty %s of %s.\ntype %s struct{}\n", side.name, side.what, op, side.name))
			default:
				chunks = append(chunks, fmt.Sprintf("// %s is the %s of %s.\ntype %s = %s\n", side.name, side.what, op, side.name, exported(side.ref.Shape)))
			}
		}
	}
	for _, name := range g.shapeNames() {
		if !g.structs[exported(name)] || g.model.Shapes[name].Type != "structure" || g.model.Shapes[name].Exception {
			continue
		}
		chunk, err := g.structType(name)
		if err != nil {
			return nil, err
		}
		chunks = append(chunks, chunk)
	}
	return chunks, nil
}

func (g *generator) structType(name string) (string, error) {
	s := g.model.Shapes[name]
	var b strings.Builder
	fmt.Fprintf(&b, "// %s is the model's structure %s.\n", exported(name), name)
	if s.Doc != "" {
		b.WriteString("//\n")
		b.WriteString(comment(s.Doc))
	}
	fmt.Fprintf(&b, "type %s struct {\n", exported(name))
	for _, m := range s.Members {
		t, err := g.goType(m.Shape, true)
		if err != nil {
			return "", err
		}
		note := "// " + m.Shape
		if slices.Contains(s.Required, m.Name) {
			note += ", required"
		}
		if g.model.Shapes[m.Shape].Sensitive {
			note += ", sensitive"
		}
		b.WriteString(comment(m.Doc))
		fmt.Fprintf(&b, "%s %s %s\n", exported(m.Name), t, note)
	}
	b.WriteString("}\n")
	return b.String(), nil
}

// comment renders a model's documentation as Go comment lines.
func comment(doc string) string {
	if doc == "" {
		return ""
	}
	doc = strings.NewReplacer("<p>", "", "</p>", "", "<code>", "", "</code>", "").Replace(doc)
	var b strings.Builder
	line := "//"
	for _, word := range strings.Fields(doc) {
		if len(line)+1+len(word) > 80 {
			b.WriteString(line + "\n")
			line = "//"
		}
		line += " " + word
	}
	return b.String() + line + "\n"
}
