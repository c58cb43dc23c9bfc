package iam

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"sallyport/internal/credential"
	"sallyport/internal/operation"
	"sallyport/internal/state"
)

// The kinds of MFA devices, as the resource part of a serial number begins.
const (
	// MFAVirtual is an app that shows codes.
	MFAVirtual = "mfa"
	// MFASecurityKey is a passkey or security key (FIDO), which no code proves.
	MFASecurityKey = "u2f"
	// MFAHardware is a token that shows codes. Its serial number is the one on it,
	// no ARN.
	MFAHardware = "hardware-mfa"
)

// An MFADevice is a second factor, assigned to a user, the root user or nobody.
// Its key in the table is its ID. The seed of a device that shows codes is sealed
// apart under MFASecret(id).
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
	// Passkey is what proves a security key. How often it was used since is in
	// PasskeyCounts.
	Passkey *credential.Passkey `json:"passkey,omitempty"`
}

// ShowsCodes reports whether the device is proved by codes.
func (d *MFADevice) ShowsCodes() bool { return d.Kind == MFAVirtual || d.Kind == MFAHardware }

func (d *MFADevice) nameKey() string {
	if d.Kind == MFAHardware {
		return FoldName(d.Name)
	}
	return d.Kind + d.Path + FoldName(d.Name)
}

// passkeyKey tells the credential ids of security keys apart.
func (d *MFADevice) passkeyKey() []string {
	if d.Passkey == nil {
		return nil
	}
	return []string{PasskeyKey(d.Passkey.ID)}
}

// PasskeyKey is a credential id as MFADevicesByPasskey has it.
func PasskeyKey(credentialID []byte) string {
	sum := sha256.Sum256(credentialID)
	return hex.EncodeToString(sum[:])
}

// MFASerial is the device's serial number: an ARN, or what is on a hardware token.
func MFASerial(account string, d *MFADevice) string {
	if d.Kind == MFAHardware {
		return d.Name
	}
	return MFADeviceARN(account, d)
}

// MFADeviceARN is the ARN of a device of any kind.
func MFADeviceARN(account string, d *MFADevice) string {
	return EntityARN(account, d.Kind, d.Path, d.Name)
}

// A PasskeyCount is the counter of a security key when it was last used.
type PasskeyCount struct {
	Count uint32 `json:"count"`
}

// CountPasskey notes the counter of a security key, and refuses one that did not
// go on: credential.ErrSignCount.
func CountPasskey(tx *state.Tx, d *MFADevice, count uint32) error {
	last := LastPasskeyCount(tx, d)
	if err := credential.CheckSignCount(last, count); err != nil {
		return err
	}
	if count != last {
		PasskeyCounts.Put(tx, d.ID, &PasskeyCount{count})
	}
	return nil
}

// LastPasskeyCount is the counter of a security key that is known.
func LastPasskeyCount(r state.Reader, d *MFADevice) uint32 {
	if c, ok := PasskeyCounts.Get(r, d.ID); ok {
		return c.Count
	}
	return d.Passkey.SignCount
}

// ReleaseMFADevice takes a device from whom it is assigned to. One that shows codes
// stays, assigned to nobody; a security key is gone.
func ReleaseMFADevice(tx *state.Tx, d *MFADevice) {
	if !d.ShowsCodes() {
		MFADevices.Delete(tx, d.ID)
		if PasskeyCounts.Has(tx, d.ID) {
			PasskeyCounts.Delete(tx, d.ID)
		}
		return
	}
	free := *d
	free.Owner, free.Enabled = "", time.Time{}
	MFADevices.Put(tx, d.ID, &free)
}

// MFASecret is the id under which the seed of an MFA device is sealed.
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
