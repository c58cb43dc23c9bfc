package iam_test

import (
	"fmt"
	"testing"
	"time"

	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/state"
)

// TestAttack22SessionsWithoutEnd: who signs in again and again, which takes no
// permission, has twenty sessions and no more, and ends nobody else's; who comes as a
// role under ever new names has five thousand.
func TestAttack22SessionsWithoutEnd(t *testing.T) {
	f := iamtest.New(t)
	n := 0
	add := func(owner, name string, times int) {
		f.Change(func(tx *state.Tx) error {
			for i := range times {
				n++
				s := &iam.ConsoleSession{Created: iamtest.Start.Add(time.Duration(n) * time.Second), Expires: iamtest.Start.Add(24 * time.Hour)}
				if name != "" {
					s.Temporary = &iam.TemporarySession{Name: name}
				}
				if name == "*" {
					s.Temporary.Name = fmt.Sprint(i)
				}
				iam.AddConsoleSession(tx, iam.ConsoleSessionKey(owner, fmt.Sprintf("%08d", 10_000_000-n)), s)
			}
			return nil
		})
	}
	count := func(owner string) (keys []string) {
		iam.ConsoleSessions.AscendPrefix(f.View(), owner+"/", func(key string, _ *iam.ConsoleSession) bool { keys = append(keys, key); return true })
		return keys
	}
	add("AIDA1", "", 19)
	add("AIDA2", "", 3)
	add("AIDA1", "", 100)
	if got := len(count("AIDA1")); got != 20 {
		t.Errorf("a user has %d sessions", got)
	}
	if newest := iam.ConsoleSessionKey("AIDA1", fmt.Sprintf("%08d", 10_000_000-n)); !iam.ConsoleSessions.Has(f.View(), newest) {
		t.Error("the newest session is not there")
	}
	if got := len(count("AIDA2")); got != 3 {
		t.Errorf("another user has %d sessions", got)
	}
	add("AROA1", "alice", 2)
	add("AROA1", "bob", 30)
	if got := len(count("AROA1")); got != 22 {
		t.Errorf("a role has %d sessions of two people", got)
	}
	add("AROA1", "*", 5100)
	if got := len(count("AROA1")); got != 5000 {
		t.Errorf("a role has %d sessions", got)
	}
}
