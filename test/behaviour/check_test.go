package behaviour

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sallyport/internal/api"
	"sallyport/test/inprocess"
)

// checkStatus says how status and error differ.
func (r *run) checkStatus(reply *inprocess.Reply, want expectation) (wrong []string) {
	r.T.Helper()
	differ := func(what, got, want string) {
		if got != want {
			wrong = append(wrong, fmt.Sprintf("%s is %q, AWS's is %q", what, got, want))
		}
	}
	if want.Status != 0 {
		differ("status", strconv.Itoa(reply.Status), strconv.Itoa(want.Status))
	}
	if want.Status != 0 || want.Code != "" {
		differ("code", reply.Code, want.Code)
	}
	if want.Type != "" {
		differ("type", reply.Text("Type"), want.Type)
	}
	if want.Message != "" {
		differ("message", reply.Message, r.fill(want.Message, nil))
	}
	if want.NoMessage && strings.Contains(reply.Body, "<Message") {
		wrong = append(wrong, "there is a message, AWS has none")
	}
	if want.MessageMatch != "" {
		wrong = append(wrong, r.match("message", reply.Message, want.MessageMatch)...)
	}
	return wrong
}

// checkBytes says how headers and body differ.
func (r *run) checkBytes(reply *inprocess.Reply, op *api.Operation, name string, want expectation) (wrong []string) {
	r.T.Helper()
	if got := reply.Header.Get("Content-Type"); want.ContentType != "" && got != want.ContentType {
		wrong = append(wrong, "Content-Type is "+got)
	}
	for header, pattern := range want.Headers {
		wrong = append(wrong, r.match(header, reply.Header.Get(header), pattern)...)
	}
	if want.Body != "" {
		r.vars["Op"], r.vars["uuid"] = op.Name, reply.Header.Get("X-Amzn-Requestid")
		if body := r.fill(want.Body, nil); body != reply.Body {
			wrong = append(wrong, "AWS's body is "+body)
		}
	}
	length, ok := want.Lengths[name]
	if !ok {
		length = want.Length
	}
	if length != 0 && length != len(reply.Body) {
		wrong = append(wrong, fmt.Sprintf("%d bytes, AWS's has %d", len(reply.Body), length))
	}
	return wrong
}

// checkOutput says how the members of the output differ. A path such as
// Users.0.Tags is absent only if what it is in is there.
func (r *run) checkOutput(out map[string]any, want expectation) (wrong []string) {
	r.T.Helper()
	if len(want.Keys) > 0 {
		if got, want := keys(out, want.Keys), closed(want.Keys); !slices.Equal(got, want) {
			wrong = append(wrong, fmt.Sprintf("members are %v, AWS's are %v", got, want))
		}
	}
	for path, v := range want.Fields {
		if got, _ := at(out, path); !reflect.DeepEqual(got, r.filled(v)) {
			wrong = append(wrong, fmt.Sprintf("%s is %s, AWS's is %s", path, printed(got), printed(r.filled(v))))
		}
	}
	for path, pattern := range want.Match {
		got, _ := at(out, path)
		text, _ := got.(string)
		wrong = append(wrong, r.match(path, text, pattern)...)
	}
	for path, v := range want.Documents {
		var got any
		encoded, _ := at(out, path)
		text, _ := encoded.(string)
		if text, err := url.PathUnescape(text); err != nil || json.Unmarshal([]byte(text), &got) != nil || !reflect.DeepEqual(got, v) {
			wrong = append(wrong, fmt.Sprintf("%s is %s, AWS's is %s", path, text, printed(v)))
		}
	}
	for _, path := range want.Absent {
		dot := strings.LastIndexByte(path, '.')
		if _, ok := at(out, path[:max(dot, 0)]); !ok {
			wrong = append(wrong, "there is nothing that could have "+path)
		}
		if got, ok := at(out, path); ok {
			wrong = append(wrong, fmt.Sprintf("%s is %s, AWS's is absent", path, printed(got)))
		}
	}
	if want.CSV != nil {
		content, _ := at(out, "Content")
		text, _ := content.(string)
		wrong = append(wrong, want.CSV.check(text)...)
	}
	return wrong
}

func (r *run) match(what, got, pattern string) []string {
	r.T.Helper()
	filled := r.fill(pattern, regexp.QuoteMeta)
	if matched, err := regexp.MatchString(filled, got); err != nil || !matched {
		return []string{fmt.Sprintf("%s is %q, AWS's is like %q %v", what, got, filled, err)}
	}
	return nil
}

// at is the value at a path; the empty path is the whole.
func at(v any, path string) (any, bool) {
	if path == "" {
		return v, v != nil
	}
	for part := range strings.SplitSeq(path, ".") {
		switch within := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = within[part]; !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(within) {
				return nil, false
			}
			v = within[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// closed are the paths and what they are in, sorted.
func closed(paths []string) []string {
	all := slices.Clone(paths)
	for _, path := range paths {
		for i := range path {
			if path[i] == '.' {
				all = append(all, path[:i])
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// keys are the members of all structures that the paths are about, sorted.
func keys(out map[string]any, paths []string) []string {
	parents := map[string]bool{"": true}
	for _, path := range closed(paths) {
		parents[path[:max(strings.LastIndexByte(path, '.'), 0)]] = true
	}
	var all []string
	for parent := range parents {
		v, _ := at(out, parent)
		members, _ := v.(map[string]any)
		for name := range members {
			all = append(all, strings.TrimPrefix(parent+"."+name, "."))
		}
	}
	slices.Sort(all)
	return all
}

// A csvExpectation is what a report must be, in base64 on one line, whose last
// line does not end.
type csvExpectation struct {
	Header []string          `json:"header"`
	First  map[string]string `json:"first"`  // of the first row, by column
	Absent string            `json:"absent"` // in place of what does not apply
	Date   string            `json:"date"`   // a regular expression
}

// notDates are what a column of dates may hold besides.
var notDates = []string{"not_supported", "no_information"}

func (want *csvExpectation) check(content string) (wrong []string) {
	text, err := base64.StdEncoding.DecodeString(content)
	if err != nil || strings.HasSuffix(string(text), "\n") {
		return []string{fmt.Sprintf("the content is %q: %v", text, err)}
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil || len(rows) < 2 || !slices.Equal(rows[0], want.Header) {
		return []string{fmt.Sprintf("the report is %s: %v", text, err)}
	}
	for i, column := range want.Header {
		if v, ok := want.First[column]; ok && rows[1][i] != v {
			wrong = append(wrong, fmt.Sprintf("%s of the first row is %s, AWS's is %s", column, rows[1][i], v))
		}
		for _, row := range rows[1:] {
			isDate := regexp.MustCompile(`_time$|_rotated$|_changed$|_date$|^password_last_used$`).MatchString(column)
			if isDate && row[i] != want.Absent && !slices.Contains(notDates, row[i]) && !regexp.MustCompile(want.Date).MatchString(row[i]) {
				wrong = append(wrong, fmt.Sprintf("%s is %s", column, row[i]))
			}
			if row[i] == "" {
				wrong = append(wrong, column+" is empty")
			}
		}
	}
	if !slices.Contains(rows[1], want.Absent) {
		wrong = append(wrong, "nothing is "+want.Absent)
	}
	return wrong
}
