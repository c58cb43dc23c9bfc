package authorize

import "sallyport/test/inprocess"

// signsIn stands for alice signing in to the console, which is no operation.
const signsIn = "signs in to the console"

var (
	givePassword  = step{"iam:CreateLoginProfile", p{"UserName": "alice", "Password": "Correct-Horse-1"}}
	signInAlice   = step{call: signsIn}
	aliceSessions = step{"sallyport:ListConsoleSessions", p{"PrincipalArn": alice}}
)

var sessionFixtures = map[string]fixture{
	"sallyport:ListConsoleSessions":  {[]step{makeAlice, givePassword, signInAlice}, aliceSessions.in, on(alice), step{}},
	"sallyport:RevokeConsoleSession": {[]step{makeAlice, givePassword, signInAlice, aliceSessions}, p{"SessionId": madeID}, on(alice), aliceSessions},
}

// signIn signs alice in.
func signIn(s *inprocess.Server) {
	if page := s.Browser().SignIn("alice", "Correct-Horse-1"); page.Path != "/console/" {
		s.Fatalf("signing in leads to %s", page.Path)
	}
}
