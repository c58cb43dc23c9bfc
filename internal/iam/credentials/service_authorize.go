package credentials

import (
	"strconv"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
	"sallyport/policy/condition"
)

// The condition keys of service-specific credentials: the service that one is
// for, and for how many days an API key is to hold. The second is absent from
// keys that never expire.
const (
	serviceNameKey = "iam:servicespecificcredentialservicename"
	ageDaysKey     = "iam:servicespecificcredentialagedays"
)

func checkCreateService(c *operation.Call, r state.Reader, in *iamapi.CreateServiceSpecificCredentialRequest) ([]operation.Check, error) {
	check := iam.UserCheck(r, c.Caller.Account(), "iam:CreateServiceSpecificCredential", *in.UserName)
	check.Keys = condition.Map{serviceNameKey: condition.One(*in.ServiceName)}
	if in.CredentialAgeDays != nil {
		check.Keys[ageDaysKey] = condition.One(strconv.FormatInt(*in.CredentialAgeDays, 10))
	}
	return []operation.Check{check}, nil
}

// checkListService asks on all users when all are asked about.
func checkListService(c *operation.Call, r state.Reader, in *iamapi.ListServiceSpecificCredentialsRequest) ([]operation.Check, error) {
	const action = "iam:ListServiceSpecificCredentials"
	if api.Value(in.AllUsers) {
		if in.UserName != nil {
			return nil, iam.ValidationError("UserName can't be given together with AllUsers.")
		}
		return []operation.Check{{Action: action, Resource: iam.EntityARN(c.Caller.Account(), "user", "/", "*")}}, nil
	}
	return onSubject(c, r, action, in.UserName)
}

func checkUpdateService(c *operation.Call, r state.Reader, in *iamapi.UpdateServiceSpecificCredentialRequest) ([]operation.Check, error) {
	return onServiceCredential(c, r, "iam:UpdateServiceSpecificCredential", in.UserName, *in.ServiceSpecificCredentialId)
}

func checkResetService(c *operation.Call, r state.Reader, in *iamapi.ResetServiceSpecificCredentialRequest) ([]operation.Check, error) {
	return onServiceCredential(c, r, "iam:ResetServiceSpecificCredential", in.UserName, *in.ServiceSpecificCredentialId)
}

func checkDeleteService(c *operation.Call, r state.Reader, in *iamapi.DeleteServiceSpecificCredentialRequest) ([]operation.Check, error) {
	return onServiceCredential(c, r, "iam:DeleteServiceSpecificCredential", in.UserName, *in.ServiceSpecificCredentialId)
}

// onServiceCredential asks for an action on the user, with the service of the
// credential if the user has one with that id.
func onServiceCredential(c *operation.Call, r state.Reader, action string, name *string, id string) ([]operation.Check, error) {
	subject, err := findUser(c, r, name)
	if err != nil {
		return nil, err
	}
	check := subject.Check(c.Caller.Account(), action)
	if subject.User != nil {
		if s, ok := iam.ServiceCredentials.Get(r, iam.CredentialKey(subject.User.ID, id)); ok {
			check.Keys = condition.Map{serviceNameKey: condition.One(s.Service)}
		}
	}
	return []operation.Check{check}, nil
}
