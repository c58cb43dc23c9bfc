package reports

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
)

// handlers are the operations of this package.
type handlers struct {
	env      *iam.Env
	reports  *generator
	accesses *accessJobs
}

// Operations returns the definitions of this package's operations.
func Operations(env *iam.Env) []operation.Definition {
	k := newKeeper(env)
	h := &handlers{env, &generator{keeper: k}, newAccessJobs(k)}
	return []operation.Definition{
		operation.Reads(iamapi.OpGetAccountSummary, checkSummary, h.summary),
		operation.Reads(iamapi.OpGetAccountAuthorizationDetails, checkDetails, h.details),
		operation.Reads(iamapi.OpGenerateCredentialReport, checkGenerateReport, h.generateReport),
		operation.Reads(iamapi.OpGetCredentialReport, checkGetReport, h.getReport),
		operation.Reads(iamapi.OpGenerateServiceLastAccessedDetails, checkGenerateAccessed, h.generateAccessed),
		operation.Reads(iamapi.OpGetServiceLastAccessedDetails, checkGetAccessed, h.getAccessed),
		operation.Reads(iamapi.OpGetServiceLastAccessedDetailsWithEntities, checkGetAccessedEntities, h.getAccessedEntities),
		operation.Reads(iamapi.OpListPoliciesGrantingServiceAccess, checkGranting, h.granting),
		operation.Writes(iamapi.OpCreateAccountAlias, checkCreateAlias, h.createAlias),
		operation.Writes(iamapi.OpDeleteAccountAlias, checkDeleteAlias, h.deleteAlias),
		operation.Reads(iamapi.OpListAccountAliases, checkListAliases, h.listAliases),
		operation.Writes(iamapi.OpSetSecurityTokenServicePreferences, checkSetPreferences, h.setPreferences),
	}
}
