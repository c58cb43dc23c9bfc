package restjson

import (
	"fmt"
	"net/url"
	"strings"

	"sallyport/internal/api"
)

// Limits of a path.
const (
	MaxPathBytes = 8 << 10
	maxSegments  = 64
)

// Routes finds operations by method and path.
type Routes struct{ root *node }

// A node is where the routes are that share the segments before it.
type node struct {
	literal map[string]*node
	label   *node // after any segment
	rest    *node // after any segments that are left, at least one
	ends    map[string]route
}

type route struct {
	op     *api.Operation
	labels []string
}

// NewRoutes returns the routes of operations, of any number of services. It panics
// when two have the same: a request must have one meaning.
func NewRoutes(ops []*api.Operation) *Routes {
	r := &Routes{new(node)}
	for _, op := range ops {
		r.add(op)
	}
	return r
}

func (r *Routes) add(op *api.Operation) {
	if !strings.HasPrefix(op.HTTPPath, "/") || strings.Contains(op.HTTPPath, "?") {
		panic(fmt.Sprintf("restjson: %s has the path %q", op.Name, op.HTTPPath))
	}
	n, labels := r.root, []string(nil)
	for _, segment := range strings.Split(op.HTTPPath[1:], "/") {
		next, name := &n.label, strings.Trim(segment, "{}")
		switch {
		case strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "+}"):
			next, name = &n.rest, strings.Trim(segment, "{+}")
			labels = append(labels, name)
		case strings.HasPrefix(segment, "{"):
			labels = append(labels, name)
		default:
			if n.literal == nil {
				n.literal = make(map[string]*node)
			}
			if n.literal[segment] == nil {
				n.literal[segment] = new(node)
			}
			n = n.literal[segment]
			continue
		}
		if *next == nil {
			*next = new(node)
		}
		n = *next
	}
	if other, taken := n.ends[op.HTTPMethod]; taken {
		panic(fmt.Sprintf("restjson: %s and %s are both %s %s", other.op.Name, op.Name, op.HTTPMethod, op.HTTPPath))
	}
	if n.ends == nil {
		n.ends = make(map[string]route)
	}
	n.ends[op.HTTPMethod] = route{op, labels}
}

// A Label is a part of a path that a member's value is taken from, decoded.
type Label struct{ Name, Value string }

// Match finds the operation of a request by its method and escaped path. known says
// that the path is an operation's, if of another method. A segment that is written
// out counts before one that may be anything.
func (r *Routes) Match(method, escapedPath string) (op *api.Operation, labels []Label, known bool) {
	if len(escapedPath) > MaxPathBytes || !strings.HasPrefix(escapedPath, "/") || strings.Count(escapedPath, "/") > maxSegments {
		return nil, nil, false
	}
	end, values := r.root.find(strings.Split(escapedPath[1:], "/"), nil)
	if end == nil {
		return nil, nil, false
	}
	found, ok := end.ends[method]
	if !ok {
		return nil, nil, true
	}
	for i, name := range found.labels {
		labels = append(labels, Label{name, values[i]})
	}
	return found.op, labels, true
}

// find goes down by segments. A segment that is empty or badly escaped is no label.
func (n *node) find(segments, values []string) (*node, []string) {
	if len(segments) == 0 {
		if n.ends == nil {
			return nil, nil
		}
		return n, values
	}
	if next := n.literal[segments[0]]; next != nil {
		if end, found := next.find(segments[1:], values); end != nil {
			return end, found
		}
	}
	value, err := url.PathUnescape(segments[0])
	if err != nil || value == "" {
		return nil, nil
	}
	if n.label != nil {
		if end, found := n.label.find(segments[1:], append(values[:len(values):len(values)], value)); end != nil {
			return end, found
		}
	}
	if n.rest != nil {
		if all, err := url.PathUnescape(strings.Join(segments, "/")); err == nil {
			return n.rest, append(values, all)
		}
	}
	return nil, nil
}
