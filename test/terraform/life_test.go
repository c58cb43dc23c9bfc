package terraform

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sallyport/test/clients/harness"
)

// stores are the storage drivers that the life is lived on: those that outlive
// the server.
var stores = []harness.Store{harness.SQLite, harness.Postgres}

// TestLife: the configuration is applied, changed in every way, imported into
// another state and destroyed. After each step Terraform finds nothing left to
// do, and at the end the account is as it was.
func TestLife(t *testing.T) {
	if testing.Short() {
		t.Skip("a life takes three minutes; -short leaves it to the full run")
	}
	for _, store := range stores {
		t.Run(string(store), func(t *testing.T) {
			need(t)
			server := harness.StartServer(t, store)
			before := account(t, server)
			first := newWorkspace(t, server, harness.Admin, "main.tf", "certificates.tf", "providers.tf", "data.tf")
			first.writeCertificates(t)

			first.run(0, "apply", "-input=false", "-auto-approve")
			first.sameOutputs(22)
			first.unchanged()

			first.changed()
			first.sameOutputs(22)
			first.unchanged("-var=changed=true")

			second := first.imported(server)
			second.unchanged("-var=changed=true")

			strayCredentials(t, server)
			second.run(0, "destroy", "-input=false", "-auto-approve", "-refresh=false", "-var=changed=true")
			if after := account(t, server); after != before {
				t.Errorf("the account was\n%s\nand is\n%s", before, after)
			}
		})
	}
}

// unchanged asserts that a plan is empty.
func (w *workspace) unchanged(args ...string) {
	w.t.Helper()
	w.run(0, append([]string{"plan", "-input=false", "-detailed-exitcode"}, args...)...)
}

// plan plans and returns what it would do. Apply takes the file "plan".
func (w *workspace) plan(args ...string) plan {
	w.t.Helper()
	var p plan
	w.run(0, append([]string{"plan", "-input=false", "-out=plan"}, args...)...)
	w.read(&p, "show", "-json", "plan")
	return p
}

// changed changes every attribute that the table says can be changed in place,
// and asserts that it was just so.
func (w *workspace) changed() {
	w.t.Helper()
	inPlace := map[string]bool{}
	// The state was compared with the account a moment ago.
	for _, c := range w.plan("-var=changed=true", "-refresh=false").Changes {
		switch {
		case c.Mode != "managed", slices.Equal(c.Change.Actions, []string{"no-op"}):
		case slices.Equal(c.Change.Actions, []string{"update"}):
			for _, name := range c.attributes() {
				inPlace[c.Type+"."+name] = true
			}
		case strings.HasSuffix(c.Address, ".second[0]"), strings.HasPrefix(c.Address, "aws_iam_group_policy_attachment.more["):
			// These come and go with changed.
		default:
			w.t.Errorf("%s is not changed in place: %v", c.Address, c.Change.Actions)
		}
	}
	for name, r := range resources {
		for attribute := range strings.FieldsSeq(r.changes) {
			if !inPlace[name+"."+attribute] {
				w.t.Errorf("%s of no %s was changed in place", attribute, name)
			}
		}
	}
	w.run(0, "apply", "-input=false", "plan")
}

// imported imports everything that w manages into a state that knows nothing.
// Only what the provider can't import is made again, which changes nothing, and
// only what it keeps in its state alone is set.
func (w *workspace) imported(server *harness.Server) *workspace {
	w.t.Helper()
	other := newWorkspace(w.t, server, harness.Admin, "main.tf", "certificates.tf", "providers.tf", "data.tf")
	other.writeCertificates(w.t)
	var blocks strings.Builder
	importing := 0
	for _, r := range w.state().managed() {
		if imported := resources[r.kind].imported; imported != nil {
			fmt.Fprintf(&blocks, "import {\n  to = %s\n  id = %q\n}\n", r.address, imported(r.attributes))
			importing++
		}
	}
	other.write("imports.tf", blocks.String())
	for _, c := range other.plan("-var=changed=true").Changes {
		if c.Mode != "managed" {
			continue
		}
		r := resources[c.Type]
		want := "no-op"
		if r.imported == nil {
			want = "create"
		} else if r.forgotten != "" && !slices.Equal(c.Change.Actions, []string{"no-op"}) && slices.Equal(c.attributes(), []string{r.forgotten}) {
			want = "update"
		}
		if !slices.Equal(c.Change.Actions, []string{want}) {
			w.t.Errorf("importing %s: %v of %v, want %s", c.Address, c.Change.Actions, c.attributes(), want)
		}
		if c.Change.Importing != nil {
			importing--
		}
	}
	if importing != 0 {
		w.t.Errorf("%d resources were not imported", importing)
	}
	other.run(0, "apply", "-input=false", "plan")
	return other
}

// A state is the part of a state file that is asked about.
type state struct {
	Outputs map[string]struct {
		Value map[string][]string
	}
	Resources []struct {
		Mode, Type, Name string
		Instances        []struct {
			IndexKey   any `json:"index_key"`
			Attributes map[string]any
		}
	}
}

func (w *workspace) state() state {
	w.t.Helper()
	var s state
	data, err := os.ReadFile(filepath.Join(w.folder, "terraform.tfstate"))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := json.Unmarshal(data, &s); err != nil {
		w.t.Fatal(err)
	}
	return s
}

// A managedResource is one instance in a state.
type managedResource struct {
	kind, address string
	attributes    map[string]any
}

func (s state) managed() []managedResource {
	var all []managedResource
	for _, r := range s.Resources {
		for _, instance := range r.Instances {
			if r.Mode != "managed" {
				continue
			}
			address := r.Type + "." + r.Name
			if instance.IndexKey != nil {
				key, _ := json.Marshal(instance.IndexKey) //nolint:errcheck // a number or a string
				address += "[" + string(key) + "]"
			}
			all = append(all, managedResource{r.Type, address, instance.Attributes})
		}
	}
	return all
}

// sameOutputs asserts that the pairs of the configuration's output are equal:
// what data sources say is what the resources say.
func (w *workspace) sameOutputs(pairs int) {
	w.t.Helper()
	same := w.state().Outputs["same"].Value
	if len(same) != pairs {
		w.t.Errorf("%d pairs of outputs, want %d", len(same), pairs)
	}
	for name, pair := range same {
		if len(pair) != 2 || pair[0] == "" || pair[0] != pair[1] {
			w.t.Errorf("%s: %q", name, pair)
		}
	}
}

// strayCredentials gives a user and a role what Terraform doesn't know of, so
// that they can be deleted only by force.
func strayCredentials(t *testing.T, server *harness.Server) {
	t.Helper()
	call(t, server, "CreateAccessKey", map[string]any{"UserName": "tf-bob"})
	call(t, server, "CreateLoginProfile", map[string]any{"UserName": "tf-bob", "Password": "Correct-Horse-1"})
	call(t, server, "CreateServiceSpecificCredential", map[string]any{"UserName": "tf-bob", "ServiceName": "cassandra.amazonaws.com"})
	call(t, server, "PutUserPolicy", map[string]any{"UserName": "tf-bob", "PolicyName": "stray",
		"PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`})
	call(t, server, "AttachRolePolicy", map[string]any{"RoleName": "tf-app", "PolicyArn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"})
}

// account is everything IAM says of the account, but for when something was
// last used.
func account(t *testing.T, server *harness.Server) string {
	t.Helper()
	details := call(t, server, "GetAccountAuthorizationDetails", nil)
	for _, role := range details["RoleDetailList"].([]any) {
		delete(role.(map[string]any), "RoleLastUsed")
	}
	all := map[string]any{
		"details": details,
		"aliases": call(t, server, "ListAccountAliases", nil),
		"summary": call(t, server, "GetAccountSummary", nil),
	}
	text, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// call is one call of IAM by the administrator.
func call(t *testing.T, server *harness.Server, operation string, params map[string]any) map[string]any {
	t.Helper()
	return callAs(t, server, harness.Admin, operation, params)
}

func callAs(t *testing.T, server *harness.Server, caller harness.Credentials, operation string, params map[string]any) map[string]any {
	t.Helper()
	reply, err := harness.NewGoSDK(t).Call(t.Context(), harness.Call{
		Endpoint: server.URL, Credentials: caller, Service: "iam", Operation: operation, Params: params,
	})
	if err != nil {
		t.Fatal(err)
	}
	if reply.Err != nil {
		t.Fatalf("%s: %+v", operation, *reply.Err)
	}
	return reply.Output
}

// TestDenied: Terraform shows who may not do what on which resource, and why,
// in AWS's words, be it a user or the role that the provider assumes; nothing
// is made.
func TestDenied(t *testing.T) {
	need(t)
	server := harness.StartServer(t, harness.SQLite)
	call(t, server, "CreateUser", map[string]any{"UserName": "reader"})
	call(t, server, "AttachUserPolicy", map[string]any{"UserName": "reader", "PolicyArn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"})
	role := map[string]any{"RoleName": "Reader", "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"AWS":"arn:aws:iam::` + harness.AccountID + `:user/reader"},"Action":["sts:AssumeRole","sts:TagSession"]}]}`}
	call(t, server, "CreateRole", role)
	key := call(t, server, "CreateAccessKey", map[string]any{"UserName": "reader"})["AccessKey"].(map[string]any)
	before := account(t, server)

	w := newWorkspace(t, server, harness.Credentials{
		AccessKeyID: key["AccessKeyId"].(string), SecretAccessKey: key["SecretAccessKey"].(string),
	}, "denied.tf")
	output := w.run(1, "apply", "-input=false", "-auto-approve")
	const owner = "arn:aws:iam::" + harness.AccountID
	for _, want := range []string{
		"AccessDenied: User: " + owner + ":user/reader is not authorized to perform: iam:CreateUser on resource: " + owner +
			":user/tf-alice because no identity-based policy allows the iam:CreateUser action",
		"AccessDenied: User: arn:aws:sts::" + harness.AccountID + ":assumed-role/Reader/terraform is not authorized to perform: iam:CreatePolicy on resource: policy tf-own" +
			" because no identity-based policy allows the iam:CreatePolicy action",
	} {
		if !strings.Contains(output, want) {
			t.Errorf("Terraform's output lacks %q:\n%s", want, output)
		}
	}
	if after := account(t, server); after != before {
		t.Errorf("the account was\n%s\nand is\n%s", before, after)
	}
}
