// Package sallyporttest starts a Sallyport server in memory for tests: an AWS
// account of one's own, with real authentication and authorization, gone when
// the test ends.
//
//	server := sallyporttest.New(t)
//	client := iam.New(iam.Options{
//		Region:       "us-east-1",
//		BaseEndpoint: &server.URL,
//		Credentials:  credentials.NewStaticCredentialsProvider(server.AccessKeyID, server.SecretAccessKey, ""),
//	})
//
// It owns nothing but the wiring for tests; the server is the one that
// cmd/sallyport runs.
package sallyporttest

import (
	"context"
	"net/http/httptest"
	"testing"

	"sallyport/internal/app"
)

// A Server is a running server with one account and its administrator.
type Server struct {
	// URL is the endpoint for clients.
	URL string
	// AccountID is the account's 12-digit id.
	AccountID string
	// AccessKeyID and SecretAccessKey belong to the IAM user admin, who has
	// AdministratorAccess.
	AccessKeyID     string
	SecretAccessKey string
}

// New starts a server that is stopped when the test and its subtests end.
func New(t testing.TB) *Server {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	a, err := app.Open(context.Background(), app.Config{Store: "memory:", PublicURL: "http://" + server.Listener.Addr().String()})
	if err != nil {
		t.Fatalf("sallyporttest: %v", err)
	}
	server.Config.Handler = a.Handler()
	server.Start()
	t.Cleanup(func() {
		server.Close()
		if err := a.Close(); err != nil {
			t.Errorf("sallyporttest: %v", err)
		}
	})
	return &Server{
		URL: server.URL, AccountID: a.Created.AccountID,
		AccessKeyID: a.Created.AdminKey.ID, SecretAccessKey: a.Created.AdminKey.Secret,
	}
}
