package clients

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"sallyport/internal/credential"
	"sallyport/test/clients/harness"
)

// A list is a paginated operation in the account that makeLists makes.
type list struct {
	params P
	items  int // in all pages
}

const (
	listed    = 5 // of what there are enough to take apart
	ownARN    = "arn:aws:iam::" + harness.AccountID + ":"
	ownPolicy = ownARN + "policy/p0"
	ownSAML   = ownARN + "saml-provider/idp"
	ownOIDC   = ownARN + "oidc-provider/idp.example.com"
	ownDevice = ownARN + "mfa/d0"
)

var simulated = List{"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:GetBucketPolicy"}

// lists has every paginated operation of IAM that is served.
var lists = map[string]list{
	"GetAccountAuthorizationDetails": {nil, 4*listed + 1 + 1}, // admin, and AWS's policy that it has
	"GetGroup":                       {P{"GroupName": "g0"}, listed},
	"ListAccessKeys":                 {P{"UserName": "u0"}, 2},
	"ListAccountAliases":             {nil, 1},
	"ListAttachedGroupPolicies":      {P{"GroupName": "g0"}, listed},
	"ListAttachedRolePolicies":       {P{"RoleName": "r0"}, listed},
	"ListAttachedUserPolicies":       {P{"UserName": "u0"}, listed},
	"ListEntitiesForPolicy":          {P{"PolicyArn": ownPolicy}, 3 * listed},
	"ListGroupPolicies":              {P{"GroupName": "g0"}, listed},
	"ListGroups":                     {nil, listed},
	"ListGroupsForUser":              {P{"UserName": "u0"}, listed},
	"ListInstanceProfiles":           {nil, listed},
	"ListInstanceProfilesForRole":    {P{"RoleName": "r0"}, listed},
	"ListMFADevices":                 {P{"UserName": "u0"}, 3},
	"ListPolicies":                   {P{"Scope": "Local"}, listed},
	"ListPolicyVersions":             {P{"PolicyArn": ownPolicy}, listed},
	"ListRolePolicies":               {P{"RoleName": "r0"}, listed},
	"ListRoles":                      {nil, listed},
	"ListServerCertificates":         {nil, listed},
	"ListSigningCertificates":        {P{"UserName": "u0"}, 2},
	"ListSSHPublicKeys":              {P{"UserName": "u0"}, 3},
	"ListUserPolicies":               {P{"UserName": "u0"}, listed},
	"ListUsers":                      {nil, listed + 1},
	"ListVirtualMFADevices":          {nil, listed},
	"SimulateCustomPolicy":           {P{"PolicyInputList": List{document(allow("s3:*", "*"))}, "ActionNames": simulated}, listed},
	"SimulatePrincipalPolicy":        {P{"PolicySourceArn": ownARN + "user/u0", "ActionNames": simulated}, listed},
	"ListUserTags":                   {P{"UserName": "u0"}, listed},
	"ListInstanceProfileTags":        {P{"InstanceProfileName": "ip0"}, listed},
	"ListMFADeviceTags":              {P{"SerialNumber": ownDevice}, listed},
	"ListOpenIDConnectProviderTags":  {P{"OpenIDConnectProviderArn": ownOIDC}, listed},
	"ListPolicyTags":                 {P{"PolicyArn": ownPolicy}, listed},
	"ListRoleTags":                   {P{"RoleName": "r0"}, listed},
	"ListSAMLProviderTags":           {P{"SAMLProviderArn": ownSAML}, listed},
	"ListServerCertificateTags":      {P{"ServerCertificateName": "c0"}, listed},
}

// TestPages: the paginators of the SDKs yield everything once, page by page, for
// every operation that the model says has pages.
func TestPages(t *testing.T) {
	t.Parallel()
	paginated := paginators(t)
	server := harness.StartServer(t, harness.Memory)
	for name := range lists {
		if _, ok := paginated[name]; !ok {
			t.Errorf("%s has no pages, or is not served", name)
		}
	}
	makeLists(t, harness.NewBoto3(t), server)
	for _, client := range harness.Clients {
		if client.Name == "aws-cli" {
			continue // boto3's paginators are its own; TestPagesOnTheCommandLine is about its options
		}
		t.Run(client.Name, func(t *testing.T) {
			client := client.New(t)
			for name, results := range paginated {
				want, ok := lists[name]
				if !ok {
					t.Errorf("%s is not in the table of lists", name)
					continue
				}
				checkPages(t, client, server, name, results, want)
			}
		})
	}
}

// checkPages compares a list that was taken page by page with the whole.
func checkPages(t *testing.T, client harness.Client, server *harness.Server, name string, results []string, want list) {
	t.Helper()
	counted := newCounter(t, server.URL)
	size := 2
	if want.items <= 3 {
		size = 1
	}
	call := harness.Call{Endpoint: counted.url, Credentials: harness.Admin, Service: "iam", Operation: name, Params: P{"MaxItems": 1000}}
	for k, v := range want.params {
		call.Params[k] = v
	}
	whole, err := client.Call(t.Context(), call)
	if err != nil || whole.Err != nil || whole.Output["IsTruncated"] != false {
		t.Errorf("%s: %v %v %v", name, whole.Err, err, whole.Output["IsTruncated"])
		return
	}
	delete(call.Params, "MaxItems")
	call.PageSize = size
	paged, err := client.Call(t.Context(), call)
	if err != nil || paged.Err != nil {
		t.Errorf("%s in pages: %v %v", name, paged.Err, err)
		return
	}
	items := 0
	for _, result := range results {
		all, _ := whole.Output[result].(List)
		parts, _ := paged.Output[result].(List)
		if diff := cmp.Diff(all, parts); diff != "" && len(all)+len(parts) > 0 {
			t.Errorf("%s of %s differs (-whole +pages):\n%s", result, name, diff)
		}
		seen := map[string]bool{}
		for _, item := range parts {
			text, err := json.Marshal(item)
			if err != nil || seen[string(text)] {
				t.Errorf("%s has %s twice: %v", name, text, err)
			}
			seen[string(text)] = true
		}
		items += len(parts)
	}
	if pages := counted.replies.Load() - 1; items != want.items || pages < int64((items+size-1)/size) {
		t.Errorf("%s has %d items in %d pages of %d, want %d items", name, items, pages, size, want.items)
	}
}

// paginators are the results of every operation of IAM that has pages and is
// served.
func paginators(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../models/iam.paginators.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Pagination map[string]struct {
			Result any `json:"result_key"`
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	served, stderr, err := harness.Shell(t, nil, harness.Binary(t)+" operations")
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	results := make(map[string][]string)
	for line := range strings.Lines(served) {
		f := strings.Fields(line)
		if len(f) != 3 || f[0] != "iam" || f[2] != "implemented" {
			continue
		}
		p, ok := file.Pagination[f[1]]
		switch result := p.Result.(type) {
		case string:
			results[f[1]] = []string{result}
		case List:
			for _, r := range result {
				name, _ := r.(string)
				results[f[1]] = append(results[f[1]], name)
			}
		default:
			if ok {
				t.Errorf("the result of %s is %v", f[1], result)
			}
		}
	}
	if len(results) < 30 {
		t.Fatalf("only %d operations have pages", len(results))
	}
	return results
}

// makeLists makes all that lists has.
func makeLists(t *testing.T, client harness.Client, server *harness.Server) {
	t.Helper()
	do := func(operation string, params P) P {
		t.Helper()
		reply, err := client.Call(t.Context(), harness.Call{Endpoint: server.URL, Credentials: harness.Admin, Service: "iam", Operation: operation, Params: params})
		if err != nil || reply.Err != nil {
			t.Fatalf("%s %v: %v %v", operation, params, reply.Err, err)
		}
		return reply.Output
	}
	text, trusting := document(allow("s3:*", "*")), trust(ownARN+"root", nil)
	var tags List
	for i := range listed {
		tags = append(tags, P{"Key": fmt.Sprint("k", i), "Value": "v"})
	}
	tagged := func(i int, params P) P {
		if i == 0 {
			params["Tags"] = slices.Clone(tags)
		}
		return params
	}
	entities := []string{"User", "Group", "Role"}
	for i := range listed {
		n := fmt.Sprint(i)
		do("CreateUser", tagged(i, P{"UserName": "u" + n}))
		do("CreateGroup", P{"GroupName": "g" + n})
		do("CreateRole", tagged(i, P{"RoleName": "r" + n, "AssumeRolePolicyDocument": trusting}))
		do("CreatePolicy", tagged(i, P{"PolicyName": "p" + n, "PolicyDocument": text}))
		do("CreateInstanceProfile", tagged(i, P{"InstanceProfileName": "ip" + n}))
		do("AddRoleToInstanceProfile", P{"InstanceProfileName": "ip" + n, "RoleName": "r0"})
		do("UploadServerCertificate", tagged(i, P{"ServerCertificateName": "c" + n, "CertificateBody": certificate, "PrivateKey": privateKey}))
		do("AddUserToGroup", P{"GroupName": "g" + n, "UserName": "u0"})
		for _, kind := range entities {
			first := P{kind + "Name": strings.ToLower(kind[:1]) + "0"}
			do("Put"+kind+"Policy", with(first, P{"PolicyName": "own" + n, "PolicyDocument": text}))
			do("Attach"+kind+"Policy", with(first, P{"PolicyArn": ownARN + "policy/p" + n}))
		}
	}
	for i := 1; i < listed; i++ {
		n := fmt.Sprint(i)
		do("AddUserToGroup", P{"GroupName": "g0", "UserName": "u" + n})
		do("CreatePolicyVersion", P{"PolicyArn": ownPolicy, "PolicyDocument": text})
		for _, kind := range entities {
			do("Attach"+kind+"Policy", P{kind + "Name": strings.ToLower(kind[:1]) + n, "PolicyArn": ownPolicy})
		}
	}
	do("CreateAccountAlias", P{"AccountAlias": "anycompany-example"})
	do("CreateOpenIDConnectProvider", P{"Url": "https://idp.example.com", "ThumbprintList": List{strings.Repeat("ab", 20)}, "Tags": tags})
	do("CreateSAMLProvider", P{"Name": "idp", "SAMLMetadataDocument": samlMetadata("https://idp.example.com/saml"), "Tags": tags})
	for range 2 {
		do("CreateAccessKey", P{"UserName": "u0"})
		another, _ := makeCertificate()
		do("UploadSigningCertificate", P{"UserName": "u0", "CertificateBody": another})
	}
	for range 3 {
		do("UploadSSHPublicKey", P{"UserName": "u0", "SSHPublicKeyBody": newSSHKey(t)})
	}
	for i := range listed {
		device, _ := do("CreateVirtualMFADevice", tagged(i, P{"VirtualMFADeviceName": fmt.Sprint("d", i)}))["VirtualMFADevice"].(P)
		if i >= 3 {
			continue
		}
		seed, _ := device["Base32StringSeed"].(string)
		now := credential.TOTPStep(time.Now())
		code := func(periods int64) string {
			c, err := credential.TOTPCode(seed, now+periods)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		do("EnableMFADevice", P{"UserName": "u0", "SerialNumber": device["SerialNumber"], "AuthenticationCode1": code(-2), "AuthenticationCode2": code(-1)})
	}
}

// with is params and more.
func with(params, more P) P {
	all := P{}
	for _, p := range []P{params, more} {
		for k, v := range p {
			all[k] = v
		}
	}
	return all
}

// newSSHKey is a public key of a new pair, as it is in a file.
func newSSHKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public)))
}
