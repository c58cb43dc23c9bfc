package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"sallyport/internal/app"
	"sallyport/internal/journal"
	"sallyport/internal/journal/memory"
	"sallyport/test/inprocess"
)

// TestRecordOfACall: what the request said about itself is on record, and no
// field of it can break out of its place.
func TestRecordOfACall(t *testing.T) {
	s := inprocess.New(t)
	r, body := s.Request("iam:CreateUser", inprocess.P{"UserName": "alice"})
	s.Admin.Sign(r, body, "iam")
	r.Header.Set("User-Agent", `aws-cli/2.0","errorCode":"Forged`)
	reply := s.Send(r)
	record := s.RecordOf(reply, inprocess.Account)
	if record.EventVersion != "1.11" || record.EventSource != "iam.amazonaws.com" || record.EventName != "CreateUser" ||
		!record.EventTime.Equal(s.Now()) || record.AWSRegion != "us-east-1" || record.SourceIPAddress != "127.0.0.1" ||
		record.UserAgent != `aws-cli/2.0","errorCode":"Forged` || record.ErrorCode != "" || record.ReadOnly ||
		record.UserIdentity["type"] != "IAMUser" || record.UserIdentity["accessKeyId"] != inprocess.AdminKey ||
		record.RequestParameters["userName"] != "alice" || record.ResponseElements["user"] == nil {
		t.Errorf("record %s", record.Raw)
	}
	if strings.Contains(record.Raw, "\n") {
		t.Errorf("a record of several lines: %q", record.Raw)
	}

	failed := s.Admin.Refused("iam:CreateUser", inprocess.P{"UserName": "alice"}, 409, "EntityAlreadyExists")
	record = s.RecordOf(failed, inprocess.Account)
	if record.ErrorMessage != failed.Message || record.ResponseElements != nil || record.Stream != "block" ||
		record.RequestParameters["userName"] != "alice" || record.ReadOnly {
		t.Errorf("record %s", record.Raw)
	}

	// Without a known caller the record is the account's whose key was claimed.
	r, body = s.Request("iam:ListUsers", nil)
	forger := *s.Admin
	forger.Credentials.SecretAccessKey = "guessed"
	forger.Sign(r, body, "iam")
	record = s.RecordOf(s.Refused(r, 403, "SignatureDoesNotMatch"), inprocess.Account)
	if record.UserIdentity["type"] != "Unknown" || record.UserIdentity["accessKeyId"] != inprocess.AdminKey || record.UserIdentity["arn"] != nil {
		t.Errorf("record %s", record.Raw)
	}
	r, _ = s.Request("iam:ListUsers", nil)
	record = s.RecordOf(s.Refused(r, 403, "MissingAuthenticationToken"), "")
	if record.UserIdentity["type"] != "Unknown" || record.EventName != "ListUsers" {
		t.Errorf("record %s", record.Raw)
	}
}

// TestRecordOfAssumedRole: row ct-017.
func TestRecordOfAssumedRole(t *testing.T) {
	s := inprocess.New(t)
	role := "arn:aws:iam::" + inprocess.Account + ":role/deploy"
	s.Admin.Do("iam:CreateRole", inprocess.P{"RoleName": "deploy", "AssumeRolePolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` +
		inprocess.Account + `"},"Action":"sts:AssumeRole"}]}`})
	reply := s.Admin.Do("sts:AssumeRole", inprocess.P{"RoleArn": role, "RoleSessionName": "s1", "DurationSeconds": "900"})
	record := s.RecordOf(reply, inprocess.Account)
	credentials, _ := record.ResponseElements["credentials"].(map[string]any)
	if !record.ReadOnly || record.SharedEventID != "" || len(record.Resources) != 1 ||
		record.Resources[0]["ARN"] != role || record.Resources[0]["accountId"] != inprocess.Account || record.Resources[0]["type"] != "AWS::IAM::Role" ||
		record.RequestParameters["roleArn"] != role || record.RequestParameters["roleSessionName"] != "s1" || record.RequestParameters["durationSeconds"] != 900.0 ||
		credentials["accessKeyId"] != reply.Text("AccessKeyId") || credentials["expiration"] != "Jan 2, 2026, 3:19:05 AM" ||
		credentials["secretAccessKey"] != nil || credentials["sessionToken"] != nil {
		t.Errorf("record %s", record.Raw)
	}
	// Issued credentials are on record before they are told: without waiting.
	if blocks, err := s.Journal.ReadBlocks(context.Background(), 0, 100); err != nil || len(blocks) == 0 {
		t.Errorf("no block is written: %v", err)
	}
}

// failingBlocks is a store that takes no audit blocks while it fails.
type failingBlocks struct {
	journal.Store
	failing atomic.Bool
}

func (f *failingBlocks) AppendBlocks(ctx context.Context, blocks []journal.Block) error {
	if f.failing.Load() {
		return journal.ErrFull
	}
	return f.Store.AppendBlocks(ctx, blocks)
}

// TestAttack25NothingOffTheRecord: while audit records can't be written no
// credentials are told, and nothing that was recorded is lost.
func TestAttack25NothingOffTheRecord(t *testing.T) {
	store := &failingBlocks{Store: memory.New()}
	s := inprocess.New(t, func(c *app.Config) { c.Journal = store })
	store.failing.Store(true)
	r, body := s.Request("sts:GetSessionToken", nil)
	s.Admin.Sign(r, body, "sts")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	told, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusServiceUnavailable || strings.Contains(string(told), "SecretAccessKey") || strings.Contains(string(told), "SessionToken>") {
		t.Errorf("%d %s", response.StatusCode, string(told))
	}
	s.Admin.Refused("iam:GetUser", inprocess.P{"UserName": "nobody"}, 404, "NoSuchEntity") // gathered, and written later
	store.failing.Store(false)
	s.Admin.Do("sts:GetSessionToken", nil)
}

// failingCommits is a store that takes no commits while it fails.
type failingCommits struct {
	journal.Store
	failing atomic.Bool
}

func (f *failingCommits) Commit(ctx context.Context, b journal.Batch) error {
	if f.failing.Load() {
		return journal.ErrFull
	}
	return f.Store.Commit(ctx, b)
}

// TestFullStore: a change that can't be stored is not made and not told as
// made; reads go on.
func TestFullStore(t *testing.T) {
	store := &failingCommits{Store: memory.New()}
	s := inprocess.New(t, func(c *app.Config) { c.Journal = store })
	store.failing.Store(true)
	before := s.Dump()
	reply := s.Admin.Call("iam:CreateUser", inprocess.P{"UserName": "alice"})
	if reply.Status < 500 || strings.Contains(reply.Body, "journal") {
		t.Errorf("%d %s", reply.Status, reply.Body)
	}
	s.Admin.Refused("iam:GetUser", inprocess.P{"UserName": "alice"}, 404, "NoSuchEntity")
	if s.Dump() != before {
		t.Error("the state changed")
	}
	store.failing.Store(false)
	s.Admin.Do("iam:CreateUser", inprocess.P{"UserName": "alice"})
}

// unreachableSecrets is a store whose secrets can't be read while it fails.
type unreachableSecrets struct {
	journal.Store
	failing atomic.Bool
}

func (u *unreachableSecrets) LoadSecret(ctx context.Context, id journal.StreamID, secret string) ([]byte, error) {
	if u.failing.Load() {
		return nil, fmt.Errorf("%w: no route", journal.ErrUnavailable)
	}
	return u.Store.LoadSecret(ctx, id, secret)
}

// TestUnreachableStore: what must be read to answer and can't be is a temporary
// failure, in a call that changes nothing too.
func TestUnreachableStore(t *testing.T) {
	store := &unreachableSecrets{Store: memory.New()}
	s := inprocess.New(t, func(c *app.Config) { c.Journal = store })
	store.failing.Store(true)
	s.Root.Refused("sts:GetCallerIdentity", nil, 503, "ServiceUnavailable")
	store.failing.Store(false)
	s.Root.Do("sts:GetCallerIdentity", nil)
}

// TestUnreadableBody: a connection that breaks in the middle of a body is no
// request.
func TestUnreadableBody(t *testing.T) {
	s := inprocess.New(t)
	before := s.Dump()
	r, body := s.Request("iam:CreateUser", inprocess.P{"UserName": "alice"})
	s.Admin.Sign(r, body, "iam")
	r.Body, r.GetBody = io.NopCloser(iotest.ErrReader(errors.New("broken"))), nil
	if _, err := s.TrySend(r); err == nil {
		t.Error("a request whose body could not be read was answered")
	}
	if s.Dump() != before {
		t.Error("the state changed")
	}
}
