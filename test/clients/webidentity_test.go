package clients

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sallyport/internal/federation/oidc/oidctest"
	"sallyport/test/clients/harness"
	"sallyport/test/federation/oidcprovider"
)

// What a team does whose people and jobs sign in elsewhere: register the issuer,
// trust it, and let the stock tools find the token in a file, as in a pod or a
// pipeline (https://docs.aws.amazon.com/sdkref/latest/guide/access-assume-role-web.html).
// The issuer is another project's.
func TestWebIdentityOnTheCommandLine(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the aws CLI is left to the full run by -short")
	}
	harness.NeedAWSCLI(t)
	harness.NewBoto3(t)
	issuer := oidcprovider.Start(t)
	server := harness.StartServer(t, harness.SQLite, issuer.Settings()...)
	home := t.TempDir()
	settings := func(more ...string) shell {
		return shell{t: t, settings: append([]string{"HOME=" + home, "AWS_ENDPOINT_URL=" + server.URL, "AWS_DEFAULT_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true"}, more...)}
	}
	account := harness.AccountID
	provider := "arn:aws:iam::" + account + ":oidc-provider/" + oidctest.Host
	policy := func(text string) string { return `'{"Version":"2012-10-17","Statement":[` + text + `]}'` }
	trust := func(conditions string) string {
		return policy(`{"Effect":"Allow","Principal":{"Federated":"` + provider + `"},"Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"],` +
			`"Condition":{"StringEquals":{` + conditions + `}}}`)
	}
	admin := settings("AWS_ACCESS_KEY_ID="+harness.Admin.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+harness.Admin.SecretAccessKey)
	made := admin.answers(strings.Join([]string{
		"aws iam create-open-id-connect-provider --url " + issuer.URL + " --client-id-list web-app https://sts.example.com",
		"aws iam create-role --role-name People --assume-role-policy-document " + trust(`"`+oidctest.Host+`:aud":"web-app","`+oidctest.Host+`:email":"alice@example.com","aws:RequestTag/team":"red","sts:SourceIdentity":"alice"`),
		"aws iam put-role-policy --role-name People --policy-name own --policy-document " + policy(`{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*",`+
			`"Condition":{"StringEquals":{"aws:PrincipalTag/team":"red","aws:SourceIdentity":"alice","`+oidctest.Host+`:sub":"alice","aws:FederatedProvider":"`+provider+`"}}}`),
		"aws iam create-role --role-name Jobs --assume-role-policy-document " + trust(`"`+oidctest.Host+`:aud":"https://sts.example.com","`+oidctest.Host+`:sub":"ci-job"`),
		"aws iam put-role-policy --role-name Jobs --policy-name own --policy-document " + policy(`{"Effect":"Allow","Action":"iam:ListRoles","Resource":"*"}`),
	}, "\n"))
	if made[0]["OpenIDConnectProviderArn"] != provider {
		t.Errorf("the provider is %v", made[0])
	}

	token := func(text string) string {
		t.Helper()
		file := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	as := func(role, file string) shell {
		return settings("AWS_ROLE_ARN=arn:aws:iam::"+account+":role/"+role, "AWS_WEB_IDENTITY_TOKEN_FILE="+file, "AWS_ROLE_SESSION_NAME=cli")
	}
	aliceFile, jobFile := token(issuer.SignIn("alice")), token(issuer.Job())
	alice, job := as("People", aliceFile), as("Jobs", jobFile)
	who := alice.answers("aws sts get-caller-identity\naws iam list-users\n" +
		`python3 -c 'import boto3, json; boto3.client("iam").list_users(); print(json.dumps({"Arn": boto3.client("sts").get_caller_identity()["Arn"]}))'`)
	for _, answer := range []P{who[0], who[2]} {
		if answer["Arn"] != "arn:aws:sts::"+account+":assumed-role/People/cli" {
			t.Errorf("alice is %v", answer)
		}
	}
	if arn := job.answers("aws sts get-caller-identity\naws iam list-roles")[0]["Arn"]; arn != "arn:aws:sts::"+account+":assumed-role/Jobs/cli" {
		t.Errorf("the job is %v", arn)
	}
	job.fails("aws iam list-users", "An error occurred (AccessDenied) when calling the ListUsers operation: User: arn:aws:sts::"+account+
		":assumed-role/Jobs/cli is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::"+account+":user/ because no identity-based policy allows the iam:ListUsers action")

	// Said in full, without any credentials.
	nobody := settings()
	call := func(role, file string) string {
		return "aws sts assume-role-with-web-identity --role-arn arn:aws:iam::" + account + ":role/" + role + " --role-session-name s-1 --web-identity-token file://" + file
	}
	reply := nobody.answers(call("People", aliceFile) + " --duration-seconds 900")[0]
	if reply["Provider"] != provider || reply["Audience"] != "web-app" || reply["SubjectFromWebIdentityToken"] != "alice" || reply["SourceIdentity"] != "alice" {
		t.Errorf("the reply is %v", reply)
	}
	failed := "An error occurred (%) when calling the AssumeRoleWithWebIdentity operation: "
	denied := strings.Replace(failed, "%", "AccessDenied", 1) + "Not authorized to perform sts:AssumeRoleWithWebIdentity"
	bob := token(issuer.SignIn("bob"))
	nobody.fails(call("People", bob), denied)
	nobody.fails(call("Jobs", aliceFile), denied)
	nobody.fails(call("People", jobFile), denied)
	nobody.fails(call("Nobody", aliceFile), denied)
	text, err := os.ReadFile(aliceFile)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(text), ".")
	bobs, err := os.ReadFile(bob)
	if err != nil {
		t.Fatal(err)
	}
	forged := token(parts[0] + "." + strings.Split(string(bobs), ".")[1] + "." + parts[2])
	nobody.fails(call("People", forged), strings.Replace(failed, "%", "InvalidIdentityToken", 1)+"The token's signature is not valid.")
	admin.answers("aws iam remove-client-id-from-open-id-connect-provider --open-id-connect-provider-arn " + provider + " --client-id web-app")
	nobody.fails(call("People", aliceFile), strings.Replace(failed, "%", "InvalidIdentityToken", 1)+"Incorrect token audience")
	admin.answers("aws iam delete-open-id-connect-provider --open-id-connect-provider-arn " + provider)
	nobody.fails(call("Jobs", jobFile), strings.Replace(failed, "%", "InvalidIdentityToken", 1)+"No OpenIDConnect provider found in your account for "+issuer.URL)
	for _, secret := range []string{parts[1], parts[2]} {
		if strings.Contains(server.Output(), secret) {
			t.Error("the server prints a token")
		}
	}
}
