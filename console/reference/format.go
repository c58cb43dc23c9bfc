package reference

import (
	"sallyport/catalog"
)

// version is that of AWS's format.
const version = "v1.4"

// The members of AWS's format, in its order.
type (
	entry struct {
		Service string `json:"service"`
		URL     string `json:"url"`
		Title   string `json:"title"`
	}
	service struct {
		Name          string         `json:"Name"`
		Title         string         `json:"Title,omitempty"`
		Actions       []action       `json:"Actions"`
		ConditionKeys []conditionKey `json:"ConditionKeys"`
		Resources     []resourceType `json:"Resources"`
		Version       string         `json:"Version"`
	}
	action struct {
		Name                string           `json:"Name"`
		ActionConditionKeys []string         `json:"ActionConditionKeys,omitempty"`
		Annotations         annotations      `json:"Annotations"`
		Resources           []actionResource `json:"Resources,omitempty"`
	}
	annotations struct {
		Properties properties `json:"Properties"`
	}
	// properties are all false of an action that reads.
	properties struct {
		IsList                 bool `json:"IsList"`
		IsPermissionManagement bool `json:"IsPermissionManagement"`
		IsTaggingOnly          bool `json:"IsTaggingOnly"`
		IsWrite                bool `json:"IsWrite"`
	}
	actionResource struct {
		Name string `json:"Name"`
	}
	conditionKey struct {
		Name  string   `json:"Name"`
		Types []string `json:"Types"`
	}
	resourceType struct {
		Name          string   `json:"Name"`
		ARNFormats    []string `json:"ARNFormats"`
		ConditionKeys []string `json:"ConditionKeys,omitempty"`
	}
)

// list is the list of services.
func (h *Handler) list() any {
	prefixes := h.catalog.Prefixes()
	all := make([]entry, 0, len(prefixes))
	for _, prefix := range prefixes {
		s, _ := h.catalog.Service(prefix)
		all = append(all, entry{Service: prefix, URL: Path + name(prefix), Title: s.Name})
	}
	return all
}

func describe(s *catalog.Service) *service {
	out := &service{
		Name: s.Prefix, Title: s.Name, Version: version,
		Actions: make([]action, 0, len(s.Actions)), ConditionKeys: keys(s.Keys), Resources: make([]resourceType, 0, len(s.Resources)),
	}
	for i := range s.Actions {
		a := &s.Actions[i]
		described := action{Name: a.Name, ActionConditionKeys: a.Keys}
		described.Annotations.Properties = properties{
			IsList:                 a.Access == catalog.List,
			IsPermissionManagement: a.Access == catalog.PermissionsManagement,
			IsTaggingOnly:          a.Access == catalog.Tagging,
			IsWrite:                a.Access == catalog.Write,
		}
		for _, r := range a.Resources {
			described.Resources = append(described.Resources, actionResource{r.Name})
		}
		out.Actions = append(out.Actions, described)
	}
	for _, r := range s.Resources {
		out.Resources = append(out.Resources, resourceType{Name: r.Name, ARNFormats: r.ARN, ConditionKeys: r.Keys})
	}
	return out
}

// keys are condition keys with their type, in AWS's words.
func keys(all []catalog.Key) []conditionKey {
	out := make([]conditionKey, 0, len(all))
	for _, k := range all {
		kind := k.Type.String()
		if k.Multivalued {
			kind = "ArrayOf" + kind
		}
		out = append(out, conditionKey{Name: k.Name, Types: []string{kind}})
	}
	return out
}
