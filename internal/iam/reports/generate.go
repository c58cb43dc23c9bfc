package reports

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/journal"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// A credential report is made from one view of the account. It costs one walk over
// the users in four hours, however often it is asked for. What stays of an account
// is one small fact that says when its last report was made.

// reportLife is for how long a report is given out, and no new one is made.
const reportLife = 4 * time.Hour

// A reportHead is the fact that says how far an account's report is.
type reportHead struct {
	// ID tells the report's parts from those of others.
	ID string `json:"id"`
	// Started is when it was asked for, and what it shows is as of then.
	Started time.Time `json:"started"`
	// Parts is 0 while it is being made.
	Parts int `json:"parts,omitempty"`
}

func headFact(account string) string { return "credential-report/" + account }

func (h *reportHead) textFact(account string) string { return headFact(account) + "/" + h.ID }

// expired reports whether the report is too old to be given out.
func (h *reportHead) expired(now time.Time) bool { return now.Sub(h.Started) >= reportLife }

// underWay reports whether somebody is still making it.
func (h *reportHead) underWay(now time.Time) bool {
	return h.Parts == 0 && now.Sub(h.Started) < reportPatience
}

// A generator makes the credential reports of one node.
type generator struct {
	*keeper
	mu sync.Mutex // held while it is decided whether one is to be made
}

// head is how far the account's report is; nil when there is none, or what is
// kept of it can't be read: then it is made anew.
func (g *generator) head(ctx context.Context, account string) (*reportHead, error) {
	text, err := g.env.Facts.Get(ctx, headFact(account), time.Time{})
	if errors.Is(err, journal.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	h := new(reportHead)
	if json.Unmarshal(text, h) != nil {
		return nil, nil
	}
	return h, nil
}

func (g *generator) putHead(ctx context.Context, account string, h *reportHead) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return g.env.Facts.Put(ctx, headFact(account), text, time.Time{})
}

// begin says how far the account's report is, and starts one when there is none
// that is good. Two nodes may both start one; the later head counts, and the
// other's parts expire.
func (g *generator) begin(c *operation.Call, r state.Reader) (reportState string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	account := c.Caller.Account()
	old, err := g.head(c.Context, account)
	switch {
	case err != nil:
		return "", err
	case old != nil && old.underWay(c.Now):
		return iamapi.ReportStateTypeINPROGRESS, nil
	case old != nil && old.Parts > 0 && !old.expired(c.Now):
		return iamapi.ReportStateTypeCOMPLETE, nil
	}
	h := &reportHead{ID: g.env.Ident.Token(12), Started: c.Now.UTC().Truncate(time.Second)}
	if err := g.putHead(c.Context, account, h); err != nil {
		return "", err
	}
	g.start("credential report", func(ctx context.Context) error { return g.make(ctx, account, r, h) })
	return iamapi.ReportStateTypeSTARTED, nil
}

// make writes the report as it is at the view r. When it fails, the report is as
// if it had never been asked for.
func (g *generator) make(ctx context.Context, account string, r state.Reader, h *reportHead) error {
	done, err := g.write(ctx, account, r, h)
	if err != nil {
		return errors.Join(err, g.forget(context.WithoutCancel(ctx), account, h))
	}
	return g.putHead(ctx, account, done)
}

// forget deletes the head of a report, unless another one was begun since.
func (g *generator) forget(ctx context.Context, account string, h *reportHead) error {
	now, err := g.head(ctx, account)
	if err != nil || now == nil || now.ID != h.ID {
		return err
	}
	return g.env.Facts.DeleteFact(ctx, headFact(account))
}

// write keeps the parts of a report and returns its head once they are all
// there.
func (g *generator) write(ctx context.Context, account string, r state.Reader, h *reportHead) (*reportHead, error) {
	text, err := credentialReport(ctx, r, g.env.Usage)
	if err != nil {
		return nil, err
	}
	done := *h
	done.Parts, err = g.put(ctx, h.textFact(account), text, h.Started.Add(reportLife))
	if err != nil {
		return nil, err
	}
	return &done, nil
}

// generateReport answers at once; the report is there some time later (row
// iam-215;
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html).
func (h *handlers) generateReport(c *operation.Call, r state.Reader, _ *iamapi.GenerateCredentialReportRequest) (*iamapi.GenerateCredentialReportResponse, error) {
	reportState, err := h.reports.begin(c, r)
	if err != nil {
		return nil, err
	}
	out := &iamapi.GenerateCredentialReportResponse{State: &reportState}
	if reportState == iamapi.ReportStateTypeSTARTED {
		out.Description = new("No report exists. Starting a new report generation task")
	}
	return out, nil
}

var errReportExpired = iamapi.CredentialReportExpiredException("The most recent credential report has expired.")

// getReport gives out the last report that was made. Of AWS's errors only the one
// for none is known to come without a message (row iam-216).
func (h *handlers) getReport(c *operation.Call, _ state.Reader, _ *iamapi.GetCredentialReportRequest) (*iamapi.GetCredentialReportResponse, error) {
	account := c.Caller.Account()
	head, err := h.reports.head(c.Context, account)
	switch {
	case err != nil:
		return nil, err
	case head != nil && head.underWay(c.Now):
		return nil, iamapi.CredentialReportNotReadyException("The credential report is still being generated.")
	case head == nil || head.Parts == 0:
		return nil, iamapi.CredentialReportNotPresentException("").WithoutMessage()
	case head.expired(c.Now):
		return nil, errReportExpired
	}
	text, err := h.reports.get(c.Context, head.textFact(account), head.Parts)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, errReportExpired // by another node's clock
	}
	if err != nil {
		return nil, err
	}
	return &iamapi.GetCredentialReportResponse{
		Content: text, ReportFormat: new(iamapi.ReportFormatTypeTextCsv), GeneratedTime: new(head.Started),
	}, nil
}
