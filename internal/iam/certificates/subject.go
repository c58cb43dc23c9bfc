package certificates

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// find resolves an optional UserName to a subject that exists.
func find(c *operation.Call, r state.Reader, name *string) (iam.Subject, error) {
	subject, err := iam.FindSubject(c, r, name)
	if err != nil {
		return iam.Subject{}, err
	}
	return subject, subject.Missing()
}

// nameOf is how replies name the subject: absent for the root user.
func nameOf(subject iam.Subject) *string {
	if subject.User == nil {
		return nil
	}
	return new(subject.User.Name)
}

func statusOf(active bool) *string {
	if active {
		return new(iamapi.StatusTypeActive)
	}
	return new(iamapi.StatusTypeInactive)
}

// isActive reads the status that a request sets. The model has a third one,
// Expired, which nothing can be set to.
func isActive(status string) (bool, error) {
	switch status {
	case iamapi.StatusTypeActive:
		return true, nil
	case iamapi.StatusTypeInactive:
		return false, nil
	}
	return false, iamapi.InvalidInputException("The status must be %s or %s.", iamapi.StatusTypeActive, iamapi.StatusTypeInactive)
}

// owned are the rows that belong to an owner, which keys begin with.
func owned[V any](t *state.Table[V], r state.Reader, owner string) []*V {
	var rows []*V
	t.AscendPrefix(r, iam.CredentialKey(owner, ""), func(_ string, v *V) bool {
		rows = append(rows, v)
		return true
	})
	return rows
}

// uploadOrder formats times so that they sort as text.
const uploadOrder = "20060102T150405.000 "
