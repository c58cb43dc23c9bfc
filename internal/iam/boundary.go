package iam

import (
	"strings"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/state"
)

// CheckBoundary returns AWS's InvalidInput for what is no managed policy's ARN,
// NoSuchEntity unless the policy exists, and PolicyNotAttachable for one that is
// made for a service-linked role.
func CheckBoundary(r state.Reader, account, policyARN string) error {
	if err := CheckARN("policy", policyARN); err != nil {
		return err
	}
	if !Attachable(r, account, policyARN) {
		return iamapi.NoSuchEntityException("Scope ARN: %s does not exist or is not attachable.", policyARN)
	}
	if owner, path, _, _ := SplitPolicyARN(policyARN); owner == AWSAccount && strings.HasPrefix(path, ServiceLinkedPath) {
		return iamapi.PolicyNotAttachableException("Policy %s is not attachable.", policyARN)
	}
	return nil
}
