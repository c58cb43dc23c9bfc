package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sallyport/sigv4"
	"sallyport/test/clients/harness"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sallyport": main})
}

// TestScripts runs the transcripts of testdata: what a person types and reads.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			address, err := harness.FreeAddress()
			if err != nil {
				return err
			}
			_, port, err := net.SplitHostPort(address)
			env.Setenv("ADDR", address)
			env.Setenv("PORT", port)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("SALLYPORT_DATA", env.WorkDir+"/data")
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"ready": ready, "plain": plain, "certificate": certificate, "iam": iam, "mask": mask, "capture": capture, "sarif": sarif},
	})
}

// ready waits until a server is: ready URL.
func ready(ts *testscript.TestScript, _ bool, args []string) {
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // the test's own certificate
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		response, err := client.Get(args[0] + "/readyz")
		if err == nil {
			response.Body.Close() //nolint:errcheck // nothing was read
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s is not ready: %v", args[0], err)
		}
	}
}

// plain replaces what differs between runs in a file: plain FILE VALUE NAME….
func plain(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	for i := 1; i+1 < len(args); i += 2 {
		text = strings.ReplaceAll(text, args[i], args[i+1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// masked are values that differ between runs, and what stands for them.
var masked = []struct {
	value *regexp.Regexp
	name  string
}{
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "HASH"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\dT[0-9:.]+Z`), "TIME"},
	{regexp.MustCompile(`\b\d+ bytes`), "N bytes"},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "REQUEST"},
	{regexp.MustCompile(`AIDA[A-Z2-7]{17}`), "AIDA"},
}

// mask is plain that also replaces hashes, times, sizes and ids.
func mask(ts *testscript.TestScript, negated bool, args []string) {
	plain(ts, negated, args)
	text := ts.ReadFile(args[0])
	for _, m := range masked {
		text = m.value.ReplaceAllString(text, m.name)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// capture sets a variable to what the first group of a pattern matches in a
// file: capture NAME FILE PATTERN.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	match := regexp.MustCompile(args[2]).FindStringSubmatch(ts.ReadFile(args[1]))
	if match == nil {
		ts.Fatalf("%s does not match %s", args[1], args[2])
	}
	ts.Setenv(args[0], match[1])
}

// certificate makes a certificate for localhost: certificate CERT KEY.
func certificate(ts *testscript.TestScript, _ bool, args []string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	chain, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	ts.Check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: chain}), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
}

// iam makes a call of IAM as the server's admin: iam OPERATION NAME=VALUE…,
// where the value @FILE is what a file holds.
func iam(ts *testscript.TestScript, _ bool, args []string) {
	form := url.Values{"Action": {args[0]}, "Version": {"2010-05-08"}}
	for _, arg := range args[1:] {
		name, value, _ := strings.Cut(arg, "=")
		if file, ok := strings.CutPrefix(value, "@"); ok {
			value = ts.ReadFile(file)
		}
		form.Set(name, value)
	}
	body := form.Encode()
	request, err := http.NewRequest(http.MethodPost, "http://"+ts.Getenv("ADDR")+"/", strings.NewReader(body))
	ts.Check(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	request.Header.Set("User-Agent", "example-client/1.0 \u009b")
	ts.Check(sigv4.SignHTTP(request, sigv4.Credentials{
		AccessKeyID: ts.Getenv("SALLYPORT_ADMIN_ACCESS_KEY_ID"), SecretAccessKey: sigv4.Secret(ts.Getenv("SALLYPORT_ADMIN_SECRET_ACCESS_KEY")),
	}, sigv4.HashBody([]byte(body)), "iam", "us-east-1", time.Now()))
	response, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer response.Body.Close() //nolint:errcheck // read to its end or given up
	reply, err := io.ReadAll(response.Body)
	ts.Check(err)
	if response.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s", response.Status, reply)
	}
}

// sarif holds a report to what SARIF 2.1.0 requires, and to its one result:
// sarif FILE TAG RULE URI LINE.
func sarif(ts *testscript.TestScript, _ bool, args []string) {
	var log struct {
		Version string
		Schema  string `json:"$schema"`
		Runs    []struct {
			ColumnKind string
			Tool       struct {
				Driver struct {
					Name  string
					Rules []struct {
						ID, HelpURI string
						Properties  struct{ Tags []string }
					}
				}
			}
			Results []struct {
				RuleID, Level string
				RuleIndex     int
				Message       struct{ Text string }
				Locations     []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine, StartColumn, EndLine, EndColumn, ByteOffset, ByteLength int }
					}
				}
			}
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &log))
	if log.Version != "2.1.0" || !strings.Contains(log.Schema, "sarif-2.1.0") || len(log.Runs) != 1 {
		ts.Fatalf("not one run of SARIF 2.1.0: %+v", log)
	}
	run := log.Runs[0]
	if run.Tool.Driver.Name == "" || run.ColumnKind != "unicodeCodePoints" || len(run.Results) != 1 {
		ts.Fatalf("not one result of a named tool: %+v", run.Results)
	}
	result := run.Results[0]
	rule := run.Tool.Driver.Rules[result.RuleIndex]
	if result.RuleID != args[2] || rule.ID != args[2] || rule.Properties.Tags[0] != args[1] || rule.HelpURI == "" || result.Message.Text == "" || result.Level != "note" {
		ts.Fatalf("the result is %+v of rule %+v", result, rule)
	}
	at := result.Locations[0].PhysicalLocation
	if at.ArtifactLocation.URI != args[3] || strconv.Itoa(at.Region.StartLine) != args[4] || at.Region.StartColumn < 1 || at.Region.EndColumn <= at.Region.StartColumn || at.Region.ByteLength < 1 {
		ts.Fatalf("the result is at %+v", at)
	}
}
