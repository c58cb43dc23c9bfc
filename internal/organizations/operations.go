package organizations

import (
	"sallyport/internal/api"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/iam"
	"sallyport/internal/ident"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// A Service carries out the operations on accounts.
type Service struct {
	ident     *ident.Source
	directory func() (*state.View, bool)
}

// New returns the service. directory gives the committed directory.
func New(ids *ident.Source, directory func() (*state.View, bool)) *Service {
	return &Service{ident: ids, directory: directory}
}

// Operations lists what the service serves.
func (s *Service) Operations() []operation.Definition {
	return []operation.Definition{
		operation.Writes(sallyportapi.OpCreateAccount, s.authorizeCreateAccount, s.createAccount),
	}
}

// authorizeCreateAccount asks for sallyport:CreateAccount, which is for the
// first account alone.
func (s *Service) authorizeCreateAccount(c *operation.Call, _ state.Reader, _ *sallyportapi.CreateAccountRequest) ([]operation.Check, error) {
	check := operation.Check{Action: "sallyport:CreateAccount", Resource: "*"}
	directory, ok := s.directory()
	if !ok {
		return nil, api.ServiceUnavailable(nil).WithHint("the directory is not loaded")
	}
	row, ok := iam.DirectoryAccounts.Get(directory, c.Caller.Account())
	check.Refused = !ok || !row.First
	return []operation.Check{check}, nil
}

func (s *Service) createAccount(c *operation.Call, tx *state.Tx, in *sallyportapi.CreateAccountRequest) (*sallyportapi.CreateAccountResponse, error) {
	if alias := api.Value(in.Alias); iam.LooksLikeAccountID(alias) {
		return nil, api.ValidationError(c.Op.Service, "The account alias %s is invalid. It must not have the form of an account ID.", alias)
	}
	plan, err := operation.Outside(c, "plan", func() (Plan, error) {
		plan := Plan{Name: *in.Name, Email: *in.Email, Alias: api.Value(in.Alias), Admin: true}
		return plan, plan.Fill(s.ident)
	})
	if err != nil {
		return nil, err
	}
	if err := Create(tx, s.ident, &plan); err != nil {
		return nil, err
	}
	return &sallyportapi.CreateAccountResponse{
		Account: &sallyportapi.Account{
			Id: &plan.ID, Name: &plan.Name, Email: &plan.Email, CreatedTimestamp: new(iam.Moment(tx.Now())),
		},
		RootUser: &sallyportapi.RootUser{Email: &plan.Email, Password: &plan.RootPassword},
		AdminUser: &sallyportapi.AdminUser{
			UserName: new(AdminUser), Password: &plan.AdminPassword,
			AccessKeyId: &plan.AdminKey.ID, SecretAccessKey: &plan.AdminKey.Secret,
		},
	}, nil
}
