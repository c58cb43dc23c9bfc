package reports

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/journal"
	"sallyport/internal/operation"
	"sallyport/policy"
	"sallyport/policy/reason"
)

const (
	// jobLife is for how long the report of a job is given out. AWS does not say
	// how long it keeps them.
	jobLife = 24 * time.Hour
	// jobsAtOnce is how many jobs of one account may wait on a node.
	jobsAtOnce = 50
	// jobsInLife is how many jobs of one account may begin on a node while the report
	// of the first is kept: one for each of the users, roles and policies that the
	// largest accounts have, and again. What is kept of them would have no end
	// otherwise.
	jobsInLife = 20_000
	// jobIDLength is that of a UUID.
	jobIDLength = 36
)

// An accessJob is the fact that says how far a report on service last accessed
// details is.
type accessJob struct {
	// Owner is who began it, and alone may see it.
	Owner   string    `json:"owner"`
	Actions bool      `json:"actions,omitempty"`
	Created time.Time `json:"created"`
	// Completed is zero while it is being made.
	Completed time.Time `json:"completed,omitzero"`
	// Failed says why there is no report.
	Failed string `json:"failed,omitempty"`
	Parts  int    `json:"parts,omitempty"`
}

// The reasons of a failure.
const (
	failedTooLarge = "LimitExceeded"
	failedInternal = "ServiceFailure"
)

var failures = map[string]string{
	failedTooLarge: "The policies have too many and too long patterns to be compared.",
	failedInternal: "The report could not be made. Generate it again.",
}

// accessJobs makes the reports of one node.
type accessJobs struct {
	*keeper
	mu      sync.Mutex
	waiting map[string]int // jobs by account
	begun   map[string]begun
}

// begun counts the jobs of an account since a time.
type begun struct {
	since time.Time
	jobs  int
}

func newAccessJobs(k *keeper) *accessJobs {
	return &accessJobs{keeper: k, waiting: make(map[string]int), begun: make(map[string]begun)}
}

func jobFact(account, id string) string { return "service-last-accessed/" + account + "/" + id }

// jobOwner is who may see a job: a user with any of its credentials, but of a role
// and of a federated user only the session that began it
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html).
func jobOwner(c *operation.Caller) string {
	switch c.Principal.Kind {
	case policy.User:
		return "user/" + c.EntityID
	case policy.Root:
		return "root"
	}
	return "session/" + c.AccessKeyID
}

// enter counts a job of the account, unless too many wait or were begun.
func (j *accessJobs) enter(account string, now time.Time) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	b := j.begun[account]
	if age := now.Sub(b.since); age < 0 || age >= jobLife {
		b = begun{since: now}
	}
	if j.waiting[account] >= jobsAtOnce || b.jobs >= jobsInLife {
		return false
	}
	b.jobs++
	j.begun[account] = b
	j.waiting[account]++
	return true
}

func (j *accessJobs) leave(account string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.waiting[account]--; j.waiting[account] == 0 {
		delete(j.waiting, account)
	}
}

func (j *accessJobs) putJob(ctx context.Context, account, id string, job *accessJob) error {
	text, err := json.Marshal(job)
	if err != nil {
		return err
	}
	return j.env.Facts.Put(ctx, jobFact(account, id), text, job.Created.Add(jobLife))
}

// make makes the report of a job and keeps it, or why there is none.
func (j *accessJobs) make(ctx context.Context, account, id string, job *accessJob, about *subject) error {
	done := *job
	report, err := makeAccessReport(ctx, about, j.env.Usage, job.Actions, job.Created.Add(-iam.TrackingPeriod))
	if err == nil {
		done.Parts, err = j.putReport(ctx, account, id, job, report)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err() // the job is given up when it has taken too long
	case errors.Is(err, reason.ErrTooMuch):
		done.Failed, err = failedTooLarge, nil
	case err != nil:
		done.Failed = failedInternal
	}
	done.Completed = iam.Moment(j.env.Now())
	return errors.Join(err, j.putJob(ctx, account, id, &done))
}

func (j *accessJobs) putReport(ctx context.Context, account, id string, job *accessJob, report *accessReport) (parts int, err error) {
	text, err := json.Marshal(report)
	if err != nil {
		return 0, err
	}
	return j.put(ctx, jobFact(account, id), text, job.Created.Add(jobLife))
}

// find returns a job of the caller, as it is by now. Those of others are as if they
// did not exist.
func (j *accessJobs) find(c *operation.Call, id string) (*accessJob, error) {
	missing := iamapi.NoSuchEntityException("Job %s does not exist.", id)
	if !isJobID(id) {
		return nil, missing
	}
	text, err := j.env.Facts.Get(c.Context, jobFact(c.Caller.Account(), id), c.Now)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, missing
	}
	if err != nil {
		return nil, err
	}
	job := new(accessJob)
	if err := json.Unmarshal(text, job); err != nil {
		return nil, err
	}
	if job.Owner != jobOwner(c.Caller) {
		return nil, missing
	}
	if job.Completed.IsZero() && c.Now.Sub(job.Created) >= reportPatience {
		job.Failed, job.Completed = failedInternal, job.Created.Add(reportPatience)
	}
	return job, nil
}

// isJobID reports whether a text can be a job's id: a UUID in lower case.
func isJobID(id string) bool {
	return len(id) == jobIDLength && strings.Trim(id, "0123456789abcdef-") == ""
}

// status is the job's status and, unless it is under way, when it ended; why, when
// there is no report.
func (j *accessJob) status() (status string, completed *time.Time, failure *iamapi.ErrorDetails) {
	switch {
	case j.Completed.IsZero():
		return iamapi.JobStatusTypeINPROGRESS, nil, nil
	case j.Failed != "":
		return iamapi.JobStatusTypeFAILED, &j.Completed, &iamapi.ErrorDetails{Code: &j.Failed, Message: new(failures[j.Failed])}
	}
	return iamapi.JobStatusTypeCOMPLETED, &j.Completed, nil
}

// granularity is what the job was asked to list.
func (j *accessJob) granularity() string {
	if j.Actions {
		return iamapi.AccessAdvisorUsageGranularityTypeACTIONLEVEL
	}
	return iamapi.AccessAdvisorUsageGranularityTypeSERVICELEVEL
}

// report reads the report of a job that has one.
func (j *accessJobs) report(c *operation.Call, id string, job *accessJob) (*accessReport, error) {
	text, err := j.get(c.Context, jobFact(c.Caller.Account(), id), job.Parts)
	if err != nil {
		return nil, err
	}
	report := new(accessReport)
	return report, json.Unmarshal(text, report)
}
