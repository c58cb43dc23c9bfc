package roles_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/roles"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// ec2 is a minimal trust policy (row iam-036).
const ec2 = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

const document = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

func fixture(t *testing.T) *iamtest.Fixture { return iamtest.New(t, roles.Operations) }

// trusting is a trust policy for principals of type AWS.
func trusting(principals ...string) string {
	quoted := make([]string, len(principals))
	for i, p := range principals {
		quoted[i] = fmt.Sprintf("%q", p)
	}
	return `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": [` + strings.Join(quoted, ", ") + `]}, "Action": "sts:AssumeRole"}]}`
}

func create(f *iamtest.Fixture, in *iamapi.CreateRoleRequest) *iamapi.Role {
	f.Helper()
	if in.AssumeRolePolicyDocument == nil {
		in.AssumeRolePolicyDocument = new(ec2)
	}
	return iamtest.Do[iamapi.CreateRoleResponse](f, f.Root(), "CreateRole", in).Role
}

func get(f *iamtest.Fixture, name string) *iamapi.Role {
	f.Helper()
	return iamtest.Do[iamapi.GetRoleResponse](f, f.Root(), "GetRole", &iamapi.GetRoleRequest{RoleName: new(name)}).Role
}

// shownTrust is the trust policy that GetRole shows.
func shownTrust(f *iamtest.Fixture, name string) string {
	f.Helper()
	doc, err := url.PathUnescape(*get(f, name).AssumeRolePolicyDocument)
	if err != nil {
		f.Fatal(err)
	}
	return doc
}

// addProtected puts a role that only AWS may change into the account.
func addProtected(f *iamtest.Fixture, path, name string) *iam.Role {
	f.Helper()
	role := &iam.Role{ID: f.Env.Ident.RoleID(), Name: name, Path: path, Created: iamtest.Start, Trust: ec2, MaxSession: 3600}
	f.Change(func(tx *state.Tx) error { iam.Roles.Put(tx, role.ID, role); return nil })
	return role
}

// refused returns the message with which CreateRole refuses a trust policy as
// malformed; empty when it is accepted.
func refused(f *iamtest.Fixture, trust string) string {
	f.Helper()
	name := "r" + f.Env.Ident.RoleID()
	_, err := f.Call(f.Root(), "CreateRole", &iamapi.CreateRoleRequest{RoleName: new(name), AssumeRolePolicyDocument: new(trust)})
	if err == nil {
		return ""
	}
	var e *api.Error
	if !errors.As(err, &e) || e.Code != "MalformedPolicyDocument" {
		f.Errorf("CreateRole: %v", err)
		return err.Error()
	}
	return e.Message
}

func check(f *iamtest.Fixture, action, path, name string) operation.Check {
	return operation.Check{Action: action, Resource: f.ARN("role" + path + name), Name: "role " + name}
}
