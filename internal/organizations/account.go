package organizations

import (
	"fmt"

	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/ident"
	"sallyport/internal/state"
)

// AdministratorAccess is the AWS managed policy the first administrator has.
const AdministratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess"

// AdminUser is the name of an account's first administrator.
const AdminUser = "admin"

// passwordLength is the length in characters of passwords made here.
const passwordLength = 20

// A KeyPair is an access key with its secret.
type KeyPair struct{ ID, Secret string }

// A Plan says what an account is made of. Empty fields are filled in by
// NewPlan or left out.
type Plan struct {
	ID, Name, Email, Alias string
	RootPassword           string
	RootKey                *KeyPair
	Admin                  bool
	AdminPassword          string
	AdminKey               KeyPair
	// First marks the account that may make others.
	First bool

	rootHash, adminHash string
}

// Fill gives what the plan leaves open: an account id, passwords and the
// administrator's key, and hashes the passwords. It is called once, before the
// change, because hashing is slow.
func (p *Plan) Fill(ids *ident.Source) error {
	if p.ID == "" {
		p.ID = ids.AccountID()
	}
	if p.RootPassword == "" {
		p.RootPassword = ids.Password(passwordLength)
	}
	var err error
	if p.rootHash, err = credential.HashPassword(p.RootPassword); err != nil {
		return fmt.Errorf("root's password: %w", err)
	}
	if !p.Admin {
		return nil
	}
	if p.AdminPassword == "" {
		p.AdminPassword = ids.Password(passwordLength)
	}
	if p.adminHash, err = credential.HashPassword(p.AdminPassword); err != nil {
		return fmt.Errorf("the administrator's password: %w", err)
	}
	if p.AdminKey.ID == "" {
		p.AdminKey.ID = ids.AccessKeyID(p.ID)
	}
	if p.AdminKey.Secret == "" {
		p.AdminKey.Secret = ids.SecretAccessKey()
	}
	return nil
}

// Create makes the account that a filled plan describes. Errors are those of
// sallyport:CreateAccount: an e-mail address or alias that is taken.
func Create(tx *state.Tx, ids *ident.Source, p *Plan) error {
	directory, err := tx.Other(state.Directory)
	if err != nil {
		return err
	}
	if err := enter(directory, p); err != nil {
		return err
	}
	account, err := tx.Other(state.AccountStream(p.ID))
	if err != nil {
		return err
	}
	if account.Revision() != 0 {
		return fmt.Errorf("account %s is there already", p.ID)
	}
	now := iam.Moment(tx.Now())
	iam.Accounts.Put(account, iam.AccountKey, &iam.Account{
		ID: p.ID, Name: p.Name, Email: p.Email, Alias: p.Alias, Created: now,
	})
	iam.LoginProfiles.Put(account, iam.RootLogin, &iam.LoginProfile{Created: now, Changed: now})
	account.PutSecret(iam.LoginSecret(iam.RootLogin), []byte(p.rootHash))
	if p.RootKey != nil {
		putKey(account, *p.RootKey, "")
	}
	if p.Admin {
		createAdmin(account, ids, p)
	}
	return nil
}

// enter writes the account into the directory.
func enter(directory *state.Tx, p *Plan) error {
	email := iam.FoldEmail(p.Email)
	if _, taken := iam.DirectoryEmails.Get(directory, email); taken {
		return sallyportapi.EmailAlreadyExistsException("An account with this e-mail address already exists.")
	}
	if _, taken := iam.DirectoryAccounts.Get(directory, p.ID); taken {
		return fmt.Errorf("account %s is there already", p.ID)
	}
	owner := &iam.Owner{Account: p.ID}
	if p.Alias != "" {
		if _, taken := iam.DirectoryAliases.Get(directory, p.Alias); taken {
			return sallyportapi.AccountAliasAlreadyExistsException("The account alias %s already exists.", p.Alias)
		}
		iam.DirectoryAliases.Put(directory, p.Alias, owner)
	}
	iam.DirectoryEmails.Put(directory, email, owner)
	iam.DirectoryAccounts.Put(directory, p.ID, &iam.DirectoryAccount{
		Email: p.Email, Name: p.Name, Created: iam.Moment(directory.Now()), First: p.First,
	})
	for _, key := range p.chosenKeys() {
		if _, taken := iam.DirectoryKeys.Get(directory, key); taken {
			return fmt.Errorf("access key %s belongs to another account", key)
		}
		iam.DirectoryKeys.Put(directory, key, owner)
	}
	return nil
}

// chosenKeys are the access keys that do not encode the account's id, because
// the operator chose them.
func (p *Plan) chosenKeys() []string {
	var chosen []string
	if p.RootKey != nil && !encodes(p.RootKey.ID, p.ID) {
		chosen = append(chosen, p.RootKey.ID)
	}
	if p.Admin && !encodes(p.AdminKey.ID, p.ID) {
		chosen = append(chosen, p.AdminKey.ID)
	}
	return chosen
}

func encodes(keyID, account string) bool {
	owner, ok := ident.AccessKeyAccount(keyID)
	return ok && owner == account
}

func createAdmin(account *state.Tx, ids *ident.Source, p *Plan) {
	now := iam.Moment(account.Now())
	user := &iam.User{ID: ids.UserID(), Name: AdminUser, Path: "/", Created: now}
	iam.Users.Put(account, user.ID, user)
	iam.Attachments.Put(account, iam.AttachmentKey(user.ID, AdministratorAccess), &iam.Attachment{
		Entity: user.ID, Policy: AdministratorAccess, At: now,
	})
	iam.LoginProfiles.Put(account, user.ID, &iam.LoginProfile{Created: now, Changed: now})
	account.PutSecret(iam.LoginSecret(user.ID), []byte(p.adminHash))
	putKey(account, p.AdminKey, user.ID)
}

func putKey(account *state.Tx, key KeyPair, user string) {
	iam.AccessKeys.Put(account, key.ID, &iam.AccessKey{
		ID: key.ID, User: user, Active: true, Created: iam.Moment(account.Now()),
	})
	account.PutSecret(iam.AccessKeySecret(key.ID), []byte(key.Secret))
}
