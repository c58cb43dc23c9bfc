package behaviour

import (
	"slices"
	"strconv"
	"testing"

	"sallyport/test/inprocess"
)

// taggable are the kinds of entities that have tags, as their operations name
// them, with the parameter and the value that name one
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#case-sensitivity).
var taggable = []struct {
	kind, parameter, value string
	caseSensitive          bool
}{
	{"User", "UserName", "alice", false},
	{"Role", "RoleName", "r", false},
	{"Policy", "PolicyArn", ownPolicy + "p", true},
	{"InstanceProfile", "InstanceProfileName", "ip", true},
	{"OpenIDConnectProvider", "OpenIDConnectProviderArn", "arn:aws:iam::" + inprocess.Account + ":oidc-provider/idp.example.com", true},
	{"SAMLProvider", "SAMLProviderArn", "arn:aws:iam::" + inprocess.Account + ":saml-provider/corp", true},
	{"ServerCertificate", "ServerCertificateName", "c", true},
	{"MFADevice", "SerialNumber", "arn:aws:iam::" + inprocess.Account + ":mfa/device", true},
}

// TestTagKeysInTheirCase: keys of users and roles are the same in whatever case,
// those of other entities are not. In the names of condition keys case never
// counts, so that a key of two tags has two values; of aws:TagKeys, where the
// tags' keys are values, it does.
func TestTagKeysInTheirCase(t *testing.T) {
	s := inprocess.New(t)
	r := &run{T: t, Server: s, vars: map[string]string{}}
	entities(r)
	r.policy("p")
	r.certificate("c")
	s.Admin.Do("iam:CreateInstanceProfile", p{"InstanceProfileName": "ip"})
	s.Admin.Do("iam:CreateOpenIDConnectProvider", p{"Url": "https://idp.example.com"})
	s.Admin.Do("iam:CreateSAMLProvider", p{"Name": "corp", "SAMLMetadataDocument": samlMetadata()})
	s.Admin.NewDevice("device")

	for _, k := range taggable {
		t.Run(k.kind, func(t *testing.T) {
			named := p{k.parameter: k.value}
			one := func(key, value string) p { return with(named, "Tags.member.1.Key", key, "Tags.member.1.Value", value) }
			keys := func(want ...string) {
				t.Helper()
				reply := s.Admin.Do("iam:List"+k.kind+"Tags", named)
				if got := append(reply.Texts("Key"), reply.Texts("Value")...); !slices.Equal(got, want) {
					t.Errorf("keys and values are %q, not %q", got, want)
				}
			}
			if both := with(one("a", "1"), "Tags.member.2.Key", "A", "Tags.member.2.Value", "2"); k.caseSensitive {
				s.Admin.Do("iam:Tag"+k.kind, both)
				keys("A", "a", "2", "1")
				s.Admin.Do("iam:Untag"+k.kind, with(named, "TagKeys.member.1", "A", "TagKeys.member.2", "a"))
			} else {
				s.Admin.Refused("iam:Tag"+k.kind, both, 400, "InvalidInput")
			}
			s.Admin.Refused("iam:Tag"+k.kind, with(one("a", "1"), "Tags.member.2.Key", "a", "Tags.member.2.Value", "2"), 400, "InvalidInput")
			s.Admin.Refused("iam:Tag"+k.kind, one("aws:a", "1"), 400, "InvalidInput")
			s.Admin.Do("iam:Tag"+k.kind, one("Costcenter", "1234"))
			s.Admin.Do("iam:Tag"+k.kind, one("costcenter", "5678"))
			if k.caseSensitive {
				keys("Costcenter", "costcenter", "1234", "5678")
			} else {
				keys("costcenter", "5678")
			}

			list := "iam:List" + k.kind + "Tags"
			conditional := func(effect, condition string) string {
				return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"},{"Effect":"` + effect +
					`","Action":["` + list + `","iam:Tag` + k.kind + `"],"Resource":"*","Condition":` + condition + `}]}`
			}
			caller := r.user("caller-"+k.kind, conditional("Deny", `{"StringEquals":{"aws:ResourceTag/COSTCENTER":"5678"}}`))
			rewrite := func(document string) {
				s.Admin.Do("iam:PutUserPolicy", p{"UserName": "caller-" + k.kind, "PolicyName": "own0", "PolicyDocument": document})
			}
			caller.Denied(list, named, list)
			only := func(condition string) string {
				return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["` + list + `","iam:Tag` + k.kind + `"],"Resource":"*","Condition":` + condition + `}}`
			}
			rewrite(only(`{"StringEquals":{"aws:ResourceTag/CostCenter":"5678"}}`))
			if k.caseSensitive { // one of two values does not match
				caller.Denied(list, named, list)
				rewrite(only(`{"StringEquals":{"aws:ResourceTag/CostCenter":["5678","1234"]}}`))
			}
			caller.Do(list, named)

			// Only identities have iam:ResourceTag beside aws:ResourceTag.
			rewrite(only(`{"Null":{"iam:ResourceTag/costcenter":"` + strconv.FormatBool(k.caseSensitive) + `"}}`))
			caller.Do(list, named)
			rewrite(only(`{"Null":{"iam:ResourceTag/costcenter":"` + strconv.FormatBool(!k.caseSensitive) + `"}}`))
			caller.Denied(list, named, list)

			rewrite(only(`{"StringEquals":{"aws:RequestTag/TEAM":"blue"},"ForAllValues:StringEquals":{"aws:TagKeys":"Team"}}`))
			caller.Do("iam:Tag"+k.kind, one("Team", "blue"))
			caller.Denied("iam:Tag"+k.kind, one("team", "blue"), "iam:Tag"+k.kind)
			rewrite(only(`{"StringEquals":{"aws:RequestTag/TEAM":"blue"}}`))
			caller.Do("iam:Tag"+k.kind, one("team", "blue"))
			caller.Denied("iam:Tag"+k.kind, with(one("team", "blue"), "Tags.member.2.Key", "Team", "Tags.member.2.Value", "red"), "iam:Tag"+k.kind)
			caller.Denied("iam:Tag"+k.kind, with(one("team", "red"), "Tags.member.2.Key", "Team", "Tags.member.2.Value", "blue"), "iam:Tag"+k.kind)
		})
	}
}
