package inprocess

import (
	"cmp"
	"encoding/xml"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"sallyport/internal/protocol/restjson"
	"sallyport/sigv4"
)

// A Reply is what a client received. Code and Message are empty for success.
type Reply struct {
	testing.TB
	Status        int
	Header        http.Header
	Body          string
	Code, Message string
}

func (r *Reply) isJSON() bool {
	kind := r.Header.Get("Content-Type")
	return strings.HasPrefix(kind, "application/x-amz-json") || kind == restjson.ContentType
}

// read takes the error out of the body, of either protocol.
func (r *Reply) read() {
	if r.Status == http.StatusOK {
		return
	}
	if r.isJSON() {
		var failure struct {
			Type    string `json:"__type"`
			Message string `json:"message"`
		}
		if json.Unmarshal([]byte(r.Body), &failure) == nil {
			r.Code, r.Message = cmp.Or(failure.Type, r.Header.Get(restjson.ErrorHeader)), failure.Message
		}
		return
	}
	var failure struct {
		Error struct{ Code, Message string }
	}
	if xml.Unmarshal([]byte(r.Body), &failure) == nil {
		r.Code, r.Message = failure.Error.Code, failure.Error.Message
	}
}

// Want holds the reply to a status and code ("" for success).
func (r *Reply) Want(status int, code string) {
	r.Helper()
	if r.Status != status || r.Code != code {
		r.Errorf("got %d %s: %s\nwant %d %s", r.Status, r.Code, r.Message, status, code)
	}
}

// WantMessage holds the reply to an error message.
func (r *Reply) WantMessage(message string) {
	r.Helper()
	if r.Message != message {
		r.Errorf("message\n got %s\nwant %s", r.Message, message)
	}
}

// Text is the text of the first XML element or JSON member of that name; ""
// when there is none.
func (r *Reply) Text(name string) string {
	all := r.Texts(name)
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// Texts are the texts of all XML elements, or JSON string members, of a name.
func (r *Reply) Texts(name string) []string {
	var all []string
	if r.isJSON() {
		var v any
		if err := json.Unmarshal([]byte(r.Body), &v); err != nil {
			r.Errorf("reading %s: %v", r.Body, err)
		}
		collect(v, name, &all)
		return all
	}
	d := xml.NewDecoder(strings.NewReader(r.Body))
	for {
		token, err := d.Token()
		if err != nil {
			return all
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == name {
			var text string
			if d.DecodeElement(&text, &start) == nil {
				all = append(all, strings.TrimSpace(text))
			}
		}
	}
}

func collect(v any, name string, all *[]string) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if text, ok := value.(string); ok && key == name {
				*all = append(*all, text)
			}
			collect(value, name, all)
		}
	case []any:
		for _, value := range v {
			collect(value, name, all)
		}
	}
}

// Credentials are the access key or temporary credentials in the reply.
func (r *Reply) Credentials() sigv4.Credentials {
	r.Helper()
	c := sigv4.Credentials{
		AccessKeyID: r.Text("AccessKeyId"), SecretAccessKey: sigv4.Secret(r.Text("SecretAccessKey")),
		SessionToken: sigv4.Secret(r.Text("SessionToken")),
	}
	if c.AccessKeyID == "" || c.SecretAccessKey == "" {
		r.Fatalf("no credentials in %s", r.Body)
	}
	return c
}
