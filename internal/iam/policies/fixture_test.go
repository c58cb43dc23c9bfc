package policies_test

import (
	"testing"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/policies"
	"sallyport/internal/state"
)

const (
	readOne = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}`
	listOne = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b"}}`

	administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
	serviceLinked = "arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy"
)

func fixture(t *testing.T) *iamtest.Fixture { return iamtest.New(t, policies.Operations) }

// addRole puts a role under a path into the fixture's account.
func addRole(f *iamtest.Fixture, path, name, boundary string) *iam.Role {
	f.Helper()
	role := &iam.Role{ID: f.Env.Ident.RoleID(), Name: name, Path: path, Created: iamtest.Start, Trust: "{}", MaxSession: 3600, Boundary: boundary}
	f.Change(func(tx *state.Tx) error { iam.Roles.Put(tx, role.ID, role); return nil })
	return role
}

func create(f *iamtest.Fixture, in *iamapi.CreatePolicyRequest) *iamapi.Policy {
	f.Helper()
	if in.PolicyDocument == nil {
		in.PolicyDocument = new(readOne)
	}
	return iamtest.Do[iamapi.CreatePolicyResponse](f, f.Root(), "CreatePolicy", in).Policy
}

func get(f *iamtest.Fixture, arn string) *iamapi.Policy {
	f.Helper()
	return iamtest.Do[iamapi.GetPolicyResponse](f, f.Root(), "GetPolicy", &iamapi.GetPolicyRequest{PolicyArn: new(arn)}).Policy
}
