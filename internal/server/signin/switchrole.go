package signin

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sallyport/internal/api"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/audit"
	"sallyport/internal/iam"
	"sallyport/internal/server/signin/page"
	"sallyport/internal/session"
	"sallyport/internal/state"
	"sallyport/policy"
)

// Switching roles is AssumeRole by who signed in, whatever role they act as
// already: the trust policy and their own permissions decide
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-console.html).

// colors are those a role can be marked with.
var colors = []string{"red", "orange", "yellow", "green", "blue"}

// remembered is a role that this browser switched to before.
type remembered struct {
	Account  string `json:"account"`
	RoleName string `json:"roleName"`
	Display  string `json:"display,omitempty"`
	Color    string `json:"color,omitempty"`
}

// Label is how the role is called in lists.
func (r remembered) Label() string {
	if r.Display != "" {
		return r.Display
	}
	return r.RoleName + " @ " + r.Account
}

const (
	rolesCookie   = "roles"
	rolesPurpose  = "console.roles"
	maxRolesText  = 4096
	maxRemembered = 5
	rolesLife     = 365 * 24 * time.Hour
	maxDisplay    = 64
)

func (x *exchange) remembered() []remembered {
	var all []remembered
	if !x.Sessions.Cookies.Open(rolesPurpose, "", x.Sessions.Value(x.http, rolesCookie), maxRolesText, &all) {
		return nil
	}
	return all[:min(len(all), maxRemembered)]
}

// remember puts a role first among those of the browser.
func (x *exchange) remember(r remembered) error {
	all := slices.DeleteFunc(x.remembered(), func(o remembered) bool { return o.Account == r.Account && o.RoleName == r.RoleName })
	all = append([]remembered{r}, all...)
	value, err := x.Sessions.Seal(rolesPurpose, "", all[:min(len(all), maxRemembered)])
	if err == nil {
		http.SetCookie(x.w, x.Sessions.Named(rolesCookie, value, rolesLife))
	}
	return err
}

// switchForm is what the page asks for.
type switchForm struct {
	remembered
	Colors []string
	Root   bool
}

func (x *exchange) showSwitch() error {
	s, err := x.signedIn()
	if err != nil {
		return x.toSignIn()
	}
	q := x.http.URL.Query()
	return x.switchPage(http.StatusOK, s, remembered{
		Account: limited(q.Get("account")), RoleName: limited(q.Get("roleName")), Display: limited(q.Get("displayName")), Color: q.Get("color"),
	}, "")
}

func (x *exchange) switchPage(status int, s *session.Session, r remembered, problem string) error {
	b := x.bar(s)
	return x.show(status, "switchrole", page.Content{
		Title: "Switch role", Token: b.Token, Bar: b, Problem: problem, Body: switchForm{r, colors, s.Own.Principal.Kind == policy.Root},
	})
}

var rolePaths = regexp.MustCompile(`^[\w+=,.@/-]{1,576}$`)

func (x *exchange) switchRole() error {
	s, err := x.ownForm()
	if err != nil {
		return err
	}
	r := remembered{
		Account: strings.TrimSpace(x.form.Get("account")), RoleName: strings.Trim(strings.TrimSpace(x.form.Get("roleName")), "/"),
		Display: display(x.form.Get("displayName")), Color: x.form.Get("color"),
	}
	if !slices.Contains(colors, r.Color) {
		r.Color = ""
	}
	account, known := x.accountNamed(r.Account)
	if !rolePaths.MatchString(r.RoleName) || !known {
		return x.switchPage(http.StatusForbidden, s, r, cannotSwitch)
	}
	role, err := x.assume(s, account, r.RoleName)
	var spoken *api.Error
	if errors.As(err, &spoken) && spoken.Status < 500 {
		return x.switchPage(http.StatusForbidden, s, r, cannotSwitch)
	}
	if err != nil {
		return err
	}
	switched := &iam.SwitchedRole{TemporarySession: *role, RoleName: r.RoleName[strings.LastIndexByte(r.RoleName, '/')+1:], Display: r.Display, Color: r.Color}
	err = x.replace(s, "signin:SwitchRole", func(tx *state.Tx, row *iam.ConsoleSession) error {
		row.Switched = switched
		return x.recordSwitch(tx, s, role)
	})
	if err != nil {
		return err
	}
	if err := x.remember(r); err != nil {
		return err
	}
	return x.redirect(home)
}

// recordSwitch records a switch as what the role's session did first, in the role's
// account and in the one of who switched.
func (x *exchange) recordSwitch(tx *state.Tx, s *session.Session, role *iam.TemporarySession) error {
	view, ok := x.account(role.Account)
	if !ok {
		return errStart
	}
	caller, err := session.TemporaryCaller(view, role)
	if err != nil {
		return errStart // the role was deleted meanwhile
	}
	e := x.event("SwitchRole", role.Account, caller, done("SwitchRole",
		audit.Member{Name: "SwitchFrom", Value: s.Own.Principal.ARN}, audit.Member{Name: "RedirectTo", Value: x.PublicURL + home}))
	if role.Account == s.Account {
		x.recordIn(tx, e)
		return nil
	}
	there, err := tx.Other(state.AccountStream(role.Account))
	if err != nil {
		return err
	}
	e.SharedID = x.Ident.RequestID()
	x.recordIn(there, e)
	here := *e
	here.ID, here.Recipient = x.Ident.RequestID(), s.Account
	x.recordIn(tx, &here)
	return nil
}

// cannotSwitch is the one answer, whether there is no such role or it may not be
// assumed.
const cannotSwitch = "The role can't be switched to. Check the account and the role's name; the role's trust policy and your own permissions must allow it."

// display is a role's display name as it is kept: short, and without what could
// pass for something else.
func display(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, strings.TrimSpace(s))
	if runes := []rune(s); len(runes) > maxDisplay {
		s = string(runes[:maxDisplay])
	}
	return s
}

// assume has who signed in assume the role, for as long as the role allows and the
// session lasts.
func (x *exchange) assume(s *session.Session, account, path string) (*iam.TemporarySession, error) {
	left := int64(s.Row.Expires.Sub(x.now) / time.Second)
	longest := int64(time.Hour / time.Second)
	if view, ok := x.account(account); ok && !s.Federated() {
		if role, err := iam.FindRole(view, path[strings.LastIndexByte(path, '/')+1:]); err == nil {
			longest = role.MaxSession
		}
	}
	in := &stsapi.AssumeRoleRequest{
		RoleArn: new("arn:aws:iam::" + account + ":role/" + path), RoleSessionName: new(sessionName(s)),
		DurationSeconds: new(max(min(longest, left), 900)),
	}
	out, err := x.Server.Perform(x.http, s.Own, stsapi.OpAssumeRole, in)
	if err != nil {
		return nil, err
	}
	credentials := out.(*stsapi.AssumeRoleResponse).Credentials
	token, err := x.Tokens.Open(*credentials.AccessKeyId, *credentials.SessionToken)
	if err != nil {
		return nil, err
	}
	return new(session.Temporary(token)), nil
}

// sessionName names the role's session after who switched, as AWS does.
func sessionName(s *session.Session) string {
	name := s.Own.UserName
	if s.Row.Temporary != nil {
		name = s.Row.Temporary.Name
	}
	if len(name) == 1 {
		name += "_" // two characters are the least
	}
	return name
}

func roleSessionARN(r *iam.SwitchedRole) string {
	return "arn:aws:sts::" + r.Account + ":assumed-role/" + r.RoleName + "/" + r.Name
}

// exitRole goes back to acting as who signed in.
func (x *exchange) exitRole() error {
	s, err := x.ownForm()
	if err != nil {
		return err
	}
	if s.Row.Switched == nil {
		return x.redirect(home)
	}
	err = x.replace(s, "signin:ExitRole", func(tx *state.Tx, row *iam.ConsoleSession) error {
		if row.Switched == nil {
			return errStart
		}
		x.recordIn(tx, x.event("ExitRole", s.Account, s.Own, done("ExitRole",
			audit.Member{Name: "SwitchFrom", Value: roleSessionARN(row.Switched)}, audit.Member{Name: "RedirectTo", Value: x.PublicURL + home})))
		row.Switched = nil
		return nil
	})
	if err != nil {
		return err
	}
	return x.redirect(home)
}
