package sts_test

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"sallyport/internal/ident"
	"sallyport/internal/sts"
	"sallyport/test/inprocess"
)

// sized holds a reply to what it says of its token, and returns the token's size.
func sized(t *testing.T, reply *inprocess.Reply) int {
	t.Helper()
	size := len(reply.Credentials().SessionToken)
	if got := reply.Text("SessionTokenSize"); got != strconv.Itoa(size) {
		t.Errorf("SessionTokenSize is %s of a token of %d bytes", got, size)
	}
	if got, want := reply.Text("SessionTokenUtilization"), strconv.Itoa((size*100+4095)/4096); got != want {
		t.Errorf("SessionTokenUtilization is %s, want %s", got, want)
	}
	return size
}

// TestSessionTokenSize: tokens are as long as a request asks for, and every operation
// that issues one says how long it is.
func TestSessionTokenSize(t *testing.T) {
	s := deploying(t)
	for _, call := range []struct {
		name string
		in   p
	}{{"sts:AssumeRole", assume}, {"sts:GetSessionToken", p{}}, {"sts:GetFederationToken", p{"Name": "kiosk"}}} {
		plain := sized(t, s.Admin.Do(call.name, call.in))
		for _, least := range []int{0, 1, plain, 2000, 2001, 2002, 2003, 4096} {
			in := with(call.in, "MinimumSessionTokenSize", strconv.Itoa(least))
			reply := s.Admin.Do(call.name, in)
			if size := sized(t, reply); size < max(least, plain) || size > max(least, plain)+3 {
				t.Errorf("%s with at least %d bytes: a token of %d", call.name, least, size)
			}
			s.Client(reply.Credentials()).Do("sts:GetCallerIdentity", nil)
		}
		s.Admin.Refused(call.name, with(call.in, "MinimumSessionTokenSize", "4097"), 400, "ValidationError")
	}
}

func TestFederatedTokenSize(t *testing.T) {
	w := newWeb(t)
	if size := sized(t, w.do(w.good(), p{"MinimumSessionTokenSize": "3000"})); size != 3000 {
		t.Errorf("a web identity's token has %d bytes", size)
	}
	x := newSAML(t)
	if size := sized(t, x.do(x.good(), p{"MinimumSessionTokenSize": "3000"})); size != 3000 {
		t.Errorf("a token by SAML has %d bytes", size)
	}
}

// TestSessionTokensWork: a session that is issued can be used, however much it has to
// say; what doesn't fit is refused when it is asked for.
func TestSessionTokensWork(t *testing.T) {
	s := deploying(t)
	in := maps.Clone(assume)
	for i := range 50 {
		member := "Tags.member." + strconv.Itoa(i+1)
		in[member+".Key"], in[member+".Value"] = fmt.Sprintf("%0*d", 128, i), strings.Repeat("語", 256)
	}
	in["Policy"] = allowAll + strings.Repeat(" ", 2048-len(allowAll))
	reply := s.Admin.Do("sts:AssumeRole", in)
	if size := sized(t, reply); size > sts.MaxTokenBytes {
		t.Errorf("a token of %d bytes", size)
	}
	s.Client(reply.Credentials()).Do("iam:ListUsers", nil)

	fits, n := maps.Clone(assume), 0
	for ; n < 50; n++ {
		member := "Tags.member." + strconv.Itoa(n+1)
		fits[member+".Key"], fits[member+".Value"] = strconv.Itoa(n), ident.New(nil).Token(128)
		r := s.Admin.Call("sts:AssumeRole", fits)
		if r.Status != 200 {
			s.Admin.Refused("sts:AssumeRole", fits, 400, "PackedPolicyTooLarge")
			break
		}
		s.Client(r.Credentials()).Do("sts:GetCallerIdentity", nil)
	}
	if n < 10 || n == 50 {
		t.Errorf("%d tags fit", n)
	}
}
