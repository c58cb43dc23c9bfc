package policy

// Versions of the policy language.
const (
	// Version2008 is also what a document without Version has: no policy
	// variables, "${" is literal text.
	Version2008 = "2008-10-17"
	// Version2012 is the current version.
	Version2012 = "2012-10-17"
)

// A Position is a place in a document's source. Its zero value means unknown,
// as in documents that were not parsed.
type Position struct {
	Line   int // from 1
	Column int // in characters, from 1
	Offset int // in bytes, from 0
}

// A Document is the syntax of one policy, as written.
type Document struct {
	Version    string // "" when absent
	ID         string // "" when absent
	Statements []Statement
	// Single is set when Statement is an object instead of a list.
	Single bool

	VersionPosition    Position
	StatementsPosition Position // of the value of Statement
	Position           Position
}

// A Statement is one statement, as written. Elements that are absent are nil or
// empty.
type Statement struct {
	Sid          string
	Effect       string
	Principal    *PrincipalElement
	NotPrincipal *PrincipalElement
	Action       *List
	NotAction    *List
	Resource     *List
	NotResource  *List
	Condition    *ConditionElement

	Position       Position
	SidPosition    Position
	EffectPosition Position
	End            Position // just after the statement
}

// A List is an element that takes a string or a list of strings.
type List struct {
	Items []Item
	// Single is set when the element is a string instead of a list.
	Single   bool
	Position Position
}

// Texts returns the text of the items.
func (l *List) Texts() []string {
	if l == nil {
		return nil
	}
	texts := make([]string, len(l.Items))
	for i, item := range l.Items {
		texts[i] = item.Text
	}
	return texts
}

// ItemKind is the JSON type of an Item. Only condition values may be other than
// strings.
type ItemKind uint8

// The kinds of items.
const (
	StringItem ItemKind = iota
	NumberItem
	BoolItem
)

// An Item is one value.
type Item struct {
	Text     string // decoded; of a number or Boolean, its JSON text
	Kind     ItemKind
	Position Position
}

// A PrincipalElement is the value of Principal or NotPrincipal: "*", or lists
// by type of principal.
type PrincipalElement struct {
	Everyone bool // "*"
	Entries  []PrincipalEntry
	Position Position
}

// A PrincipalEntry lists principals of one type: "AWS", "Service", "Federated"
// or "CanonicalUser".
type PrincipalEntry struct {
	Type string
	List List
}

// A ConditionElement is the value of Condition, in source order.
type ConditionElement struct {
	Operators []OperatorElement
	Position  Position
}

// An OperatorElement is one operator with its condition keys.
type OperatorElement struct {
	Name     string
	Keys     []KeyElement
	Position Position
}

// A KeyElement is one condition key with its values.
type KeyElement struct {
	Name     string
	Values   List
	Position Position
}
