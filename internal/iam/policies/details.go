package policies

import (
	"cmp"
	"slices"

	"sallyport/catalog/managed"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/protocol/awsquery"
	"sallyport/internal/state"
)

// What iam:GetAccountAuthorizationDetails says about policies
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html).
// Documents are percent-encoded, as in every reply.

// InlineDetails lists the inline policies of a user, group or role, with their
// documents, by name; nil when it has none.
func InlineDetails(r state.Reader, entityID string) []iamapi.PolicyDetail {
	var all []iamapi.PolicyDetail
	inlinePolicies(r, &entity{id: entityID}, func(v *iam.InlinePolicy) {
		all = append(all, iamapi.PolicyDetail{
			PolicyName: new(v.Name), PolicyDocument: new(awsquery.EncodeDocument(v.Document)),
		})
	})
	return all
}

// AttachedTo lists the managed policies attached to a user, group or role, in
// the order of lists; never nil.
func AttachedTo(r state.Reader, entityID string) []iamapi.AttachedPolicy {
	all := []iamapi.AttachedPolicy{}
	for _, arn := range attachments(r, &entity{id: entityID}) {
		if _, _, name, ok := iam.SplitPolicyARN(arn); ok {
			all = append(all, iamapi.AttachedPolicy{PolicyName: new(name), PolicyArn: new(arn)})
		}
	}
	slices.SortFunc(all, func(a, b iamapi.AttachedPolicy) int {
		return cmp.Compare(listKey(*a.PolicyName, *a.PolicyArn), listKey(*b.PolicyName, *b.PolicyArn))
	})
	return all
}

// CustomerDetail describes a customer managed policy with all its versions, the
// newest first.
func CustomerDetail(r state.Reader, account string, p *iam.Policy) iamapi.ManagedPolicyDetail {
	all := versions(r, p)
	slices.Reverse(all)
	out := make([]iamapi.PolicyVersion, len(all))
	for i, v := range all {
		out[i] = describedVersion(p, v)
		out[i].Document = new(awsquery.EncodeDocument(v.Document))
	}
	return detail(customerPolicy(r, account, p), out)
}

// AWSDetail describes an AWS managed policy with the version that is known of
// it, the default one.
func AWSDetail(r state.Reader, p *managed.Policy) iamapi.ManagedPolicyDetail {
	version := awsVersion(p)
	version.Document = new(awsquery.EncodeDocument(string(p.Document())))
	return detail(awsPolicy(r, p), []iamapi.PolicyVersion{version})
}

// detail is a policy as lists show it, with its versions.
func detail(p iamapi.Policy, versions []iamapi.PolicyVersion) iamapi.ManagedPolicyDetail {
	return iamapi.ManagedPolicyDetail{
		PolicyName: p.PolicyName, PolicyId: p.PolicyId, Arn: p.Arn, Path: p.Path,
		DefaultVersionId: p.DefaultVersionId, AttachmentCount: p.AttachmentCount,
		PermissionsBoundaryUsageCount: p.PermissionsBoundaryUsageCount, IsAttachable: p.IsAttachable,
		CreateDate: p.CreateDate, UpdateDate: p.UpdateDate, PolicyVersionList: versions,
	}
}
