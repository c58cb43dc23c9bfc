package authorize

import (
	"time"

	"sallyport/test/inprocess"
)

var (
	makeReport = step{"iam:GenerateCredentialReport", nil}
	findAccess = step{"iam:GenerateServiceLastAccessedDetails", p{"Arn": alice}}
)

// ownJob stands for the job of a findAccess of the probe's: only who began a job may
// see it.
const ownJob = "00000000-0000-0000-0000-000000000000"

var reportFixtures = map[string]fixture{
	findAccess.call:                                 {[]step{makeAlice}, findAccess.in, on(alice), step{}},
	"iam:GetServiceLastAccessedDetails":             {[]step{makeAlice}, p{"JobId": ownJob}, on("*"), step{}},
	"iam:GetServiceLastAccessedDetailsWithEntities": {[]step{makeAlice}, p{"JobId": ownJob, "ServiceNamespace": "iam"}, on("*"), step{}},
	"iam:ListPoliciesGrantingServiceAccess":         {[]step{makeAlice}, p{"Arn": alice, "ServiceNamespaces.member.1": "iam"}, on(alice), step{}},
	makeReport.call:                                 {nil, nil, on("*"), step{}},
	"iam:GetCredentialReport":                       {[]step{makeReport}, nil, on("*"), step{}},
}

// untilDone repeats a call that begins something until it is done.
func untilDone(s *inprocess.Server, call step) {
	for s.Admin.Do(call.call, call.in).Text("State") != "COMPLETE" {
		time.Sleep(time.Millisecond)
	}
}
