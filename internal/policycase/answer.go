package policycase

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sallyport/authz"
	"sallyport/catalog"
)

// An Answer is the answer to one case. Either Decision or Error is set.
type Answer struct {
	ID        jsontext.Value `json:"id,omitzero"`       // as given: a string or a number
	Decision  string         `json:"decision,omitzero"` // "allow", "implicitDeny", "explicitDeny"
	DecidedBy *DecidedBy     `json:"decidedBy,omitzero"`
	Error     string         `json:"error,omitzero"`
}

// DecidedBy says what decided. Positions count from 0 within the member of the
// case: Level within scps and rcps, Policy within a list of policies or grants.
// Policy and Statement are nil when no statement decided.
type DecidedBy struct {
	Layer     string `json:"layer"`
	Level     *int   `json:"level,omitzero"`
	Policy    *int   `json:"policy,omitzero"`
	Statement *int   `json:"statement,omitzero"`
}

// Decide answers a case given as text, by a catalogue of services. What can't be understood is an error, and
// never allowed.
func Decide(services *catalog.Catalog, text []byte) Answer {
	answer := Answer{ID: identifier(text)}
	c, err := Parse(services, text)
	if err != nil {
		answer.Error = err.Error()
		return answer
	}
	d := authz.Decide(&c.Request, &c.Policies)
	answer.Decision, answer.DecidedBy = decisions[d.Effect], c.decidedBy(d)
	return answer
}

var decisions = map[authz.Effect]string{
	authz.Allow: "allow", authz.ImplicitDeny: "implicitDeny", authz.ExplicitDeny: "explicitDeny",
}

// identifier finds the id of a case that may be broken behind it.
func identifier(text []byte) jsontext.Value {
	d := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true))
	if open, err := d.ReadToken(); err != nil || open.Kind() != jsontext.KindBeginObject {
		return nil
	}
	for d.PeekKind() == jsontext.KindString {
		name, err := d.ReadToken()
		if err != nil {
			return nil
		}
		isID := name.String() == "id"
		value, err := d.ReadValue()
		if err != nil {
			return nil
		}
		if kind := value.Kind(); isID && (kind == jsontext.KindString || kind == jsontext.KindNumber) {
			return value.Clone()
		}
	}
	return nil
}

func (c *Case) decidedBy(d authz.Decision) *DecidedBy {
	if d.Layer == authz.LayerNone {
		return nil
	}
	by := &DecidedBy{Layer: d.Layer.String()}
	if d.Layer == authz.LayerSCP || d.Layer == authz.LayerRCP {
		by.Level = new(d.Level)
	}
	if d.Policy == nil {
		return by
	}
	for _, level := range c.layers[d.Layer] {
		if i := slices.Index(level, d.Policy); i >= 0 {
			by.Policy, by.Statement = new(i), new(d.Statement)
		}
	}
	return by
}

// Run answers cases, one a line, until the input ends. A line that is too long is
// answered with an error and passed over; empty lines are skipped.
func Run(services *catalog.Catalog, in io.Reader, out io.Writer) error {
	lines := bufio.NewReaderSize(in, 1<<16)
	w := bufio.NewWriter(out)
	for number := 1; ; number++ {
		line, err := readLine(lines)
		if err != nil && err != io.EOF && !errors.Is(err, errTooLong) {
			return errors.Join(err, w.Flush())
		}
		if len(bytes.TrimSpace(line)) > 0 || errors.Is(err, errTooLong) {
			answer := Answer{}
			if errors.Is(err, errTooLong) {
				answer.Error = err.Error()
			} else {
				answer = Decide(services, line)
			}
			if answer.Error != "" {
				answer.Error = fmt.Sprintf("line %d: %s", number, answer.Error)
			}
			if err := json.MarshalWrite(w, answer); err != nil {
				return err
			}
			if err := w.WriteByte('\n'); err != nil {
				return err
			}
		}
		// Somebody may be asking line by line.
		if lines.Buffered() == 0 || err == io.EOF {
			if flush := w.Flush(); flush != nil {
				return flush
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}

var errTooLong = fmt.Errorf("longer than %d bytes", MaxBytes)

// readLine reads to the end of a line, in memory no more than MaxBytes of it.
func readLine(r *bufio.Reader) (line []byte, err error) {
	tooLong := false
	for {
		part, err := r.ReadSlice('\n')
		if !tooLong {
			line = append(line, part...)
			if len(line) > MaxBytes+1 {
				tooLong, line = true, nil
			}
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if tooLong && err == nil {
			err = errTooLong
		}
		return line, err
	}
}
