package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sallyport/internal/audit"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/ident"
	"sallyport/internal/state"
)

// A RootReset says whose root user is given another password.
type RootReset struct {
	// Account is the account's id; empty is the first account.
	Account string
	// RemoveMFA takes away the root user's MFA devices too.
	RemoveMFA bool
}

// A RootGiven is what is shown once of a reset.
type RootGiven struct {
	Account, Email, Password string
	// MFADevices is how many the root user had.
	MFADevices int
}

// resetPasswordLength is that of passwords made at first start.
const resetPasswordLength = 20

// ResetRoot gives an account's root user another password and ends its console
// sessions. It is for who has the store and the seal key: the store of a stopped
// server, or one in PostgreSQL that servers may be running on. Nothing but the
// change is made; a store or key that is not there is an error.
func ResetRoot(ctx context.Context, c Config, r RootReset) (given *RootGiven, err error) {
	if c.SealKey == "" && c.SealKeyFile == "" {
		if _, err := os.Stat(filepath.Join(c.Data, "seal.key")); err != nil {
			return nil, fmt.Errorf("seal key: %w", err)
		}
	}
	if c.Journal, err = OpenExisting(ctx, c.Data, c.Store); err != nil {
		return nil, err
	}
	a := &App{journal: c.Journal}
	defer func() { err = errors.Join(err, a.Close()) }()
	if a.config, err = c.withDefaults(); err != nil {
		return nil, err
	}
	sealer, err := openSealer(a.config)
	if err != nil {
		return nil, err
	}
	ids := ident.New(c.Rand)
	if err := a.openState(ctx, sealer, ids.Token(12)); err != nil {
		return nil, err
	}
	directory, ok := a.directory()
	if !ok {
		return nil, errors.New("the store has no account")
	}
	if err := a.checkSealKey(ctx, directory); err != nil {
		return nil, err
	}
	if r.Account == "" {
		iam.DirectoryAccounts.Ascend(directory, "", func(id string, row *iam.DirectoryAccount) bool {
			if row.First {
				r.Account = id
			}
			return r.Account == ""
		})
	}
	if !iam.DirectoryAccounts.Has(directory, r.Account) {
		return nil, fmt.Errorf("there is no account %q", r.Account)
	}
	return a.resetRoot(ctx, ids, r)
}

func (a *App) resetRoot(ctx context.Context, ids *ident.Source, r RootReset) (*RootGiven, error) {
	given := &RootGiven{Account: r.Account, Password: ids.Password(resetPasswordLength)}
	hash, err := credential.HashPassword(given.Password)
	if err != nil {
		return nil, err
	}
	event := audit.Event{
		ID: ids.RequestID(), RequestID: ids.RequestID(), Source: "sallyport.amazonaws.com",
		Name: "ResetRootUser", Region: "us-east-1", Mutating: true, Recipient: r.Account, Service: "sallyport",
	}
	_, err = a.state.Update(ctx, state.AccountStream(r.Account), state.Command{
		RequestID: event.RequestID, Caller: "sallyport", Operation: "sallyport:ResetRootUser",
		Run: func(tx *state.Tx) error {
			account, ok := iam.Accounts.Get(tx, iam.AccountKey)
			if !ok {
				return fmt.Errorf("account %s has no row", r.Account)
			}
			given.Email = account.Email
			now := iam.Moment(tx.Now())
			profile := &iam.LoginProfile{Created: now, Changed: now}
			if old, ok := iam.LoginProfiles.Get(tx, iam.RootLogin); ok {
				profile.Created = old.Created
			}
			iam.LoginProfiles.Put(tx, iam.RootLogin, profile)
			tx.PutSecret(iam.LoginSecret(iam.RootLogin), []byte(hash))
			tx.DeleteSecret(iam.EarlierLoginSecret(iam.RootLogin))
			iam.EndConsoleSessions(tx, iam.RootLogin, "")
			given.MFADevices = rootDevices(tx, r.RemoveMFA)
			event.Time = tx.Now()
			tx.Record(event.Append(nil))
			return nil
		},
	})
	if err != nil {
		return nil, fmt.Errorf("resetting the root user: %w", err)
	}
	return given, nil
}

// rootDevices counts the root user's MFA devices, and takes them away if asked to,
// as DeactivateMFADevice does.
func rootDevices(tx *state.Tx, remove bool) int {
	var devices []*iam.MFADevice
	iam.MFADevicesByOwner.Ascend(tx, iam.RootLogin, func(_ string, d *iam.MFADevice) bool {
		devices = append(devices, d)
		return true
	})
	for _, d := range devices {
		if remove {
			iam.ReleaseMFADevice(tx, d)
		}
	}
	return len(devices)
}
