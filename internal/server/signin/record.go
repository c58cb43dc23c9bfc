package signin

import (
	"errors"
	"strconv"
	"strings"

	"sallyport/internal/api"
	"sallyport/internal/audit"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/server"
	"sallyport/internal/state"
)

// The records of signing in are those of AWS's sign-in service
// (row ct-026;
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html).

const (
	success = "Success"
	failure = "Failure"
	// anyDevice stands for a second factor that was tried and not found.
	anyDevice = "-"
)

// event is a record of something done here, of an account's trail.
func (x *exchange) event(name, account string, caller *operation.Caller, s *audit.SignIn) *audit.Event {
	return &audit.Event{
		ID: x.Ident.RequestID(), RequestID: x.Ident.RequestID(), Time: x.now,
		Source: "signin.amazonaws.com", Name: name, Region: "us-east-1",
		SourceIP: x.Server.SourceIP(x.http), UserAgent: x.http.UserAgent(),
		Caller: caller, Recipient: account, Mutating: true, TLS: server.TLSDetails(x.http), SignIn: s,
	}
}

// done is a record's SignIn for something that succeeded.
func done(name string, additional ...audit.Member) *audit.SignIn {
	return &audit.SignIn{Response: []audit.Member{{Name: name, Value: success}}, Additional: additional}
}

// loginEvent is the record of a sign-in. mfa is the serial number of the second
// factor that was proved, anyDevice for one that was not; problem is nil for
// success.
func (x *exchange) loginEvent(who somebody, next, mfa string, problem *string) *audit.Event {
	s := &audit.SignIn{
		Response: []audit.Member{{Name: "ConsoleLogin", Value: success}},
		Additional: []audit.Member{
			{Name: "LoginTo", Value: x.PublicURL + x.ownPath(next)}, {Name: "MobileVersion", Value: "No"},
		},
		Root: who.root, Hidden: !who.root,
	}
	if mfa != "" && mfa != anyDevice {
		s.Additional = append(s.Additional, audit.Member{Name: "MFAIdentifier", Value: mfa})
	}
	used := map[bool]string{true: "Yes", false: "No"}[mfa != ""]
	s.Additional = append(s.Additional, audit.Member{Name: "MFAUsed", Value: used})
	e := x.event("ConsoleLogin", who.account, who.caller, s)
	if problem != nil {
		s.Response[0].Value, e.ErrorMessage = failure, *problem
	}
	return e
}

// failed records a sign-in that did not succeed. The name that was typed is never
// recorded when nobody has it: it may be a password.
func (x *exchange) failed(who somebody, next, mfa, problem string) error {
	switch {
	case problem != "":
	case who.account != "" && who.caller == nil:
		problem = "No username found in supplied account"
	default:
		problem = "Failed authentication"
	}
	return x.appendUnknown(x.loginEvent(who, next, mfa, &problem))
}

// asked records that somebody with the right password is asked for a second
// factor.
func (x *exchange) asked(c *challenge) error {
	view, ok := x.account(c.Account)
	if !ok {
		return errStart
	}
	kind := "Virtual MFA"
	if keys, codes := factors(view, c.Owner); codes == 0 {
		kind = "U2F MFA"
	} else if keys+codes > 1 {
		kind = "Multiple MFA Devices"
	}
	return x.append(x.event("CheckMfa", c.Account, x.somebodyOf(c).caller, done("CheckMfa", audit.Member{Name: "MfaType", Value: kind})))
}

// append puts a record into the trail. What can't be recorded is not told.
func (x *exchange) append(e *audit.Event) error {
	return notTold(x.Audit.Append(e.Recipient, e.Append(nil)))
}

// appendUnknown is append for somebody who has proved nothing, whatever name they gave.
func (x *exchange) appendUnknown(e *audit.Event) error {
	return notTold(x.Audit.AppendUnknown(server.Network(e.SourceIP), e.Recipient, e.Append(nil)))
}

func notTold(err error) error {
	switch {
	case errors.Is(err, audit.ErrTooMany):
		return errTooMany
	case err != nil:
		return api.ServiceUnavailable(err).WithHint("the audit log can't be written")
	}
	return nil
}

// recordIn makes a record that of a change.
func (x *exchange) recordIn(tx *state.Tx, e *audit.Event) { tx.Record(e.Append(nil)) }

// update changes an account's state.
func (x *exchange) update(account, caller, name string, run func(*state.Tx) error) error {
	_, err := x.State.Update(x.http.Context(), state.AccountStream(account), state.Command{
		RequestID: x.Ident.RequestID(), Caller: caller, Operation: name, Run: run,
	})
	return err
}

// mfaSerial is the serial number of the device that a challenge proved.
func mfaSerial(r state.Reader, c *challenge) string {
	if d, ok := iam.MFADevices.Get(r, c.MFADevice); ok {
		return iam.MFASerial(c.Account, d)
	}
	return ""
}

func itoa(n int) string { return strconv.Itoa(n) }

// userAgent is the client's, fit to be kept in a row.
func (x *exchange) userAgent() string {
	const longest = 256
	s := x.http.UserAgent()
	return strings.ToValidUTF8(s[:min(len(s), longest)], "?")
}
