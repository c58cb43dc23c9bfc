package mfa

import (
	"encoding/base32"
	"encoding/hex"
	"strings"

	"sallyport/internal/api"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// Hardware tokens show the codes of RFC 6238 as virtual devices do. AWS knows their
// seeds from the vendor
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_physical.html);
// here an account's operators import them.

// The shortest and longest seeds, in bytes: RFC 4226 wants 16 at least (section 4,
// R6), and HMAC gains nothing from more than 64.
const (
	shortestSeed = 16
	longestSeed  = 64
)

func checkImport(*operation.Call, state.Reader, *sallyportapi.ImportHardwareMFADevicesRequest) ([]operation.Check, error) {
	return []operation.Check{iam.AccountCheck("sallyport:ImportHardwareMFADevices")}, nil
}

func checkListTokens(*operation.Call, state.Reader, *sallyportapi.ListHardwareMFADevicesRequest) ([]operation.Check, error) {
	return []operation.Check{iam.AccountCheck("sallyport:ListHardwareMFADevices")}, nil
}

func checkDeleteToken(*operation.Call, state.Reader, *sallyportapi.DeleteHardwareMFADeviceRequest) ([]operation.Check, error) {
	return []operation.Check{iam.AccountCheck("sallyport:DeleteHardwareMFADevice")}, nil
}

func (h *handlers) importTokens(c *operation.Call, tx *state.Tx, in *sallyportapi.ImportHardwareMFADevicesRequest) (*sallyportapi.ImportHardwareMFADevicesResponse, error) {
	out := &sallyportapi.ImportHardwareMFADevicesResponse{}
	if most := h.env.Limits[iam.UsersPerAccount]; iam.MFADevices.Len(tx)+len(in.Devices) > most {
		return nil, sallyportapi.LimitExceededException("Cannot exceed quota for HardwareMFADevicesPerAccount: %d", most)
	}
	for i := range in.Devices {
		given := &in.Devices[i]
		seed, ok := seedOf(given)
		if !ok {
			return nil, api.ValidationError(c.Op.Service, "The seed of %s is not %s of 16 to 64 bytes.", *given.SerialNumber, *given.SeedEncoding)
		}
		if _, taken := findToken(tx, *given.SerialNumber); taken {
			return nil, sallyportapi.EntityAlreadyExistsException("The hardware MFA device %s exists already.", *given.SerialNumber)
		}
		d := &iam.MFADevice{
			ID: h.env.Ident.MFADeviceID(), Kind: iam.MFAHardware, Path: "/", Name: *given.SerialNumber, Created: iam.Moment(tx.Now()),
		}
		iam.MFADevices.Put(tx, d.ID, d)
		tx.PutSecret(iam.MFASecret(d.ID), []byte(seed))
		out.Devices = append(out.Devices, shownToken(tx, c.Caller.Account(), d))
	}
	return out, nil
}

// seedOf is a token's seed in base32, as seeds are kept.
func seedOf(given *sallyportapi.HardwareMFADeviceSeed) (string, bool) {
	encoding := base32.StdEncoding.WithPadding(base32.NoPadding)
	var raw []byte
	var err error
	switch *given.SeedEncoding {
	case sallyportapi.SeedEncodingHex:
		raw, err = hex.DecodeString(*given.Seed)
	case sallyportapi.SeedEncodingBase32:
		raw, err = encoding.DecodeString(strings.TrimRight(strings.ToUpper(*given.Seed), "="))
	default:
		return "", false
	}
	if err != nil || len(raw) < shortestSeed || len(raw) > longestSeed {
		return "", false
	}
	return encoding.EncodeToString(raw), true
}

// findToken returns the hardware token with the serial number, in any case.
func findToken(r state.Reader, serial string) (*iam.MFADevice, bool) {
	_, d, ok := iam.MFADevicesByName.First(r, iam.FoldName(serial))
	return d, ok
}

func (h *handlers) listTokens(c *operation.Call, r state.Reader, in *sallyportapi.ListHardwareMFADevicesRequest) (*sallyportapi.ListHardwareMFADevicesResponse, error) {
	page, err := iam.NewPage(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, api.ValidationError(c.Op.Service, "Invalid NextToken.")
	}
	out := &sallyportapi.ListHardwareMFADevicesResponse{Devices: []sallyportapi.HardwareMFADevice{}}
	status := api.Value(in.AssignmentStatus)
	iam.MFADevicesByName.AscendAll(r, page.From, func(name, _ string, d *iam.MFADevice) bool {
		if d.Kind != iam.MFAHardware ||
			status == sallyportapi.AssignmentStatusAssigned && d.Owner == "" ||
			status == sallyportapi.AssignmentStatusUnassigned && d.Owner != "" {
			return true
		}
		return page.Add(name, func() { out.Devices = append(out.Devices, shownToken(r, c.Caller.Account(), d)) })
	})
	_, out.NextToken = page.Result()
	return out, nil
}

// shownToken is a hardware token as replies show it: whose it is, never its seed.
func shownToken(r state.Reader, account string, d *iam.MFADevice) sallyportapi.HardwareMFADevice {
	out := sallyportapi.HardwareMFADevice{SerialNumber: new(d.Name), ImportTimestamp: new(d.Created)}
	if d.Owner == "" {
		return out
	}
	out.EnableTimestamp, out.PrincipalArn = new(d.Enabled), new(iam.RootARN(account))
	if u, ok := iam.Users.Get(r, d.Owner); ok {
		out.PrincipalArn = new(iam.UserARN(account, u))
	}
	return out
}

func (h *handlers) deleteToken(_ *operation.Call, tx *state.Tx, in *sallyportapi.DeleteHardwareMFADeviceRequest) (*sallyportapi.DeleteHardwareMFADeviceResponse, error) {
	d, ok := findToken(tx, *in.SerialNumber)
	if !ok || d.Name != *in.SerialNumber {
		return nil, sallyportapi.NoSuchEntityException("There is no hardware MFA device %s.", *in.SerialNumber)
	}
	if d.Owner != "" {
		return nil, sallyportapi.DeleteConflictException("The hardware MFA device %s is assigned. Deactivate it first.", d.Name)
	}
	iam.MFADevices.Delete(tx, d.ID)
	tx.DeleteSecret(iam.MFASecret(d.ID))
	return &sallyportapi.DeleteHardwareMFADeviceResponse{}, nil
}
