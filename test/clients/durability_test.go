package clients

import (
	"syscall"

	"sallyport/test/clients/harness"
)

// durableCases restart the server, so they hold with drivers that keep data.
var durableCases = []harness.Case{
	{Name: "acknowledged changes outlive the process", Steps: []harness.Step{
		createUser("alice"),
		createKey("alice"),
		createUser("bob"),
		createKey("bob"),
		secondAccount,
		createRole("Worker", trust(userARN("alice"), nil)),
		putRolePolicy("Worker", "Read", document(allow("iam:GetRole", "*"))),
		assume("alice", "Worker", "work", nil, harness.Want{}),
		admin("UpdateAccessKey", P{"UserName": "bob", "AccessKeyId": "{{bob.AccessKeyId}}", "Status": "Inactive"}, harness.Want{}),
		{Restart: syscall.SIGKILL},
		whoami("admin", userARN("admin")),
		whoami("alice", userARN("alice")),
		whoami("second-admin", "arn:aws:iam::{{second}}:user/admin"),
		noted("the last acknowledged change before the kill", harness.Step{
			As: "bob", Service: "sts", Operation: "GetCallerIdentity", Want: invalidToken,
		}),
		noted("a session lives on", by("work", "GetRole", P{"RoleName": "Worker"}, harness.Want{})),
		admin("DeleteAccessKey", P{"UserName": "alice", "AccessKeyId": "{{alice.AccessKeyId}}"}, harness.Want{}),
		{Restart: syscall.SIGTERM},
		{As: "alice", Service: "sts", Operation: "GetCallerIdentity", Want: invalidToken},
		noted("the first start's account is not made again", admin("ListUsers", nil, harness.Want{Fields: P{"Users": harness.Count(3)}})),
	}},
}
