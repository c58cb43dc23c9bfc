package clients

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"sallyport/test/clients/harness"
)

// TestFederatedUserConsole: an identity broker gets credentials of a federated user by
// the aws CLI and opens the console with them
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html).
func TestFederatedUserConsole(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the aws CLI is left to the full run by -short")
	}
	harness.NeedAWSCLI(t)
	server := harness.StartServer(t, harness.Memory)
	broker := shell{t: t, settings: []string{
		"HOME=" + t.TempDir(), "AWS_ENDPOINT_URL=" + server.URL, "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=" + harness.Admin.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + harness.Admin.SecretAccessKey,
	}}
	policy := `'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}]}'`
	made, _ := broker.answers("aws sts get-federation-token --name kiosk --duration-seconds 3600 --policy " + policy)[0]["Credentials"].(P)
	session, err := json.Marshal(P{"sessionId": made["AccessKeyId"], "sessionKey": made["SecretAccessKey"], "sessionToken": made["SessionToken"]})
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	t.Cleanup(browser.CloseIdleConnections)
	send := func(method, path string, form url.Values, header ...string) (int, string) {
		t.Helper()
		request, err := http.NewRequest(method, server.URL+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		if form != nil {
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		for i := 0; i < len(header); i += 2 {
			request.Header.Set(header[i], header[i+1])
		}
		response, err := browser.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	asked := url.Values{"Action": {"getSigninToken"}, "Session": {string(session)}}
	status, body := send(http.MethodPost, "/federation", asked)
	var token struct{ SigninToken string }
	if err := json.Unmarshal([]byte(body), &token); err != nil || status != http.StatusOK {
		t.Fatalf("a sign-in token: %d %s", status, body)
	}
	asked.Set("SessionDuration", "3600")
	if status, _ := send(http.MethodPost, "/federation", asked); status != http.StatusBadRequest {
		t.Errorf("SessionDuration for a federated user: %d", status)
	}
	link := "/federation?" + url.Values{"Action": {"login"}, "Issuer": {"https://portal.example.com"}, "Destination": {server.URL + "/console/"}, "SigninToken": {token.SigninToken}}.Encode()
	if status, body := send(http.MethodGet, link, nil, "Sec-Fetch-Site", "none"); status != http.StatusOK {
		t.Fatalf("the console: %d %s", status, body)
	}
	call := func(version, operation string) (int, string) {
		return send(http.MethodPost, "/console/api/", url.Values{"Version": {version}, "Action": {operation}}, "X-Sallyport-Csrf", "1")
	}
	const arn = "arn:aws:sts::" + harness.AccountID + ":federated-user/kiosk"
	if status, body := call("2011-06-15", "GetCallerIdentity"); status != http.StatusOK || !strings.Contains(body, arn) {
		t.Errorf("the session is %d %s", status, body)
	}
	if status, body := call("2010-05-08", "ListUsers"); status != http.StatusOK {
		t.Errorf("what its policy allows: %d %s", status, body)
	}
	if status, body := call("2010-05-08", "ListRoles"); status != http.StatusForbidden || !strings.Contains(body, "AccessDenied") {
		t.Errorf("what its policy does not allow: %d %s", status, body)
	}
}
