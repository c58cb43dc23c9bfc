package server

import (
	"errors"

	"sallyport/internal/api"
	"sallyport/internal/authn"
	"sallyport/internal/journal"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// carryOut resolves what the call must be authorized for, decides, and
// handles it: the second door and what is behind it.
func (x *exchange) carryOut() error {
	if x.caller == nil || x.call == nil || x.call.Caller != x.caller {
		return errNoCaller
	}
	home := state.AccountStream(x.caller.Account())
	if x.def.Mutates() {
		return x.change(home)
	}
	view, ok := x.server.State.View(home)
	if !ok {
		return api.ServiceUnavailable(nil).WithHint("the account of an authenticated caller is not loaded")
	}
	// The view may be of a later moment than the one the caller was
	// authenticated on.
	session := view
	if c := x.caller.Console; c != nil && c.Account != x.caller.Account() {
		if session, ok = x.server.State.View(state.AccountStream(c.Account)); !ok {
			return api.ServiceUnavailable(nil).WithHint("the account of a console session is not loaded")
		}
	}
	if err := authn.StillGood(view, session, x.caller); err != nil {
		return err
	}
	if err := x.authorize(view); err != nil {
		return err
	}
	out, err := x.def.Read(x.call, view, x.in)
	if err != nil {
		return err
	}
	x.out = out
	return nil
}

// change runs a mutating call inside the account's writer. Everything that was
// true when the request came in is asked again of the tentative view, so that
// nothing is changed by a key, user or permission that is gone by then. The
// writer may run it more than once.
func (x *exchange) change(home state.StreamID) error {
	command := state.Command{
		RequestID: x.requestID,
		Caller:    x.caller.Principal.ARN,
		Operation: x.op.Service.SigningName + ":" + x.op.Name,
		Run: func(tx *state.Tx) error {
			x.out = nil
			session := tx
			if c := x.caller.Console; c != nil && c.Account != x.caller.Account() {
				var err error
				if session, err = tx.Other(state.AccountStream(c.Account)); err != nil {
					return err
				}
			}
			if err := authn.StillGood(tx, session, x.caller); err != nil {
				return err
			}
			if err := x.authorize(tx); err != nil {
				return err
			}
			out, err := x.def.Write(x.call, tx, x.in)
			if err != nil {
				return err
			}
			x.out = out
			x.recordChange(tx)
			return nil
		},
	}
	err := operation.Complete(func() error {
		_, err := x.server.State.Update(x.context(), home, command)
		return err
	})
	if err != nil {
		x.out = nil
		return err
	}
	x.onRecord = true
	return nil
}

// storageFailures are the errors of what could not be read, did not become durable,
// or may not have, through no fault of the call.
var storageFailures = []error{
	journal.ErrFailed, journal.ErrFull, journal.ErrUnavailable, journal.ErrOutcomeUnknown, journal.ErrBehind, journal.ErrClosed,
	state.ErrOutcomeUnknown, state.ErrContention, state.ErrClosed,
}

// refused is what the client is told of a call that failed. What storage refused is
// a temporary failure, which clients may try again; whether a change took effect
// after all, they must look
// (https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html).
func refused(err error) error {
	var spoken *api.Error
	if errors.As(err, &spoken) {
		return err
	}
	for _, e := range storageFailures {
		if errors.Is(err, e) {
			return api.ServiceUnavailable(err).WithHint("the journal did not do what the call needs; when it has failed, the server must be restarted")
		}
	}
	return err
}

// authorize decides every check of the call on the state it is carried out on.
func (x *exchange) authorize(r state.Reader) error {
	if x.def.Checks == nil {
		return nil
	}
	checks, err := x.def.Checks(x.call, r, x.in)
	if err != nil {
		return err
	}
	x.checks = checks
	return x.server.PDP.Authorize(x.call, r, checks)
}

// crossed lists the accounts other than the caller's whose resources the call
// was about.
func (x *exchange) crossed() []operation.Check {
	var crossed []operation.Check
	for _, c := range x.checks {
		if c.Account != "" && c.Account != x.caller.Account() && (len(crossed) == 0 || crossed[0].Account != c.Account) {
			crossed = append(crossed, c)
		}
	}
	return crossed
}
