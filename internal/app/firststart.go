package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"sallyport/internal/audit"
	"sallyport/internal/iam"
	"sallyport/internal/ident"
	"sallyport/internal/journal"
	"sallyport/internal/organizations"
	"sallyport/internal/state"
)

// Created is what is shown once about an account that was made.
type Created struct {
	AccountID, Alias         string
	RootEmail, RootPassword  string
	RootKey                  *organizations.KeyPair
	AdminUser, AdminPassword string // empty without an administrator
	AdminKey                 organizations.KeyPair
}

// defaultRootEmail is root's address when the operator gives none.
const defaultRootEmail = "root@example.com"

// errSecond says that another node made the first account at the same time.
var errSecond = errors.New("there is a first account already")

// joinFirst goes on with the account that another node made: what this one had
// made up for it is forgotten.
func (a *App) joinFirst(ctx context.Context, plan *organizations.Plan) error {
	if plan.Admin && a.config.Data != "" {
		if err := os.Remove(profileFile(a.config.Data)); err != nil {
			return fmt.Errorf("admin's profile: %w", err)
		}
	}
	// The account may be shown here before the directory is.
	if err := a.state.CatchUp(ctx, map[state.StreamID]state.Revision{state.Directory: 1}); err != nil {
		return err
	}
	directory, _ := a.state.View(state.Directory)
	return a.checkSealKey(ctx, directory)
}

// firstStart makes the first account when the journal has none.
func (a *App) firstStart(ctx context.Context, ids *ident.Source) error {
	if directory, ok := a.state.View(state.Directory); ok {
		return a.checkSealKey(ctx, directory)
	}
	plan, err := a.config.FirstAccount.plan()
	if err != nil {
		return err
	}
	if err := plan.Fill(ids); err != nil {
		return err
	}
	// The profile comes first: were the account made and the process killed
	// before anything was shown, nobody could sign in.
	if plan.Admin && a.config.Data != "" {
		profile := Profile{AccessKeyID: plan.AdminKey.ID, Secret: plan.AdminKey.Secret, EndpointURL: a.config.PublicURL}
		if err := profile.Write(a.config.Data); err != nil {
			return err
		}
	}
	_, err = a.state.Update(ctx, state.Directory, state.Command{
		RequestID: ids.RequestID(), Caller: "sallyport", Operation: "sallyport:FirstStart",
		Run: func(tx *state.Tx) error {
			account, err := tx.Other(state.AccountStream(plan.ID))
			if err != nil {
				return err
			}
			if tx.Revision() != 0 || account.Revision() != 0 {
				return errSecond
			}
			if err := organizations.Create(tx, ids, plan); err != nil {
				return err
			}
			event := audit.Event{
				ID: ids.RequestID(), RequestID: ids.RequestID(), Time: tx.Now(), Source: "sallyport.amazonaws.com",
				Name: "FirstStart", Region: "us-east-1", Mutating: true, Recipient: plan.ID, Service: "sallyport",
			}
			account.Record(event.Append(nil))
			return nil
		},
	})
	if errors.Is(err, errSecond) {
		return a.joinFirst(ctx, plan)
	}
	if err != nil {
		return fmt.Errorf("making the first account: %w", err)
	}
	a.Created = created(plan)
	return nil
}

// checkSealKey refuses a key that is not the one the journal's secrets were
// sealed with, before anything is sealed with it: a journal of two keys could
// be read with neither. The secret tried is one that every account has.
func (a *App) checkSealKey(ctx context.Context, directory *state.View) error {
	var err error
	iam.DirectoryAccounts.Ascend(directory, "", func(id string, _ *iam.DirectoryAccount) bool {
		_, err = a.state.Secret(ctx, state.AccountStream(id), iam.LoginSecret(iam.RootLogin))
		return errors.Is(err, journal.ErrNotFound) // look at the next account
	})
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return fmt.Errorf("the seal key does not open the journal's secrets; give the one they were sealed with: %w", err)
	}
	return nil
}

func created(p *organizations.Plan) *Created {
	c := &Created{
		AccountID: p.ID, Alias: p.Alias, RootEmail: p.Email, RootPassword: p.RootPassword, RootKey: p.RootKey,
	}
	if p.Admin {
		c.AdminUser, c.AdminPassword, c.AdminKey = organizations.AdminUser, p.AdminPassword, p.AdminKey
	}
	return c
}

var (
	accountIDs   = regexp.MustCompile(`^[0-9]{12}$`)
	accessKeyIDs = regexp.MustCompile(`^[A-Z0-9]{16,128}$`)
	aliases      = regexp.MustCompile(`^[a-z0-9]([a-z0-9]|-[a-z0-9]){2,62}$`)
)

// plan checks what the operator fixed.
func (f FirstAccount) plan() (*organizations.Plan, error) {
	p := &organizations.Plan{
		ID: f.ID, Alias: f.Alias, Name: "First account", Email: f.RootEmail, RootPassword: f.RootPassword,
		Admin: !f.WithoutAdmin, AdminPassword: f.AdminPassword, First: true,
		AdminKey: organizations.KeyPair{ID: f.AdminAccessKeyID, Secret: f.AdminSecret},
	}
	if p.Email == "" {
		p.Email = defaultRootEmail
	}
	switch {
	case f.ID != "" && !accountIDs.MatchString(f.ID):
		return nil, fmt.Errorf("SALLYPORT_ACCOUNT_ID %q is not an account id of 12 digits", f.ID)
	case f.Alias != "" && (len(f.Alias) > 63 || !aliases.MatchString(f.Alias) || iam.LooksLikeAccountID(f.Alias)):
		return nil, fmt.Errorf("SALLYPORT_ACCOUNT_ALIAS %q is not an account alias", f.Alias)
	case !strings.Contains(p.Email, "@"):
		return nil, fmt.Errorf("SALLYPORT_ROOT_EMAIL %q is not an e-mail address", p.Email)
	case (f.RootAccessKeyID == "") != (f.RootSecret == ""):
		return nil, errors.New("SALLYPORT_ROOT_ACCESS_KEY_ID and SALLYPORT_ROOT_SECRET_ACCESS_KEY go together")
	case (f.AdminAccessKeyID == "") != (f.AdminSecret == ""):
		return nil, errors.New("SALLYPORT_ADMIN_ACCESS_KEY_ID and SALLYPORT_ADMIN_SECRET_ACCESS_KEY go together")
	case f.WithoutAdmin && (f.AdminPassword != "" || f.AdminAccessKeyID != ""):
		return nil, errors.New("SALLYPORT_BOOTSTRAP_ADMIN=false leaves out admin, yet its password or key is given")
	case f.RootAccessKeyID != "" && f.RootAccessKeyID == f.AdminAccessKeyID:
		return nil, errors.New("root and admin can't have the same access key id")
	}
	for name, id := range map[string]string{"SALLYPORT_ROOT_ACCESS_KEY_ID": f.RootAccessKeyID, "SALLYPORT_ADMIN_ACCESS_KEY_ID": f.AdminAccessKeyID} {
		if id != "" && !accessKeyIDs.MatchString(id) {
			return nil, fmt.Errorf("%s is not an access key id of 16 to 128 capital letters and digits", name)
		}
	}
	for name, secret := range map[string]string{"SALLYPORT_ROOT_SECRET_ACCESS_KEY": f.RootSecret, "SALLYPORT_ADMIN_SECRET_ACCESS_KEY": f.AdminSecret} {
		if secret != "" && len(secret) < minSecret {
			return nil, fmt.Errorf("%s is shorter than %d characters", name, minSecret)
		}
	}
	if f.RootAccessKeyID != "" {
		p.RootKey = &organizations.KeyPair{ID: f.RootAccessKeyID, Secret: f.RootSecret}
	}
	return p, nil
}

// minSecret is the shortest secret access key an operator may choose, in
// bytes.
const minSecret = 16

// metricsToken is the configured token, or the one kept in the data folder.
func metricsToken(c Config, ids *ident.Source) (string, error) {
	if c.MetricsToken != "" {
		return c.MetricsToken, nil
	}
	if c.Data == "" {
		return ids.Token(24), nil
	}
	path := filepath.Join(c.Data, "metrics-token")
	token, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(token)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("metrics token: %w", err)
	}
	made := ids.Token(24)
	if err := writePrivate(path, []byte(made+"\n")); err != nil {
		return "", fmt.Errorf("metrics token: %w", err)
	}
	return made, nil
}
