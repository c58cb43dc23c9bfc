package signin

import (
	"net/http"
	"strings"

	"sallyport/internal/api/iamapi"
	"sallyport/internal/iam"
	"sallyport/internal/iam/mfa"
	"sallyport/internal/server/signin/page"
	"sallyport/internal/session"
)

// An authenticator app is set up by CreateVirtualMFADevice, which gives it its seed,
// and EnableMFADevice with two of its codes. In between somebody is at their phone,
// and may never come back: the device that was made waits, is shown again to the
// browser that began alone, and is deleted when its owner begins with another.

const (
	appPath     = devicesPath + "/app"
	setUpCookie = "device" // of the browser that began
)

// setUpView is the page with the QR code.
type setUpView struct {
	Name   string
	QRCode []byte
	Seed   []string // in groups, to be typed
}

// begun is what the owner of a session is setting up, or nil. own says that this
// browser began.
func (x *exchange) begun(s *session.Session) (u *mfa.SetUp, own bool, err error) {
	view, ok := x.account(s.Account)
	if !ok {
		return nil, false, errForm
	}
	u, err = x.MFA.SetUpOf(x.http.Context(), view, iam.LoginOwner(s.Own), x.now)
	return u, u != nil && u.BegunBy(x.Sessions.Value(x.http, setUpCookie)), err
}

// beginApp makes a virtual MFA device, unless it was made already.
func (x *exchange) beginApp() error {
	s, err := x.deviceForm()
	if err != nil {
		return err
	}
	view, ok := x.account(s.Account)
	if !ok {
		return errForm
	}
	name := limited(strings.TrimSpace(x.form.Get("name")))
	if refused := x.MFA.MayChange(s.Own, view); refused != nil {
		return x.devicesPage(http.StatusForbidden, s, name, refused.Message)
	}
	b, own, err := x.begun(s)
	if err != nil {
		return err
	}
	if own && b.Name == name {
		return x.redirect(appPath)
	}
	if b != nil {
		if refused, err := x.abandon(s, b); err != nil {
			return err
		} else if refused != "" && own {
			return x.appPage(http.StatusForbidden, s, b, "Go on with this device first: it can't be deleted. "+refused)
		}
	}
	made, refused, err := perform[iamapi.CreateVirtualMFADeviceResponse](x, s, iamapi.OpCreateVirtualMFADevice,
		&iamapi.CreateVirtualMFADeviceRequest{VirtualMFADeviceName: &name})
	if err != nil {
		return err
	}
	if refused != nil {
		return x.devicesPage(http.StatusForbidden, s, name, refused.Message)
	}
	if err := x.keepSetUp(s, name, made.VirtualMFADevice); err != nil {
		return err
	}
	return x.redirect(appPath)
}

// keepSetUp remembers a device that was made until it is enabled.
func (x *exchange) keepSetUp(s *session.Session, name string, made *iamapi.VirtualMFADevice) error {
	view, ok := x.account(s.Account)
	if !ok {
		return errForm
	}
	browser := x.Ident.Token(32)
	http.SetCookie(x.w, x.Sessions.Named(setUpCookie, browser, mfa.SetUpLife))
	return x.MFA.RememberSetUp(x.http.Context(), view, iam.LoginOwner(s.Own), name, browser, made, x.now)
}

func (x *exchange) showApp() error {
	s, err := x.deviceOwner()
	if err != nil {
		return x.redirect(home)
	}
	b, own, err := x.begun(s)
	if err != nil {
		return err
	}
	if !own {
		return x.redirect(devicesPath)
	}
	return x.appPage(http.StatusOK, s, b, "")
}

func (x *exchange) appPage(status int, s *session.Session, b *mfa.SetUp, problem string) error {
	v := setUpView{Name: b.Name, QRCode: b.QRCode}
	for i := 0; i < len(b.Seed); i += 4 {
		v.Seed = append(v.Seed, b.Seed[i:min(i+4, len(b.Seed))])
	}
	bar := x.bar(s)
	if bar == nil {
		return errForm
	}
	return x.show(status, "app", page.Content{
		Title: "Set up an authenticator app", Token: bar.Token, Bar: bar, Picture: true, Problem: problem, Body: v,
	})
}

// appForm is the session of a form about the app that is being set up; b is nil when
// this browser sets up none.
func (x *exchange) appForm() (s *session.Session, b *mfa.SetUp, err error) {
	if s, err = x.deviceForm(); err != nil {
		return nil, nil, err
	}
	b, own, err := x.begun(s)
	if !own {
		b = nil
	}
	return s, b, err
}

func (x *exchange) enableApp() error {
	s, b, err := x.appForm()
	if err != nil {
		return err
	}
	if b == nil {
		return x.devicesPage(http.StatusForbidden, s, "", "The device is no longer being set up. Begin again.")
	}
	code1, code2, name := digits(x.form.Get("code1")), digits(x.form.Get("code2")), ownName(s.Own)
	if len(code1) != 6 || len(code2) != 6 {
		return x.appPage(http.StatusForbidden, s, b, "A code has six digits. Enter two.")
	}
	_, refused, err := perform[iamapi.EnableMFADeviceResponse](x, s, iamapi.OpEnableMFADevice, &iamapi.EnableMFADeviceRequest{
		UserName: &name, SerialNumber: &b.Serial, AuthenticationCode1: &code1, AuthenticationCode2: &code2,
	})
	switch {
	case err != nil:
		return err
	case refused == nil:
		if err := x.devicesChanged(s); err != nil {
			return err
		}
		if err := x.forgetSetUp(s); err != nil {
			return err
		}
		return x.redirect(devicesPath)
	case refused.Code == "InvalidAuthenticationCode":
		return x.appPage(http.StatusForbidden, s, b, "The codes are not this device's, or do not follow each other. Wait for a new one, enter it, and then the next.")
	}
	// No codes would do.
	if _, err := x.abandon(s, b); err != nil {
		return err
	}
	return x.devicesPage(http.StatusForbidden, s, b.Name, refused.Message)
}

func (x *exchange) cancelApp() error {
	s, b, err := x.appForm()
	if err != nil {
		return err
	}
	if b != nil {
		if refused, err := x.abandon(s, b); err != nil {
			return err
		} else if refused != "" {
			return x.devicesPage(http.StatusForbidden, s, b.Name, "The device is not enabled, and can't be deleted. "+refused)
		}
	}
	return x.redirect(devicesPath)
}

// abandon deletes a device that was made and is not enabled. refused is why it may
// not be: then it is remembered, to go on with.
func (x *exchange) abandon(s *session.Session, b *mfa.SetUp) (refused string, err error) {
	_, no, err := perform[iamapi.DeleteVirtualMFADeviceResponse](x, s, iamapi.OpDeleteVirtualMFADevice,
		&iamapi.DeleteVirtualMFADeviceRequest{SerialNumber: &b.Serial})
	if err != nil {
		return "", err
	}
	if no != nil {
		return no.Message, nil
	}
	return "", x.forgetSetUp(s)
}

func (x *exchange) forgetSetUp(s *session.Session) error {
	view, ok := x.account(s.Account)
	if !ok {
		return errForm
	}
	http.SetCookie(x.w, x.Sessions.Named(setUpCookie, "", 0))
	return x.MFA.ForgetSetUp(x.http.Context(), view, iam.LoginOwner(s.Own))
}
