package validate

import "sallyport/catalog"

// PolicyType is what a policy is for, as ValidatePolicy has it.
type PolicyType string

// The types of policies.
const (
	IdentityPolicy        PolicyType = "IDENTITY_POLICY"
	ResourcePolicy        PolicyType = "RESOURCE_POLICY"
	ServiceControlPolicy  PolicyType = "SERVICE_CONTROL_POLICY"
	ResourceControlPolicy PolicyType = "RESOURCE_CONTROL_POLICY"
)

// TrustPolicyType is the resource type of the trust policies of roles.
const TrustPolicyType = "AWS::IAM::AssumeRolePolicyDocument"

// PolicyTypes are the types of policies, in the order of the API.
func PolicyTypes() []PolicyType {
	return []PolicyType{IdentityPolicy, ResourcePolicy, ServiceControlPolicy, ResourceControlPolicy}
}

// ResourceTypes are the types that a resource policy can be checked for.
func ResourceTypes() []string {
	return []string{
		"AWS::S3::Bucket", "AWS::S3::AccessPoint", "AWS::S3::MultiRegionAccessPoint",
		"AWS::S3ObjectLambda::AccessPoint", TrustPolicyType, "AWS::DynamoDB::Table",
	}
}

// Options say what a policy is for.
type Options struct {
	Type PolicyType
	// ResourceType is what a resource policy is attached to, one of
	// ResourceTypes; "" leaves out the checks that depend on it.
	ResourceType string
	// Catalog knows services; nil leaves out the checks that need it.
	Catalog *catalog.Catalog
	// Own adds Sallyport's own findings, whose codes begin with "SALLYPORT_",
	// to those of AWS.
	Own bool
}

// FindingType is the impact of a finding.
type FindingType string

// The types of findings, the gravest first.
const (
	ErrorFinding    FindingType = "ERROR"            // a part of the policy does not work
	SecurityWarning FindingType = "SECURITY_WARNING" // the policy may allow too much
	Warning         FindingType = "WARNING"          // the policy departs from good practice
	Suggestion      FindingType = "SUGGESTION"       // access stays the same without
)

// FindingTypes are the types of findings, the gravest first.
func FindingTypes() []FindingType {
	return []FindingType{ErrorFinding, SecurityWarning, Warning, Suggestion}
}

// A Finding is one thing to improve in a policy, in the shape of the API:
// https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicyFinding.html
type Finding struct {
	Details       string      `json:"findingDetails"`
	Type          FindingType `json:"findingType"`
	IssueCode     string      `json:"issueCode"`
	LearnMoreLink string      `json:"learnMoreLink"`
	Locations     []Location  `json:"locations"` // at least one; the first is the fault itself
}

// A Location is a part of the document.
type Location struct {
	Path []PathElement `json:"path"`
	Span Span          `json:"span"`
}

// A PathElement is one step from the document to the part; one member is set.
type PathElement struct {
	Index     *int       `json:"index,omitempty"` // of a list
	Key       *string    `json:"key,omitempty"`   // the name itself of a member
	Substring *Substring `json:"substring,omitempty"`
	Value     *string    `json:"value,omitempty"` // the value of the member of this name
}

// A Substring is a part of a string, in characters.
type Substring struct {
	Start  int `json:"start"`
	Length int `json:"length"`
}

// A Span is a piece of the source; End is after its last character.
type Span struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// A Position is a place in the source.
type Position struct {
	Line   int `json:"line"`   // from 1
	Column int `json:"column"` // in characters, from 0
	Offset int `json:"offset"` // in bytes, from 0
}
