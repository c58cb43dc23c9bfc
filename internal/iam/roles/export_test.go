package roles

import (
	"sallyport/internal/iam"
	"sallyport/internal/state"
)

// NewTrust judges a trust policy as CreateRole does and returns a role with it.
func NewTrust(env *iam.Env, account string, r state.Reader, document string) (*iam.Role, error) {
	pins, err := (&roles{env: env}).trust(account, r, document)
	if err != nil {
		return nil, err
	}
	return &iam.Role{Trust: document, TrustPins: pins}, nil
}

// TaskRole reads the id of a deletion task.
func TaskRole(id string) (path, name string, ok bool) { return taskRole(id) }
