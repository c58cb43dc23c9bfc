package authorize

import (
	"time"

	"sallyport/test/inprocess"
)

var makeReport = step{"iam:GenerateCredentialReport", nil}

var reportFixtures = map[string]fixture{
	makeReport.call:           {nil, nil, on("*"), step{}},
	"iam:GetCredentialReport": {[]step{makeReport}, nil, on("*"), step{}},
}

// untilDone repeats a call that begins something until it is done.
func untilDone(s *inprocess.Server, call step) {
	for s.Admin.Do(call.call, call.in).Text("State") != "COMPLETE" {
		time.Sleep(time.Millisecond)
	}
}
