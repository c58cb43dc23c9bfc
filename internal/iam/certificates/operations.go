package certificates

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
		operation.Writes(iamapi.OpUploadSSHPublicKey, checkUploadSSH, h.uploadSSH),
		operation.Reads(iamapi.OpGetSSHPublicKey, checkGetSSH, h.getSSH),
		operation.Reads(iamapi.OpListSSHPublicKeys, checkListSSH, h.listSSH),
		operation.Writes(iamapi.OpUpdateSSHPublicKey, checkUpdateSSH, h.updateSSH),
		operation.Writes(iamapi.OpDeleteSSHPublicKey, checkDeleteSSH, h.deleteSSH),

		operation.Writes(iamapi.OpUploadSigningCertificate, checkUploadSigning, h.uploadSigning),
		operation.Reads(iamapi.OpListSigningCertificates, checkListSigning, h.listSigning),
		operation.Writes(iamapi.OpUpdateSigningCertificate, checkUpdateSigning, h.updateSigning),
		operation.Writes(iamapi.OpDeleteSigningCertificate, checkDeleteSigning, h.deleteSigning),

		operation.Writes(iamapi.OpUploadServerCertificate, checkUploadServer, h.uploadServer),
		operation.Reads(iamapi.OpGetServerCertificate, checkGetServer, h.getServer),
		operation.Reads(iamapi.OpListServerCertificates, checkListServer, h.listServer),
		operation.Writes(iamapi.OpUpdateServerCertificate, checkUpdateServer, h.updateServer),
		operation.Writes(iamapi.OpDeleteServerCertificate, checkDeleteServer, h.deleteServer),
		operation.Writes(iamapi.OpTagServerCertificate, checkTagServer, h.tagServer),
		operation.Writes(iamapi.OpUntagServerCertificate, checkUntagServer, h.untagServer),
		operation.Reads(iamapi.OpListServerCertificateTags, checkListServerTags, h.listServerTags),
	}
}
