package cataloggen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sallyport/catalog"
)

// A Source is what the package says.
type Source struct {
	Globals  []catalog.Key // sorted by name, without regard to case
	Services []catalog.Service
}

// The files of the package. Descriptions, categories and scenarios (which
// combinations of resources make a request of an action of EC2's) are not kept.
type (
	action struct {
		Name             string           `json:"name"`
		Description      string           `json:"description"`
		AccessLevel      string           `json:"accessLevel"`
		ResourceTypes    []actionResource `json:"resourceTypes"`
		ConditionKeys    []string         `json:"conditionKeys"`
		DependentActions []string         `json:"dependentActions"`
		Scenarios        json.RawMessage  `json:"scenarios"`
	}
	actionResource struct {
		Name             string   `json:"name"`
		Required         bool     `json:"required"`
		ConditionKeys    []string `json:"conditionKeys"`
		DependentActions []string `json:"dependentActions"`
	}
	resourceType struct {
		Key           string   `json:"key"`
		ARN           string   `json:"arn"`
		ConditionKeys []string `json:"conditionKeys"`
	}
	conditionKey struct {
		Key         string `json:"key"`
		Description string `json:"description"`
		Type        string `json:"type"`
	}
)

// Read reads the files of the package.
func Read(files map[string][]byte) (*Source, error) {
	var prefixes, rcp []string
	var names map[string]string
	for name, into := range map[string]any{"services": &prefixes, "rcpSupportedServices": &rcp, "serviceNames": &names} {
		if err := decode(files, "data/"+name+".json", into); err != nil {
			return nil, err
		}
	}
	globals, err := readGlobals(files["dist/esm/globalConditionKeys.js"])
	if err != nil {
		return nil, err
	}
	s := &Source{Globals: globals}
	slices.Sort(prefixes)
	for _, prefix := range prefixes {
		service, err := readService(files, prefix)
		if err != nil {
			return nil, fmt.Errorf("cataloggen: %s: %w", prefix, err)
		}
		service.Name = names[prefix]
		service.RCP = slices.Contains(rcp, prefix)
		s.Services = append(s.Services, service)
	}
	for _, prefix := range rcp {
		if !slices.Contains(prefixes, prefix) {
			return nil, fmt.Errorf("cataloggen: RCPs apply to %q, which is no service", prefix)
		}
	}
	return s, nil
}

func decode(files map[string][]byte, name string, into any) error {
	text, ok := files[name]
	if !ok {
		return fmt.Errorf("cataloggen: the package has no %s", name)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("cataloggen: %s: %w", name, err)
	}
	return nil
}

// globalKey is a global condition key in the package's JavaScript, the only
// place where it has them.
var globalKey = regexp.MustCompile(`key: '([^']+)',\s+category: '[^']*',\s+type: '([^']+)',`)

func readGlobals(script []byte) ([]catalog.Key, error) {
	found := globalKey.FindAllSubmatch(script, -1)
	if n := bytes.Count(script, []byte("category: ")); len(found) == 0 || len(found) != n {
		return nil, fmt.Errorf("cataloggen: %d of %d global keys are understood", len(found), n)
	}
	var keys []catalog.Key
	for _, m := range found {
		k, err := newKey(string(m[1]), string(m[2]))
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b catalog.Key) int { return compareNames(a.Name, b.Name) })
	return keys, nil
}

// compareNames is the order of names in a catalogue.
func compareNames(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }

func readService(files map[string][]byte, prefix string) (catalog.Service, error) {
	s := catalog.Service{Prefix: prefix}
	var actions map[string]action
	var resources map[string]resourceType
	var keys map[string]conditionKey
	for folder, into := range map[string]any{"actions": &actions, "resourceTypes": &resources, "conditionKeys": &keys} {
		if err := decode(files, "data/"+folder+"/"+prefix+".json", into); err != nil {
			return s, err
		}
	}
	for _, k := range keys {
		key, err := newKey(k.Key, k.Type)
		if err != nil {
			return s, err
		}
		s.Keys = append(s.Keys, key)
	}
	for _, r := range resources {
		s.Resources = append(s.Resources, catalog.ResourceType{Name: r.Key, ARN: templates(r.ARN), Keys: keyNames(r.ConditionKeys)})
	}
	for _, a := range actions {
		converted, err := newAction(a)
		if err != nil {
			return s, err
		}
		s.Actions = append(s.Actions, converted)
	}
	slices.SortFunc(s.Actions, func(a, b catalog.Action) int { return compareNames(a.Name, b.Name) })
	slices.SortFunc(s.Resources, func(a, b catalog.ResourceType) int { return compareNames(a.Name, b.Name) })
	slices.SortFunc(s.Keys, func(a, b catalog.Key) int { return compareNames(a.Name, b.Name) })
	// ssm:resourceTag/tag-key and ssm:resourceTag/${TagKey} are one.
	s.Keys = slices.CompactFunc(s.Keys, func(a, b catalog.Key) bool { return strings.EqualFold(a.Name, b.Name) })
	return s, nil
}

// variable is a variable of a template.
var variable = regexp.MustCompile(`\$\{[^}]*\}`)

// unmarked is a variable that lacks its "$", as in the ARN of OpsWorks's backups.
var unmarked = regexp.MustCompile(`([^$])\{([A-Za-z-]+)\}`)

// templates splits what the package has in one text: several templates are
// separated by commas.
func templates(text string) []string {
	var list []string
	for part := range strings.SplitSeq(text, ",") {
		part = unmarked.ReplaceAllStringFunc(strings.TrimSpace(part), func(s string) string {
			return s[:1] + "$" + strings.ReplaceAll(s[1:], "-", "")
		})
		list = append(list, part)
	}
	return list
}

// accessLevels: an action that is both in two of AWS's levels is in the more
// telling one.
var accessLevels = map[string]catalog.AccessLevel{
	"List": catalog.List, "Read": catalog.Read, "Write": catalog.Write, "Tagging": catalog.Tagging, "Tagging, Write": catalog.Tagging,
	"Permissions management": catalog.PermissionsManagement, "Permissions management, Write": catalog.PermissionsManagement,
}

func newAction(a action) (catalog.Action, error) {
	level, ok := accessLevels[a.AccessLevel]
	if !ok {
		return catalog.Action{}, fmt.Errorf("action %s: unknown access level %q", a.Name, a.AccessLevel)
	}
	dependents := a.DependentActions
	out := catalog.Action{Name: a.Name, Access: level, Keys: keyNames(a.ConditionKeys)}
	for _, r := range a.ResourceTypes {
		dependents = append(dependents, r.DependentActions...)
		// A few actions have a type in two rows.
		i := slices.IndexFunc(out.Resources, func(o catalog.ActionResource) bool { return o.Name == r.Name })
		if i < 0 {
			i = len(out.Resources)
			out.Resources = append(out.Resources, catalog.ActionResource{Name: r.Name})
		}
		row := &out.Resources[i]
		row.Required = row.Required || r.Required
		row.Keys = keyNames(append(row.Keys, r.ConditionKeys...))
	}
	slices.SortFunc(out.Resources, func(a, b catalog.ActionResource) int { return compareNames(a.Name, b.Name) })
	out.Dependents = sorted(dependents)
	return out, nil
}

// sorted returns the names in order, each once; nil if there are none.
func sorted(names []string) []string {
	if len(names) == 0 {
		return nil
	}
	out := slices.Clone(names)
	slices.SortFunc(out, compareNames)
	return slices.CompactFunc(out, strings.EqualFold)
}

// keyName writes a template as AWS's pages do nearly everywhere. Elsewhere they
// have "/tag-key", "/<key>" or nothing after the slash.
func keyName(name string) string {
	for _, ending := range []string{"/tag-key", "/<key>", "/"} {
		if before, ok := strings.CutSuffix(name, ending); ok {
			return before + "/${TagKey}"
		}
	}
	return name
}

func keyNames(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = keyName(name)
	}
	return sorted(out)
}

func newKey(name, kind string) (catalog.Key, error) {
	single, multivalued := strings.CutPrefix(kind, "ArrayOf")
	for t := catalog.String; t.String() != ""; t++ {
		if t.String() == single {
			return catalog.Key{Name: keyName(name), Type: t, Multivalued: multivalued}, nil
		}
	}
	return catalog.Key{}, fmt.Errorf("condition key %s: unknown type %q", name, kind)
}
