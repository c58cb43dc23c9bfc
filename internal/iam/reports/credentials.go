package reports

import (
	"bytes"
	"context"
	"encoding/csv"
	"slices"
	"strconv"
	"time"

	"sallyport/internal/iam"
	"sallyport/internal/state"
)

// The credential report has a row for the root user and for each user, by name
// (row iam-218;
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html).

// reportHeader names the columns.
var reportHeader = []string{
	"user", "arn", "user_creation_time",
	"password_enabled", "password_last_used", "password_last_changed", "password_next_rotation", "mfa_active",
	"access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
	"access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date", "access_key_2_last_used_region", "access_key_2_last_used_service",
	"cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
}

const (
	reportRoot = "<root_account>"
	// notThere stands for what somebody has not, or never used.
	notThere = "N/A"
	// notSupported is what the report does not say of the root user.
	notSupported = "not_supported"
	// noInformation is a password's last use when it was never used.
	noInformation = "no_information"
	// reportTime writes times in UTC, as AWS does here alone.
	reportTime = "2006-01-02T15:04:05+00:00"
	// slots is how many access keys and certificates have columns: the oldest.
	slots = 2
)

// credentialReport writes the report as CSV, without a line feed at its end.
func credentialReport(ctx context.Context, r state.Reader, usage iam.Usage) ([]byte, error) {
	account, ok := iam.Accounts.Get(r, iam.AccountKey)
	if !ok {
		return nil, errNoAccount
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	err := w.Write(reportHeader)
	add := func(row []string, owner, keyOwner string) bool {
		if err != nil {
			return false
		}
		if row, err = withCredentials(ctx, r, usage, row, owner, keyOwner); err == nil {
			err = w.Write(row)
		}
		return err == nil
	}
	add(rootRow(r, account), iam.RootLogin, "")
	policy, _ := iam.PasswordPolicies.Get(r, iam.AccountKey)
	iam.UsersByName.AscendAll(r, "", func(_, _ string, u *iam.User) bool {
		return add(userRow(r, account.ID, policy, u), u.ID, u.ID)
	})
	if err != nil {
		return nil, err
	}
	w.Flush()
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), w.Error()
}

// rootRow is the root user's row up to its password.
func rootRow(r state.Reader, a *iam.Account) []string {
	used := notThere
	if iam.LoginProfiles.Has(r, iam.RootLogin) {
		used = noInformation
		if a.PasswordLastUsed != nil {
			used = moment(*a.PasswordLastUsed)
		}
	}
	return []string{reportRoot, iam.RootARN(a.ID), moment(a.Created), notSupported, used, notSupported, notSupported}
}

// userRow is a user's row up to its password.
func userRow(r state.Reader, account string, policy *iam.PasswordPolicy, u *iam.User) []string {
	row := []string{u.Name, iam.UserARN(account, u), moment(u.Created)}
	p, ok := iam.LoginProfiles.Get(r, u.ID)
	if !ok {
		return append(row, "false", notThere, notThere, notThere)
	}
	used, next := noInformation, notThere
	if u.PasswordLastUsed != nil {
		used = moment(*u.PasswordLastUsed)
	}
	if at, expires := policy.Expiry(p.Changed); expires {
		next = moment(at)
	}
	return append(row, "true", used, moment(p.Changed), next)
}

// withCredentials adds the columns that all rows have alike: second factor,
// access keys and signing certificates.
func withCredentials(ctx context.Context, r state.Reader, usage iam.Usage, row []string, owner, keyOwner string) ([]string, error) {
	row = append(row, strconv.FormatBool(iam.HasMFADevices(r, owner)))
	var keys []*iam.AccessKey
	iam.AccessKeysByUser.Ascend(r, keyOwner, func(_ string, k *iam.AccessKey) bool {
		keys = append(keys, k)
		return true
	})
	slices.SortStableFunc(keys, func(a, b *iam.AccessKey) int { return a.Created.Compare(b.Created) })
	for i := range slots {
		if i >= len(keys) {
			row = append(row, "false", notThere, notThere, notThere, notThere)
			continue
		}
		row = append(row, strconv.FormatBool(keys[i].Active), moment(keys[i].Created))
		use, ok, err := usage.KeyLastUsed(ctx, keys[i].ID)
		switch {
		case err != nil:
			return nil, err
		case ok:
			row = append(row, moment(use.At), use.Region, use.Service)
		default:
			row = append(row, notThere, notThere, notThere)
		}
	}
	var certificates []*iam.SigningCertificate
	iam.SigningCertificates.AscendPrefix(r, iam.CredentialKey(owner, ""), func(_ string, c *iam.SigningCertificate) bool {
		certificates = append(certificates, c)
		return true
	})
	slices.SortStableFunc(certificates, func(a, b *iam.SigningCertificate) int { return a.Uploaded.Compare(b.Uploaded) })
	for i := range slots {
		if i >= len(certificates) {
			row = append(row, "false", notThere)
			continue
		}
		row = append(row, strconv.FormatBool(certificates[i].Active), moment(certificates[i].Uploaded))
	}
	return row, nil
}

func moment(t time.Time) string { return t.UTC().Format(reportTime) }
