package reports

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
)

// handlers are the operations of this package.
type handlers struct {
	env     *iam.Env
	reports *generator
}

// Operations returns the definitions of this package's operations.
func Operations(env *iam.Env) []operation.Definition {
	h := &handlers{env, newGenerator(env)}
	return []operation.Definition{
		operation.Reads(iamapi.OpGetAccountSummary, checkSummary, h.summary),
		operation.Reads(iamapi.OpGetAccountAuthorizationDetails, checkDetails, h.details),
		operation.Reads(iamapi.OpGenerateCredentialReport, checkGenerateReport, h.generateReport),
		operation.Reads(iamapi.OpGetCredentialReport, checkGetReport, h.getReport),
		operation.Writes(iamapi.OpCreateAccountAlias, checkCreateAlias, h.createAlias),
		operation.Writes(iamapi.OpDeleteAccountAlias, checkDeleteAlias, h.deleteAlias),
		operation.Reads(iamapi.OpListAccountAliases, checkListAliases, h.listAliases),
		operation.Writes(iamapi.OpSetSecurityTokenServicePreferences, checkSetPreferences, h.setPreferences),
	}
}
