package reports

import (
	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// Reports on the account as a whole have no resource, nor has a report that is
// got by its job; what a report is made about is one
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html).

func checkSummary(*operation.Call, state.Reader, *iamapi.GetAccountSummaryRequest) ([]operation.Check, error) {
	return []operation.Check{iam.AccountCheck("iam:GetAccountSummary")}, nil
}

func checkDetails(*operation.Call, state.Reader, *iamapi.GetAccountAuthorizationDetailsRequest) ([]operation.Check, error) {
	return []operation.Check{iam.AccountCheck("iam:GetAccountAuthorizationDetails")}, nil
}

func checkGenerateReport(*operation.Call, state.Reader, *iamapi.GenerateCredentialReportRequest) ([]operation.Check, error) {
	return []operation.Check{iam.AccountCheck("iam:GenerateCredentialReport")}, nil
}

func checkGetReport(*operation.Call, state.Reader, *iamapi.GetCredentialReportRequest) ([]operation.Check, error) {
	return []operation.Check{iam.AccountCheck("iam:GetCredentialReport")}, nil
}

func checkSetPreferences(*operation.Call, state.Reader, *iamapi.SetSecurityTokenServicePreferencesRequest) ([]operation.Check, error) {
	return []operation.Check{iam.AccountCheck("iam:SetSecurityTokenServicePreferences")}, nil
}

func checkCreateAlias(*operation.Call, state.Reader, *iamapi.CreateAccountAliasRequest) ([]operation.Check, error) {
	return []operation.Check{iam.AccountCheck("iam:CreateAccountAlias")}, nil
}

func checkDeleteAlias(*operation.Call, state.Reader, *iamapi.DeleteAccountAliasRequest) ([]operation.Check, error) {
	return []operation.Check{iam.AccountCheck("iam:DeleteAccountAlias")}, nil
}

func checkListAliases(*operation.Call, state.Reader, *iamapi.ListAccountAliasesRequest) ([]operation.Check, error) {
	return []operation.Check{iam.AccountCheck("iam:ListAccountAliases")}, nil
}

func checkGenerateAccessed(c *operation.Call, r state.Reader, in *iamapi.GenerateServiceLastAccessedDetailsRequest) ([]operation.Check, error) {
	n, err := nameReported(*in.Arn)
	if err != nil {
		return nil, err
	}
	return checkReported(c, r, "iam:GenerateServiceLastAccessedDetails", n)
}

func checkGetAccessed(*operation.Call, state.Reader, *iamapi.GetServiceLastAccessedDetailsRequest) ([]operation.Check, error) {
	return []operation.Check{iam.AccountCheck("iam:GetServiceLastAccessedDetails")}, nil
}

func checkGetAccessedEntities(*operation.Call, state.Reader, *iamapi.GetServiceLastAccessedDetailsWithEntitiesRequest) ([]operation.Check, error) {
	return []operation.Check{iam.AccountCheck("iam:GetServiceLastAccessedDetailsWithEntities")}, nil
}

func checkGranting(c *operation.Call, r state.Reader, in *iamapi.ListPoliciesGrantingServiceAccessRequest) ([]operation.Check, error) {
	n, err := nameReported(*in.Arn)
	switch {
	case err != nil:
		return nil, err
	case n.kind == kindRoot:
		return nil, iamapi.InvalidInputException("Could not extract entity from ARN : %s", n.arn)
	case n.kind == kindPolicy:
		return nil, n.unsupported()
	}
	return checkReported(c, r, "iam:ListPoliciesGrantingServiceAccess", n)
}

// checkReported asks for an action on the user, group, role or managed policy
// that is named. Users, groups and roles go by name: the path in the request is not
// looked at, so what is asked about is the ARN that the entity has. What is
// another account's is refused whether or not it exists.
func checkReported(c *operation.Call, r state.Reader, action string, n named) ([]operation.Check, error) {
	account := c.Caller.Account()
	if n.account != account && !(n.kind == kindPolicy && n.account == iam.AWSAccount) {
		return nil, api.AccessDenied(iamapi.Service, "User: %s is not authorized to perform the operation on %s", c.Caller.Principal.ARN, n.arn)
	}
	check := operation.Check{Action: action, Resource: n.arn, Name: "policy " + n.arn}
	switch n.kind {
	case kindUser:
		check = iam.UserCheck(r, account, action, n.name)
	case kindGroup:
		check = iam.GroupCheck(r, account, action, n.name)
	case kindRole:
		check = iam.RoleCheck(r, account, action, n.name)
	case kindPolicy:
		if p, err := iam.FindPolicy(r, account, n.arn); err == nil {
			check.ResourceTags = p.Tags
		}
	default:
		return nil, n.unsupported()
	}
	return []operation.Check{check}, nil
}
