package authorize

import (
	"net/http"
	"testing"

	"sallyport/internal/app"
)

// rootGets are the errors by which the root user is answered: what is not for it,
// and a message that is none of this server's.
var rootGets = map[string]string{
	"sts:AssumeRole":                 "AccessDenied",
	"iam:ChangePassword":             "InvalidUserType",
	"sts:DecodeAuthorizationMessage": "InvalidAuthorizationMessageException",
}

// TestRootMayDoEverything: the root user needs no policy for any operation.
func TestRootMayDoEverything(t *testing.T) {
	called := 0
	for _, d := range app.Operations().All() {
		name := d.Op.Service.SigningName + ":" + d.Op.Name
		f, ok := fixtures[name]
		if !ok {
			continue
		}
		called++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _, in := probed(t, f)
			if made, ok := ownMade(f.in); ok {
				in = made.by(s, s.Root, in)
			}
			reply := s.Root.Call(name, in)
			if code := rootGets[name]; reply.Code != code || code == "" && reply.Status != http.StatusOK {
				t.Errorf("%d %s: %s", reply.Status, reply.Code, reply.Message)
			}
		})
	}
	if called < 150 {
		t.Errorf("only %d operations were called", called)
	}
}
