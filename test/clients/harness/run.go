package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// callTimeout bounds one call, the start of the aws command included.
const callTimeout = 60 * time.Second

// Clients are the constructors of every client, in the order in which tests
// run them.
var Clients = []struct {
	Name string
	New  func(*testing.T) Client
}{
	{"go-sdk", NewGoSDK},
	{"boto3", NewBoto3},
	{"js-sdk", NewJSSDK},
	{"aws-cli", NewAWSCLI},
}

// Run makes a case's calls in order against a new server and checks each
// answer. A step that fails ends the case, because later steps build on it.
//
// At the end, no secret that a step saved may be in what the server printed.
func Run(t *testing.T, client Client, store Store, c Case) {
	t.Helper()
	if len(c.Steps) == 0 {
		t.Fatalf("the case %q has no steps", c.Name)
	}
	r := runner{
		server:      StartServer(t, store),
		client:      client,
		vars:        variables{"account": AccountID},
		credentials: map[string]Credentials{},
	}
	r.keep("admin", Admin)
	r.keep("root", Root)
	for i, step := range c.Steps {
		if wrong := r.step(t, step); len(wrong) > 0 {
			t.Fatalf("step %d, %s: %s\n%s", i+1, describe(step), step.Note, strings.Join(wrong, "\n"))
		}
	}
	r.checkOutputOfServer(t)
}

// describe names a step in a failure.
func describe(step Step) string {
	if step.Restart != 0 {
		return fmt.Sprintf("restart by %s", step.Restart)
	}
	as := step.As
	if step.Credentials != nil {
		as = "credentials of its own"
	}
	return fmt.Sprintf("%s:%s as %s with %s", step.Service, step.Operation, as, printed(step.Params))
}

// runner is the state of one case.
type runner struct {
	server      *Server
	client      Client
	vars        variables
	credentials map[string]Credentials
}

// keep remembers credentials and makes their parts variables.
func (r *runner) keep(name string, c Credentials) {
	r.credentials[name] = c
	r.vars[name+".AccessKeyId"] = c.AccessKeyID
	r.vars[name+".SecretAccessKey"] = c.SecretAccessKey
	r.vars[name+".SessionToken"] = c.SessionToken
}

// step runs one step and returns what is wrong with it.
func (r *runner) step(t *testing.T, step Step) []string {
	t.Helper()
	if step.Restart != 0 {
		r.server.Restart(t, step.Restart)
		return nil
	}
	call, err := r.call(step)
	if err != nil {
		return []string{err.Error()}
	}
	ctx, cancel := context.WithTimeout(t.Context(), callTimeout)
	defer cancel()
	reply, err := r.client.Call(ctx, call)
	if err != nil {
		return []string{err.Error()}
	}
	if wrong := step.Want.check(reply, r.vars); len(wrong) > 0 {
		return wrong
	}
	return r.save(step, reply.Output)
}

// call fills the step's variables in.
func (r *runner) call(step Step) (Call, error) {
	params, err := r.vars.expandValue(step.Params)
	if err != nil {
		return Call{}, err
	}
	call := Call{
		Endpoint: r.server.URL, Service: step.Service, Operation: step.Operation, PageSize: step.PageSize,
	}
	call.Params, _ = params.(map[string]any) // nil when the step has none
	if step.Credentials == nil {
		known := false
		if call.Credentials, known = r.credentials[step.As]; !known {
			return Call{}, fmt.Errorf("no step has saved credentials called %q", step.As)
		}
		return call, nil
	}
	for _, part := range []struct {
		from string
		to   *string
	}{
		{step.Credentials.AccessKeyID, &call.Credentials.AccessKeyID},
		{step.Credentials.SecretAccessKey, &call.Credentials.SecretAccessKey},
		{step.Credentials.SessionToken, &call.Credentials.SessionToken},
	} {
		if *part.to, err = r.vars.expand(part.from, nil); err != nil {
			return Call{}, err
		}
	}
	return call, nil
}

// save stores the values that later steps use.
func (r *runner) save(step Step, output map[string]any) (wrong []string) {
	for name, path := range step.Save {
		value, ok := at(output, path)
		text, isText := value.(string)
		if !ok || !isText {
			wrong = append(wrong, fmt.Sprintf("%s to save as %s is not a string in %s", path, name, printed(output)))
			continue
		}
		r.vars[name] = text
	}
	for name, path := range step.SaveCredentials {
		value, _ := at(output, path)
		var c Credentials
		if err := json.Unmarshal([]byte(printed(value)), &c); err != nil || c.AccessKeyID == "" || c.SecretAccessKey == "" {
			wrong = append(wrong, fmt.Sprintf("%s has no credentials to save as %s", path, name))
			continue
		}
		r.keep(name, c)
	}
	return wrong
}

// checkOutputOfServer looks for secrets in the server's output. Those of the
// first start are excepted: the server prints them once, on purpose.
func (r *runner) checkOutputOfServer(t *testing.T) {
	t.Helper()
	printed := r.server.Output()
	for name, c := range r.credentials {
		if c == Admin || c == Root {
			continue
		}
		if strings.Contains(printed, c.SecretAccessKey) {
			t.Errorf("the server printed the secret access key of %s", name)
		}
		if c.SessionToken != "" && strings.Contains(printed, c.SessionToken) {
			t.Errorf("the server printed the session token of %s", name)
		}
	}
}
