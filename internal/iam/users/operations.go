package users

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
)

// handlers are the operations of this package.
type handlers struct{ env *iam.Env }

// Operations returns the definitions of this package's operations.
func Operations(env *iam.Env) []operation.Definition {
	h := &handlers{env}
	return []operation.Definition{
		operation.Writes(iamapi.OpCreateUser, checkCreate, h.create),
		operation.Reads(iamapi.OpGetUser, checkGet, h.get),
		operation.Reads(iamapi.OpListUsers, checkList, h.list),
		operation.Writes(iamapi.OpUpdateUser, checkUpdate, h.update),
		operation.Writes(iamapi.OpDeleteUser, checkDelete, h.delete),
		operation.Writes(iamapi.OpTagUser, checkTag, h.tag),
		operation.Writes(iamapi.OpUntagUser, checkUntag, h.untag),
		operation.Reads(iamapi.OpListUserTags, checkListTags, h.listTags),
		operation.Writes(iamapi.OpPutUserPermissionsBoundary, checkPutBoundary, h.putBoundary),
		operation.Writes(iamapi.OpDeleteUserPermissionsBoundary, checkDeleteBoundary, h.deleteBoundary),
	}
}
