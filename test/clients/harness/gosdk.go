package harness

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// sallyportTarget is the prefix of X-Amz-Target in models/sallyport.json.
const sallyportTarget = "Sallyport_20261101."

// maxAnswerBytes bounds an answer that this client reads by itself.
const maxAnswerBytes = 16 << 20

// GoSDK is the AWS SDK for Go, version 2. The SDK has no client for
// sallyport's own service; those calls are JSON posts signed by the SDK's
// signer.
type GoSDK struct{ http *http.Client }

// NewGoSDK returns a client; it is always available.
func NewGoSDK(t *testing.T) Client {
	t.Helper()
	client := &http.Client{Timeout: time.Minute, Transport: NewTransport()}
	t.Cleanup(client.CloseIdleConnections)
	return &GoSDK{http: client}
}

func (*GoSDK) Name() string { return "go-sdk" }

func (c *GoSDK) Call(ctx context.Context, call Call) (Reply, error) {
	if call.PageSize > 0 {
		return c.everyPage(ctx, call)
	}
	credentials := staticCredentials(call.Credentials)
	switch call.Service {
	case "iam":
		client := iam.New(iam.Options{
			BaseEndpoint: &call.Endpoint, Region: Region, Credentials: credentials,
			Retryer: aws.NopRetryer{}, HTTPClient: c.http,
		})
		return invoke(ctx, reflect.ValueOf(client), call)
	case "sts":
		client := sts.New(sts.Options{
			BaseEndpoint: &call.Endpoint, Region: Region, Credentials: credentials,
			Retryer: aws.NopRetryer{}, HTTPClient: c.http,
		})
		return invoke(ctx, reflect.ValueOf(client), call)
	case "sallyport":
		return c.post(ctx, credentials, call)
	}
	return Reply{}, fmt.Errorf("no Go client for the service %q", call.Service)
}

// everyPage does what the SDK's generated paginators do: it follows Marker
// while IsTruncated. They are generic functions per operation, which a call by
// name cannot reach.
func (c *GoSDK) everyPage(ctx context.Context, call Call) (Reply, error) {
	call.Params = maps.Clone(call.Params)
	if call.Params == nil {
		call.Params = map[string]any{}
	}
	call.Params["MaxItems"] = call.PageSize
	call.PageSize = 0
	merged := map[string]any{}
	for {
		reply, err := c.Call(ctx, call)
		if err != nil || reply.Err != nil {
			return reply, err
		}
		for name, value := range reply.Output {
			if list, ok := value.([]any); ok {
				before, _ := merged[name].([]any)
				merged[name] = append(before, list...)
			}
		}
		if reply.Output["IsTruncated"] != true {
			return Reply{Output: merged}, nil
		}
		if call.Params["Marker"] == reply.Output["Marker"] {
			return Reply{}, fmt.Errorf("%s: the marker %v repeats", call.Operation, reply.Output["Marker"])
		}
		call.Params["Marker"] = reply.Output["Marker"]
	}
}

// invoke calls the client's method for the operation. The SDK's inputs and
// outputs have the model's member names as field names.
func invoke(ctx context.Context, client reflect.Value, call Call) (Reply, error) {
	method := client.MethodByName(call.Operation)
	if !method.IsValid() {
		return Reply{}, fmt.Errorf("the Go SDK's %s client has no method %s", call.Service, call.Operation)
	}
	params, err := json.Marshal(call.Params)
	if err != nil {
		return Reply{}, err
	}
	input := reflect.New(method.Type().In(1).Elem())
	strict := json.NewDecoder(bytes.NewReader(params))
	strict.DisallowUnknownFields()
	if err := strict.Decode(input.Interface()); err != nil {
		return Reply{}, fmt.Errorf("parameters of %s: %w", call.Operation, err)
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(ctx), input})
	if err, _ := results[1].Interface().(error); err != nil {
		return sdkFailure(err)
	}
	text, err := json.Marshal(results[0].Interface())
	if err != nil {
		return Reply{}, err
	}
	output := map[string]any{}
	if err := json.Unmarshal(text, &output); err != nil {
		return Reply{}, err
	}
	return Reply{Output: neutral(output)}, nil
}

// sdkFailure tells a service's error from a failure of the SDK.
func sdkFailure(err error) (Reply, error) {
	var service smithy.APIError
	var response *smithyhttp.ResponseError
	if !errors.As(err, &service) || !errors.As(err, &response) {
		return Reply{}, err
	}
	return Reply{Err: &ServiceError{
		Code:    service.ErrorCode(),
		Message: service.ErrorMessage(),
		Status:  response.HTTPStatusCode(),
	}}, nil
}

// post makes a call of the AWS JSON 1.1 protocol.
//
// See https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html.
func (c *GoSDK) post(ctx context.Context, provider aws.CredentialsProvider, call Call) (Reply, error) {
	params := call.Params
	if params == nil {
		params = map[string]any{}
	}
	body, err := json.Marshal(params)
	if err != nil {
		return Reply{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, call.Endpoint+"/", bytes.NewReader(body))
	if err != nil {
		return Reply{}, err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", sallyportTarget+call.Operation)
	credentials, err := provider.Retrieve(ctx)
	if err != nil {
		return Reply{}, err
	}
	hash := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(hash[:]),
		call.Service, Region, time.Now()); err != nil {
		return Reply{}, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return Reply{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes))
	if err != nil {
		return Reply{}, err
	}
	return jsonReply(response.StatusCode, text)
}

// jsonReply reads an answer of the AWS JSON 1.1 protocol.
func jsonReply(status int, body []byte) (Reply, error) {
	output := map[string]any{}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &output); err != nil {
			return Reply{}, fmt.Errorf("status %d: %w\n%s", status, err, body)
		}
	}
	if status == http.StatusOK {
		return Reply{Output: neutral(output)}, nil
	}
	code, _ := output["__type"].(string)
	if code == "" {
		return Reply{}, fmt.Errorf("status %d without __type:\n%s", status, body)
	}
	message, _ := output["message"].(string)
	if message == "" {
		message, _ = output["Message"].(string)
	}
	return Reply{Err: &ServiceError{Code: code[strings.LastIndexByte(code, '#')+1:], Message: message, Status: status}}, nil
}

// staticCredentials hands out fixed credentials.
func staticCredentials(c Credentials) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{
			AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken,
		}, nil
	})
}
