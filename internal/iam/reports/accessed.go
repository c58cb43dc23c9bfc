package reports

import (
	"cmp"
	"context"
	"slices"
	"time"

	"sallyport/catalog"
	"sallyport/internal/iam"
	"sallyport/policy/reason"
)

// An accessReport is what a job on service last accessed details found. Entities
// are kept by unique id, and named when they are asked for.
type accessReport struct {
	Services []accessedService `json:"services,omitempty"` // by namespace
	Entities []entity          `json:"entities,omitempty"` // users before roles, by name
}

type accessedService struct {
	Namespace string           `json:"namespace"`
	Last      *lastAccess      `json:"last,omitempty"`
	Actions   []accessedAction `json:"actions,omitempty"` // by name
	// Uses are the entities that tried to use it, the latest first.
	Uses []entityUse `json:"uses,omitempty"`
}

type accessedAction struct {
	Name string      `json:"name"`
	Last *lastAccess `json:"last,omitempty"`
}

// A lastAccess is the last attempt of all entities.
type lastAccess struct {
	At     time.Time `json:"at"`
	Region string    `json:"region"`
	ARN    string    `json:"arn"` // as it was when the report was made
}

type entityUse struct {
	Entity int       `json:"entity"` // index in Entities
	At     time.Time `json:"at"`
}

// makeAccessReport finds the services within reach of the subject's policies, and
// what its entities last did with them since a time. With actions it lists those
// that are tracked and within reach.
func makeAccessReport(ctx context.Context, s *subject, usage iam.Usage, actions bool, since time.Time) (*accessReport, error) {
	documents, err := s.documents()
	if err != nil {
		return nil, err
	}
	report := &accessReport{Entities: s.entities}
	reach := reason.NewReach(documents...)
	for _, prefix := range services().Prefixes() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !reach.Names(prefix) {
			continue
		}
		service, _ := services().Service(prefix)
		found, ok, err := reachedService(reach, service, actions)
		if err != nil {
			return nil, err
		}
		if ok {
			report.Services = append(report.Services, found)
		}
	}
	for i := range s.entities {
		accessed, err := usage.ServicesAccessed(ctx, s.entities[i].ID)
		if err != nil {
			return nil, err
		}
		report.add(i, accessed, since)
	}
	for i := range report.Services {
		slices.SortStableFunc(report.Services[i].Uses, func(a, b entityUse) int { return b.At.Compare(a.At) })
	}
	return report, nil
}

// reachedService looks at a service, and at each of its tracked actions when they
// are to be listed.
func reachedService(reach *reason.Reach, s *catalog.Service, actions bool) (found accessedService, ok bool, err error) {
	found.Namespace = s.Prefix
	if actions {
		for i := range s.Actions {
			a := &s.Actions[i]
			if !iam.TracksAction(s.Prefix, a.Name) {
				continue
			}
			reached, err := reach.Action(s, a)
			if err != nil {
				return found, false, err
			}
			if reached {
				found.Actions = append(found.Actions, accessedAction{Name: a.Name})
			}
		}
		slices.SortFunc(found.Actions, func(a, b accessedAction) int { return cmp.Compare(a.Name, b.Name) })
	}
	if len(found.Actions) > 0 {
		return found, true, nil
	}
	ok, err = reach.Service(s)
	return found, ok, err
}

// add takes in what one entity did since a time.
func (r *accessReport) add(i int, accessed iam.Accessed, since time.Time) {
	for j := range r.Services {
		service := &r.Services[j]
		did, ok := accessed[service.Namespace]
		if !ok || did.At.Before(since) {
			continue
		}
		service.Uses = append(service.Uses, entityUse{i, did.At})
		service.Last = later(service.Last, did.Access, r.Entities[i].arn)
		for k := range service.Actions {
			action := &service.Actions[k]
			if at, ok := did.Actions[action.Name]; ok && !at.At.Before(since) {
				action.Last = later(action.Last, at, r.Entities[i].arn)
			}
		}
	}
}

func later(last *lastAccess, a iam.Access, arn string) *lastAccess {
	if last != nil && !a.At.After(last.At) {
		return last
	}
	return &lastAccess{a.At, a.Region, arn}
}
