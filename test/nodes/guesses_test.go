//go:build linux

package nodes

import (
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/internal/journal/postgres/pgtest"
	"sallyport/test/process"
)

var tokenField = regexp.MustCompile(`name="token" value="([^"]*)"`)

// signIn brings a name and a password to a node and returns the answer's status.
func signIn(s *process.Server, user, password string) (int, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return 0, err
	}
	client := &http.Client{Jar: jar, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := client.Get(s.URL + "/signin")
	if err != nil {
		return 0, err
	}
	page, err := io.ReadAll(r.Body)
	r.Body.Close() //nolint:errcheck // read to its end
	token := tokenField.FindSubmatch(page)
	if err != nil || token == nil {
		return 0, errors.Join(err, fmt.Errorf("no form: %d %s", r.StatusCode, page))
	}
	form := url.Values{"token": {html.UnescapeString(string(token[1]))}, "account": {process.Account}, "username": {user}, "password": {password}}
	post, err := http.NewRequest(http.MethodPost, s.URL+"/signin", strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	post.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	post.Header.Set("Sec-Fetch-Site", "same-origin")
	if r, err = client.Do(post); err != nil {
		return 0, err
	}
	r.Body.Close() //nolint:errcheck // not of interest
	return r.StatusCode, nil
}

// TestAttackGuessingOnTwoNodes: wrong passwords are bounded on both nodes together,
// at the same time and however the name is written, and so are guesses of the old
// password when it is changed.
func TestAttackGuessingOnTwoNodes(t *testing.T) {
	url := pgtest.Start(t).NewDatabase(t)
	nodes := []*process.Server{node(t, url), node(t, url)}
	const password, window = "Correct-Horse-1", 5 * time.Minute
	const user = "kate"
	m := newMember(nodes[0], user)
	nodes[0].MustAdmin("PutUserPolicy", "UserName", user, "PolicyName", "own", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ChangePassword","Resource":"*"}]}`)
	nodes[0].MustAdmin("CreateLoginProfile", "UserName", user, "Password", password)
	// Counting begins anew every five minutes of the clock, which must not be now.
	if left := time.Until(time.Now().Truncate(window).Add(window)); left < time.Minute {
		time.Sleep(left)
	}
	signedIn := guessSignIn(t, nodes, user, password)
	changed := guessChange(t, nodes, m, password)
	if want := map[int]int{403: 5, 429: 19 + 2}; fmt.Sprint(signedIn) != fmt.Sprint(want) {
		t.Errorf("sign-ins got %v, want %v", signedIn, want)
	}
	if want := map[string]int{"AccessDenied": 5, "EntityTemporarilyUnmodifiable": 3 + 2}; fmt.Sprint(changed) != fmt.Sprint(want) {
		t.Errorf("changes got %v, want %v", changed, want)
	}
}

// guessSignIn makes 24 attempts with wrong passwords at once, then one with the
// right password at each node, and counts the answers. The right one is good before.
func guessSignIn(t *testing.T, nodes []*process.Server, user, password string) map[int]int {
	t.Helper()
	for _, s := range nodes {
		if status, err := signIn(s, user, password); status != http.StatusSeeOther || err != nil {
			t.Fatalf("the right password got %d, %v", status, err)
		}
	}
	got := make(map[int]int)
	var mu sync.Mutex
	try := func(s *process.Server, user, password string) {
		status, err := signIn(s, user, password)
		for status == http.StatusServiceUnavailable && err == nil { // too many at once: not looked at
			status, err = signIn(s, user, password)
		}
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		got[status]++
	}
	spellings := []string{user, strings.ToUpper(user), strings.Replace(user, "k", "\u212a", 1)} // the Kelvin sign, in lower case a k
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() { try(nodes[i%2], spellings[i%3], fmt.Sprint("guess ", i)) })
	}
	all.Wait()
	for _, s := range nodes {
		try(s, user, password)
	}
	return got
}

// guessChange does the same with eight at once where passwords are changed.
func guessChange(t *testing.T, nodes []*process.Server, m member, password string) map[string]int {
	t.Helper()
	got := make(map[string]int)
	var mu sync.Mutex
	try := func(s *process.Server, old string) {
		r, err := s.Call(m.key, m.secret, "iam", "ChangePassword", "OldPassword", old, "NewPassword", "Another-Horse-2")
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		got[r.Code]++
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() { try(nodes[i%2], fmt.Sprint("Wrong-Horse-", i)) })
	}
	all.Wait()
	for _, s := range nodes {
		try(s, password)
	}
	return got
}
