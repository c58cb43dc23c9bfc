package terraform

import (
	"encoding/json"
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sallyport/test/clients/harness"
)

// A schema is the part of `terraform providers schema -json` that is asked
// about.
type schema struct {
	Providers map[string]struct {
		Resources   map[string]block `json:"resource_schemas"`
		DataSources map[string]block `json:"data_source_schemas"`
	} `json:"provider_schemas"`
}

type block struct {
	Block struct {
		Attributes map[string]struct{ Required, Optional bool }
		Blocks     map[string]any `json:"block_types"`
	}
}

// settable lists what a configuration can set of a resource. The id, tags_all
// and timeouts are the provider's own.
func (b block) settable() []string {
	names := slices.Collect(maps.Keys(b.Block.Blocks))
	names = slices.DeleteFunc(names, func(name string) bool { return name == "timeouts" })
	for name, a := range b.Block.Attributes {
		if (a.Required || a.Optional) && name != "id" && name != "tags_all" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// TestEveryName: every aws_iam_ name of the provider is covered by the
// configuration or waits for an operation that is indeed not served, and every
// attribute of the covered ones is known to change in place or not.
func TestEveryName(t *testing.T) {
	need(t)
	w := &workspace{t: t, folder: initialised.folder}
	var all schema
	w.read(&all, "providers", "schema", "-json")
	aws, ok := all.Providers[provider]
	if !ok || len(aws.Resources) < 1000 {
		t.Fatalf("the schema has %d resources of %s", len(aws.Resources), provider)
	}
	served := servedOperations(t)
	known := map[string]bool{}
	for name := range resources {
		known["resource "+name] = true
	}
	for _, name := range dataSources {
		known["data "+name] = true
	}
	for name, operation := range waiting {
		if known[name] {
			t.Errorf("%s is both covered and waiting", name)
		}
		if served[operation] {
			t.Errorf("%s waits for iam:%s, which is served: cover it", name, operation)
		}
		known[name] = true
	}
	for _, name := range slices.Concat(iamNames("resource ", aws.Resources), iamNames("data ", aws.DataSources)) {
		if !known[name] {
			t.Errorf("%s is neither covered nor waiting", name)
		}
		delete(known, name)
	}
	for name := range known {
		t.Errorf("the provider has no %s", name)
	}
	for name, r := range resources {
		attributes := strings.Fields(r.changes + " " + r.fixed)
		slices.Sort(attributes)
		if want := aws.Resources[name].settable(); !slices.Equal(attributes, want) {
			t.Errorf("%s: the table has %v, the provider %v", name, attributes, want)
		}
	}
}

func iamNames(kind string, blocks map[string]block) []string {
	var names []string
	for name := range blocks {
		if strings.HasPrefix(name, "aws_iam_") {
			names = append(names, kind+name)
		}
	}
	return names
}

// servedOperations are the operations of IAM that the server says it
// implements.
func servedOperations(t *testing.T) map[string]bool {
	t.Helper()
	output, err := exec.Command(harness.Binary(t), "operations").Output()
	if err != nil {
		t.Fatal(err)
	}
	served := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^iam +(\w+) +implemented$`).FindAllSubmatch(output, -1) {
		served[string(m[1])] = true
	}
	if !served["CreateUser"] || served["EnableOrganizationsRootSessions"] {
		t.Fatalf("operations that are served: %v", served)
	}
	return served
}

// A plan is the part of `terraform show -json` of a plan that is asked about.
type plan struct {
	Changes []change `json:"resource_changes"`
}

type change struct {
	Address, Mode, Type string
	Change              struct {
		Actions       []string
		Before, After map[string]any
		AfterUnknown  map[string]any `json:"after_unknown"`
		Importing     *struct{ ID string }
	}
}

// attributes lists what an update changes.
func (c change) attributes() []string {
	var names []string
	for name, before := range c.Change.Before {
		if unknown, _ := c.Change.AfterUnknown[name].(bool); unknown || !same(before, c.Change.After[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func same(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}
