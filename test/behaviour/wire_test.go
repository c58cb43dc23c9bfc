package behaviour

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"sallyport/internal/api"
	"sallyport/test/inprocess"
)

// element is an element of a reply. It has either text or children, or neither.
type element struct {
	name, namespace string
	text            string
	children        []*element
}

// parse reads a document into elements.
func parse(text string) (*element, error) {
	d := xml.NewDecoder(strings.NewReader(text))
	top := &element{}
	open := []*element{top}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		last := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local}
			for _, a := range token.Attr {
				if a.Name.Local != "xmlns" || len(open) > 1 {
					return nil, fmt.Errorf("unexpected attribute %s", a.Name.Local)
				}
				e.namespace = a.Value
			}
			last.children = append(last.children, e)
			open = append(open, e)
		case xml.EndElement:
			if len(last.children) > 0 {
				if strings.TrimSpace(last.text) != "" {
					return nil, fmt.Errorf("text %q between elements", last.text)
				}
				last.text = ""
			}
			open = open[:len(open)-1]
		case xml.CharData:
			last.text += string(token)
		default:
			return nil, fmt.Errorf("unexpected %T", token)
		}
	}
	if len(top.children) != 1 {
		return nil, fmt.Errorf("%d root elements", len(top.children))
	}
	return top.children[0], nil
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// layout prints an element as recorded replies are: two spaces of indentation,
// every line ends, what is empty closes itself, apostrophes stay.
func (e *element) layout(b *strings.Builder, depth int) {
	indent := strings.Repeat("  ", depth)
	b.WriteString(indent + "<" + e.name)
	if e.namespace != "" {
		b.WriteString(` xmlns="` + e.namespace + `"`)
	}
	switch {
	case len(e.children) > 0:
		b.WriteString(">\n")
		for _, c := range e.children {
			c.layout(b, depth+1)
		}
		b.WriteString(indent + "</" + e.name + ">\n")
	case e.text != "":
		b.WriteString(">" + escapes.Replace(e.text) + "</" + e.name + ">\n")
	default:
		b.WriteString("/>\n")
	}
}

func (e *element) child(name string) *element {
	for _, c := range e.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

func (e *element) names() string {
	var names []string
	for _, c := range e.children {
		names = append(names, c.name)
	}
	return strings.Join(names, " ")
}

var lowerUUID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// decode holds a reply to what is true of all (facts wire-001 to wire-005) and
// returns its output: structures, lists, booleans, numbers and texts. It is nil
// for a failure.
func decode(reply *inprocess.Reply, op *api.Operation) (map[string]any, error) {
	root, err := parse(reply.Body)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	if root.layout(&b, 0); b.String() != reply.Body {
		return nil, fmt.Errorf("the layout is\n%s\nAWS's is\n%s", reply.Body, b.String())
	}
	id := reply.Header.Get("X-Amzn-Requestid")
	for name, ok := range map[string]bool{
		"X-Amzn-Requestid": lowerUUID.MatchString(id), "Date": reply.Header.Get("Date") != "",
		"Content-Type": reply.Header.Get("Content-Type") == "text/xml", "Content-Length": reply.Header.Get("Content-Length") == strconv.Itoa(len(reply.Body)),
		"namespace": root.namespace == op.Service.XMLNamespace,
	} {
		if !ok {
			return nil, fmt.Errorf("%s is wrong: %v\n%s", name, reply.Header, reply.Body)
		}
	}
	if reply.Status != http.StatusOK {
		failure, requestID := root.child("Error"), root.child("RequestId")
		if root.name != "ErrorResponse" || root.names() != "Error RequestId" || requestID.text != id {
			return nil, fmt.Errorf("the error of request %s is\n%s", id, reply.Body)
		}
		if names := failure.names(); names != "Type Code Message" && names != "Type Code" {
			return nil, fmt.Errorf("an error has %s", names)
		}
		return nil, nil
	}
	names := "ResponseMetadata"
	if op.ResultWrapper != "" {
		names = op.ResultWrapper + " " + names
	}
	metadata := root.child("ResponseMetadata")
	if root.name != op.Name+"Response" || root.names() != names || metadata.names() != "RequestId" || metadata.children[0].text != id {
		return nil, fmt.Errorf("the reply to request %s of %s is\n%s", id, op.Name, reply.Body)
	}
	if op.ResultWrapper == "" {
		return map[string]any{}, nil
	}
	out, err := value(root.children[0], op.Output)
	if err != nil {
		return nil, err
	}
	return out.(map[string]any), nil
}

// value reads an element as what the model says it is.
func value(e *element, s *api.Shape) (any, error) {
	switch s.Kind {
	case api.Structure:
		members := make(map[string]any)
		for _, c := range e.children {
			m, ok := s.Member(c.name)
			if _, twice := members[c.name]; !ok || twice {
				return nil, fmt.Errorf("%s is not a member of %s, or there twice", c.name, s.Name)
			}
			v, err := value(c, m.Shape)
			if err != nil {
				return nil, err
			}
			members[c.name] = v
		}
		return members, nil
	case api.List:
		items := []any{}
		for _, c := range e.children {
			if c.name != "member" {
				return nil, fmt.Errorf("an item of %s is called %s", e.name, c.name)
			}
			v, err := value(c, s.Elem)
			if err != nil {
				return nil, err
			}
			items = append(items, v)
		}
		return items, nil
	case api.Boolean:
		if e.text != "true" && e.text != "false" {
			return nil, fmt.Errorf("%s is %q", e.name, e.text)
		}
		return e.text == "true", nil
	case api.Integer, api.Long:
		n, err := strconv.ParseInt(e.text, 10, 64)
		return float64(n), err
	case api.String, api.Timestamp, api.Blob:
		return e.text, nil
	}
	return nil, fmt.Errorf("%s has a type that no fact is about", e.name)
}
