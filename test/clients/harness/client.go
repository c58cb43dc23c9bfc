package harness

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
)

// Credentials sign a call. SessionToken is empty for long-term keys.
type Credentials struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string `json:",omitempty"`
}

// Call is one API call in no client's own form: Operation is the model's name,
// Params and its members are spelled as in the model.
type Call struct {
	Endpoint    string
	Credentials Credentials
	Service     string
	Operation   string
	Params      map[string]any

	// PageSize, when positive, makes the client fetch every page of a list by
	// its own paginator, with so many items per page.
	PageSize int
}

// Reply is the service's answer. Exactly one of Output and Err is set.
type Reply struct {
	// Output holds JSON values. Members that the answer did not contain are
	// absent; policy documents are decoded into JSON objects, as the AWS CLI
	// and boto3 do by themselves.
	Output map[string]any
	Err    *ServiceError
}

// ServiceError is an error that the service answered with. Status is zero for
// a client that does not show it, which is the AWS CLI.
type ServiceError struct {
	Code    string
	Message string
	Status  int
}

// Client is a stock AWS client.
type Client interface {
	Name() string
	// Call makes one request, without retries. The error is a failure of the
	// client itself: it refused the parameters, could not connect or could not
	// read the answer.
	Call(ctx context.Context, call Call) (Reply, error)
}

// Where botocore splits an operation name into words, in the order of use.
var (
	pluralAcronym = regexp.MustCompile(`[A-Z]{2,}s$`)
	beforeWord    = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	beforeNumber  = regexp.MustCompile(`([a-z])([0-9]+)`)
	afterLower    = regexp.MustCompile(`([a-z0-9])([A-Z])`)
)

// words spells an operation name as botocore does: GetMFADevice becomes
// get-mfa-device with the separator "-", and get_mfa_device with "_".
func words(operation, separator string) string {
	if acronym := pluralAcronym.FindString(operation); acronym != "" {
		operation = strings.TrimSuffix(operation, acronym) + separator + strings.ToLower(acronym)
	}
	between := "${1}" + separator + "${2}"
	for _, boundary := range []*regexp.Regexp{beforeWord, beforeNumber, afterLower} {
		operation = boundary.ReplaceAllString(operation, between)
	}
	return strings.ToLower(operation)
}

// neutral brings an answer into the form of [Reply.Output]: it drops what
// describes the transport and what is absent, and decodes policy documents.
func neutral(output map[string]any) map[string]any {
	delete(output, "ResponseMetadata")
	delete(output, "ResultMetadata")
	if cleaned, ok := clean("", output).(map[string]any); ok {
		return cleaned
	}
	return map[string]any{}
}

func clean(name string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, member := range value {
			if member = clean(key, member); member == nil {
				delete(value, key)
			} else {
				value[key] = member
			}
		}
		return value
	case []any:
		for i := range value {
			value[i] = clean("", value[i])
		}
		return value
	case string:
		if document, ok := decodeDocument(name, value); ok {
			return document
		}
		return value
	}
	return value
}

// decodeDocument decodes a percent-encoded policy document. IAM encodes them
// by RFC 3986; the Go SDK hands them on as they are.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyVersion.html.
func decodeDocument(name, value string) (any, bool) {
	switch name {
	case "PolicyDocument", "AssumeRolePolicyDocument", "Document":
	default:
		return nil, false
	}
	text, err := url.PathUnescape(value)
	if err != nil {
		return nil, false
	}
	var document any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return nil, false
	}
	return document, true
}
