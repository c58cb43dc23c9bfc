package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/go-json-experiment/json"

	"sallyport/internal/api"
	"sallyport/internal/app"
	"sallyport/sigv4"
)

// maxReply is the largest reply the command line reads, in bytes.
const maxReply = 16 << 20

// A client calls Sallyport's own operations, signed like anybody's.
type client struct {
	endpoint    string
	credentials sigv4.Credentials
}

// newClient takes credentials from the AWS_… variables, or else admin's
// profile.
func newClient(data, endpoint string) (*client, error) {
	c := &client{endpoint: endpoint, credentials: sigv4.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: sigv4.Secret(os.Getenv("AWS_SECRET_ACCESS_KEY")),
		SessionToken:    sigv4.Secret(os.Getenv("AWS_SESSION_TOKEN")),
	}}
	if c.credentials.AccessKeyID == "" {
		p, err := app.ReadProfile(data)
		if err != nil {
			return nil, err
		}
		c.credentials = sigv4.Credentials{AccessKeyID: p.AccessKeyID, SecretAccessKey: sigv4.Secret(p.Secret)}
		if c.endpoint == "" {
			c.endpoint = p.EndpointURL
		}
	}
	if c.endpoint == "" {
		return nil, errors.New("no server: give --endpoint-url")
	}
	return c, nil
}

// call carries out one operation of a JSON service.
func (c *client) call(ctx context.Context, op *api.Operation, in, out any) error {
	body, err := json.Marshal(in, json.OmitZeroStructFields(true))
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-"+op.Service.JSONVersion)
	request.Header.Set("X-Amz-Target", op.Service.TargetPrefix+"."+op.Name)
	err = sigv4.SignHTTP(request, c.credentials, sigv4.HashBody(body), op.Service.SigningName, "us-east-1", time.Now())
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // read to its end or given up
	reply, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return replyError(response, reply)
	}
	return json.Unmarshal(reply, out)
}

// replyError is the error a reply describes.
func replyError(response *http.Response, reply []byte) error {
	var failure struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(reply, &failure); err != nil || failure.Type == "" {
		return fmt.Errorf("the server answered %s", response.Status)
	}
	return fmt.Errorf("%s: %s", failure.Type, failure.Message)
}
