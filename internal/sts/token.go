package sts

import (
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"sallyport/internal/operation"
	"sallyport/internal/seal"
	"sallyport/policy"
)

// tokenMark opens every session token before it is encoded, so that one is
// recognised by the look AWS's have had since 2023 ("IQoJb3JpZ2luX2Vj…").
const tokenMark = "!\n\torigin_ec"

// tokenPurpose separates the key of session tokens from every other use.
const tokenPurpose = "sts.session-token"

// MaxTokenBytes bounds a session token as it is sent. AWS promises no size;
// ours stay below 8 KiB with the largest session policies and tags.
const MaxTokenBytes = 16 << 10

// ErrToken says that a session token was not issued here, or not for these
// credentials. It never says why: a client could learn from it.
var ErrToken = errors.New("sts: not a session token of this server")

// A Token is what a session token says.
type Token struct {
	AccessKeyID string               `json:"akid"`
	Secret      string               `json:"secret"`
	Account     string               `json:"account"`
	Kind        policy.PrincipalKind `json:"kind"`
	// EntityID is the unique id of the user or role; empty for root.
	EntityID string `json:"entity,omitempty"`
	// Name is the role session's name.
	Name           string          `json:"name,omitempty"`
	Issued         time.Time       `json:"issued"`
	Expires        time.Time       `json:"expires"`
	Policies       []string        `json:"policies,omitempty"`
	PolicyARNs     []string        `json:"policyArns,omitempty"`
	Tags           []operation.Tag `json:"tags,omitempty"`
	Transitive     []string        `json:"transitive,omitempty"`
	SourceIdentity string          `json:"sourceIdentity,omitempty"`
	MFAAt          time.Time       `json:"mfaAt,omitzero"`
	MFADevice      string          `json:"mfaDevice,omitempty"`
	Chained        bool            `json:"chained,omitempty"`
	// Federation is set when an identity provider vouched for whoever began it.
	Federation *operation.Federation `json:"federation,omitempty"`
}

// Session is the part of the token that decisions look at.
func (t *Token) Session() *operation.Session {
	return &operation.Session{
		Issued: t.Issued, Expires: t.Expires, Name: t.Name,
		Policies: t.Policies, PolicyARNs: t.PolicyARNs,
		Tags: t.Tags, Transitive: t.Transitive, SourceIdentity: t.SourceIdentity,
		MFAAt: t.MFAAt, MFADevice: t.MFADevice, Chained: t.Chained, Federation: t.Federation,
	}
}

// Tokens seals and opens session tokens.
type Tokens struct{ sealer *seal.Sealer }

// NewTokens returns the tokens sealed by s.
func NewTokens(s *seal.Sealer) *Tokens { return &Tokens{sealer: s} }

// Seal returns the session token that says t.
func (ts *Tokens) Seal(t *Token) (string, error) {
	plain, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	sealed, err := ts.sealer.Seal(tokenPurpose, []byte(t.AccessKeyID), plain)
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(append([]byte(tokenMark), sealed...)), nil
}

// Open returns what a session token says, if it was issued for this access key
// id. Whether it has expired is for the caller to ask.
func (ts *Tokens) Open(accessKeyID, token string) (*Token, error) {
	if len(token) > MaxTokenBytes {
		return nil, ErrToken
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, ErrToken
	}
	sealed, ok := strings.CutPrefix(string(raw), tokenMark)
	if !ok {
		return nil, ErrToken
	}
	plain, err := ts.sealer.Open(tokenPurpose, []byte(accessKeyID), []byte(sealed))
	if err != nil {
		return nil, ErrToken
	}
	t := new(Token)
	if err := json.Unmarshal(plain, t, json.RejectUnknownMembers(true)); err != nil || t.AccessKeyID != accessKeyID {
		return nil, ErrToken
	}
	return t, nil
}
