package inprocess

import (
	"encoding/base64"
	"regexp"
	"strings"

	"sallyport/internal/credential"
)

// A Device is a virtual MFA device, as an authenticator app has it.
type Device struct {
	Serial string
	Seed   string // base32
	server *Server
}

// NewDevice makes a virtual MFA device that is assigned to nobody.
func (c *Client) NewDevice(name string) *Device {
	c.server.Helper()
	return c.server.DeviceOf(c.Do("iam:CreateVirtualMFADevice", P{"VirtualMFADeviceName": name}))
}

// DeviceOf is the device that a reply of CreateVirtualMFADevice holds.
func (s *Server) DeviceOf(reply *Reply) *Device {
	s.Helper()
	seed, err := base64.StdEncoding.DecodeString(reply.Text("Base32StringSeed"))
	if err != nil {
		s.Fatal(err)
	}
	return &Device{Serial: reply.Text("SerialNumber"), Seed: string(seed), server: s}
}

// Code is what the device shows so many periods from now.
func (d *Device) Code(periods int64) string {
	d.server.Helper()
	code, err := credential.TOTPCode(d.Seed, credential.TOTPStep(d.server.Now())+periods)
	if err != nil {
		d.server.Fatal(err)
	}
	return code
}

// Enabling are the parameters that assign the device to a user. The codes are
// those of the last period and of this one.
func (d *Device) Enabling(user string) P {
	d.server.Helper()
	return P{"UserName": user, "SerialNumber": d.Serial, "AuthenticationCode1": d.Code(-1), "AuthenticationCode2": d.Code(0)}
}

// Proof are the parameters of STS with the code so many periods from now.
func (d *Device) Proof(periods int64) P {
	d.server.Helper()
	return P{"SerialNumber": d.Serial, "TokenCode": d.Code(periods)}
}

// Device makes a virtual MFA device for a user, under the user's name, and
// enables it. Its codes count from the next period on.
func (c *Client) Device(user string) *Device {
	c.server.Helper()
	d := c.NewDevice(user)
	c.Do("iam:EnableMFADevice", d.Enabling(user))
	return d
}

// HardwareToken is a token with a seed in base32, which has been imported.
func (s *Server) HardwareToken(serial, seed string) *Device {
	return &Device{Serial: serial, Seed: seed, server: s}
}

var seedText = regexp.MustCompile(`id="seed">([A-Z2-7 ]+)<`)

// App is the authenticator app that has typed in what the last page says; nil when it
// says nothing.
func (b *Browser) App() *Device {
	if m := seedText.FindStringSubmatch(b.Page.Body); m != nil {
		return &Device{Seed: strings.ReplaceAll(m[1], " ", ""), server: b.server}
	}
	return nil
}

// Codes are those of the last period and of this one, as the page asks for them.
func (d *Device) Codes() P {
	d.server.Helper()
	return P{"code1": d.Code(-1), "code2": d.Code(0)}
}
