package users

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

func (h *handlers) putBoundary(c *operation.Call, tx *state.Tx, in *iamapi.PutUserPermissionsBoundaryRequest) (*iamapi.PutUserPermissionsBoundaryResponse, error) {
	u, err := iam.FindUser(tx, *in.UserName)
	if err != nil {
		return nil, err
	}
	if err := iam.CheckBoundary(tx, c.Caller.Account(), *in.PermissionsBoundary); err != nil {
		return nil, err
	}
	changed := *u
	changed.Boundary = *in.PermissionsBoundary
	iam.Users.Put(tx, u.ID, &changed)
	return &iamapi.PutUserPermissionsBoundaryResponse{}, nil
}

// deleteBoundary succeeds for a user that has no boundary, as AWS does.
func (h *handlers) deleteBoundary(_ *operation.Call, tx *state.Tx, in *iamapi.DeleteUserPermissionsBoundaryRequest) (*iamapi.DeleteUserPermissionsBoundaryResponse, error) {
	u, err := iam.FindUser(tx, *in.UserName)
	if err != nil {
		return nil, err
	}
	changed := *u
	changed.Boundary = ""
	iam.Users.Put(tx, u.ID, &changed)
	return &iamapi.DeleteUserPermissionsBoundaryResponse{}, nil
}
