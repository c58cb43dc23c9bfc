package groups

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
		operation.Writes(iamapi.OpCreateGroup, checkCreate, h.create),
		operation.Reads(iamapi.OpGetGroup, checkGet, h.get),
		operation.Reads(iamapi.OpListGroups, checkList, h.list),
		operation.Writes(iamapi.OpUpdateGroup, checkUpdate, h.update),
		operation.Writes(iamapi.OpDeleteGroup, checkDelete, h.delete),
		operation.Writes(iamapi.OpAddUserToGroup, checkAddUser, h.addUser),
		operation.Writes(iamapi.OpRemoveUserFromGroup, checkRemoveUser, h.removeUser),
		operation.Reads(iamapi.OpListGroupsForUser, checkListForUser, h.listForUser),
	}
}
