package catalog

import "slices"

// A Service is one service: what is under one prefix in action names. The JSON
// names, here and below, are those that [ParseServices] reads.
type Service struct {
	Prefix    string         `json:"prefix"`    // "s3"
	Name      string         `json:"name"`      // "Amazon S3"
	Actions   []Action       `json:"actions"`   // sorted by name, without regard to case
	Resources []ResourceType `json:"resources"` // sorted by name, without regard to case
	Keys      []Key          `json:"keys"`      // sorted by name, without regard to case
	RCP       bool           `json:"rcp"`       // resource control policies apply to it
}

// resourceType finds a resource type; nil if there is none.
func (s *Service) resourceType(name string) *ResourceType {
	i, ok := slices.BinarySearchFunc(s.Resources, name, func(t ResourceType, name string) int { return compareFold(t.Name, name) })
	if !ok || s.Resources[i].Name != name {
		return nil
	}
	return &s.Resources[i]
}

// KeyMentions is how many names of keys an action and its resource types have,
// repeated ones too: what Catalog.ActionHasKey may have to look through.
func (s *Service) KeyMentions(a *Action) int {
	n := len(a.Keys)
	for _, r := range a.Resources {
		n += 1 + len(r.Keys)
		if t := s.resourceType(r.Name); t != nil {
			n += len(t.Keys)
		}
	}
	return n
}

// An AccessLevel is what an action does to its resource.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html.
type AccessLevel uint8

// The access levels. The zero value is none of them.
const (
	List AccessLevel = iota + 1
	Read
	Write
	PermissionsManagement
	Tagging
)

var accessLevels = [...]string{List: "List", Read: "Read", Write: "Write", PermissionsManagement: "Permissions management", Tagging: "Tagging"}

// String gives AWS's words, for example "Permissions management"; "" if the
// level is none of the constants.
func (l AccessLevel) String() string {
	if int(l) < len(accessLevels) {
		return accessLevels[l]
	}
	return ""
}

// An Action is something that can be asked of a service.
type Action struct {
	Name       string           `json:"name"` // "GetObject"
	Access     AccessLevel      `json:"access"`
	Resources  []ActionResource `json:"resources"`  // empty: the action takes no resource type; Resource must be "*"
	Keys       []string         `json:"keys"`       // names of keys whatever the resource, as Key.Name gives them
	Dependents []string         `json:"dependents"` // actions also needed, "iam:PassRole"; the source has none for AWS's services
}

// An ActionResource is a resource type that an action supports.
type ActionResource struct {
	Name     string   `json:"name"`     // of a ResourceType of the same service
	Required bool     `json:"required"` // every request for the action names such a resource
	Keys     []string `json:"keys"`
}

// A ResourceType is a kind of resource of a service. The templates may be of
// ARNs of another service: AssumeRole of STS is asked on roles of IAM.
type ResourceType struct {
	Name string   `json:"name"`
	ARN  []string `json:"arn"`  // "arn:${Partition}:s3:::${BucketName}"
	Keys []string `json:"keys"` // the names of keys that requests on such a resource may carry
}

// A Key is a condition key. A name such as "aws:RequestTag/${TagKey}" is a
// template: the variable stands for any text of at least one character.
type Key struct {
	Name        string  `json:"name"`
	Type        KeyType `json:"type"`
	Multivalued bool    `json:"multivalued"` // requests may carry several values, which ForAllValues and ForAnyValue compare
}

// A KeyType is the type of a condition key's values.
type KeyType uint8

// The types of condition keys. The zero value is none of them.
const (
	String KeyType = iota + 1
	ARN
	Bool
	Date
	Numeric
	IPAddress
	Binary
)

var keyTypes = [...]string{String: "String", ARN: "ARN", Bool: "Bool", Date: "Date", Numeric: "Numeric", IPAddress: "IPAddress", Binary: "Binary"}

// String gives AWS's word, for example "IPAddress"; "" if the type is none of
// the constants. AWS puts "ArrayOf" before it for multivalued keys.
func (t KeyType) String() string {
	if int(t) < len(keyTypes) {
		return keyTypes[t]
	}
	return ""
}
