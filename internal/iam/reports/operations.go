package reports

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
		operation.Reads(iamapi.OpGetAccountSummary, checkSummary, h.summary),
		operation.Reads(iamapi.OpGetAccountAuthorizationDetails, checkDetails, h.details),
		operation.Writes(iamapi.OpCreateAccountAlias, checkCreateAlias, h.createAlias),
		operation.Writes(iamapi.OpDeleteAccountAlias, checkDeleteAlias, h.deleteAlias),
		operation.Reads(iamapi.OpListAccountAliases, checkListAliases, h.listAliases),
	}
}
