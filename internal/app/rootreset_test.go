package app_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"sallyport/internal/app"
	"sallyport/internal/iam"
	"sallyport/internal/journal"
	"sallyport/internal/journal/sqlite"
	"sallyport/internal/state"
	"sallyport/test/inprocess"
)

// giveRootDevice assigns a device to the root user, which no operation does.
func giveRootDevice(t *testing.T, s *inprocess.Server) {
	t.Helper()
	s.Root.NewDevice("phone")
	_, err := s.App.State().Update(context.Background(), state.AccountStream(inprocess.Account), state.Command{
		Operation: "test",
		Run: func(tx *state.Tx) error {
			d, ok := iam.MFADeviceNamed(tx, "/", "phone")
			if !ok {
				return errors.New("no device")
			}
			given := *d
			given.Owner, given.Enabled = iam.RootLogin, tx.Now()
			iam.MFADevices.Put(tx, d.ID, &given)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestResetRoot: with the store and the key, root gets in again; without, nobody.
func TestResetRoot(t *testing.T) {
	data := t.TempDir()
	open := func() *inprocess.Server {
		store, err := sqlite.Open(context.Background(), filepath.Join(data, "sallyport.db"), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return inprocess.New(t, func(c *app.Config) { c.Data, c.Journal = data, store })
	}
	s := open()
	b := s.Browser()
	b.SignInRoot("root@example.com", inprocess.RootPassword)
	if b.Page.Path != "/console/" {
		t.Fatalf("signing in leads to %s", b.Page.Path)
	}
	reset := func(c app.Config, r app.RootReset) (*app.RootGiven, error) {
		return app.ResetRoot(context.Background(), c, r)
	}
	if _, err := reset(app.Config{Data: data}, app.RootReset{}); !errors.Is(err, journal.ErrLocked) {
		t.Errorf("beside a running server: %v", err)
	}
	giveRootDevice(t, s)
	s.Stop()

	given, err := reset(app.Config{Data: data}, app.RootReset{})
	if err != nil || given.Email != "root@example.com" || len(given.Password) != 20 || given.MFADevices != 1 {
		t.Fatalf("reset: %+v, %v", given, err)
	}
	s = open()
	if strings.Contains(s.Dump(), `"consoleSessions"`) {
		t.Error("a session of root's goes on")
	}
	if page := s.Browser().SignInRoot("root@example.com", inprocess.RootPassword); page.Status != 403 {
		t.Errorf("the old password: %d", page.Status)
	}
	if page := s.Browser().SignInRoot("root@example.com", given.Password); page.Path != "/signin/mfa" {
		t.Errorf("the new password leads to %s: the device was to be kept", page.Path)
	}
	s.Stop()
	if given, err = reset(app.Config{Data: data}, app.RootReset{Account: inprocess.Account, RemoveMFA: true}); err != nil {
		t.Fatal(err)
	}
	s = open()
	if page := s.Browser().SignInRoot("root@example.com", given.Password); page.Path != "/console/" {
		t.Errorf("without a device the new password leads to %s", page.Path)
	}
	if iam.HasMFADevices(s.View(inprocess.Account), iam.RootLogin) {
		t.Error("a device is left")
	}
}
