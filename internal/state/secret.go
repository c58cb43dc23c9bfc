package state

import (
	"context"
	"errors"
	"fmt"

	"sallyport/internal/journal"
)

// secretPurpose separates the key of journal secrets from other uses of the
// sealer.
const secretPurpose = "journal-secret"

// maxCommandBytes bounds the entries and secrets of one command together, well
// below what a journal takes as one batch.
const maxCommandBytes = 16 << 20

var errNoSealer = errors.New("state: no sealer configured for secrets")

// Secret opens the secret a command put under id. The error is
// [journal.ErrNotFound] when there is none.
func (s *Store) Secret(ctx context.Context, id StreamID, secretID string) ([]byte, error) {
	sealed, err := s.journal.LoadSecret(ctx, id, secretID)
	if err != nil {
		return nil, err
	}
	return s.open(id, secretID, sealed)
}

func (s *Store) open(id StreamID, secretID string, sealed []byte) ([]byte, error) {
	if s.sealer == nil {
		return nil, errNoSealer
	}
	plaintext, err := s.sealer.Open(secretPurpose, secretContext(id, secretID), sealed)
	if err != nil {
		return nil, fmt.Errorf("state: secret of stream %s: %w", id, err)
	}
	return plaintext, nil
}

// sealAll seals a command's secrets, given in plaintext.
func (s *Store) sealAll(plain []journal.Secret) ([]journal.Secret, error) {
	if len(plain) == 0 {
		return nil, nil
	}
	if s.sealer == nil {
		return nil, errNoSealer
	}
	out := make([]journal.Secret, len(plain))
	for i, p := range plain {
		out[i] = journal.Secret{Stream: p.Stream, ID: p.ID}
		if p.Sealed == nil {
			continue
		}
		sealed, err := s.sealer.Seal(secretPurpose, secretContext(p.Stream, p.ID), p.Sealed)
		if err != nil {
			return nil, fmt.Errorf("state: seal secret of stream %s: %w", p.Stream, err)
		}
		out[i].Sealed = sealed
	}
	return out, nil
}

// secretContext binds sealed bytes to where they belong, so that one secret's
// bytes cannot stand in for another's. Stream ids hold no NUL.
func secretContext(id StreamID, secretID string) []byte {
	return []byte(string(id) + "\x00" + secretID)
}
