package api

// IAM answers some invalid values with a sentence of its own in place of the
// framework's list. The sentences are keyed by shape and start with
// "The specified value for <member> is invalid. ".

const (
	nameSentence       = "It must contain only alphanumeric characters and/or the following: +=,.@_-"
	pathSentence       = "It must begin and end with / and contain only alphanumeric characters and/or / characters."
	pathPrefixSentence = "It must begin with the / character and contain only alphanumeric characters and/or / characters."
	documentSentence   = "It must contain only printable ASCII characters."
)

// wording says which violations of a shape have a sentence.
type wording struct {
	sentence string
	empty    bool   // also for a value that is too short
	only     string // only for this operation; empty for all
}

var iamWording = map[string]wording{
	"userNameType":            {sentence: nameSentence},
	"existingUserNameType":    {sentence: nameSentence},
	"groupNameType":           {sentence: nameSentence},
	"policyNameType":          {sentence: nameSentence},
	"instanceProfileNameType": {sentence: nameSentence},
	// Reading a role by a bad name is known to answer with the pattern.
	"roleNameType":       {sentence: nameSentence, only: "CreateRole"},
	"pathType":           {sentence: pathSentence},
	"policyPathType":     {sentence: pathSentence},
	"pathPrefixType":     {sentence: pathPrefixSentence},
	"policyDocumentType": {sentence: documentSentence, empty: true},
}

// sentenceFor returns IAM's sentence for a violation, empty when the
// framework words it. Only members of the request itself have sentences.
func (c *checker) sentenceFor(s *Shape, con constraint) string {
	w, ok := iamWording[s.Name]
	if !ok || len(c.at) != 1 || (w.only != "" && w.only != c.op.Name) {
		return ""
	}
	if con != patternConstraint && !(con == minConstraint && w.empty) {
		return ""
	}
	return "The specified value for " + c.place() + " is invalid. " + w.sentence
}
