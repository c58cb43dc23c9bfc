package authn

import (
	"strings"
	"time"

	"sallyport/internal/iam"
	"sallyport/internal/ident"
)

// A fact is what the journal holds of a key, user or role.
type fact struct {
	// The last use of all.
	iam.LastUsed
	// Services is of users and roles only.
	Services iam.Accessed `json:",omitempty"`
}

// merge adds uses that are later than what the fact has, and reports whether there
// were any. Target{} is for the last use alone.
func (f *fact) merge(uses map[target]iam.LastUsed) (changed bool) {
	for t, use := range uses {
		if use.At.After(f.At) {
			f.LastUsed, changed = use, true
		}
		if t.service == "" {
			continue
		}
		if f.Services == nil {
			f.Services = make(iam.Accessed)
		}
		access := iam.Access{At: use.At, Region: use.Region}
		service := f.Services[t.service]
		if use.At.After(service.At) {
			service.Access, changed = access, true
		}
		if t.action != "" && use.At.After(service.Actions[t.action].At) {
			if service.Actions == nil {
				service.Actions = make(map[string]iam.Access)
			}
			service.Actions[t.action], changed = access, true
		}
		f.Services[t.service] = service
	}
	return changed
}

// forget drops what was used before a time.
func (f *fact) forget(before time.Time) {
	for name, service := range f.Services {
		for action, access := range service.Actions {
			if access.At.Before(before) {
				delete(service.Actions, action)
			}
		}
		if service.At.Before(before) {
			delete(f.Services, name)
		}
	}
}

func isRole(id string) bool { return strings.HasPrefix(id, ident.PrefixRole) }
