package sts

import (
	"errors"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"sallyport/internal/api/stsapi"
	"sallyport/internal/operation"
	"sallyport/internal/seal"
	"sallyport/internal/state"
)

const (
	// messagePurpose separates the key of authorization messages from every
	// other use.
	messagePurpose = "sts.authorization-message"
	// maxEncodedMessage bounds an encoded message, in characters. It travels in a
	// header of a reply, all of which must fit in 4 KB: a proxy with nginx's usual
	// buffer answers 502 in place of a reply with more
	// (https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffer_size).
	maxEncodedMessage = 3400
	// maxEnvelope is what is sealed beside the message: account and time.
	maxEnvelope = 96
	// MaxMessage is the longest message that can be sealed, in bytes.
	MaxMessage = maxEncodedMessage*3/4 - seal.Overhead - maxEnvelope
)

// ErrMessage says that an encoded message was not made here for this account.
var ErrMessage = errors.New("sts: not an authorization message for this account")

// envelope is what is sealed.
type envelope struct {
	Account string         `json:"account"`
	Time    time.Time      `json:"time"`
	Message jsontext.Value `json:"message"`
}

// Messages seals and opens encoded authorization messages.
type Messages struct{ sealer *seal.Sealer }

// NewMessages returns the messages sealed by s.
func NewMessages(s *seal.Sealer) *Messages { return &Messages{sealer: s} }

// Encode seals a message, which is JSON of at most MaxMessage bytes, for the
// account that may have it decoded. The result is base64url without padding
// (RFC 4648), at most 3,400 characters.
func (m *Messages) Encode(account string, now time.Time, message []byte) (string, error) {
	if len(message) > MaxMessage {
		return "", errors.New("sts: the authorization message is too long")
	}
	plain, err := json.Marshal(envelope{account, now.UTC().Truncate(time.Second), message})
	if err != nil {
		return "", err
	}
	return seal.Text(m.sealer, messagePurpose, []byte(account), plain)
}

// Decode opens a message that was sealed for the account. Encoded is hostile:
// any failure is ErrMessage, without saying more.
func (m *Messages) Decode(account, encoded string) (string, error) {
	plain, ok := seal.OpenText(m.sealer, messagePurpose, []byte(account), encoded, maxEncodedMessage)
	if !ok {
		return "", ErrMessage
	}
	var e envelope
	if err := json.Unmarshal(plain, &e, json.RejectUnknownMembers(true)); err != nil || e.Account != account {
		return "", ErrMessage
	}
	return string(e.Message), nil
}

// authorizeDecode asks for sts:DecodeAuthorizationMessage, which has no resource
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html).
func authorizeDecode(*operation.Call, state.Reader, *stsapi.DecodeAuthorizationMessageRequest) ([]operation.Check, error) {
	return []operation.Check{{Action: "sts:DecodeAuthorizationMessage", Resource: "*", Unnamed: true}}, nil
}

// decodeAuthorizationMessage tells what a denial in the caller's account was about
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html).
func (s *Service) decodeAuthorizationMessage(c *operation.Call, _ state.Reader, in *stsapi.DecodeAuthorizationMessageRequest) (*stsapi.DecodeAuthorizationMessageResponse, error) {
	message, err := s.Messages.Decode(c.Caller.Account(), *in.EncodedMessage)
	if err != nil {
		return nil, stsapi.InvalidAuthorizationMessageException("The message is not an authorization message of this account.").WithCause(err)
	}
	return &stsapi.DecodeAuthorizationMessageResponse{DecodedMessage: &message}, nil
}
