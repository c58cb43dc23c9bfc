package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sallyport/internal/policycase"
)

type explainCmd struct {
	servicesFlag
	File   string `arg:"" optional:"" default:"-" help:"File with the case; \"-\" is standard input." placeholder:"FILE"`
	Format string `enum:"text,json" default:"text" help:"Output: text or json." placeholder:"text|json"`
}

// Run explains the case.
func (c *explainCmd) Run() error {
	services, err := c.catalog()
	if err != nil {
		return err
	}
	text, err := readInput(c.File, policycase.MaxBytes)
	if err != nil {
		return err
	}
	name := c.File
	if name == "-" {
		name = "case"
	}
	x, err := policycase.Explain(services, text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	var page bytes.Buffer
	if c.Format == "json" {
		if err := json.MarshalWrite(&page, x, jsontext.WithIndent("  ")); err != nil {
			return err
		}
		page.WriteByte('\n')
	} else {
		(&explained{Explained: x, name: name, text: text, out: &page}).print()
	}
	_, err = os.Stdout.Write(page.Bytes())
	return err
}

// explained prints an explanation for people.
type explained struct {
	*policycase.Explained
	name string // of the file
	text []byte // the case
	out  *bytes.Buffer
}

func (x *explained) printf(format string, args ...any) { fmt.Fprintf(x.out, format, args...) }

func (x *explained) print() {
	x.printf("%s\n", x.Decision)
	if x.Message != "" {
		x.printf("%s\n", printable(x.Message))
	}
	x.printf("\nLayers, in the order they are asked:\n")
	if x.Exempt {
		x.printf("  scp, rcp      not asked: they don't restrict service-linked roles\n")
	}
	for i := range x.Layers {
		x.layer(&x.Layers[i])
	}
	if by := x.DecidedBy; by != nil && by.Statement != nil {
		s := x.statement(by)
		verb := "allows"
		if s.Effect == "Deny" {
			verb = "denies"
		}
		x.printf("\n%s %s%s:\n", x.where(by), verb, namedAs(s))
		x.excerpt(s.Place)
	} else if by != nil && by.Layer == "root" {
		x.printf("\nThe root user needs no policy in its own account.\n")
	}
	x.nearMisses()
	x.missing()
}

func (x *explained) layer(l *policycase.Layer) {
	title := l.Layer
	if l.Level != nil {
		title += fmt.Sprintf(", level %d", *l.Level)
	}
	says := map[string]string{"allow": "allows", "deny": "denies", "none": "does not allow"}[l.Effect]
	if len(l.Policies) == 0 {
		says += ": no policy"
	}
	x.printf("  %-13s %s\n", title, says)
}

// statement finds a statement by its place in the case.
func (x *explained) statement(by *policycase.DecidedBy) *policycase.Statement {
	for i := range x.Layers {
		l := &x.Layers[i]
		if l.Layer == by.Layer && (l.Level == nil || *l.Level == *by.Level) {
			return &l.Policies[*by.Policy].Statements[*by.Statement]
		}
	}
	return &policycase.Statement{}
}

// where names a statement: case.json:6:9: identity policy 0, statement 0 ("Read").
func (x *explained) where(by *policycase.DecidedBy) string {
	s := x.statement(by)
	text := fmt.Sprintf("%s:%d:%d: %s", x.name, s.Line, s.Column, by.Layer)
	if by.Level != nil {
		text += fmt.Sprintf(" level %d,", *by.Level)
	}
	text += fmt.Sprintf(" policy %d, statement %d", *by.Policy, *by.Statement)
	if s.Sid != "" {
		text += fmt.Sprintf(" (%q)", s.Sid)
	}
	return text
}

// namedAs says how a resource's policy named the principal.
func namedAs(s *policycase.Statement) string {
	switch s.Named {
	case "":
		return ""
	case "account":
		return ", naming the principal's account"
	case "role":
		return ", naming the role or user behind the session"
	case "wildcard":
		return ", naming everyone"
	}
	return ", naming the principal"
}

// Bounds of an excerpt.
const (
	excerptLines   = 12
	excerptColumns = 140
)

// excerpt prints the source of a statement with line numbers.
func (x *explained) excerpt(at policycase.Place) {
	value, err := jsontext.NewDecoder(bytes.NewReader(x.text[at.Offset:])).ReadValue()
	if err != nil {
		return
	}
	// The first line is shown with its indentation.
	indent := ""
	if start := bytes.LastIndexByte(x.text[:at.Offset], '\n') + 1; len(bytes.TrimSpace(x.text[start:at.Offset])) == 0 {
		indent = string(x.text[start:at.Offset])
	}
	for i, line := range strings.Split(indent+string(value), "\n") {
		if i == excerptLines {
			x.printf("       | …\n")
			return
		}
		x.printf("  %4d | %s\n", at.Line+i, printable(cut(strings.ReplaceAll(strings.TrimSuffix(line, "\r"), "\t", "    "), excerptColumns)))
	}
}

// cut shortens a line to a number of characters.
func cut(line string, columns int) string {
	if runes := []rune(line); len(runes) > columns {
		return string(runes[:columns]) + "…"
	}
	return line
}

// maxNearMisses is how many are printed.
const maxNearMisses = 5

// nearMisses prints Allow statements about the action, of layers that don't
// allow, which failed by something else: fewest failures first.
func (x *explained) nearMisses() {
	var all []*policycase.DecidedBy
	for i := range x.Layers {
		l := &x.Layers[i]
		if l.Effect != "none" || x.Decision == "allow" {
			continue
		}
		for p := range l.Policies {
			for s := range l.Policies[p].Statements {
				if st := &l.Policies[p].Statements[s]; st.Effect == "Allow" && !strings.HasSuffix(st.Failures[0].Element, "Action") {
					all = append(all, &policycase.DecidedBy{Layer: l.Layer, Level: l.Level, Policy: new(p), Statement: new(s)})
				}
			}
		}
	}
	if len(all) == 0 {
		return
	}
	slices.SortStableFunc(all, func(a, b *policycase.DecidedBy) int {
		return cmp.Compare(len(x.statement(a).Failures), len(x.statement(b).Failures))
	})
	x.printf("\nNear misses:\n")
	for i, by := range all {
		if i == maxNearMisses {
			x.printf("  and %d more\n", len(all)-i)
			return
		}
		x.printf("  %s would allow, but\n", x.where(by))
		for _, f := range x.statement(by).Failures {
			x.printf("    %s\n", printable(failure(&f)))
		}
	}
}

// failure says why an element or a condition failed.
func failure(f *policycase.Failure) string {
	policy, request := values(f.Policy), values(f.Request)
	var text string
	switch {
	case f.Element == "Condition" && f.Absent:
		text = fmt.Sprintf("%s %s asks for %s; the request has no such key", f.Operator, f.Key, policy)
	case f.Element == "Condition":
		text = fmt.Sprintf("%s %s asks for %s; the request has %s", f.Operator, f.Key, policy, request)
	case strings.HasPrefix(f.Element, "Not"):
		text = fmt.Sprintf("%s leaves out %s, and so %s", f.Element, policy, request)
	case f.Element == "Principal" && len(f.Policy) == 0:
		text = "it names no principal"
	default:
		text = fmt.Sprintf("%s is %s; the request's is %s", f.Element, policy, request)
	}
	if f.Unresolved {
		text += " (a variable has no value)"
	}
	if f.Omitted > 0 {
		text += fmt.Sprintf(" (%d values are left out)", f.Omitted)
	}
	return text
}

func values(all []string) string { return cut(strings.Join(all, ", "), 2*excerptColumns) }

func (x *explained) missing() {
	if len(x.Missing) == 0 {
		return
	}
	x.printf("\nTo have it allowed, the smallest change is")
	if len(x.Missing) > 1 {
		x.printf(" all of")
	}
	x.printf(":\n")
	for i := range x.Missing {
		m := &x.Missing[i]
		if m.Remove != nil {
			x.printf("  - remove or narrow %s\n", x.where(m.Remove))
			continue
		}
		layer := m.Layer
		if m.Level != nil {
			layer += fmt.Sprintf(" level %d", *m.Level)
		}
		statement, err := m.Add.MarshalJSON()
		if err != nil {
			statement = []byte(err.Error())
		}
		x.printf("  - %s: add %s\n", layer, printable(string(statement)))
		if m.Near != nil {
			x.printf("    or meet the conditions of %s\n", x.where(m.Near))
		}
	}
}
