package policies

import (
	"strings"
	"time"

	"sallyport/catalog/managed"
	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/protocol/awsquery"
	"sallyport/internal/state"
)

func (p *policies) createVersion(c *operation.Call, tx *state.Tx, in *iamapi.CreatePolicyVersionRequest) (*iamapi.CreatePolicyVersionResponse, error) {
	old, err := findOwn(c, tx, *in.PolicyArn)
	if err != nil {
		return nil, err
	}
	if err := p.validManaged(*in.PolicyDocument); err != nil {
		return nil, err
	}
	if limit := p.env.Limits[iam.VersionsPerPolicy]; len(versions(tx, old)) >= limit {
		return nil, iamapi.LimitExceededException("A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", limit)
	}
	policy := *old
	// Numbers are never given twice, also after the latest version is deleted.
	policy.Latest++
	policy.Updated = iam.Moment(tx.Now())
	if api.Value(in.SetAsDefault) {
		policy.Default = policy.Latest
	}
	version := &iam.PolicyVersion{Number: policy.Latest, Document: *in.PolicyDocument, Created: policy.Updated}
	iam.PolicyVersions.Put(tx, iam.VersionKey(policy.ID, version.Number), version)
	iam.Policies.Put(tx, policy.ID, &policy)
	out := describedVersion(&policy, version)
	return &iamapi.CreatePolicyVersionResponse{PolicyVersion: &out}, nil
}

func (p *policies) deleteVersion(c *operation.Call, tx *state.Tx, in *iamapi.DeletePolicyVersionRequest) (*iamapi.DeletePolicyVersionResponse, error) {
	policy, version, err := findOwnVersion(c, tx, *in.PolicyArn, *in.VersionId)
	if err != nil {
		return nil, err
	}
	if version.Number == policy.Default {
		return nil, iamapi.DeleteConflictException("Cannot delete the default version of a policy.")
	}
	iam.PolicyVersions.Delete(tx, iam.VersionKey(policy.ID, version.Number))
	return &iamapi.DeletePolicyVersionResponse{}, nil
}

func (p *policies) setDefaultVersion(c *operation.Call, tx *state.Tx, in *iamapi.SetDefaultPolicyVersionRequest) (*iamapi.SetDefaultPolicyVersionResponse, error) {
	old, version, err := findOwnVersion(c, tx, *in.PolicyArn, *in.VersionId)
	if err != nil {
		return nil, err
	}
	policy := *old
	policy.Default = version.Number
	iam.Policies.Put(tx, policy.ID, &policy)
	return &iamapi.SetDefaultPolicyVersionResponse{}, nil
}

func (p *policies) getVersion(c *operation.Call, r state.Reader, in *iamapi.GetPolicyVersionRequest) (*iamapi.GetPolicyVersionResponse, error) {
	arn, id := *in.PolicyArn, *in.VersionId
	if aws, ok := managed.Lookup(arn); ok {
		if id != aws.DefaultVersionID {
			return nil, noVersion(arn, id)
		}
		out := awsVersion(aws)
		out.Document = new(awsquery.EncodeDocument(string(aws.Document())))
		return &iamapi.GetPolicyVersionResponse{PolicyVersion: &out}, nil
	}
	policy, err := iam.FindPolicy(r, c.Caller.Account(), arn)
	if err != nil {
		return nil, err
	}
	version, err := findVersion(r, policy, arn, id)
	if err != nil {
		return nil, err
	}
	out := describedVersion(policy, version)
	out.Document = new(awsquery.EncodeDocument(version.Document))
	return &iamapi.GetPolicyVersionResponse{PolicyVersion: &out}, nil
}

// listVersions lists a policy's versions, the newest first and without their
// documents. Of AWS managed policies only the default version is known.
func (p *policies) listVersions(c *operation.Call, r state.Reader, in *iamapi.ListPolicyVersionsRequest) (*iamapi.ListPolicyVersionsResponse, error) {
	arn := *in.PolicyArn
	var all []iamapi.PolicyVersion
	if aws, ok := managed.Lookup(arn); ok {
		all = append(all, awsVersion(aws))
	} else {
		policy, err := iam.FindPolicy(r, c.Caller.Account(), arn)
		if err != nil {
			return nil, err
		}
		for _, v := range versions(r, policy) {
			all = append(all, describedVersion(policy, v))
		}
	}
	page, truncated, next, err := iam.PageOf(in.Marker, in.MaxItems, all, newestFirst)
	if err != nil {
		return nil, err
	}
	return &iamapi.ListPolicyVersionsResponse{
		Versions: append([]iamapi.PolicyVersion{}, page...), IsTruncated: truncated, Marker: next,
	}, nil
}

// newestFirst orders versions by descending number: of keys that differ in
// length the longer comes first, and digits are mirrored.
func newestFirst(v iamapi.PolicyVersion) string {
	digits := strings.TrimPrefix(*v.VersionId, "v")
	mirrored := []byte{byte('z' - len(digits))}
	for _, d := range []byte(digits) {
		mirrored = append(mirrored, '9'-(d-'0'))
	}
	return string(mirrored)
}

// versions returns the policy's versions, the oldest first.
func versions(r state.Reader, p *iam.Policy) []*iam.PolicyVersion {
	var all []*iam.PolicyVersion
	iam.PolicyVersions.AscendPrefix(r, p.ID+"/", func(_ string, v *iam.PolicyVersion) bool {
		all = append(all, v)
		return true
	})
	return all
}

func findOwnVersion(c *operation.Call, r state.Reader, arn, id string) (*iam.Policy, *iam.PolicyVersion, error) {
	policy, err := findOwn(c, r, arn)
	if err != nil {
		return nil, nil, err
	}
	version, err := findVersion(r, policy, arn, id)
	return policy, version, err
}

func findVersion(r state.Reader, p *iam.Policy, arn, id string) (*iam.PolicyVersion, error) {
	if n, ok := iam.ParseVersionID(id); ok {
		if v, found := iam.PolicyVersions.Get(r, iam.VersionKey(p.ID, n)); found {
			return v, nil
		}
	}
	return nil, noVersion(arn, id)
}

func describedVersion(p *iam.Policy, v *iam.PolicyVersion) iamapi.PolicyVersion {
	return apiVersion(iam.VersionID(v.Number), v.Number == p.Default, v.Created)
}

func awsVersion(p *managed.Policy) iamapi.PolicyVersion {
	return apiVersion(p.DefaultVersionID, true, p.UpdateDate)
}

func apiVersion(id string, isDefault bool, created time.Time) iamapi.PolicyVersion {
	return iamapi.PolicyVersion{VersionId: new(id), IsDefaultVersion: new(isDefault), CreateDate: new(created)}
}
