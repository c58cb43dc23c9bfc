package reports

import (
	"errors"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// An account has at most one alias and an alias at most one account. The
// directory holds which; the account's own row repeats it, changed in the same
// commit.

var errNoAccount = errors.New("iam/reports: the stream holds no account")

// createAlias gives the account the alias in place of the one it has. An alias
// that is taken, be it by the account itself, is an EntityAlreadyExists.
func (h *handlers) createAlias(c *operation.Call, tx *state.Tx, in *iamapi.CreateAccountAliasRequest) (*iamapi.CreateAccountAliasResponse, error) {
	alias := *in.AccountAlias
	if iam.LooksLikeAccountID(alias) {
		return nil, iam.ValidationError("The account alias %s is invalid. It must not have the form of an account ID.", alias)
	}
	account, ok := iam.Accounts.Get(tx, iam.AccountKey)
	if !ok {
		return nil, errNoAccount
	}
	directory, err := tx.Other(state.Directory)
	if err != nil {
		return nil, err
	}
	if iam.DirectoryAliases.Has(directory, alias) {
		return nil, iamapi.EntityAlreadyExistsException("The account alias %s already exists.", alias)
	}
	if account.Alias != "" {
		iam.DirectoryAliases.Delete(directory, account.Alias)
	}
	iam.DirectoryAliases.Put(directory, alias, &iam.Owner{Account: c.Caller.Account()})
	changed := *account
	changed.Alias = alias
	iam.Accounts.Put(tx, iam.AccountKey, &changed)
	return &iamapi.CreateAccountAliasResponse{}, nil
}

func (h *handlers) deleteAlias(_ *operation.Call, tx *state.Tx, in *iamapi.DeleteAccountAliasRequest) (*iamapi.DeleteAccountAliasResponse, error) {
	account, ok := iam.Accounts.Get(tx, iam.AccountKey)
	if !ok {
		return nil, errNoAccount
	}
	if account.Alias != *in.AccountAlias {
		return nil, iamapi.NoSuchEntityException("The account alias %s cannot be found.", *in.AccountAlias)
	}
	directory, err := tx.Other(state.Directory)
	if err != nil {
		return nil, err
	}
	iam.DirectoryAliases.Delete(directory, account.Alias)
	changed := *account
	changed.Alias = ""
	iam.Accounts.Put(tx, iam.AccountKey, &changed)
	return &iamapi.DeleteAccountAliasResponse{}, nil
}

func (h *handlers) listAliases(_ *operation.Call, r state.Reader, in *iamapi.ListAccountAliasesRequest) (*iamapi.ListAccountAliasesResponse, error) {
	page, err := iam.NewPage(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iamapi.ListAccountAliasesResponse{AccountAliases: []string{}}
	if a, ok := iam.Accounts.Get(r, iam.AccountKey); ok && a.Alias != "" && a.Alias >= page.From {
		page.Add(a.Alias, func() { out.AccountAliases = append(out.AccountAliases, a.Alias) })
	}
	out.IsTruncated, out.Marker = page.Result()
	return out, nil
}
