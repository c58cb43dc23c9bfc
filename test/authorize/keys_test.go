package authorize

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"sallyport/catalog"
	"sallyport/internal/app"
	"sallyport/internal/operation"
	"sallyport/test/inprocess"
)

// unfilled are condition keys that the authorization reference lists, and that the
// requests of an operation, or all of them, do not carry.
var unfilled = map[string]string{
	"iam:RoleTemplateARN":                                                      "no operation on role templates is served",
	"iam:EnableMFADevice iam:FIDO-certification":                               "of security keys alone; TestPasskeyConditionKeys",
	"iam:EnableMFADevice iam:FIDO-FIPS-140-2-certification":                    "of security keys alone; TestPasskeyConditionKeys",
	"iam:EnableMFADevice iam:FIDO-FIPS-140-3-certification":                    "of security keys alone; TestPasskeyConditionKeys",
	"iam:EnableMFADevice iam:RegisterSecurityKey":                              "of security keys alone; TestPasskeyConditionKeys",
	"iam:CreateServiceSpecificCredential iam:ServiceSpecificCredentialAgeDays": "of API keys alone; TestServiceAPIKey",
	"sts:GetFederationToken sts:TransitiveTagKeys":                             "its tags are passed on by no chain of roles",
}

// extra are keys that actions carry without being listed: what a session or token is
// to have is asked about with the keys of the session or token itself.
var extra = map[string][]string{
	"sts:TagSession":             {"sts:ExternalId", "sts:RoleSessionName", "sts:SourceIdentity"},
	"sts:SetSourceIdentity":      {"sts:ExternalId", "sts:RoleSessionName", "sts:TransitiveTagKeys", "aws:RequestTag", "aws:TagKeys"},
	"sts:TagGetWebIdentityToken": {"sts:DurationSeconds", "sts:IdentityTokenAudience", "sts:SigningAlgorithm"},
}

// TestKeysOfActions: a request carries the condition keys that the authorization
// reference lists for its action, and no other of IAM's and STS's own. What a
// policy sees is read from what denials say.
func TestKeysOfActions(t *testing.T) {
	compared, actions := make(map[string]bool), make(map[string]bool)
	for _, d := range app.Operations().All() {
		name := d.Op.Service.SigningName + ":" + d.Op.Name
		f, ok := fixtures[name]
		if service := d.Op.Service.SigningName; !ok || service != "iam" && service != "sts" || f.in["EncodedMessage"] == ownDenial {
			continue
		}
		for _, asked := range denials(t, name, f, d) {
			actions[asked.action] = true
			_, action, ok := catalog.AWS().Action(asked.action)
			if !ok {
				t.Errorf("the reference has no action %s", asked.action)
				continue
			}
			listed := make(map[string]bool)
			for _, key := range action.Keys {
				if key = ownKey(key); key != "" {
					listed[key], compared[key] = true, true
				}
			}
			for key := range listed {
				carried := slices.Contains(asked.keys, key)
				if without := unfilled[key] + unfilled[name+" "+key]; carried == (without != "") {
					t.Errorf("%s: %s is listed, and carried: %t (%s)", asked.action, key, carried, without)
				}
			}
			for _, key := range asked.keys {
				if listed[key] == slices.Contains(extra[asked.action], key) {
					t.Errorf("%s: %s is carried, and listed: %t", asked.action, key, listed[key])
				}
			}
		}
	}
	if len(compared) < 19 || len(actions) < 160 {
		t.Errorf("only %d keys of %d actions were compared", len(compared), len(actions))
	}
}

// A deniedAction is one that a call was not allowed, with the keys that it carried.
type deniedAction struct {
	action string
	keys   []string
}

// ownKey is a condition key without a tag's key, if it is IAM's, STS's or of the
// request's tags; else nothing. The tags of a resource are its type's keys, not the
// action's.
func ownKey(key string) string {
	key, _, _ = strings.Cut(key, "/")
	switch {
	case strings.EqualFold(key, "iam:ResourceTag"):
		return ""
	case strings.HasPrefix(key, "iam:"), strings.HasPrefix(key, "sts:"), key == "aws:RequestTag", key == "aws:TagKeys":
		return key
	}
	return ""
}

// denials are those of the fixture's call, as one after the other of its actions is
// allowed. It is made with every parameter that fills a key, where users and roles
// have a permissions boundary.
func denials(t *testing.T, name string, f fixture, d *operation.Definition) []deniedAction {
	t.Helper()
	s, probe, in := probed(t, f)
	for _, kind := range []string{"User", "Role"} {
		for _, entity := range s.Root.Do("iam:List"+kind+"s", nil).Texts(kind + "Name") {
			s.Root.Call("iam:Put"+kind+"PermissionsBoundary", p{kind + "Name": entity, "PermissionsBoundary": administrator}) // but of roles that are AWS's
		}
	}
	for member, parameters := range map[string]p{
		"PermissionsBoundary": {"PermissionsBoundary": readOnly}, "Tags": tagged, "ExternalId": {"ExternalId": "external"},
		"SourceIdentity": {"SourceIdentity": "alice"}, "TransitiveTagKeys": {"TransitiveTagKeys.member.1": "team"},
	} {
		if d.Op.Input == nil {
			continue
		}
		if _, ok := d.Op.Input.Member(member); !ok {
			continue
		}
		for parameter, value := range parameters {
			in = with(in, parameter, value)
		}
	}
	var all []deniedAction
	for allowed := []string{}; ; {
		reply := probe.Call(name, in)
		message := reply.Header.Get(inprocess.MessageHeader)
		if message == "" {
			if len(all) == 0 {
				t.Fatalf("%s is not denied: %s", name, reply.Body)
			}
			return all
		}
		denied := readDenial(t, s, message)
		if slices.Contains(allowed, denied.action) { // by a trust policy
			return all
		}
		all, allowed = append(all, denied), append(allowed, denied.action)
		s.Root.Do("iam:PutUserPolicy", p{"UserName": "probe", "PolicyName": "grant", "PolicyDocument": policyOf(allow(strings.Join(allowed, " "), "*"))})
	}
}

// readDenial reads what a denial says.
func readDenial(t *testing.T, s *inprocess.Server, message string) deniedAction {
	t.Helper()
	var denial struct {
		Context struct {
			Action     string
			Conditions struct {
				Items []struct{ Key string }
			}
		}
	}
	text := s.Root.Do("sts:DecodeAuthorizationMessage", p{"EncodedMessage": message}).Text("DecodedMessage")
	if err := json.Unmarshal([]byte(text), &denial); err != nil {
		t.Fatal(err)
	}
	denied := deniedAction{action: denial.Context.Action}
	for _, item := range denial.Context.Conditions.Items {
		if key := asListed(item.Key); key != "" && !slices.Contains(denied.keys, key) {
			denied.keys = append(denied.keys, key)
		}
	}
	return denied
}

// asListed is ownKey of a key in lower case, as the reference spells it.
func asListed(key string) string {
	service, _, _ := strings.Cut(key, ":")
	known, ok := catalog.AWS().Key(key)
	if !ok && (service == "iam" || service == "sts") {
		return key // which no action lists
	}
	return ownKey(known.Name)
}
