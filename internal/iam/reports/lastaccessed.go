package reports

import (
	"context"
	"strconv"
	"strings"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// servicesPerPage is how many services AWS returns when it is not told.
const servicesPerPage = 200

// generateAccessed answers at once with a job; the report is there some time
// later, as of the moment when it was asked for
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html).
func (h *handlers) generateAccessed(c *operation.Call, r state.Reader, in *iamapi.GenerateServiceLastAccessedDetailsRequest) (*iamapi.GenerateServiceLastAccessedDetailsResponse, error) {
	account, jobs := c.Caller.Account(), h.accesses
	n, err := nameReported(*in.Arn)
	if err != nil {
		return nil, err
	}
	about, err := findSubject(r, account, n)
	if err != nil {
		return nil, err
	}
	if !jobs.enter(account, c.Now) {
		return nil, api.Throttling()
	}
	id := h.env.Ident.RequestID()
	job := &accessJob{
		Owner: jobOwner(c.Caller), Created: iam.Moment(c.Now),
		Actions: api.Value(in.Granularity) == iamapi.AccessAdvisorUsageGranularityTypeACTIONLEVEL,
	}
	if err := jobs.putJob(c.Context, account, id, job); err != nil {
		jobs.leave(account)
		return nil, err
	}
	jobs.start("service last accessed details", func(ctx context.Context) error {
		defer jobs.leave(account)
		return jobs.make(ctx, account, id, job, about)
	})
	return &iamapi.GenerateServiceLastAccessedDetailsResponse{JobId: &id}, nil
}

// jobPage starts a page of one list of a job. A marker of another list or job is
// invalid.
func jobPage(id, list string, marker *string, maxItems *int64) (page *iam.Page, prefix, from string, err error) {
	if page, err = iam.NewPage(marker, maxItems); err != nil {
		return nil, "", "", err
	}
	prefix = id + "/" + list + "/"
	from, ok := strings.CutPrefix(page.From, prefix)
	if page.From != "" && !ok {
		return nil, "", "", errMarker
	}
	return page, prefix, from, nil
}

var errMarker = iamapi.InvalidInputException("The marker passed in the request was invalid.")

// getAccessed gives out the services of a report by namespace. What is not there
// yet, its lists too, is absent
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html).
func (h *handlers) getAccessed(c *operation.Call, _ state.Reader, in *iamapi.GetServiceLastAccessedDetailsRequest) (*iamapi.GetServiceLastAccessedDetailsResponse, error) {
	job, err := h.accesses.find(c, *in.JobId)
	if err != nil {
		return nil, err
	}
	maxItems := in.MaxItems
	if maxItems == nil {
		maxItems = new(int64(servicesPerPage))
	}
	page, prefix, from, err := jobPage(*in.JobId, "services", in.Marker, maxItems)
	if err != nil {
		return nil, err
	}
	status, completed, failure := job.status()
	out := &iamapi.GetServiceLastAccessedDetailsResponse{
		JobStatus: &status, JobCreationDate: &job.Created, JobCompletionDate: completed, Error: failure, IsTruncated: new(false),
	}
	if status != iamapi.JobStatusTypeCOMPLETED {
		return out, nil
	}
	report, err := h.accesses.report(c, *in.JobId, job)
	if err != nil {
		return nil, err
	}
	out.JobType, out.ServicesLastAccessed = new(job.granularity()), []iamapi.ServiceLastAccessed{}
	for i := range report.Services {
		s := &report.Services[i]
		if s.Namespace < from {
			continue
		}
		if !page.Add(prefix+s.Namespace, func() { out.ServicesLastAccessed = append(out.ServicesLastAccessed, s.described()) }) {
			break
		}
	}
	out.IsTruncated, out.Marker = page.Result()
	return out, nil
}

// described is a service as a report shows it: without what never was.
func (s *accessedService) described() iamapi.ServiceLastAccessed {
	name := s.Namespace
	if known, ok := knownService(s.Namespace); ok {
		name = serviceName(known)
	}
	out := iamapi.ServiceLastAccessed{
		ServiceName: &name, ServiceNamespace: &s.Namespace, TotalAuthenticatedEntities: new(int64(len(s.Uses))),
	}
	if l := s.Last; l != nil {
		out.LastAuthenticated, out.LastAuthenticatedEntity, out.LastAuthenticatedRegion = &l.At, &l.ARN, &l.Region
	}
	for i := range s.Actions {
		action := iamapi.TrackedActionLastAccessed{ActionName: &s.Actions[i].Name}
		if l := s.Actions[i].Last; l != nil {
			action.LastAccessedTime, action.LastAccessedEntity, action.LastAccessedRegion = &l.At, &l.ARN, &l.Region
		}
		out.TrackedActionsLastAccessed = append(out.TrackedActionsLastAccessed, action)
	}
	return out
}

// getAccessedEntities gives out the entities that could have used a service: those
// that tried to, the latest first, then the others. They are called what they are
// called by now; those that were deleted are left out
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetailsWithEntities.html).
func (h *handlers) getAccessedEntities(c *operation.Call, r state.Reader, in *iamapi.GetServiceLastAccessedDetailsWithEntitiesRequest) (*iamapi.GetServiceLastAccessedDetailsWithEntitiesResponse, error) {
	job, err := h.accesses.find(c, *in.JobId)
	if err != nil {
		return nil, err
	}
	if _, ok := knownService(*in.ServiceNamespace); !ok {
		return nil, iamapi.InvalidInputException("Service namepace %s is either invalid or unsupported.", *in.ServiceNamespace)
	}
	page, prefix, from, err := jobPage(*in.JobId, "entities", in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	first := 0
	if from != "" {
		if first, err = strconv.Atoi(from); err != nil || first < 0 {
			return nil, errMarker
		}
	}
	status, completed, failure := job.status()
	out := &iamapi.GetServiceLastAccessedDetailsWithEntitiesResponse{
		JobStatus: &status, JobCreationDate: &job.Created, JobCompletionDate: completed, Error: failure, IsTruncated: new(false),
	}
	if status != iamapi.JobStatusTypeCOMPLETED {
		return out, nil
	}
	report, err := h.accesses.report(c, *in.JobId, job)
	if err != nil {
		return nil, err
	}
	out.EntityDetailsList = []iamapi.EntityDetails{}
	uses := report.usesOf(*in.ServiceNamespace)
	for i := first; i < len(uses); i++ {
		info := describedEntity(r, c.Caller.Account(), report.Entities[uses[i].Entity])
		if info == nil {
			continue
		}
		detail := iamapi.EntityDetails{EntityInfo: info}
		if at := uses[i].At; !at.IsZero() {
			detail.LastAuthenticated = &at
		}
		if !page.Add(prefix+strconv.Itoa(i), func() { out.EntityDetailsList = append(out.EntityDetailsList, detail) }) {
			break
		}
	}
	out.IsTruncated, out.Marker = page.Result()
	return out, nil
}

// usesOf are the entities of a service: none when it is out of reach.
func (r *accessReport) usesOf(namespace string) []entityUse {
	for i := range r.Services {
		s := &r.Services[i]
		if s.Namespace != namespace {
			continue
		}
		used := make([]bool, len(r.Entities))
		all := make([]entityUse, 0, len(r.Entities))
		for _, use := range s.Uses {
			used[use.Entity] = true
			all = append(all, use)
		}
		for i := range r.Entities {
			if !used[i] {
				all = append(all, entityUse{Entity: i})
			}
		}
		return all
	}
	return nil
}

// describedEntity is a user or role as it is by now; nil when it was deleted.
func describedEntity(r state.Reader, account string, e entity) *iamapi.EntityInfo {
	if !e.Role {
		u, ok := iam.Users.Get(r, e.ID)
		if !ok {
			return nil
		}
		return &iamapi.EntityInfo{
			Arn: new(iam.UserARN(account, u)), Name: &u.Name, Type: new(iamapi.PolicyOwnerEntityTypeUSER), Id: &u.ID, Path: &u.Path,
		}
	}
	role, ok := iam.Roles.Get(r, e.ID)
	if !ok {
		return nil
	}
	return &iamapi.EntityInfo{
		Arn: new(iam.RoleARN(account, role)), Name: &role.Name, Type: new(iamapi.PolicyOwnerEntityTypeROLE), Id: &role.ID, Path: &role.Path,
	}
}
