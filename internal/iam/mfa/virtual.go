package mfa

import (
	"net/url"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/credential"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// maxSerial is the longest serial number that other operations take.
const maxSerial = 256

// quotaDevices is how an account's own quota of virtual devices is named: as
// many as users.
const quotaDevices = "VirtualMFADevicesPerAccount"

// noSuchDevice is AWS's answer to the serial number of no virtual device.
func noSuchDevice(serial string) error {
	return iamapi.NoSuchEntityException("VirtualMFADevice with serial number %s does not exist.", serial)
}

// findVirtual returns the virtual device with that serial number.
func findVirtual(c *operation.Call, r state.Reader, serial string) (*iam.MFADevice, error) {
	d, ok := iam.FindMFADevice(r, c.Caller.Account(), serial)
	if !ok || d.Kind != iam.MFAVirtual {
		return nil, noSuchDevice(serial)
	}
	return d, nil
}

func (h *handlers) create(c *operation.Call, tx *state.Tx, in *iamapi.CreateVirtualMFADeviceRequest) (*iamapi.CreateVirtualMFADeviceResponse, error) {
	account := c.Caller.Account()
	tags, err := iam.CaseSensitiveTags.New(in.Tags)
	if err != nil {
		return nil, err
	}
	d := &iam.MFADevice{
		ID: h.env.Ident.MFADeviceID(), Kind: iam.MFAVirtual, Path: iam.PathOf(in.Path),
		Name: *in.VirtualMFADeviceName, Created: iam.Moment(tx.Now()), Tags: tags,
	}
	serial := iam.MFASerial(account, d)
	if len(serial) > maxSerial {
		return nil, iam.ValidationError("The serial number %s must have length less than or equal to %d", serial, maxSerial)
	}
	if _, taken := iam.MFADeviceNamed(tx, d.Path, d.Name); taken {
		return nil, iamapi.EntityAlreadyExistsException("MFADevice entity at the same path and name already exists.")
	}
	if limit := h.env.Limits[iam.UsersPerAccount]; iam.MFADevices.Len(tx) >= limit {
		return nil, iam.Exceeded(quotaDevices, limit)
	}
	if err := h.env.Limits.Check(iam.TagsPerMFADevice, len(tags)); err != nil {
		return nil, err
	}
	seed := h.env.Ident.MFASeed()
	drawn, err := credential.QRCodePNG(provisioning(tx, account, d.Name, seed))
	if err != nil {
		return nil, api.InternalFailure(err)
	}
	iam.MFADevices.Put(tx, d.ID, d)
	tx.PutSecret(iam.MFASecret(d.ID), []byte(seed))
	return &iamapi.CreateVirtualMFADeviceResponse{VirtualMFADevice: &iamapi.VirtualMFADevice{
		SerialNumber: new(serial), Base32StringSeed: []byte(seed), QRCodePNG: drawn, Tags: iam.APITags(tags),
	}}, nil
}

// provisioning is what the QR code says: the account goes by its alias, if it
// has one
// (https://docs.aws.amazon.com/IAM/latest/APIReference/API_VirtualMFADevice.html).
func provisioning(r state.Reader, account, name, seed string) string {
	if a, ok := iam.Accounts.Get(r, iam.AccountKey); ok && a.Alias != "" {
		account = a.Alias
	}
	return "otpauth://totp/" + url.PathEscape(name+"@"+account) + "?secret=" + seed
}

func (h *handlers) delete(c *operation.Call, tx *state.Tx, in *iamapi.DeleteVirtualMFADeviceRequest) (*iamapi.DeleteVirtualMFADeviceResponse, error) {
	d, err := findVirtual(c, tx, *in.SerialNumber)
	if err != nil {
		return nil, err
	}
	if d.Owner != "" {
		return nil, iamapi.DeleteConflictException("MFA VirtualDevice in use. Must deactivate first.")
	}
	iam.MFADevices.Delete(tx, d.ID)
	tx.DeleteSecret(iam.MFASecret(d.ID))
	return &iamapi.DeleteVirtualMFADeviceResponse{}, nil
}

// listVirtual lists the account's virtual devices by path and name.
func (h *handlers) listVirtual(c *operation.Call, r state.Reader, in *iamapi.ListVirtualMFADevicesRequest) (*iamapi.ListVirtualMFADevicesResponse, error) {
	page, err := iam.NewPage(in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	account := c.Caller.Account()
	out := &iamapi.ListVirtualMFADevicesResponse{VirtualMFADevices: []iamapi.VirtualMFADevice{}}
	status := api.Value(in.AssignmentStatus)
	iam.MFADevicesByName.AscendAll(r, page.From, func(name, _ string, d *iam.MFADevice) bool {
		if d.Kind != iam.MFAVirtual ||
			status == iamapi.AssignmentStatusTypeAssigned && d.Owner == "" ||
			status == iamapi.AssignmentStatusTypeUnassigned && d.Owner != "" {
			return true
		}
		return page.Add(name, func() { out.VirtualMFADevices = append(out.VirtualMFADevices, listed(r, account, d)) })
	})
	out.IsTruncated, out.Marker = page.Result()
	return out, nil
}

// listed is a virtual device as lists show it: whose it is, never its seed.
func listed(r state.Reader, account string, d *iam.MFADevice) iamapi.VirtualMFADevice {
	out := iamapi.VirtualMFADevice{SerialNumber: new(iam.MFASerial(account, d))}
	if d.Owner == "" {
		return out
	}
	out.EnableDate = new(d.Enabled)
	if d.Owner == iam.RootLogin {
		out.User = iam.DescribedRoot(r, account)
	} else if u, ok := iam.Users.Get(r, d.Owner); ok {
		out.User = new(iam.ListedUser(account, u))
	}
	return out
}
