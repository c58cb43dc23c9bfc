package policies

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/policy/validate"
)

// validDocument returns AWS's MalformedPolicyDocument unless the document is a
// well-formed identity policy. Managed policies must say their Version.
func validDocument(document string, managed bool) error {
	if err := validate.Identity([]byte(document), managed); err != nil {
		return iamapi.MalformedPolicyDocumentException("%s", err.Error()).WithCause(err)
	}
	return nil
}

// validManaged is validDocument for managed policies, with their size limit.
func (p *policies) validManaged(document string) error {
	if err := validDocument(document, true); err != nil {
		return err
	}
	return p.env.Limits.Check(iam.PolicySize, iam.PolicyLength(document))
}
