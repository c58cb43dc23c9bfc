package sts

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"sync"
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

// MaxTokenBytes bounds a session token as it is sent: AWS's own limit since September
// 2026 (https://aws.amazon.com/about-aws/whats-new/2026/09/aws-sts/).
const MaxTokenBytes = 4096

const (
	// packedFrom is how long what a token says must be, in bytes, to be compressed:
	// that of most sessions is not worth the time.
	packedFrom = 1 << 10
	// packed begins what is compressed (RFC 1951); JSON begins with a brace.
	packed = 1
	// maxUnpacked bounds what it may unpack to: fifty tags and the policies, every
	// character of four bytes and escaped.
	maxUnpacked = 512 << 10
)

var (
	packers   = sync.Pool{New: func() any { w, _ := flate.NewWriter(nil, flate.BestCompression); return w }} // the level is one
	unpackers = sync.Pool{New: func() any { return flate.NewReader(nil) }}
)

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

// errTooLong says that a session has more to say than a token can hold.
var errTooLong = errors.New("sts: the session token is too long")

// Seal returns the session token that says t, of at least so many bytes, which are at
// most MaxTokenBytes. It is errTooLong when there is none of MaxTokenBytes.
func (ts *Tokens) Seal(t *Token, least int) (string, error) {
	plain, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	if plain, err = pack(plain); err != nil {
		return "", err
	}
	// Blanks behind it say nothing, in either form.
	const around = len(tokenMark) + seal.Overhead
	if missing := (least+3)/4*3 - around - len(plain); missing > 0 {
		plain = append(plain, strings.Repeat(" ", missing)...)
	}
	if base64.StdEncoding.EncodedLen(around+len(plain)) > MaxTokenBytes {
		return "", errTooLong
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
	if plain, err = unpack(plain); err != nil {
		return nil, ErrToken
	}
	t := new(Token)
	if err := json.Unmarshal(plain, t, json.RejectUnknownMembers(true)); err != nil || t.AccessKeyID != accessKeyID {
		return nil, ErrToken
	}
	return t, nil
}

// pack makes what a token says shorter, where that is worth it.
func pack(plain []byte) ([]byte, error) {
	if len(plain) < packedFrom {
		return plain, nil
	}
	out := bytes.NewBuffer([]byte{packed})
	w := packers.Get().(*flate.Writer)
	defer packers.Put(w)
	w.Reset(out)
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// unpack undoes pack.
func unpack(plain []byte) ([]byte, error) {
	if len(plain) == 0 || plain[0] != packed {
		return plain, nil
	}
	r := unpackers.Get().(io.ReadCloser)
	defer unpackers.Put(r)
	if err := r.(flate.Resetter).Reset(bytes.NewReader(plain[1:]), nil); err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(r, maxUnpacked+1))
	if err == nil && len(out) > maxUnpacked {
		err = errTooLong
	}
	return out, err
}
