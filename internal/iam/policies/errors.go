package policies

import (
	"net/http"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
)

// splitARN returns the owner (an account id or iam.AWSAccount) and the path of
// a managed policy. What is no policy's ARN is InvalidInput.
func splitARN(policyARN string) (owner, path string, err error) {
	if err := iam.CheckARN("policy", policyARN); err != nil {
		return "", "", err
	}
	owner, path, _, ok := iam.SplitPolicyARN(policyARN)
	if !ok {
		return "", "", iamapi.InvalidInputException("ARN %s is not valid.", policyARN)
	}
	return owner, path, nil
}

// noPolicy is AWS's answer to operations on a managed policy that does not
// exist, or is not attached (rows iam-095, iam-098).
func noPolicy(policyARN string) error {
	return iamapi.NoSuchEntityException("Policy %s was not found.", policyARN)
}

// noAttachablePolicy is AWS's answer when a policy that is asked for or to be
// attached does not exist (row iam-097).
func noAttachablePolicy(policyARN string) error {
	return iamapi.NoSuchEntityException("Policy %s does not exist or is not attachable.", policyARN)
}

func noVersion(policyARN, versionID string) error {
	return iamapi.NoSuchEntityException("Policy %s version %s does not exist or is not attachable.", policyARN, versionID)
}

// notYours is AWS's answer to changes of AWS managed policies, which are
// refused to whoever may change policies.
func notYours() error {
	return api.Errorf("AccessDenied", http.StatusForbidden, true, "Policy is outside your own account.")
}
