package signin

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/iam"
	"sallyport/internal/server/signin/page"
	"sallyport/internal/session"
	"sallyport/internal/sts"
)

// rolesView is the page where a role is chosen. It is shown for one role as well:
// who was sent here by another site sees as whom before it happens.
type rolesView struct {
	Name     string // of the session
	Accounts []roleAccount
	// Ends is the key of the session that going on ends, of Current.
	Ends, Current string
}

type roleAccount struct {
	ID, Alias string
	Roles     []roleChoice
}

type roleChoice struct {
	Name, Value string
	Checked     bool
}

// choice is a role in a form: role and provider, as an assertion has them.
func choice(r *sts.SAMLRole) string { return r.Role + "," + r.Provider }

func (x *exchange) showRoles() error {
	c := x.challenge(stepRole)
	if c == nil {
		return x.redirect("/signin")
	}
	offer, err := x.keptOffer(c)
	if err != nil {
		return x.refuseResponse(err, c.Next)
	}
	return x.rolesPage(http.StatusOK, c, offer, "", "")
}

func (x *exchange) rolesPage(status int, c *challenge, offer *sts.SAMLOffer, chosen, problem string) error {
	token, err := x.token(c.Nonce)
	if err != nil {
		return err
	}
	v := rolesView{Name: offer.Roles[0].Caller.Assertion.SessionName}
	for i := range offer.Roles {
		r := &offer.Roles[i]
		if n := len(v.Accounts); n == 0 || v.Accounts[n-1].ID != r.Account {
			v.Accounts = append(v.Accounts, roleAccount{ID: r.Account, Alias: x.aliasOf(r.Account)})
		}
		last := &v.Accounts[len(v.Accounts)-1]
		name := strings.TrimPrefix(r.Role, "arn:aws:iam::"+r.Account+":role/")
		last.Roles = append(last.Roles, roleChoice{Name: name, Value: choice(r), Checked: choice(r) == chosen || len(offer.Roles) == 1})
	}
	if s, err := x.signedIn(); err == nil {
		v.Ends, v.Current = s.Key, nameOf(s)+" in account "+s.Account
	}
	title := "Choose a role"
	if len(offer.Roles) == 1 {
		title = "Sign in"
	}
	return x.show(status, "roles", page.Content{Title: title, Token: token, Problem: problem, Body: v})
}

// aliasOf is an account's alias, for one whose provider vouches for who sees it.
func (x *exchange) aliasOf(account string) string {
	view, ok := x.account(account)
	if !ok {
		return ""
	}
	row, ok := iam.Accounts.Get(view, iam.AccountKey)
	if !ok {
		return ""
	}
	return row.Alias
}

// chooseRole begins the session of a role. It is AssumeRoleWithSAML, carried out as
// the server carries it out for everybody; the session lasts as long as its
// credentials would.
func (x *exchange) chooseRole() error {
	c := x.challenge(stepRole)
	if c == nil {
		return errResponseOver
	}
	if err := x.checkToken(c.Nonce); err != nil {
		return err
	}
	offer, err := x.keptOffer(c)
	if err != nil {
		return x.refuseResponse(err, c.Next)
	}
	chosen := x.form.Get("role")
	role := (*sts.SAMLRole)(nil)
	for i := range offer.Roles {
		if choice(&offer.Roles[i]) == chosen {
			role = &offer.Roles[i]
		}
	}
	if role == nil {
		return x.rolesPage(http.StatusForbidden, c, offer, "", "Choose one of the roles.")
	}
	current, err := x.signedIn()
	if err != nil {
		current = nil
	}
	if ends := x.form.Get("ends"); current != nil && ends != current.Key {
		// They signed in, or became somebody else, since they saw the page.
		return x.rolesPage(http.StatusConflict, c, offer, chosen, "You are signed in already.")
	}
	made, err := x.assumeBySAML(c, role)
	var spoken *api.Error
	if errors.As(err, &spoken) && spoken.Status < 500 {
		if err := x.failedBySAML(role, c.Next, spoken.Message); err != nil {
			return err
		}
		return x.rolesPage(http.StatusForbidden, c, offer, chosen, "The role can't be used: "+spoken.Message)
	}
	if err != nil {
		return err
	}
	return x.beginBySAML(c, role, made, current)
}

// assumeBySAML has the subject of the response assume the role, once for each
// response.
func (x *exchange) assumeBySAML(c *challenge, role *sts.SAMLRole) (*iam.TemporarySession, error) {
	caller := *role.Caller
	assertion := *caller.Assertion
	assertion.Once, assertion.OnceUntil = "console/saml-session/"+c.Response, c.Until.Add(time.Minute)
	caller.Assertion = &assertion
	out, err := x.Server.Perform(x.http, &caller, stsapi.OpAssumeRoleWithSAML, role.Request)
	if err != nil {
		return nil, err
	}
	credentials := out.(*stsapi.AssumeRoleWithSAMLResponse).Credentials
	token, err := x.Tokens.Open(*credentials.AccessKeyId, *credentials.SessionToken)
	if err != nil {
		return nil, err
	}
	return new(session.Temporary(token)), nil
}

// beginBySAML ends the session that the browser had and begins that of the role.
func (x *exchange) beginBySAML(c *challenge, role *sts.SAMLRole, made *iam.TemporarySession, current *session.Session) error {
	if view, ok := x.account(made.Account); !ok || !made.Stands(view) {
		return errStart
	}
	if current != nil {
		if err := x.end(current, current.Key, "Logout"); err != nil {
			return err
		}
	}
	if err := x.Facts.DeleteFact(x.http.Context(), responseKey(c.Response)); err != nil {
		return err
	}
	x.w.Header().Del("Set-Cookie") // of the session that was there
	x.forget()
	return x.beginTemporary(made, c.Next, samlProvider(role.Provider))
}

// failedBySAML records that a role which was offered could not be had.
func (x *exchange) failedBySAML(role *sts.SAMLRole, next, problem string) error {
	e := x.loginEvent(somebody{account: role.Account, caller: role.Caller}, next, "", &problem)
	e.SignIn.Additional = append(e.SignIn.Additional, samlProvider(role.Provider))
	return x.append(e)
}
