package clients

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"sallyport/internal/federation/oidc/oidctest"
	"sallyport/test/clients/harness"
)

const (
	clusterHost = "oidc.clusters.example.com"
	cluster     = clusterHost + "/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
)

// kubeAPIServer is an issuer as a kube-apiserver is one
// (https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery):
// what it publishes and how it names its key.
func kubeAPIServer(t *testing.T) *oidctest.Issuer {
	t.Helper()
	issuer := oidctest.NewAt(t, "https://"+cluster, clusterHost, time.Now())
	key := issuer.Keys[0]
	der, err := x509.MarshalPKIXPublicKey(key.Private.Public())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(der)
	issuer.Keys[0] = oidctest.KeyOf(t, base64.RawURLEncoding.EncodeToString(sum[:]), jose.RS256, key.Private)
	issuer.Keys[0].JWK["alg"] = "RS256"
	issuer.Answer(func(w http.ResponseWriter, r *http.Request) {
		var document any
		switch {
		case strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration"):
			w.Header().Set("Content-Type", "application/json")
			document = P{
				"issuer": issuer.URL, "jwks_uri": issuer.URL + "/openid/v1/jwks", "response_types_supported": List{"id_token"},
				"subject_types_supported": List{"public"}, "id_token_signing_alg_values_supported": List{"RS256"},
			}
		case strings.HasSuffix(r.URL.Path, "/openid/v1/jwks"):
			w.Header().Set("Content-Type", "application/jwk-set+json")
			document = issuer.KeySet()
		default:
			http.NotFound(w, r)
			return
		}
		if err := json.NewEncoder(w).Encode(document); err != nil {
			t.Error(err)
		}
	})
	return issuer
}

// podToken is a projected service account token, in a file as the kubelet puts it
// (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens).
// Its header has no "typ", its audience is a list.
func podToken(t *testing.T, issuer *oidctest.Issuer, namespace, account, audience string) string {
	t.Helper()
	now := time.Now().Unix()
	claims, err := json.Marshal(P{
		"aud": List{audience}, "exp": now + 86400, "iat": now, "nbf": now, "iss": issuer.URL, "jti": "0e1c5a2b-8f0a-4f5e-9a54-3f5b6f1f2a10",
		"kubernetes.io": P{
			"namespace": namespace, "node": P{"name": "node-1", "uid": "1c8f6a60-5a56-4e6b-8f9b-0e4a3f2b1d5c"},
			"pod":            P{"name": "reader-7d9c", "uid": "5e9a0c5f-3b8f-4d59-9b3c-6b1f3c2d4e5f"},
			"serviceaccount": P{"name": account, "uid": "7a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"},
		},
		"sub": "system:serviceaccount:" + namespace + ":" + account,
	})
	if err != nil {
		t.Fatal(err)
	}
	key := issuer.Keys[0]
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: key.Alg, Key: jose.JSONWebKey{Key: key.Private, KeyID: key.ID}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestKubernetesServiceAccounts: pods whose service account has a role, by the
// variables that IAM roles for service accounts put into them
// (https://docs.aws.amazon.com/eks/latest/userguide/pod-configuration.html); the role
// trusts one service account of one namespace
// (https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html).
func TestKubernetesServiceAccounts(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the aws CLI is left to the full run by -short")
	}
	clients := ambientClients(t)
	issuer := kubeAPIServer(t)
	server := harness.StartServer(t, harness.SQLite,
		"SALLYPORT_OIDC_PRIVATE_ISSUER="+clusterHost+"="+issuer.At, "SALLYPORT_OIDC_CA_FILE="+issuer.CAFile)
	// The SDK for Go changes tokens before it looks at AWS_ENDPOINT_URL.
	endpoint := []string{"AWS_ENDPOINT_URL=" + server.URL, "AWS_ENDPOINT_URL_STS=" + server.URL, "AWS_DEFAULT_REGION=us-east-1"}
	account := harness.AccountID
	policy := func(text string) string { return `'{"Version":"2012-10-17","Statement":[` + text + `]}'` }
	shell{t: t, settings: append([]string{"AWS_ACCESS_KEY_ID=" + harness.Admin.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + harness.Admin.SecretAccessKey}, endpoint...)}.answers(strings.Join([]string{
		"aws iam create-open-id-connect-provider --url https://" + cluster + " --client-id-list sts.amazonaws.com",
		"aws iam create-role --role-name Reader --assume-role-policy-document " + policy(`{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::`+account+
			`:oidc-provider/`+cluster+`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"`+cluster+`:sub":"system:serviceaccount:reports:reader","`+cluster+`:aud":"sts.amazonaws.com"}}}`),
		"aws iam put-role-policy --role-name Reader --policy-name own --policy-document " + policy(`{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}`),
	}, "\n"))
	pod := func(file string, more ...string) []string {
		return append(append([]string{"AWS_ROLE_ARN=arn:aws:iam::" + account + ":role/Reader", "AWS_WEB_IDENTITY_TOKEN_FILE=" + file,
			"AWS_STS_REGIONAL_ENDPOINTS=regional"}, endpoint...), more...)
	}
	const audience = "sts.amazonaws.com"
	session := "arn:aws:sts::" + account + ":assumed-role/Reader/"
	good := podToken(t, issuer, "reports", "reader", audience)
	says(t, clients, pod(good), said{session + "*", "ok", "AccessDenied"})
	says(t, clients, pod(good, "AWS_ROLE_SESSION_NAME=reports-reader"), said{session + "reports-reader", "ok", "AccessDenied"})
	says(t, clients, pod(podToken(t, issuer, "default", "reader", audience)), said{"AccessDenied", "AccessDenied", "AccessDenied"})
	one := clients[1:2] // what is refused is refused to each
	says(t, one, pod(podToken(t, issuer, "reports", "writer", audience)), said{"AccessDenied", "AccessDenied", "AccessDenied"})
	// The token that every pod has for the cluster itself is not one for STS.
	own := podToken(t, issuer, "reports", "reader", "https://kubernetes.default.svc")
	says(t, one, pod(own), said{"InvalidIdentityToken", "InvalidIdentityToken", "InvalidIdentityToken"})
}
