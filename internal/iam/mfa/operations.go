package mfa

import (
	"context"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/journal"
	"sallyport/internal/operation"
	"sallyport/internal/seal"
	"sallyport/internal/state"
)

// Secrets opens sealed secrets; *state.Store does.
type Secrets interface {
	Secret(ctx context.Context, id state.StreamID, secretID string) ([]byte, error)
}

// Config is what a Service is made of.
type Config struct {
	// Facts keep what was used.
	Facts   journal.Facts
	Secrets Secrets
	// Sealer seals registrations that were begun.
	Sealer *seal.Sealer
	// PublicURL is what users see; passkeys belong to its host.
	PublicURL string
}

// A Service knows which codes and challenges were used and how many codes were
// wrong.
type Service struct {
	facts   journal.Facts
	secrets Secrets
	sealer  *seal.Sealer
	// passkeys is nil when noPasskeys says why there can be none.
	passkeys   *credential.RelyingParty
	noPasskeys error
}

// New returns the service of a configuration. A public URL that passkeys can't
// belong to is no error until they are asked for.
func New(c Config) *Service {
	s := &Service{facts: c.Facts, secrets: c.Secrets, sealer: c.Sealer}
	s.passkeys, s.noPasskeys = credential.NewRelyingParty(c.PublicURL)
	return s
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
		operation.Reads(sallyportapi.OpBeginPasskeyRegistration, checkBegin, h.begin),
		operation.Writes(sallyportapi.OpFinishPasskeyRegistration, checkFinish, h.finish),
		operation.Writes(sallyportapi.OpImportHardwareMFADevices, checkImport, h.importTokens),
		operation.Reads(sallyportapi.OpListHardwareMFADevices, checkListTokens, h.listTokens),
		operation.Writes(sallyportapi.OpDeleteHardwareMFADevice, checkDeleteToken, h.deleteToken),
	}
}
