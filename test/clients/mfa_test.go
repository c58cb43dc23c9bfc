package clients

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sallyport/internal/credential"
	"sallyport/test/clients/harness"
)

// What a user does on the command line who needs a second factor: set up an
// authenticator app, be denied with a plain key, get a session with a code, and
// let a profile assume a role that demands one
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html,
// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html).
//
// In the console it is the same policy, for the user and for the role.
func TestMFAOnTheCommandLine(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the aws CLI is left to the full run by -short")
	}
	harness.NeedAWSCLI(t) // skips, or fails, where there is none
	home := t.TempDir()
	server := harness.StartServer(t, harness.Memory)
	settings := func(id, secret string, more ...string) shell {
		return shell{t: t, settings: append([]string{
			"HOME=" + home, "AWS_ENDPOINT_URL=" + server.URL, "AWS_DEFAULT_REGION=us-east-1",
			"AWS_ACCESS_KEY_ID=" + id, "AWS_SECRET_ACCESS_KEY=" + secret,
		}, more...)}
	}
	account := harness.AccountID
	serial := "arn:aws:iam::" + account + ":mfa/alice"
	roleARN := "arn:aws:iam::" + account + ":role/Worker"
	policy := func(text string) string { return `'{"Version":"2012-10-17","Statement":[` + text + `]}'` }
	const alicePassword = "Correct-Horse-1"
	const demanded = `"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`

	admin := settings(harness.Admin.AccessKeyID, harness.Admin.SecretAccessKey)
	key, _ := admin.answers(strings.Join([]string{
		"aws iam create-user --user-name alice",
		"aws iam create-role --role-name Worker --assume-role-policy-document " +
			policy(`{"Effect":"Allow","Principal":{"AWS":"`+account+`"},"Action":"sts:AssumeRole",`+demanded+`}`),
		"aws iam put-role-policy --role-name Worker --policy-name own --policy-document " + policy(`{"Effect":"Allow","Action":"iam:ListRoles","Resource":"*"}`),
		"aws iam put-user-policy --user-name alice --policy-name own --policy-document " + policy(
			`{"Effect":"Allow","Action":["iam:ListUsers","sts:AssumeRole"],"Resource":"*"},`+
				`{"Effect":"Allow","Action":["iam:CreateVirtualMFADevice","iam:EnableMFADevice"],"Resource":["arn:aws:iam::`+account+`:mfa/*","arn:aws:iam::`+account+`:user/${aws:username}"]},`+
				`{"Effect":"Deny","NotAction":["iam:CreateVirtualMFADevice","iam:EnableMFADevice","sts:*"],"Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}`),
		"aws iam create-access-key --user-name alice",
		"aws iam create-login-profile --user-name alice --password " + alicePassword,
	}, "\n"))[2]["AccessKey"].(P)
	id, _ := key["AccessKeyId"].(string)
	secret, _ := key["SecretAccessKey"].(string)
	alice := settings(id, secret)
	listUsers := func(s shell) {
		t.Helper()
		s.fails("aws iam list-users", "An error occurred (AccessDenied) when calling the ListUsers operation: User: arn:aws:iam::"+account+
			":user/alice is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::"+account+":user/ with an explicit deny in an identity-based policy")
	}
	listUsers(alice)
	console := atSignIn(t, server, "alice", alicePassword)
	console.is("/console/")
	if status, body := console.call("ListUsers"); status != 403 || !strings.Contains(body, "with an explicit deny") {
		t.Errorf("in the console without a second factor: %d %s", status, body)
	}

	// The authenticator app.
	seedFile := filepath.Join(home, "seed")
	alice.answers("aws iam create-virtual-mfa-device --virtual-mfa-device-name alice --bootstrap-method Base32StringSeed --outfile " + seedFile)
	seed, err := os.ReadFile(seedFile)
	if err != nil {
		t.Fatal(err)
	}
	now := credential.TOTPStep(time.Now())
	code := func(step int64) string {
		t.Helper()
		c, err := credential.TOTPCode(string(seed), step)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	enable := "aws iam enable-mfa-device --user-name alice --serial-number " + serial + " --authentication-code1 %s --authentication-code2 %s"
	alice.fails(fmt.Sprintf(enable, code(now-2), code(now-2)),
		"An error occurred (InvalidAuthenticationCode) when calling the EnableMFADevice operation: Authentication code for device is not valid.")
	now = early()
	alice.answers(fmt.Sprintf(enable, code(now-2), code(now-1)))
	if devices, _ := admin.answers("aws iam list-mfa-devices --user-name alice")[0]["MFADevices"].([]any); len(devices) != 1 {
		t.Errorf("alice has %v", devices)
	}

	// A session.
	listUsers(alice)
	token := "aws sts get-session-token --serial-number " + serial + " --token-code "
	now = credential.TOTPStep(time.Now())
	made, _ := alice.answers(token + code(now))[0]["Credentials"].(P)
	part := func(name string) string { s, _ := made[name].(string); return s }
	session := settings(part("AccessKeyId"), part("SecretAccessKey"), "AWS_SESSION_TOKEN="+part("SessionToken"))
	if users, _ := session.answers("aws iam list-users")[0]["Users"].([]any); len(users) != 2 {
		t.Errorf("with a second factor alice lists %d users, want 2", len(users))
	}
	// The CLI trims what it prints of the error, and AWS's text ends with a space.
	alice.fails(token+code(now), "An error occurred (AccessDenied) when calling the GetSessionToken operation: MultiFactorAuthentication failed with invalid MFA one time pass code.")

	// A profile, whose code the CLI asks for.
	config := filepath.Join(home, "config")
	if err := os.WriteFile(config, []byte("[profile base]\naws_access_key_id = "+id+"\naws_secret_access_key = "+secret+
		"\n[profile worker]\nsource_profile = base\nrole_arn = "+roleARN+"\nmfa_serial = "+serial+"\n[profile plain]\nsource_profile = base\nrole_arn = "+roleARN+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	profiles := shell{t: t, settings: []string{"HOME=" + home, "AWS_CONFIG_FILE=" + config, "AWS_ENDPOINT_URL=" + server.URL, "AWS_DEFAULT_REGION=us-east-1"}}
	profiles.fails("aws iam list-roles --profile plain", "An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::"+account+
		":user/alice is not authorized to perform: sts:AssumeRole on resource: "+roleARN)
	// Nobody is there to be asked; then somebody with a wrong code, and with the right one.
	const listRoles = "aws iam list-roles --profile worker"
	if _, stderr, err := harness.Shell(t, profiles.settings, "setsid -w "+listRoles+" </dev/null"); err == nil || strings.Contains(stderr, "AccessDenied") {
		t.Errorf("without a code the CLI ends with %v: %s", err, stderr)
	}
	typed := func(code string) string {
		return "python3 test/clients/testdata/terminal.py 'Enter MFA code for " + serial + ": ' " + code + " " + listRoles
	}
	stdout, _, err := harness.Shell(t, profiles.settings, typed(code(now-9)))
	if err == nil || !strings.Contains(stdout, "An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed with invalid MFA one time pass code.") {
		t.Errorf("with a wrong code the CLI ends with %v: %s", err, stdout)
	}
	// What the CLI keeps in its cache it does not ask for again.
	for _, line := range []string{typed(code(max(now+1, credential.TOTPStep(time.Now())))), "setsid -w " + listRoles + " </dev/null"} {
		if roles, _ := profiles.answers(line)[0]["Roles"].([]any); len(roles) != 1 {
			t.Errorf("the role lists %d roles, want 1", len(roles))
		}
	}

	// The console, where alice takes the code of another device.
	made, _ = admin.answers("aws iam create-virtual-mfa-device --virtual-mfa-device-name tablet --bootstrap-method Base32StringSeed --outfile " + seedFile)[0]["VirtualMFADevice"].(P)
	if seed, err = os.ReadFile(seedFile); err != nil {
		t.Fatal(err)
	}
	now = early()
	serial, _ = made["SerialNumber"].(string)
	admin.answers("aws iam enable-mfa-device --user-name alice --serial-number " + serial + " --authentication-code1 " + code(now-2) + " --authentication-code2 " + code(now-1))
	console = atSignIn(t, server, "alice", alicePassword)
	console.is("/signin/mfa")
	if status, body := console.call("ListUsers"); status == 200 || !strings.Contains(body, "ExpiredToken") {
		t.Errorf("before the second factor: %d %s", status, body)
	}
	console.post("/signin/mfa", url.Values{"code": {code(now)}})
	console.is("/console/")
	if status, body := console.call("ListUsers"); status != 200 {
		t.Errorf("in the console with a second factor: %d %s", status, body)
	}
	console.get("/signin/switchrole")
	console.post("/signin/switchrole", url.Values{"account": {account}, "roleName": {"Worker"}})
	if status, body := console.call("ListRoles"); status != 200 || !strings.Contains(body, "Worker") {
		t.Errorf("in the console as the role: %d %s", status, body)
	}
}

// early waits for a time early in a period of the devices, and returns which it is.
// What the server learns of a device's clock when it is enabled must not be how slow
// this machine is.
func early() int64 {
	const enough = 20 * time.Second
	now := time.Now()
	end := now.Truncate(credential.TOTPPeriod).Add(credential.TOTPPeriod)
	if end.Sub(now) < enough {
		time.Sleep(end.Sub(now))
	}
	return credential.TOTPStep(time.Now())
}
