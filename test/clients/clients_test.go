package clients

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"sallyport/test/clients/harness"
)

func TestMain(m *testing.M) {
	if os.Getenv(ambientVariable) != "" { // this is the client of a test
		ambientGo()
		return
	}
	harness.Main(m)
}

// P is a call's parameters, or any JSON object in them.
type P = map[string]any

// List is a JSON list.
type List = []any

// everywhere are the cases that hold with every driver.
var everywhere = slices.Concat(
	[]harness.Case{walkThrough},
	accountCases,
	credentialCases,
	certificateCases,
	denialCases,
	entityCases,
	linkedRoleCases,
	policyCases,
	providerCases,
	sessionCases,
	federationCases,
)

// caseCount is the number of cases in all lists, so that a lost list is
// noticed.
const caseCount = 36

// cases are those that a server with the store must pass. What its process leaves
// in memory is gone after a restart.
func cases(store harness.Store) []harness.Case {
	if store == harness.Memory {
		return everywhere
	}
	return slices.Concat(everywhere, durableCases)
}

func TestCases(t *testing.T) {
	if got := len(everywhere) + len(durableCases); got != caseCount {
		t.Errorf("%d cases, want %d", got, caseCount)
	}
	names := map[string]bool{}
	for _, c := range slices.Concat(everywhere, durableCases) {
		if names[c.Name] {
			t.Errorf("two cases are called %q", c.Name)
		}
		names[c.Name] = true
	}
	for _, client := range harness.Clients {
		for _, store := range harness.Stores {
			t.Run(client.Name+"/"+string(store), func(t *testing.T) {
				t.Parallel()
				if testing.Short() && client.Name == "aws-cli" {
					t.Skip("the aws CLI takes minutes; -short leaves it to the full run")
				}
				client := client.New(t)
				for _, c := range cases(store) {
					t.Run(c.Name, func(t *testing.T) {
						t.Parallel() // each case has a server of its own
						harness.Run(t, client, store, c)
					})
				}
			})
		}
	}
}

// document prints a policy with these statements.
func document(statements ...P) string {
	text, err := json.Marshal(P{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func allow(action, resource any) P {
	return P{"Effect": "Allow", "Action": action, "Resource": resource}
}

func deny(action, resource any) P {
	return P{"Effect": "Deny", "Action": action, "Resource": resource}
}

// trust is a role's trust policy for one principal; condition may be nil.
func trust(principal string, condition P) string {
	statement := P{"Effect": "Allow", "Principal": P{"AWS": principal}, "Action": "sts:AssumeRole"}
	if condition != nil {
		statement["Condition"] = condition
	}
	return document(statement)
}

// ARNs of the account under test.
func userARN(name string) string   { return "arn:aws:iam::{{account}}:user/" + name }
func roleARN(name string) string   { return "arn:aws:iam::{{account}}:role/" + name }
func policyARN(name string) string { return "arn:aws:iam::{{account}}:policy/" + name }
func sessionARN(role, session string) string {
	return "arn:aws:sts::{{account}}:assumed-role/" + role + "/" + session
}

// The clauses of an access denied message.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html.
const (
	noIdentityPolicy = "because no identity-based policy allows the %s action"
	noBoundary       = "because no permissions boundary allows the %s action"
	noSessionPolicy  = "because no session policy allows the %s action"
)

// The steps that many cases begin with.

func createUser(name string) harness.Step {
	return harness.Step{As: "admin", Service: "iam", Operation: "CreateUser", Params: P{"UserName": name}}
}

// createKey makes an access key and calls its credentials by the user's name.
func createKey(user string) harness.Step {
	return harness.Step{
		As: "admin", Service: "iam", Operation: "CreateAccessKey", Params: P{"UserName": user},
		Want: harness.Want{Fields: P{
			"AccessKey.UserName":        user,
			"AccessKey.Status":          "Active",
			"AccessKey.AccessKeyId":     harness.Match(`^AKIA[A-Z2-7]{16}$`),
			"AccessKey.SecretAccessKey": harness.Match(`^[A-Za-z0-9/+]{40}$`),
		}},
		SaveCredentials: map[string]string{user: "AccessKey"},
	}
}

func putUserPolicy(user, name, text string) harness.Step {
	return harness.Step{
		As: "admin", Service: "iam", Operation: "PutUserPolicy",
		Params: P{"UserName": user, "PolicyName": name, "PolicyDocument": text},
	}
}

func createPolicy(name, text string) harness.Step {
	return harness.Step{
		As: "admin", Service: "iam", Operation: "CreatePolicy",
		Params: P{"PolicyName": name, "PolicyDocument": text},
		Want:   harness.Want{Fields: P{"Policy.Arn": policyARN(name), "Policy.DefaultVersionId": "v1"}},
	}
}

func createRole(name, trustPolicy string) harness.Step {
	return harness.Step{
		As: "admin", Service: "iam", Operation: "CreateRole",
		Params: P{"RoleName": name, "AssumeRolePolicyDocument": trustPolicy},
		Want:   harness.Want{Fields: P{"Role.Arn": roleARN(name), "Role.RoleId": harness.Match(`^AROA[A-Z2-7]{17}$`)}},
	}
}

func putRolePolicy(role, name, text string) harness.Step {
	return harness.Step{
		As: "admin", Service: "iam", Operation: "PutRolePolicy",
		Params: P{"RoleName": role, "PolicyName": name, "PolicyDocument": text},
	}
}

// admin is a call of IAM by the administrator.
func admin(operation string, params P, want harness.Want) harness.Step {
	return harness.Step{As: "admin", Service: "iam", Operation: operation, Params: params, Want: want}
}

// by is a call of IAM by someone else.
func by(as, operation string, params P, want harness.Want) harness.Step {
	return harness.Step{As: as, Service: "iam", Operation: operation, Params: params, Want: want}
}

// whoami is sts:GetCallerIdentity, which needs no permission.
func whoami(as, arn string) harness.Step {
	return harness.Step{
		As: as, Service: "sts", Operation: "GetCallerIdentity",
		Want: harness.Want{Fields: P{"Arn": arn, "Account": harness.Match(`^\d{12}$`)}},
	}
}

// noted adds a note to a step.
func noted(note string, step harness.Step) harness.Step {
	step.Note = note
	return step
}

// Outcomes.

func notFound(message string) harness.Want {
	return harness.Want{Code: "NoSuchEntity", Status: 404, Message: message}
}

func conflict(code, message string) harness.Want {
	return harness.Want{Code: code, Status: 409, Message: message}
}

// denied is an implicit denial with AWS's message; clause is one of the
// constants above.
func denied(caller, action, resource, clause string) harness.Want {
	return harness.Want{
		Code: "AccessDenied", Status: 403,
		Message: "User: " + caller + " is not authorized to perform: " + action + " on resource: " + resource +
			" " + strings.ReplaceAll(clause, "%s", action),
	}
}
