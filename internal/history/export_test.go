package history

import (
	"maps"
	"slices"
	"testing"

	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/seal"
	"sallyport/internal/state"
)

// SetScan bounds how many entries one call adds to an index.
func (s *Service) SetScan(n int) { s.scan = n }

// SetTouches bounds what the indexes of all accounts hold together.
func (s *Service) SetTouches(n int64) { s.indexes.touches = n }

// Indexed are the accounts that have an index, sorted.
func (s *Service) Indexed() []string { return slices.Sorted(maps.Keys(s.indexes.byAccount)) }

// KnownTables are the tables whose rows are shown.
func KnownTables() []string {
	var names []string
	for name := range parts {
		names = append(names, name)
	}
	return names
}

// SetPageBytes sets after how many bytes of documents a page ends.
func (s *Service) SetPageBytes(n int) { s.pageBytes = n }

// NewSealer is a sealer with a key of its own.
func NewSealer(t testing.TB) *seal.Sealer {
	t.Helper()
	sealer, err := seal.New(seal.GenerateKey())
	if err != nil {
		t.Fatal(err)
	}
	return sealer
}

// Tokens are those of one request.
type Tokens struct {
	t  testing.TB
	tk tokens
	in *sallyportapi.GetEntityHistoryRequest
}

// NewTokens makes tokens with a key of their own.
func NewTokens(t testing.TB) *Tokens {
	return &Tokens{t, tokens{NewSealer(t)}, &sallyportapi.GetEntityHistoryRequest{Entity: new("arn:aws:iam::111122223333:user/alice")}}
}

// Seal writes a token.
func (k *Tokens) Seal(upTo, at state.Revision, id string) string {
	token, err := k.tk.seal("111122223333", k.in, cursor{upTo, at, id})
	if err != nil {
		k.t.Fatal(err)
	}
	return token
}

// Open reads a token.
func (k *Tokens) Open(token string) (upTo, at state.Revision, id string, ok bool) {
	in := *k.in
	in.NextToken = &token
	c, err := k.tk.open("111122223333", &in)
	return c.upTo, c.at, c.id, err == nil
}

// Plain is what a token seals.
func (k *Tokens) Plain(upTo, at state.Revision, id string) string {
	return string(cursor{upTo, at, id}.encode())
}

// DecodeCursor reads what a token seals.
func DecodeCursor(b []byte) (upTo, at state.Revision, id string, ok bool) {
	c, ok := decodeCursor(b)
	return c.upTo, c.at, c.id, ok
}
