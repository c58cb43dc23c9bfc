package policies

import (
	"sallyport/catalog/managed"
	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

func (p *policies) createPolicy(c *operation.Call, tx *state.Tx, in *iamapi.CreatePolicyRequest) (*iamapi.CreatePolicyResponse, error) {
	name := *in.PolicyName
	if err := p.validManaged(*in.PolicyDocument); err != nil {
		return nil, err
	}
	tags, err := p.newTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	if _, _, taken := iam.PoliciesByName.First(tx, iam.FoldName(name)); taken {
		return nil, iamapi.EntityAlreadyExistsException("A policy called %s already exists. Duplicate names are not allowed.", name)
	}
	if err := p.env.Limits.Check(iam.PoliciesPerAccount, iam.Policies.Len(tx)+1); err != nil {
		return nil, err
	}
	now := iam.Moment(tx.Now())
	policy := &iam.Policy{
		ID: p.env.Ident.PolicyID(), Name: name, Path: pathOrRoot(in.Path),
		Created: now, Updated: now, Description: api.Value(in.Description),
		Default: 1, Latest: 1, Tags: tags,
	}
	iam.Policies.Put(tx, policy.ID, policy)
	iam.PolicyVersions.Put(tx, iam.VersionKey(policy.ID, 1), &iam.PolicyVersion{Number: 1, Document: *in.PolicyDocument, Created: now})
	out := customerPolicy(tx, c.Caller.Account(), policy)
	out.Tags = iam.APITags(tags)
	return &iamapi.CreatePolicyResponse{Policy: &out}, nil
}

func (p *policies) getPolicy(c *operation.Call, r state.Reader, in *iamapi.GetPolicyRequest) (*iamapi.GetPolicyResponse, error) {
	arn := *in.PolicyArn
	if aws, ok := managed.Lookup(arn); ok {
		out := awsPolicy(r, aws)
		out.Tags = []iamapi.Tag{}
		return &iamapi.GetPolicyResponse{Policy: &out}, nil
	}
	policy, err := iam.FindPolicy(r, c.Caller.Account(), arn)
	if err != nil {
		return nil, noAttachablePolicy(arn)
	}
	out := customerPolicy(r, c.Caller.Account(), policy)
	// Unlike users and roles, a policy without tags has an empty list of them
	// (row iam-090).
	out.Tags = append([]iamapi.Tag{}, iam.APITags(policy.Tags)...)
	if policy.Description != "" {
		out.Description = new(policy.Description)
	}
	return &iamapi.GetPolicyResponse{Policy: &out}, nil
}

func (p *policies) deletePolicy(c *operation.Call, tx *state.Tx, in *iamapi.DeletePolicyRequest) (*iamapi.DeletePolicyResponse, error) {
	arn := *in.PolicyArn
	policy, err := findOwn(c, tx, arn)
	if err != nil {
		return nil, err
	}
	// A boundary that went away would leave its entity unlimited or useless.
	if attachmentCount(tx, arn)+boundaryCount(tx, arn) > 0 {
		return nil, iamapi.DeleteConflictException("Cannot delete a policy attached to entities.")
	}
	if len(versions(tx, policy)) > 1 {
		return nil, iamapi.DeleteConflictException("This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	}
	iam.PolicyVersions.Delete(tx, iam.VersionKey(policy.ID, policy.Default))
	iam.Policies.Delete(tx, policy.ID)
	return &iamapi.DeletePolicyResponse{}, nil
}

// findOwn returns the customer managed policy that a change is about. AWS
// managed policies are refused whether they exist or not.
func findOwn(c *operation.Call, r state.Reader, arn string) (*iam.Policy, error) {
	if owner, _, _, _ := iam.SplitPolicyARN(arn); owner == iam.AWSAccount {
		return nil, notYours()
	}
	return iam.FindPolicy(r, c.Caller.Account(), arn)
}

// customerPolicy describes a customer managed policy as lists show it: without
// tags and description.
func customerPolicy(r state.Reader, account string, p *iam.Policy) iamapi.Policy {
	arn := iam.PolicyARN(account, p)
	return iamapi.Policy{
		PolicyName: new(p.Name), PolicyId: new(p.ID), Arn: new(arn), Path: new(p.Path),
		DefaultVersionId: new(iam.VersionID(p.Default)),
		AttachmentCount:  new(attachmentCount(r, arn)), PermissionsBoundaryUsageCount: new(boundaryCount(r, arn)),
		IsAttachable: new(true), CreateDate: new(p.Created), UpdateDate: new(p.Updated),
	}
}

// awsPolicy describes an AWS managed policy with the account's own counts of
// use.
func awsPolicy(r state.Reader, p *managed.Policy) iamapi.Policy {
	return iamapi.Policy{
		PolicyName: new(p.Name), PolicyId: new(p.ID), Arn: new(p.ARN), Path: new(p.Path),
		DefaultVersionId: new(p.DefaultVersionID),
		AttachmentCount:  new(attachmentCount(r, p.ARN)), PermissionsBoundaryUsageCount: new(boundaryCount(r, p.ARN)),
		IsAttachable: new(true), CreateDate: new(p.CreateDate), UpdateDate: new(p.UpdateDate),
	}
}

// attachmentCount is the number of users, groups and roles of the account that
// the policy is attached to.
func attachmentCount(r state.Reader, arn string) int64 {
	return int64(iam.AttachmentsByPolicy.Count(r, arn))
}

// boundaryCount is the number of users and roles of the account whose
// permissions boundary the policy is.
func boundaryCount(r state.Reader, arn string) int64 {
	return int64(iam.UsersByBoundary.Count(r, arn) + iam.RolesByBoundary.Count(r, arn))
}
