package iam

import (
	"strings"
	"time"

	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// The kinds of MFA devices, as the resource part of a serial number begins.
const (
	// MFAVirtual is an app that shows codes.
	MFAVirtual = "mfa"
	// MFASecurityKey is a passkey or security key (FIDO), which no code proves.
	MFASecurityKey = "u2f"
)

// An MFADevice is a second factor, assigned to a user, the root user or nobody.
// Its key in the table is its ID. The seed of a virtual device is sealed apart
// under MFASecret(id).
type MFADevice struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	Path    string    `json:"path"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	// Owner is the user's unique id or RootLogin; empty while the device is
	// assigned to nobody.
	Owner   string          `json:"owner,omitempty"`
	Enabled time.Time       `json:"enabled,omitzero"` // when it was assigned to Owner
	Tags    []operation.Tag `json:"tags,omitempty"`
	// Drift is by how many periods of its codes the device's clock was ahead
	// when it was last synchronized.
	Drift int64 `json:"drift,omitzero"`
	// LastStep is the period of the last code that enabled or synchronized the
	// device. Neither it nor one before it counts again.
	LastStep int64 `json:"lastStep,omitzero"`
	// Certifications are those of a security key's model.
	Certifications map[string]string `json:"certifications,omitempty"`
}

func (d *MFADevice) nameKey() string { return d.Kind + d.Path + FoldName(d.Name) }

// MFASerial is the device's serial number: an ARN.
func MFASerial(account string, d *MFADevice) string {
	return EntityARN(account, d.Kind, d.Path, d.Name)
}

// MFASecret is the id under which the seed of a virtual MFA device is sealed.
func MFASecret(deviceID string) string { return "mfa/" + deviceID }

// FindMFADevice returns the device of the reader's account with that serial
// number.
func FindMFADevice(r state.Reader, account, serial string) (*MFADevice, bool) {
	d, ok := findMFADevice(r, strings.TrimPrefix(serial, EntityARN(account, "", "", "")))
	if !ok || MFASerial(account, d) != serial {
		return nil, false
	}
	return d, true
}

// MFADeviceNamed returns the virtual device with that name, in any case, under
// the path.
func MFADeviceNamed(r state.Reader, path, name string) (*MFADevice, bool) {
	return findMFADevice(r, MFAVirtual+path+name)
}

func findMFADevice(r state.Reader, resource string) (*MFADevice, bool) {
	slash := strings.LastIndexByte(resource, '/') + 1
	_, d, ok := MFADevicesByName.First(r, resource[:slash]+FoldName(resource[slash:]))
	return d, ok
}
