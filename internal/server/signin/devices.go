package signin

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/sallyportapi"
	"sallyport/internal/iam"
	"sallyport/internal/operation"
	"sallyport/internal/server/signin/page"
	"sallyport/internal/session"
	"sallyport/internal/state"
)

// Users and the root user see, add and remove their own MFA devices at
// /signin/devices. It is the operations of the API, with their permissions,
// whichever role they act as.

// devicesView is the page of one's MFA devices.
type devicesView struct {
	Devices []shownDevice
	Refused bool   // to list them
	Name    string // as it was typed
	Begun   string // the app that this browser is setting up
}

// A shownDevice is one of one's own.
type shownDevice struct {
	Serial, Kind string
	Since        time.Time
}

// registerView is the page on which the browser is asked for a passkey.
type registerView struct{ Name, Options, Registration string }

// deviceOwner is the session of a user or the root user.
func (x *exchange) deviceOwner() (*session.Session, error) {
	s, err := x.signedIn()
	if err != nil || s.Federated() {
		return nil, errForm
	}
	return s, nil
}

func (x *exchange) showDevices() error {
	s, err := x.deviceOwner()
	if err != nil {
		return x.redirect(home)
	}
	return x.devicesPage(http.StatusOK, s, "", "")
}

func (x *exchange) devicesPage(status int, s *session.Session, name, problem string) error {
	v := devicesView{Name: name}
	if b, own, err := x.begun(s); err != nil {
		return err
	} else if own {
		v.Begun = b.Name
	}
	var marker *string
	for {
		out, refused, err := perform[iamapi.ListMFADevicesResponse](x, s, iamapi.OpListMFADevices, &iamapi.ListMFADevicesRequest{Marker: marker})
		if err != nil {
			return err
		}
		if refused != nil {
			problem, v.Refused = strings.TrimSpace(problem+" "+refused.Message), true
			break
		}
		for _, d := range out.MFADevices {
			v.Devices = append(v.Devices, shownDevice{*d.SerialNumber, kindOf(*d.SerialNumber), *d.EnableDate})
		}
		if marker = out.Marker; marker == nil {
			break
		}
	}
	b := x.bar(s)
	if b == nil {
		return errForm
	}
	return x.show(status, "devices", page.Content{Title: "MFA devices", Token: b.Token, Bar: b, Wide: true, Problem: problem, Body: v})
}

// kindOf is how people call the kind of device with a serial number.
func kindOf(serial string) string {
	switch {
	case strings.Contains(serial, ":u2f/"):
		return "Passkey or security key"
	case isVirtual(serial):
		return "Authenticator app"
	}
	return "Hardware token"
}

func isVirtual(serial string) bool { return strings.Contains(serial, ":mfa/") }

// perform carries out one of the API's operations for who signed in. refused is
// what they are told when it is not done.
func perform[Out any](x *exchange, s *session.Session, op *api.Operation, in any) (out *Out, refused *api.Error, err error) {
	made, err := x.Server.Perform(x.http, s.Own, op, in)
	if spoken, ok := errors.AsType[*api.Error](err); ok && spoken.Status < 500 {
		return nil, spoken, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return made.(*Out), nil, nil
}

// deviceForm is the session of a form about one's devices.
func (x *exchange) deviceForm() (*session.Session, error) {
	s, err := x.deviceOwner()
	if err != nil {
		return nil, err
	}
	return s, x.checkToken(s.Key)
}

func (x *exchange) beginPasskey() error {
	s, err := x.deviceForm()
	if err != nil {
		return err
	}
	name := limited(strings.TrimSpace(x.form.Get("name")))
	begun, refused, err := perform[sallyportapi.BeginPasskeyRegistrationResponse](x, s,
		sallyportapi.OpBeginPasskeyRegistration, &sallyportapi.BeginPasskeyRegistrationRequest{})
	if err != nil {
		return err
	}
	if refused != nil {
		return x.devicesPage(http.StatusForbidden, s, name, refused.Message)
	}
	b := x.bar(s)
	if b == nil {
		return errForm
	}
	return x.show(http.StatusOK, "register", page.Content{
		Title: "Register a passkey or security key", Token: b.Token, Bar: b, Script: true,
		Body: registerView{name, *begun.CreationOptions, *begun.Registration},
	})
}

func (x *exchange) finishPasskey() error {
	s, err := x.deviceForm()
	if err != nil {
		return err
	}
	name, registration, answer := x.form.Get("name"), x.form.Get("registration"), x.form.Get("answer")
	in := &sallyportapi.FinishPasskeyRegistrationRequest{DeviceName: &name, Registration: &registration, Credential: &answer}
	_, refused, err := perform[sallyportapi.FinishPasskeyRegistrationResponse](x, s, sallyportapi.OpFinishPasskeyRegistration, in)
	if err != nil {
		return err
	}
	if refused != nil {
		return x.devicesPage(http.StatusForbidden, s, limited(name), refused.Message)
	}
	if err := x.devicesChanged(s); err != nil {
		return err
	}
	return x.redirect(devicesPath)
}

// devicesChanged puts a session under a new id, as after every change of what its
// owner proves themselves with.
func (x *exchange) devicesChanged(s *session.Session) error {
	return x.replace(s, "signin:ChangeMFADevices", func(*state.Tx, *iam.ConsoleSession) error { return nil })
}

// removeDevice takes a device from its owner. A virtual one is deleted then, as by
// AWS's console; who may not do so leaves it to the account.
func (x *exchange) removeDevice() error {
	s, err := x.deviceForm()
	if err != nil {
		return err
	}
	serial, name := x.form.Get("serial"), ownName(s.Own)
	_, refused, err := perform[iamapi.DeactivateMFADeviceResponse](x, s, iamapi.OpDeactivateMFADevice,
		&iamapi.DeactivateMFADeviceRequest{UserName: &name, SerialNumber: &serial})
	if err != nil {
		return err
	}
	if refused != nil {
		return x.devicesPage(http.StatusForbidden, s, "", refused.Message)
	}
	if isVirtual(serial) {
		_, _, err := perform[iamapi.DeleteVirtualMFADeviceResponse](x, s, iamapi.OpDeleteVirtualMFADevice,
			&iamapi.DeleteVirtualMFADeviceRequest{SerialNumber: &serial})
		if err != nil {
			return err
		}
	}
	if err := x.devicesChanged(s); err != nil {
		return err
	}
	return x.redirect(devicesPath)
}

// ownName is how operations on one's own devices call who signed in: the root user
// goes by the account's id.
func ownName(c *operation.Caller) string {
	if c.UserName != "" {
		return c.UserName
	}
	return c.Account()
}
