package reports_test

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/iamtest"
	"sallyport/internal/iam/reports"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// generate asks for a credential report and returns how far it is.
func generate(f *iamtest.Fixture) *iamapi.GenerateCredentialReportResponse {
	f.Helper()
	return iamtest.Do[iamapi.GenerateCredentialReportResponse](f, f.Root(), "GenerateCredentialReport", &iamapi.GenerateCredentialReportRequest{})
}

func getReport(f *iamtest.Fixture) *iamapi.GetCredentialReportResponse {
	f.Helper()
	return iamtest.Do[iamapi.GetCredentialReportResponse](f, f.Root(), "GetCredentialReport", &iamapi.GetCredentialReportRequest{})
}

// noReport holds GetCredentialReport to that refusal.
func noReport(f *iamtest.Fixture, code, message string) {
	f.Helper()
	f.Fails(f.Root(), "GetCredentialReport", &iamapi.GetCredentialReportRequest{}, code, message)
}

const (
	stillMade = "The credential report is still being generated."
	tooOld    = "The most recent credential report has expired."
)

// Rows iam-215, iam-216 and iam-217, and the four hours of a report.
func TestCredentialReportIsMadeInTheBackground(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	f.AddUser("alice")
	noReport(f, "ReportNotPresent", "")
	f.WantChecks(operation.Check{Action: "iam:GetCredentialReport", Resource: "*"})

	started := &iamapi.GenerateCredentialReportResponse{
		State: new("STARTED"), Description: new("No report exists. Starting a new report generation task"),
	}
	iamtest.WantEqual(t, "first", started, generate(f))
	f.WantChecks(operation.Check{Action: "iam:GenerateCredentialReport", Resource: "*"})
	iamtest.WantEqual(t, "while it is made", &iamapi.GenerateCredentialReportResponse{State: new("INPROGRESS")}, generate(f))
	noReport(f, "ReportInProgress", stillMade)
	if len(f.Tasks) != 1 {
		t.Fatalf("%d reports are being made", len(f.Tasks))
	}
	f.AddUser("bob") // later than the report
	if err := f.RunTasks(); err != nil {
		t.Fatal(err)
	}
	iamtest.WantEqual(t, "once made", &iamapi.GenerateCredentialReportResponse{State: new("COMPLETE")}, generate(f))
	first := getReport(f)
	if text := string(first.Content); !strings.Contains(text, "\nalice,") || strings.Contains(text, "bob") || *first.ReportFormat != "text/csv" {
		t.Errorf("the report is %s: %s", *first.ReportFormat, text)
	}
	f.Fails(f.RootOf(iamtest.OtherAccount), "GetCredentialReport", &iamapi.GetCredentialReportRequest{}, "ReportNotPresent", "")

	f.Advance(4*time.Hour - time.Minute)
	iamtest.WantEqual(t, "for four hours", first, getReport(f))
	iamtest.WantEqual(t, "for four hours", "COMPLETE", *generate(f).State)
	f.Advance(time.Minute)
	noReport(f, "ReportExpired", tooOld)
	iamtest.WantEqual(t, "after that", started, generate(f))
	noReport(f, "ReportInProgress", stillMade)
	if err := f.RunTasks(); err != nil {
		t.Fatal(err)
	}
	second := getReport(f)
	if !strings.Contains(string(second.Content), "\nbob,") || !second.GeneratedTime.After(*first.GeneratedTime) {
		t.Errorf("the second report of %v: %s", second.GeneratedTime, second.Content)
	}
}

// A report that fails, or whose node stopped, is soon made anew.
func TestCredentialReportIsGivenUp(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	u := f.AddUser("alice")
	f.Change(func(tx *state.Tx) error {
		iam.AccessKeys.Put(tx, "AKIAEXAMPLE1", &iam.AccessKey{ID: "AKIAEXAMPLE1", User: u.ID})
		return nil
	})
	f.Usage.Err = errors.New("the disk is gone")
	generate(f)
	if err := f.RunTasks(); !errors.Is(err, f.Usage.Err) {
		t.Errorf("the failure is %v", err)
	}
	noReport(f, "ReportNotPresent", "")
	f.Usage.Err = nil

	iamtest.WantEqual(t, "after a failure", "STARTED", *generate(f).State)
	lost := f.Tasks
	f.Tasks = nil
	f.Advance(5 * time.Minute)
	noReport(f, "ReportNotPresent", "")
	iamtest.WantEqual(t, "after a stop", "STARTED", *generate(f).State)
	if err := f.RunTasks(); err != nil {
		t.Fatal(err)
	}
	// One that fails late does not take the newer one away.
	f.Usage.Err = errors.New("late")
	if err := lost[0](context.Background()); !errors.Is(err, f.Usage.Err) {
		t.Errorf("the failure is %v", err)
	}
	getReport(f)
	// What can't be read is no report.
	if err := f.Env.Facts.Put(context.Background(), "credential-report/"+iamtest.Account, []byte("{"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	noReport(f, "ReportNotPresent", "")
}

// Row iam-218: the columns, and what is in them.
func TestCredentialReportContent(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	at := func(n int) time.Time { return time.Date(2016, 5, 16, 18, 13, n, 999e6, time.UTC) }
	shown := func(n int) string { return fmt.Sprintf("2016-05-16T18:13:%02d+00:00", n) }
	add := func(name, path string) *iam.User {
		u := &iam.User{ID: f.Env.Ident.UserID(), Name: name, Path: path, Created: at(0)}
		f.Change(func(tx *state.Tx) error { iam.Users.Put(tx, u.ID, u); return nil })
		return u
	}
	add("Zoe", "/")
	alice, carol := add("alice", "/staff/"), add("carol,=1+1", "/")
	alice.PasswordLastUsed = new(at(9))
	key := func(id, user string, n int, active bool) *iam.AccessKey {
		return &iam.AccessKey{ID: id, User: user, Active: active, Created: at(n)}
	}
	f.Change(func(tx *state.Tx) error {
		account, _ := iam.Accounts.Get(tx, iam.AccountKey)
		changed := *account
		changed.Created = at(1)
		iam.Accounts.Put(tx, iam.AccountKey, &changed)
		iam.PasswordPolicies.Put(tx, iam.AccountKey, &iam.PasswordPolicy{MaxAgeDays: 1})
		iam.Users.Put(tx, alice.ID, alice)
		iam.LoginProfiles.Put(tx, iam.RootLogin, &iam.LoginProfile{Created: at(1), Changed: at(1)})
		iam.LoginProfiles.Put(tx, alice.ID, &iam.LoginProfile{Created: at(1), Changed: at(2)})
		iam.LoginProfiles.Put(tx, carol.ID, &iam.LoginProfile{Created: at(1), Changed: at(3)})
		// The older key is the first, whatever its id.
		for _, k := range []*iam.AccessKey{key("AKIA2", alice.ID, 4, true), key("AKIA1", alice.ID, 5, false), key("AKIA3", "", 6, true)} {
			iam.AccessKeys.Put(tx, k.ID, k)
		}
		for i, c := range []*iam.SigningCertificate{{ID: "B", Active: true, Uploaded: at(7)}, {ID: "A", Uploaded: at(8)}} {
			sum := sha256.Sum256([]byte{byte(i)})
			c.Fingerprint = hex.EncodeToString(sum[:])
			iam.SigningCertificates.Put(tx, iam.CredentialKey(alice.ID, c.ID), c)
		}
		iam.MFADevices.Put(tx, "device", &iam.MFADevice{ID: "device", Kind: iam.MFAVirtual, Path: "/", Name: "phone", Owner: alice.ID})
		return nil
	})
	f.Usage.Keys["AKIA2"] = iam.LastUsed{At: at(10), Service: "iam", Region: "us-east-1"}
	generate(f)
	if err := f.RunTasks(); err != nil {
		t.Fatal(err)
	}
	const none = ",N/A,N/A,N/A"
	want := strings.Join([]string{
		"user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active," +
			"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service," +
			"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service," +
			"cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated",
		"<root_account>," + f.ARN("root") + "," + shown(1) + ",not_supported,no_information,not_supported,not_supported,false," +
			"true," + shown(6) + none + ",false,N/A" + none + ",false,N/A,false,N/A",
		"alice," + f.ARN("user/staff/alice") + "," + shown(0) + ",true," + shown(9) + "," + shown(2) + ",2016-05-17T18:13:02+00:00,true," +
			"true," + shown(4) + "," + shown(10) + ",us-east-1,iam,false," + shown(5) + none + ",true," + shown(7) + ",false," + shown(8),
		`"carol,=1+1","` + f.ARN("user/carol,=1+1") + `",` + shown(0) + ",true,no_information," + shown(3) + ",2016-05-17T18:13:03+00:00,false," +
			"false,N/A" + none + ",false,N/A" + none + ",false,N/A,false,N/A",
		"Zoe," + f.ARN("user/Zoe") + "," + shown(0) + ",false,N/A,N/A,N/A,false," +
			"false,N/A" + none + ",false,N/A" + none + ",false,N/A,false,N/A",
	}, "\n")
	iamtest.WantEqual(t, "report", want, string(getReport(f).Content))
}

// A large report is kept in several parts and is whole again.
func TestCredentialReportOfManyUsers(t *testing.T) {
	f := iamtest.New(t, reports.Operations)
	const users = 5000
	f.Change(func(tx *state.Tx) error {
		for i := range users {
			sum := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
			path := "/"
			for n := range 7 { // text that does not compress well
				sum = sha256.Sum256(append(sum[:], byte(n)))
				path += hex.EncodeToString(sum[:]) + "/"
			}
			u := &iam.User{ID: f.Env.Ident.UserID(), Name: fmt.Sprintf("user%04d", i), Path: path, Created: tx.Now()}
			iam.Users.Put(tx, u.ID, u)
		}
		return nil
	})
	generate(f)
	if err := f.RunTasks(); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(getReport(f).Content))).ReadAll()
	if err != nil || len(rows) != users+2 || rows[users+1][0] != "user4999" {
		t.Errorf("%d rows: %v", len(rows), err)
	}
}
