package behaviour

import (
	"fmt"
	"net/url"
	"strings"

	"sallyport/test/inprocess"
)

type p = inprocess.P

const (
	anyDocument = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}`
	ec2Trust    = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`
	ownPolicy   = "arn:aws:iam::" + inprocess.Account + ":policy/"
	readOnly    = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	password    = "Correct-Horse-1"
)

// setups make what must be there before the calls of a fact, by its id. A fact
// without needs nothing but the account.
var setups = map[string]func(*run){
	"wire-001": everything,
	"wire-002": alice,
	"wire-002-last-accessed": func(r *run) {
		slowly(r)
		r.vars["job"] = r.Admin.Do("iam:GenerateServiceLastAccessedDetails", p{"Arn": r.vars["caller"]}).Text("JobId")
	},
	"wire-013": alice,

	"iam-005": func(r *run) {
		r.alice()
		r.role("r")
		r.bound("User", "alice")
		r.bound("Role", "r")
		r.Admin.Do("iam:DeleteUserPermissionsBoundary", p{"UserName": "alice"})
		r.Admin.Do("iam:DeleteRolePermissionsBoundary", p{"RoleName": "r"})
	},
	"iam-006": func(r *run) {
		r.Admin.Do("iam:CreateUser", p{"UserName": "u", "Path": "/p/", "PermissionsBoundary": readOnly, "Tags.member.1.Key": "k", "Tags.member.1.Value": "v"})
		r.Admin.Do("iam:CreateRole", p{"RoleName": "r", "Path": "/p/", "PermissionsBoundary": readOnly, "Tags.member.1.Key": "k", "Tags.member.1.Value": "v",
			"AssumeRolePolicyDocument": ec2Trust})
	},
	"iam-019": func(r *run) {
		for _, e := range []struct{ kind, name, create string }{{"User", "u1", ""}, {"Group", "g1", ""}, {"Role", "r1", ec2Trust}} {
			in := p{e.kind + "Name": e.name}
			r.Admin.Do("iam:Create"+e.kind, with(in, "AssumeRolePolicyDocument", e.create))
			r.Admin.Do("iam:Attach"+e.kind+"Policy", with(in, "PolicyArn", readOnly))
		}
	},
	"iam-025": func(r *run) {
		r.alice()
		r.Admin.Do("iam:CreateGroup", p{"GroupName": "g"})
		r.Admin.Do("iam:AddUserToGroup", p{"GroupName": "g", "UserName": "alice"})
	},
	"iam-026": alice,
	"iam-041": func(r *run) {
		document := "{\n\t\"Version\": \"2012-10-17\",\n  \"Statement\": {\"Effect\" : \"Allow\", \"Principal\": {\"Service\": \"ec2.amazonaws.com\"}, \"Action\": \"sts:AssumeRole\",\n" +
			"  \"Condition\": {\"StringLike\": {\"aws:SourceArn\": \"*~(a+b)!'_-./é\"}}}\n}\n"
		r.vars["document"], r.vars["encoded"] = document, percentEncoded(document)
	},
	"iam-058": func(r *run) {
		r.role("r2")
		r.vars["long"] = `{"Version":"2012-10-17","Statement":{"Sid":"` + strings.Repeat("x", 2048) + `","Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`
	},
	"iam-061": roleR2, "iam-063": roleR2, "iam-065": roleR2, "iam-066": roleR2,
	"iam-082": roleR,
	"iam-084": func(r *run) {
		r.role("r")
		r.role("r2")
		r.Admin.Do("iam:CreateInstanceProfile", p{"InstanceProfileName": "p"})
		r.Admin.Do("iam:AddRoleToInstanceProfile", p{"InstanceProfileName": "p", "RoleName": "r"})
	},
	"iam-087": func(r *run) {
		r.alice()
		r.role("r")
		r.policy("p")
		r.Admin.Do("iam:CreateInstanceProfile", p{"InstanceProfileName": "p"})
		r.vars["serial"] = r.Admin.NewDevice("device").Serial
		r.certificate("c")
	},
	"iam-090": func(r *run) { r.policy("p") },
	"iam-097": func(r *run) {
		entities(r)
		r.policy("P")
	},
	"iam-098": func(r *run) {
		entities(r)
		r.policy("p")
	},
	"iam-104": func(r *run) { r.policy("p") },
	"iam-111": func(r *run) { r.versions("p", 4) },
	"iam-112": func(r *run) { r.versions("p", 1) },
	"iam-113": func(r *run) {
		r.alice()
		r.policy("p")
		r.Admin.Do("iam:AttachUserPolicy", p{"UserName": "alice", "PolicyArn": ownPolicy + "p"})
	},

	"iam-119": documents, "iam-120": documents, "iam-121": documents, "iam-124": documents, "iam-128": documents,
	"iam-130": documents, "iam-132": documents, "iam-133": documents, "iam-136": documents, "iam-137": documents,
	"iam-138": documents, "iam-139": documents, "iam-143": documents, "iam-146": documents, "iam-148": documents,
	"iam-150": documents, "iam-153": documents, "iam-155": documents, "iam-156": documents, "iam-158": documents,
	"iam-159": documents, "iam-162": documents, "iam-167": documents,

	"iam-171": alice,
	"iam-173": func(r *run) {
		r.alice()
		r.Admin.Do("iam:CreateLoginProfile", p{"UserName": "alice", "Password": password, "PasswordResetRequired": "true"})
	},
	"iam-174": func(r *run) {
		r.Admin.Do("iam:CreateUser", p{"UserName": "u"})
		r.Admin.Do("iam:CreateLoginProfile", p{"UserName": "u", "Password": password})
	},
	"iam-175": func(r *run) { r.Admin.Do("iam:CreateUser", p{"UserName": "u"}) },
	"iam-177": func(r *run) { r.as = r.user("alice", allow("*", "*")) },
	"iam-180": alice, "iam-184": alice, "iam-185": alice, "iam-188": alice,
	"iam-182": func(r *run) { r.serviceCredential() },
	"iam-189": func(r *run) { r.vars["credential"] = r.serviceCredential() },
	"iam-192": func(r *run) { r.certificate("c") },
	"iam-198": func(r *run) {
		root := issue("root", nil, true)
		middle := issue("middle", root, true)
		leaf := issue("www.example.com", middle, false)
		r.vars["body"], r.vars["private_key"], r.vars["wrong_chain"] = leaf.pem, leaf.privateKey(), root.pem+middle.pem
	},

	"iam-205": func(r *run) {
		r.Admin.Do("iam:CreateOpenIDConnectProvider", p{"Url": "https://example.com", "ThumbprintList.member.1": strings.Repeat("ab", 20)})
	},
	"iam-213": func(r *run) {
		r.vars["metadata"] = samlMetadata()
		r.Admin.Do("iam:CreateSAMLProvider", p{"Name": "idp", "SAMLMetadataDocument": r.vars["metadata"]})
	},

	"iam-215-complete": reported,
	"iam-217":          reporting,
	"iam-218":          reported,
	"iam-226": func(r *run) {
		r.vars["alias"] = "example-alias-of-ours" // as long as the one that was recorded
		r.Admin.Do("iam:CreateAccountAlias", p{"AccountAlias": r.vars["alias"]})
	},

	"iam-235": func(r *run) { r.Admin.Do("iam:CreateServiceLinkedRole", p{"AWSServiceName": "batch.amazonaws.com"}) },
	"iam-054": func(r *run) { r.Admin.Do("iam:CreateServiceLinkedRole", p{"AWSServiceName": "support.amazonaws.com"}) },
	"iam-236": func(r *run) {
		r.Admin.Do("iam:CreateServiceLinkedRole", p{"AWSServiceName": "batch.amazonaws.com"})
		r.vars["task"] = r.Admin.Do("iam:DeleteServiceLinkedRole", p{"RoleName": "AWSServiceRoleForBatch"}).Text("DeletionTaskId")
	},

	"iam-239": func(r *run) {
		entities(r)
		r.policy("p")
		r.Admin.Do("iam:CreateInstanceProfile", p{"InstanceProfileName": "ip"})
		r.as = r.user("nobody")
	},
	"iam-240": func(r *run) { r.as = r.user("alice") },
	"iam-242": func(r *run) {
		r.as = r.user("alice", allow("*", "*"))
		r.Admin.Do("iam:CreatePolicy", p{"PolicyName": "no", "PolicyDocument": statement("Deny", "iam:GetUser", "*")})
		r.Admin.Do("iam:AttachUserPolicy", p{"UserName": "alice", "PolicyArn": ownPolicy + "no"})
	},
}

// everything has one of each that an operation without a result is made on.
func everything(r *run) {
	r.role("r")
	r.alice()
	r.versions("p", 1)
	r.Admin.Do("iam:AttachRolePolicy", p{"RoleName": "r", "PolicyArn": ownPolicy + "p"})
	r.Admin.Do("iam:CreateGroup", p{"GroupName": "g"})
	r.vars["key"] = r.Admin.Do("iam:CreateAccessKey", p{"UserName": "alice"}).Text("AccessKeyId")
}

// entities has what policies are attached to.
func entities(r *run) {
	r.alice()
	r.role("r")
	r.Admin.Do("iam:CreateGroup", p{"GroupName": "g"})
}

// documents has all that a policy can be put into.
func documents(r *run) {
	entities(r)
	r.policy("existing")
}

func alice(r *run)  { r.alice() }
func roleR(r *run)  { r.role("r") }
func roleR2(r *run) { r.role("r2") }

func (r *run) alice() { r.Admin.Do("iam:CreateUser", p{"UserName": "alice"}) }

func (r *run) role(name string) {
	r.Admin.Do("iam:CreateRole", p{"RoleName": name, "AssumeRolePolicyDocument": ec2Trust})
}

func (r *run) policy(name string) {
	r.Admin.Do("iam:CreatePolicy", p{"PolicyName": name, "PolicyDocument": anyDocument})
}

// versions makes a policy with so many versions besides its first.
func (r *run) versions(name string, more int) {
	r.policy(name)
	for range more {
		r.Admin.Do("iam:CreatePolicyVersion", p{"PolicyArn": ownPolicy + name, "PolicyDocument": anyDocument})
	}
}

func (r *run) bound(kind, name string) {
	r.Admin.Do("iam:Put"+kind+"PermissionsBoundary", p{kind + "Name": name, "PermissionsBoundary": readOnly})
}

// user makes a user with these policies and their key, who is the caller that
// the fact speaks of.
func (r *run) user(name string, documents ...string) *inprocess.Client {
	r.vars["caller"] = "arn:aws:iam::" + inprocess.Account + ":user/" + name
	reply := r.Admin.Call("iam:CreateUser", p{"UserName": name})
	reply.Want(200, "")
	for i, d := range documents {
		r.Admin.Do("iam:PutUserPolicy", p{"UserName": name, "PolicyName": fmt.Sprint("own", i), "PolicyDocument": d})
	}
	return r.Client(r.Admin.Do("iam:CreateAccessKey", p{"UserName": name}).Credentials())
}

func (r *run) serviceCredential() string {
	r.alice()
	return r.Admin.Do("iam:CreateServiceSpecificCredential", p{"UserName": "alice", "ServiceName": "codecommit.amazonaws.com"}).Text("ServiceSpecificCredentialId")
}

func (r *run) certificate(name string) {
	c := issue(name, nil, false)
	r.Admin.Do("iam:UploadServerCertificate", p{"ServerCertificateName": name, "CertificateBody": c.pem, "PrivateKey": c.privateKey()})
}

func allow(action, resource string) string { return statement("Allow", action, resource) }

func statement(effect, action, resource string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":%q,"Action":%q,"Resource":%q}}`, effect, action, resource)
}

// with is in with further names and values; those without a value are left out.
func with(in p, pairs ...string) p {
	out := make(p, len(in)+len(pairs)/2)
	for k, v := range in {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			out[pairs[i]] = pairs[i+1]
		}
	}
	return out
}

// percentEncoded encodes all but the unreserved characters of RFC 3986.
func percentEncoded(text string) string {
	return strings.NewReplacer("+", "%20").Replace(url.QueryEscape(text))
}
