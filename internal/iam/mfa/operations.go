package mfa

import (
	"context"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/journal"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// Secrets opens sealed secrets; *state.Store does.
type Secrets interface {
	Secret(ctx context.Context, id state.StreamID, secretID string) ([]byte, error)
}

// A Service knows which codes were used and how many were wrong.
type Service struct {
	facts   journal.Facts
	secrets Secrets
}

// New returns a service that keeps what was used in facts.
func New(facts journal.Facts, secrets Secrets) *Service {
	return &Service{facts: facts, secrets: secrets}
}

// handlers are the operations of this package.
type handlers struct {
	env *iam.Env
	*Service
}

// Operations returns the definitions of this package's operations.
func (s *Service) Operations(env *iam.Env) []operation.Definition {
	h := &handlers{env, s}
	create := operation.Writes(iamapi.OpCreateVirtualMFADevice, checkCreate, h.create)
	create.Issues = true
	return []operation.Definition{
		create,
		operation.Writes(iamapi.OpEnableMFADevice, checkEnable, h.enable),
		operation.Writes(iamapi.OpResyncMFADevice, checkResync, h.resync),
		operation.Writes(iamapi.OpDeactivateMFADevice, checkDeactivate, h.deactivate),
		operation.Writes(iamapi.OpDeleteVirtualMFADevice, checkDelete, h.delete),
		operation.Reads(iamapi.OpGetMFADevice, checkGet, h.get),
		operation.Reads(iamapi.OpListMFADevices, checkList, h.list),
		operation.Reads(iamapi.OpListVirtualMFADevices, checkListVirtual, h.listVirtual),
		operation.Writes(iamapi.OpTagMFADevice, checkTag, h.tag),
		operation.Writes(iamapi.OpUntagMFADevice, checkUntag, h.untag),
		operation.Reads(iamapi.OpListMFADeviceTags, checkListTags, h.listTags),
	}
}
