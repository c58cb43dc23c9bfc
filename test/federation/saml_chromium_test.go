package federation

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"sallyport/internal/federation/samltest"
	"sallyport/test/debian"
)

// TestSAMLChromium: a browser takes the cookie that comes with the answer to another
// site's form, and brings it along to the page where a role is chosen; the session's
// cookie, if there is one, comes with it.
func TestSAMLChromium(t *testing.T) {
	chromium, err := debian.Chromium()
	if err != nil {
		t.Fatal(err)
	}
	idp := samltest.New(t, time.Now())
	w := startWorld(t, idp.Metadata())
	// The provider's page, of another site than the server's "localhost", posts by
	// itself; its browser lets scripts run there.
	page := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		a := idp.Assertion(roleARN+"reader", providerARN, time.Now())
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		rw.Write([]byte(`<!DOCTYPE html><title>Provider</title><form method="post" action="` + w.public + `/saml">` + //nolint:errcheck // the browser is gone
			`<input type="hidden" name="SAMLResponse" value="` + html.EscapeString(idp.Sign(a)) + `"></form><script>document.forms[0].submit()</script>`))
	}))
	defer page.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
		"--virtual-time-budget=10000", "--dump-dom", page.URL)
	command.Env = append(os.Environ(), "HOME="+t.TempDir())
	command.WaitDelay = 10 * time.Second
	out, err := command.Output()
	if err != nil {
		t.Fatalf("Chromium: %v\n%s", err, out)
	}
	shown := html.UnescapeString(string(out))
	if !strings.Contains(shown, "you are <strong>alice</strong>") || !strings.Contains(shown, roleARN+"reader,"+providerARN) {
		t.Errorf("Chromium shows\n%s", shown)
	}
}
