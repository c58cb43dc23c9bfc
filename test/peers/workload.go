package peers

import "fmt"

const (
	account = "111122223333"
	team    = "blue"
)

// networks are of the IpAddress condition; a request from inside has a source
// address of the second.
var networks = []string{"10.0.0.0/8", "192.0.2.0/24"}

// A statement is one statement of a workload, in no language yet. Wildcards are
// "*" and match any text.
type statement struct {
	deny               bool
	actions, resources []string
	conditional        bool // aws:PrincipalTag/team must be team, aws:SourceIp in networks
}

// A request asks about one action. It has an address and a team that satisfy the
// conditions.
type request struct {
	action, resource, address, team string
}

// A workload is policies and 10,000 distinct requests about them.
type workload struct {
	name     string
	policies [][]statement
	requests []request
	want     []bool
}

// requestCount is how many distinct requests a workload has, so that remembering
// earlier answers does not help.
const requestCount = 10_000

// verbs begin the names of actions.
var verbs = []string{"Get", "List", "Put", "Delete", "Describe"}

// letters tells the actions of a policy's statements apart: two letters.
func letters(statement int) string {
	return string([]rune{rune('A' + statement/26), rune('a' + statement%26)})
}

func service(policy int) string { return fmt.Sprintf("service%c", 'a'+policy) }

// shape makes the statements of a policy: five actions and three resources with
// wildcards, a condition on every other one. The last two statements are about
// the same action: one allows it, the other denies it on one of the resources.
func shape(policy, statements int, same bool) []statement {
	list := make([]statement, statements)
	for j := range list {
		s := &list[j]
		s.conditional = j%2 == 0
		for _, verb := range verbs {
			switch {
			case same: // W5: all statements are about the request's action
				s.actions = append(s.actions, fmt.Sprintf("%s:%s*", service(0), verb))
			default:
				s.actions = append(s.actions, fmt.Sprintf("%s:%s%s*", service(policy), verb, letters(j)))
			}
		}
		for k := range 3 {
			s.resources = append(s.resources, fmt.Sprintf("arn:aws:%s:*:%s:team-%d-%d-%d/*", owner(policy, same), account, policy, j, k))
		}
	}
	allowing, denying := &list[statements-2], &list[statements-1]
	denying.deny, denying.conditional = true, false
	denying.actions = allowing.actions
	denying.resources = allowing.resources[2:]
	return list
}

func owner(policy int, same bool) string {
	if same {
		return service(0)
	}
	return service(policy)
}

// makeWorkload makes policies and requests about the last of them: a third is
// allowed by its last allowing statement, a third by none, and a third denied.
func makeWorkload(name string, policies, statements int, same bool) workload {
	w := workload{name: name}
	for i := range policies {
		w.policies = append(w.policies, shape(i, statements, same))
	}
	last, of := policies-1, owner(policies-1, same)
	for n := range requestCount {
		r := request{
			action:  fmt.Sprintf("%s:%s%sObject%d", of, verbs[n%len(verbs)], letters(statements-2), n%100),
			address: fmt.Sprintf("192.0.2.%d", n%256), team: team,
		}
		group, allowed := "", false
		switch n % 3 {
		case 0:
			group, allowed = fmt.Sprintf("team-%d-%d-%d", last, statements-2, n%2), true
		case 1:
			group = "team-none"
		case 2:
			group = fmt.Sprintf("team-%d-%d-2", last, statements-2)
		}
		r.resource = fmt.Sprintf("arn:aws:%s:us-east-1:%s:%s/data/2026/object-%d.json", of, account, group, n)
		w.requests, w.want = append(w.requests, r), append(w.want, allowed)
	}
	return w
}

// workloads are the sizes that are compared.
func workloads() []workload {
	return []workload{
		makeWorkload("W1", 2, 3, false),
		makeWorkload("W2", 10, 5, false),
		makeWorkload("W3", 20, 50, false),
		makeWorkload("W4", 10, 100, false),
		makeWorkload("W5", 20, 50, true),
	}
}
