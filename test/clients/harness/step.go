package harness

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/google/go-cmp/cmp"
)

// Case is a named list of steps for a server of its own.
type Case struct {
	Name  string
	Steps []Step
}

// Step is one API call and what its answer must be. Strings in Params,
// Credentials and Want may hold {{name}} for a value that an earlier step
// saved; braces are doubled because policy variables use ${…}.
type Step struct {
	// Note says in a few words what the step shows; it is printed on failure.
	Note string

	// As names the credentials that sign the call: "admin", "root" or a name
	// given by SaveCredentials. Credentials, when set, is used in its place.
	As          string
	Credentials *Credentials

	Service, Operation string
	Params             map[string]any
	PageSize           int // as in Call

	Want Want

	// Save maps the name of a variable to a path in the output, and
	// SaveCredentials a name of credentials to the path of an object with
	// AccessKeyId and SecretAccessKey. Credentials called x are also the
	// variables x.AccessKeyId, x.SecretAccessKey and x.SessionToken.
	Save, SaveCredentials map[string]string

	// Restart, when not zero, ends the server with this signal and starts it
	// again on the same data; such a step calls nothing.
	Restart syscall.Signal
}

// Want is what an answer must be: a success unless Code is set.
type Want struct {
	// Code is the error's code. Status is its HTTP status, checked with every
	// client that shows it; zero accepts any.
	Code   string
	Status int
	// Message is the whole text of the error, and MessageMatch a regular
	// expression for it; empty ones accept any text. Variables in MessageMatch
	// stand for their literal text.
	Message, MessageMatch string

	// Fields maps paths in the output to values: JSON values, Match or Count.
	Fields map[string]any
	// Absent lists paths that must not exist in the output.
	Absent []string
}

// Match is a value that is a string matched by this regular expression.
type Match string

// Count is a value that is a list of this length.
type Count int

// variables are the values that steps have saved.
type variables map[string]string

var placeholder = regexp.MustCompile(`\{\{([\w.-]+)\}\}`)

// expand replaces every {{name}}, by quote(value) when quote is not nil.
func (v variables) expand(text string, quote func(string) string) (string, error) {
	var err error
	text = placeholder.ReplaceAllStringFunc(text, func(found string) string {
		name := found[2 : len(found)-2]
		value, ok := v[name]
		if !ok {
			err = fmt.Errorf("no step has saved %q", name)
		}
		if quote != nil {
			value = quote(value)
		}
		return value
	})
	return text, err
}

// expandValue replaces placeholders in every string of a JSON-like value and
// returns it as decoded JSON.
func (v variables) expandValue(value any) (any, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	expanded, err := v.expand(string(text), func(value string) string {
		quoted, _ := json.Marshal(value) // a string always marshals
		return string(quoted[1 : len(quoted)-1])
	})
	if err != nil {
		return nil, err
	}
	var out any
	return out, json.Unmarshal([]byte(expanded), &out)
}

// at returns the value at a path such as Users.0.Arn; ok is false if any part
// of the path does not exist.
func at(output any, path string) (value any, ok bool) {
	value = output
	for part := range strings.SplitSeq(path, ".") {
		switch within := value.(type) {
		case map[string]any:
			if value, ok = within[part]; !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(within) {
				return nil, false
			}
			value = within[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// check returns what is wrong with a reply, or nothing.
func (w Want) check(reply Reply, vars variables) []string {
	switch {
	case reply.Err == nil && w.Code != "":
		return []string{fmt.Sprintf("the call succeeded, want the error %s; output: %s", w.Code, printed(reply.Output))}
	case reply.Err != nil && w.Code == "":
		return []string{fmt.Sprintf("the call failed: %s (status %d): %s", reply.Err.Code, reply.Err.Status, reply.Err.Message)}
	case reply.Err != nil:
		return w.checkError(*reply.Err, vars)
	}
	return w.checkOutput(reply.Output, vars)
}

func (w Want) checkError(got ServiceError, vars variables) (wrong []string) {
	if got.Code != w.Code {
		wrong = append(wrong, fmt.Sprintf("code %q, want %q (message %q)", got.Code, w.Code, got.Message))
	}
	if got.Status != 0 && w.Status != 0 && got.Status != w.Status {
		wrong = append(wrong, fmt.Sprintf("status %d, want %d", got.Status, w.Status))
	}
	if w.Message != "" {
		want, err := vars.expand(w.Message, nil)
		if err != nil {
			wrong = append(wrong, err.Error())
		} else if got.Message != want {
			wrong = append(wrong, fmt.Sprintf("message:\n  got  %q\n  want %q", got.Message, want))
		}
	}
	if w.MessageMatch != "" {
		wrong = append(wrong, matches(got.Message, w.MessageMatch, vars, "message")...)
	}
	return wrong
}

func (w Want) checkOutput(output map[string]any, vars variables) (wrong []string) {
	for path, want := range w.Fields {
		got, ok := at(output, path)
		if !ok {
			wrong = append(wrong, fmt.Sprintf("%s is absent; output: %s", path, printed(output)))
			continue
		}
		wrong = append(wrong, checkField(path, got, want, vars)...)
	}
	for _, path := range w.Absent {
		if got, ok := at(output, path); ok {
			wrong = append(wrong, fmt.Sprintf("%s is %s, want it absent", path, printed(got)))
		}
	}
	return wrong
}

func checkField(path string, got, want any, vars variables) []string {
	switch want := want.(type) {
	case Match:
		text, ok := got.(string)
		if !ok {
			return []string{fmt.Sprintf("%s is %s, want a string", path, printed(got))}
		}
		return matches(text, string(want), vars, path)
	case Count:
		list, ok := got.([]any)
		if !ok || len(list) != int(want) {
			return []string{fmt.Sprintf("%s is %s, want a list of %d", path, printed(got), want)}
		}
		return nil
	}
	value, err := vars.expandValue(want)
	if err != nil {
		return []string{fmt.Sprintf("%s: %v", path, err)}
	}
	if diff := cmp.Diff(value, got); diff != "" {
		return []string{fmt.Sprintf("%s differs (-want +got):\n%s", path, diff)}
	}
	return nil
}

func matches(got, pattern string, vars variables, what string) []string {
	expanded, err := vars.expand(pattern, regexp.QuoteMeta)
	if err != nil {
		return []string{fmt.Sprintf("%s: %v", what, err)}
	}
	expression, err := regexp.Compile(expanded)
	if err != nil {
		return []string{fmt.Sprintf("%s: %v", what, err)}
	}
	if !expression.MatchString(got) {
		return []string{fmt.Sprintf("%s:\n  got        %q\n  want match %q", what, got, expanded)}
	}
	return nil
}

func printed(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
