package behaviour

import (
	"net/http"
	"strings"
	"testing"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/app"
	"sallyport/test/inprocess"
)

// samples are values of parameters that are good but for the name in question.
var samples = p{
	"UserName": "alice", "GroupName": "g", "RoleName": "r", "InstanceProfileName": "ip", "PolicyName": "p",
	"PolicyArn": readOnly, "PermissionsBoundary": readOnly, "PolicyDocument": anyDocument,
	"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SSHPublicKeyId": "APKAEXAMPLEEXAMPLEXX", "CertificateId": "CERTIFICATEIDEXAMPLEXXXX", "ServiceSpecificCredentialId": "ACCAEXAMPLEEXAMPLEXX",
	"ServiceName": "codecommit.amazonaws.com", "Encoding": "SSH", "Status": "Inactive", "Password": password,
	"SerialNumber": "arn:aws:iam::" + inprocess.Account + ":mfa/device", "AuthenticationCode1": "123456", "AuthenticationCode2": "654321",
	"SSHPublicKeyBody": "ssh-rsa AAAA", "CertificateBody": "none", "Description": "", "TagKeys": "",
	"Tags.member.1.Key": "k", "Tags.member.1.Value": "v",
	"VersionId": "v1", "ClientID": "c", "ThumbprintList.member.1": strings.Repeat("ab", 20),
}

// TestMissingEntities: what facts iam-026, iam-189 and wire-003 say of missing
// groups and users holds for every operation on one, and roles are worded
// alike.
func TestMissingEntities(t *testing.T) {
	s := inprocess.New(t)
	entities(&run{T: t, Server: s})
	s.Admin.Do("iam:CreateInstanceProfile", p{"InstanceProfileName": "ip"})
	asked := 0
	for _, kind := range []string{"User", "Group", "Role"} {
		for _, op := range iamapi.Service.Operations {
			if _, isServed := app.Operations().Lookup(op); !isServed || op.Name == "Create"+kind || op.Input == nil {
				continue
			}
			if _, ok := op.Input.Member(kind + "Name"); !ok {
				continue
			}
			asked++
			in := p{kind + "Name": "nobody"}
			for _, m := range op.Input.Members {
				if m.Required && m.Name != kind+"Name" {
					sample(t, in, op, m.Name)
				}
			}
			reply := s.Admin.Refused("iam:"+op.Name, in, http.StatusNotFound, "NoSuchEntity")
			reply.WantMessage("The " + strings.ToLower(kind) + " with name nobody cannot be found.")
			if _, err := decode(reply, op); err != nil {
				t.Errorf("%s: %v", op.Name, err)
			}
		}
	}
	if asked < 70 {
		t.Errorf("only %d operations were asked", asked)
	}
}

// TestMalformedARNs: of every operation that is asked about a policy or an
// identity provider by its ARN, AWS documents InvalidInput. Whether an ARN is one
// is told before what it names is looked for, by its own text alone
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns).
func TestMalformedARNs(t *testing.T) {
	s := inprocess.New(t)
	r := &run{T: t, Server: s}
	entities(r)
	r.policy("p")
	s.Admin.Do("iam:CreateOpenIDConnectProvider", p{"Url": "https://idp.example.com/path"})
	s.Admin.Do("iam:CreateSAMLProvider", p{"Name": "corporate-identities", "SAMLMetadataDocument": samlMetadata()})
	asked := 0
	for _, kind := range []struct{ parameter, resource string }{
		{"PolicyArn", "policy/p"},
		{"OpenIDConnectProviderArn", "oidc-provider/idp.example.com/path"},
		{"SAMLProviderArn", "saml-provider/corporate-identities"},
	} {
		_, name, _ := strings.Cut(kind.resource, "/")
		own := "arn:aws:iam::" + inprocess.Account + ":"
		for _, op := range iamapi.Service.Operations {
			if _, isServed := app.Operations().Lookup(op); !isServed || op.Input == nil {
				continue
			}
			if _, ok := op.Input.Member(kind.parameter); !ok {
				continue
			}
			asked++
			for _, arn := range []string{
				"arn:aws-cn:iam::" + inprocess.Account + ":" + kind.resource, "arn:aws:sts::" + inprocess.Account + ":" + kind.resource,
				"arn:aws:iam:us-east-1:" + inprocess.Account + ":" + kind.resource, "arn:aws:iam::1234567890123:" + kind.resource,
				own + kind.resource + " ", " " + own + kind.resource, own + "user/admin", own + strings.TrimSuffix(kind.resource, name),
				"https://idp.example.com/path", "corporate-identities",
			} {
				in := p{kind.parameter: arn}
				for _, m := range op.Input.Members {
					if m.Required && m.Name != kind.parameter {
						sample(t, in, op, m.Name)
					}
				}
				s.Admin.Refused("iam:"+op.Name, in, http.StatusBadRequest, "InvalidInput").WantMessage("ARN " + arn + " is not valid.")
			}
		}
	}
	if asked != 31 {
		t.Errorf("%d operations were asked", asked)
	}
	for _, kind := range []string{"User", "Role"} {
		for _, arn := range []string{"arn:aws:iam::" + inprocess.Account + ":user/alice", "https://policies.example.com", ownPolicy + "p "} {
			s.Admin.Refused("iam:Put"+kind+"PermissionsBoundary", p{kind + "Name": map[string]string{"User": "alice", "Role": "r"}[kind], "PermissionsBoundary": arn},
				http.StatusBadRequest, "InvalidInput").WantMessage("ARN " + arn + " is not valid.")
		}
	}
	for _, name := range []string{"SimulatePrincipalPolicy", "GetContextKeysForPrincipalPolicy"} {
		for _, arn := range []string{ownPolicy + "p", "arn:aws:iam::" + inprocess.Account + ":root", "arn:aws:s3:::bucket-of-somebody"} {
			in := p{"PolicySourceArn": arn}
			if name == "SimulatePrincipalPolicy" {
				in["ActionNames.member.1"] = "s3:GetObject"
			}
			s.Admin.Refused("iam:"+name, in, http.StatusBadRequest, "InvalidInput").
				WantMessage("Invalid Entity Arn: " + arn + " does not clearly define entity type and name.")
		}
	}
}

// TestPoliciesAndRolesOfServices: what AWS makes for a service-linked role is
// nobody's boundary, and such a role is in no instance profile.
func TestPoliciesAndRolesOfServices(t *testing.T) {
	const policy, linked = "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy", "AWSServiceRoleForECS"
	s := inprocess.New(t)
	entities(&run{T: t, Server: s})
	s.Admin.Do("iam:CreateServiceLinkedRole", p{"AWSServiceName": "ecs.amazonaws.com"})
	s.Admin.Do("iam:CreateInstanceProfile", p{"InstanceProfileName": "ip"})
	for operation, in := range map[string]p{
		"PutUserPermissionsBoundary": {"UserName": "alice"}, "PutRolePermissionsBoundary": {"RoleName": "r"}, "CreateUser": {"UserName": "u"},
		"CreateRole": {"RoleName": "new", "AssumeRolePolicyDocument": ec2Trust},
	} {
		s.Admin.Refused("iam:"+operation, with(in, "PermissionsBoundary", policy), http.StatusBadRequest, "PolicyNotAttachable")
	}
	for _, operation := range []string{"AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile"} {
		s.Admin.Refused("iam:"+operation, p{"InstanceProfileName": "ip", "RoleName": linked}, http.StatusBadRequest, "UnmodifiableEntity").
			WantMessage("Cannot perform the operation on the protected role '" + linked + "' - this role is only modifiable by AWS")
	}
}

// sample adds the parameters of a member.
func sample(t *testing.T, in p, op *api.Operation, member string) {
	t.Helper()
	found := false
	for name, v := range samples {
		if name == member || strings.HasPrefix(name, member+".") {
			in[name], found = v, true
		}
	}
	if !found {
		t.Fatalf("there is no sample of %s's %s", op.Name, member)
	}
}
