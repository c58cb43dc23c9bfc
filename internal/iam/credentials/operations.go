package credentials

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
	createKey := operation.Writes(iamapi.OpCreateAccessKey, checkCreateKey, h.createKey)
	createKey.Issues = true
	return []operation.Definition{
		createKey,
		operation.Writes(iamapi.OpUpdateAccessKey, checkUpdateKey, h.updateKey),
		operation.Writes(iamapi.OpDeleteAccessKey, checkDeleteKey, h.deleteKey),
		operation.Reads(iamapi.OpListAccessKeys, checkListKeys, h.listKeys),
		operation.Reads(iamapi.OpGetAccessKeyLastUsed, checkKeyLastUsed, h.keyLastUsed),
		operation.Reads(iamapi.OpGetLoginProfile, checkGetLogin, h.getLogin),
		operation.Writes(iamapi.OpCreateLoginProfile, checkCreateLogin, h.createLogin),
		operation.Writes(iamapi.OpUpdateLoginProfile, checkUpdateLogin, h.updateLogin),
		operation.Writes(iamapi.OpDeleteLoginProfile, checkDeleteLogin, h.deleteLogin),

		operation.Reads(iamapi.OpListSSHPublicKeys, checkListSSHKeys, h.listSSHKeys),
		operation.Reads(iamapi.OpListSigningCertificates, checkListCertificates, h.listCertificates),
		operation.Reads(iamapi.OpListServiceSpecificCredentials, checkListServiceCredentials, h.listServiceCredentials),
	}
}
