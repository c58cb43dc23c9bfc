package server

import (
	"crypto/tls"
	"errors"
	"net/http"

	"sallyport/internal/api"
	"sallyport/internal/audit"
	"sallyport/internal/state"
)

// recorded puts the call on record and returns how it ended: what can't be recorded
// must not be told.
func (x *exchange) recorded(err error) error {
	switch failed := x.record(err); {
	case failed == nil:
		return err
	case errors.Is(failed, audit.ErrTooMany):
		return api.Throttling().WithCause(err)
	default:
		return api.ServiceUnavailable(failed).WithHint("the audit log can't be written")
	}
}

// record puts the call on record unless it is there already. Calls that hand
// out credentials wait until the record is on disk.
func (x *exchange) record(err error) error {
	if x.onRecord {
		return nil
	}
	e := x.event(err)
	buf := buffers.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= keepBuffer {
			buffers.Put(buf)
		}
	}()
	*buf = e.Append((*buf)[:0]) // the log copies what it takes
	if x.caller == nil {
		return x.server.Audit.AppendUnknown(Network(x.sourceIP), x.account, *buf)
	}
	crossed := x.crossed()
	if len(crossed) > 0 {
		e.SharedID = x.server.Ident.RequestID()
		*buf = e.Append((*buf)[:0])
	}
	for _, c := range crossed {
		if _, known := x.server.State.View(state.AccountStream(c.Account)); !known {
			continue
		}
		other := e
		other.ID, other.Recipient = x.server.Ident.RequestID(), c.Account
		if err := x.server.Audit.Append(c.Account, other.Append(nil)); err != nil {
			return err
		}
	}
	if err == nil && x.def != nil && x.def.Issues {
		return x.server.Audit.AppendWait(x.context(), x.caller.Account(), *buf)
	}
	return x.server.Audit.Append(x.caller.Account(), *buf)
}

// recordChange puts the record of a change into its own journal entry, and
// into that of every other account it changed.
func (x *exchange) recordChange(tx *state.Tx) {
	e := x.event(nil)
	for _, other := range tx.Changed() {
		account, ok := state.AccountOf(other.Stream())
		if !ok || other.Stream() == tx.Stream() {
			continue
		}
		if e.SharedID == "" {
			e.SharedID = x.server.Ident.RequestID()
		}
		there := e
		there.ID, there.Recipient = x.server.Ident.RequestID(), account
		other.Record(there.Append(nil))
	}
	tx.Record(e.Append(nil))
}

// event describes the call as far as it came.
func (x *exchange) event(err error) audit.Event {
	e := audit.Event{
		ID: x.eventID, RequestID: x.requestID, Time: x.received,
		Name: printable(x.action), Region: x.region,
		SourceIP: x.sourceIP, UserAgent: x.http.UserAgent(),
		Caller: x.caller, AccessKeyID: x.claimedKey, Recipient: x.account,
		TLS: TLSDetails(x.http),
	}
	if x.service != nil {
		e.Source = x.service.SigningName + ".amazonaws.com"
	}
	if x.op != nil {
		e.Name = x.op.Name
	}
	if x.def != nil {
		e.Mutating = x.def.Mutates() || x.def.NotReadOnly
	}
	if x.call != nil {
		e.Op, e.In, e.Out = x.op, x.in, x.out
		e.Region = x.call.Region
	}
	e.Resources = x.resources()
	if err != nil {
		failure := x.failure(err)
		e.ErrorCode, e.ErrorMessage = failure.Code, failure.Message
		e.Out = nil
	}
	return e
}

// resources are those with a policy of their own that the call was about:
// CloudTrail lists them whichever account they are in.
func (x *exchange) resources() []audit.Resource {
	var resources []audit.Resource
	for i := range x.checks {
		c := &x.checks[i]
		if c.Account == "" || i > 0 && c.Resource == x.checks[i-1].Resource {
			continue
		}
		resources = append(resources, audit.Resource{Account: c.Account, Type: resourceType(c.Action), ARN: c.Resource})
	}
	return resources
}

// resourceType is CloudTrail's type of the resource an action is about.
func resourceType(action string) string {
	switch action {
	case "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext":
		return "AWS::IAM::Role"
	default:
		return "AWS::IAM::Resource"
	}
}

// TLSDetails are those of a request's connection; nil without TLS.
func TLSDetails(r *http.Request) *audit.TLS {
	c := r.TLS
	if c == nil {
		return nil
	}
	return &audit.TLS{Version: tls.VersionName(c.Version), CipherSuite: tls.CipherSuiteName(c.CipherSuite), Host: r.Host}
}

// outcome is the code that metrics and logs give the call.
func outcome(err *api.Error) string {
	if err == nil {
		return "OK"
	}
	return err.Code
}
