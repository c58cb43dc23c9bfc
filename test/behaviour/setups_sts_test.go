package behaviour

import (
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"time"

	"sallyport/internal/credential"
	"sallyport/internal/federation/samltest"
	"sallyport/sigv4"
	"sallyport/test/inprocess"
)

func init() { maps.Copy(setups, stsSetups) }

const roleARN = "arn:aws:iam::" + inprocess.Account + ":role/"

// stsSetups are the setups of facts about STS and about signatures.
var stsSetups = map[string]func(*run){
	// A name and a session so long that the reply has as many bytes as the one
	// that was recorded.
	"wire-004": func(r *run) { session(r, "ctf_participant_role", "d6d7ee068aa0") },

	"wire-007": func(r *run) {
		r.send = func(name string, in p) *inprocess.Reply {
			request, _ := r.Request(name, in)
			return r.Send(request)
		}
	},
	"wire-008": func(r *run) {
		r.as = r.Client(sigv4.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: inprocess.AdminSecret})
	},
	"wire-009": func(r *run) {
		r.as = r.Client(sigv4.Credentials{AccessKeyID: inprocess.AdminKey, SecretAccessKey: "guessed"})
	},
	"wire-010": func(r *run) {
		r.send = func(name string, in p) *inprocess.Reply {
			request, body := r.Request(name, in)
			r.Admin.SignAt(request, body, r.Operation(name).Service.SigningName, r.Now().Add(-16*time.Minute))
			return r.Send(request)
		}
	},
	"wire-012": func(r *run) {
		proves(r)
		for range 10 {
			r.as.Refused("sts:GetSessionToken", p{"SerialNumber": r.vars["serial"], "TokenCode": r.vars["wrong_code"]}, 403, "AccessDenied")
		}
	},

	"sts-001": func(r *run) {
		r.vars["user"] = "example-operator" // as long as the one that was recorded
		r.as = r.user("example-operator")
	},
	"sts-002": func(r *run) { session(r, "r", "session") },
	"sts-004": trusted,
	"sts-005": func(r *run) { r.as = r.user("alice", allow("sts:GetFederationToken", "*")) },
	"sts-012": trusted,
	"sts-013": trusted,
	"sts-016": func(r *run) {
		r.trusting("r", `{"AWS":"`+inprocess.Account+`"}`, "sts:AssumeRole")
		r.trusting("distrusts", `{"Service":"ec2.amazonaws.com"}`, "sts:AssumeRole")
		r.as = r.user("alice", allow("sts:AssumeRole", roleARN+"distrusts"), allow("sts:AssumeRole", roleARN+"missing"))
	},
	"sts-017": func(r *run) { r.trusting("r", `{"AWS":"`+inprocess.Account+`"}`, "sts:AssumeRole") },
	"sts-023": proves,
	"sts-024": proves,

	"sts-026": func(r *run) {
		trusted(r)
		r.vars["token"] = token("https://unknown.example.com")
	},
	"sts-028": func(r *run) {
		r.Admin.Do("iam:CreateOpenIDConnectProvider", p{"Url": "https://127.0.0.1", "ClientIDList.member.1": "client", "ThumbprintList.member.1": strings.Repeat("ab", 20)})
		r.trusting("r", `{"Federated":"arn:aws:iam::`+inprocess.Account+`:oidc-provider/127.0.0.1"}`, "sts:AssumeRoleWithWebIdentity")
		r.vars["token"] = token("https://127.0.0.1")
	},
	"sts-029": func(r *run) {
		trusted(r)
		r.vars["token"] = token("no URL")
	},
	"sts-035": func(r *run) {
		r.Admin.Do("iam:CreateSAMLProvider", p{"Name": "idp", "SAMLMetadataDocument": samltest.New(r.TB, r.Now()).Metadata()})
	},
}

func (r *run) trusting(name, principal, actions string) {
	r.Admin.Do("iam:CreateRole", p{"RoleName": name, "AssumeRolePolicyDocument": fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":%s,"Action":["%s"]}}`, principal, strings.ReplaceAll(actions, " ", `","`))})
}

// trusted has a role that the account may assume with tags.
func trusted(r *run) {
	r.trusting("r", `{"AWS":"`+inprocess.Account+`"}`, "sts:AssumeRole sts:TagSession")
}

// session lets a session of a role below a path make the calls.
func session(r *run, role, name string) {
	r.Admin.Do("iam:CreateRole", p{"RoleName": role, "Path": "/team/", "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` +
		inprocess.Account + `"},"Action":"sts:AssumeRole"}}`})
	reply := r.Admin.Do("sts:AssumeRole", p{"RoleArn": roleARN + "team/" + role, "RoleSessionName": name})
	r.as = r.Client(reply.Credentials())
	r.vars["caller"], r.vars["caller_id"] = "arn:aws:sts::"+inprocess.Account+":assumed-role/"+role+"/"+name, reply.Text("AssumedRoleId")
}

// proves lets alice, who has an MFA device, call; the code is not her device's.
func proves(r *run) {
	trusted(r)
	r.as = r.user("alice", allow("*", "*"))
	device := r.Admin.Device("alice")
	r.Advance(credential.TOTPPeriod)
	r.vars["serial"] = device.Serial
	shown := []string{device.Code(-1), device.Code(0), device.Code(1)}
	for code := 0; ; code++ {
		wrong := fmt.Sprintf("%06d", code)
		if !strings.Contains(strings.Join(shown, " "), wrong) {
			r.vars["wrong_code"] = wrong
			return
		}
	}
}

// token is an ID token of an issuer, with a signature that nobody made.
func token(issuer string) string {
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	return part(`{"alg":"RS256","kid":"1","typ":"JWT"}`) + "." +
		part(fmt.Sprintf(`{"iss":%q,"sub":"alice","aud":"client","iat":%d,"exp":%d}`, issuer, inprocess.Start.Unix(), inprocess.Start.Add(time.Hour).Unix())) + "." +
		part(strings.Repeat("x", 256))
}
