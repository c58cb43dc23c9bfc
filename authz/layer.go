package authz

// An Effect is the outcome of a decision. Its zero value denies.
type Effect uint8

// The effects.
const (
	ImplicitDeny Effect = iota
	Allow
	ExplicitDeny
)

// String returns the word used by IAM's policy simulator.
func (e Effect) String() string {
	switch e {
	case Allow:
		return "allowed"
	case ExplicitDeny:
		return "explicitDeny"
	}
	return "implicitDeny"
}

// A Layer is a kind of policy that takes part in a decision.
type Layer uint8

// The layers. LayerACL is grants of an access control list; LayerRoot is the
// root user's access to its own account.
const (
	LayerNone Layer = iota
	LayerSCP
	LayerRCP
	LayerResource
	LayerIdentity
	LayerBoundary
	LayerSession
	LayerACL
	LayerRoot
)

// layers holds, by layer, its name, and AWS's words for it in a message that
// access was denied.
var layers = [...]struct{ name, noun, article string }{
	LayerNone:     {name: "none"},
	LayerSCP:      {"scp", "service control policy", "a "},
	LayerRCP:      {"rcp", "resource control policy", "a "},
	LayerResource: {"resource", "resource-based policy", "a "},
	LayerIdentity: {"identity", "identity-based policy", "an "},
	LayerBoundary: {"boundary", "permissions boundary", "a "},
	LayerSession:  {"session", "session policy", "a "},
	LayerACL:      {"acl", "access control list", "an "},
	LayerRoot:     {name: "root"},
}

// String returns a short name: "scp", "identity", "boundary".
func (l Layer) String() string {
	if int(l) < len(layers) {
		return layers[l].name
	}
	return "unknown"
}

// Layers is a set of layers.
type Layers uint16

// Has reports whether a layer is in the set.
func (s Layers) Has(l Layer) bool { return s&(1<<l) != 0 }

// With returns the set with a layer added.
func (s Layers) With(l Layer) Layers { return s | 1<<l }
