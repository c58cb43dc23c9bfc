package reports

import (
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// None of these actions has a resource
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
