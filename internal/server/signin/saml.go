package signin

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"sallyport/internal/api"
	"sallyport/internal/audit"
	"sallyport/internal/federation/saml"
	"sallyport/internal/journal"
	"sallyport/internal/sts"
)

// People come from SAML identity providers by a form that the provider has their
// browser post here: the HTTP-POST binding, unsolicited (SAML Bindings 2.0, section
// 3.5; SAML Profiles 2.0, section 4.1.5;
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-saml.html).
//
//	response → verified, and never again → kept, sealed → own page → role → session
//
// The post comes from another site, so the browser shows it no cookies of ours and
// nothing of what it does may be taken for the person's own wish. It only leads to
// a page of this server, where they see who they are about to be and say so.

const (
	samlPath    = "/saml"
	samlRoles   = "/saml/roles"
	awsMetadata = "/static/saml-metadata.xml" // AWS's address for the same

	awsProviderMetadata = "/static/saml/" // and for that of one provider, by its id

	// maxResponseForm is the largest form that holds a response, in bytes: one of
	// the greatest length, folded into lines, with its signs encoded.
	maxResponseForm = 192 << 10

	postedPurpose = "console.saml-response"
	maxPosted     = 192 << 10
)

// isSAML reports whether a path is one of SAML's.
func isSAML(path string) bool {
	return path == samlPath || strings.HasPrefix(path, samlPath+"/") || path == awsMetadata || strings.HasPrefix(path, awsProviderMetadata)
}

// splitProvider takes a provider's id out of a path.
func splitProvider(path string) (route, id string) {
	if id, ok := strings.CutPrefix(path, samlPath+sts.SAMLConsumer); ok && plainID(id) {
		return samlPath, id
	}
	if rest, ok := strings.CutPrefix(path, awsProviderMetadata); ok {
		if id, ok := strings.CutSuffix(rest, "/saml-metadata.xml"); ok && plainID(id) {
			return awsMetadata, id
		}
	}
	return path, ""
}

func ofProvider(path string) string {
	route, _ := splitProvider(path)
	return route
}

// plainID reports whether an id could be a provider's.
func plainID(id string) bool {
	return id != "" && len(id) <= 128 && strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// isResponse reports whether a request posts a response.
func (x *exchange) isResponse() bool { return ofProvider(x.http.URL.EscapedPath()) == samlPath }

// postedResponse reads the form of the HTTP-POST binding: one response, and at most
// one relay state, which counts as a page to go on to.
func (x *exchange) postedResponse() (*sts.SAMLPosted, string, error) {
	responses, states := x.form["SAMLResponse"], x.form["RelayState"]
	if len(responses) != 1 || len(states) > 1 || responses[0] == "" || len(responses[0]) > saml.MaxResponse {
		return nil, "", &sts.SAMLRefusal{Status: http.StatusBadRequest, Message: "The form must have one SAMLResponse"}
	}
	_, id := splitProvider(x.http.URL.EscapedPath())
	return &sts.SAMLPosted{Response: responses[0], Provider: id, Arrived: x.now}, x.ownPath(x.form.Get("RelayState")), nil
}

// takeResponse verifies a response and leads to the page where a role is chosen.
// One that was verified is never taken again, here or, if it says so itself, by
// AssumeRoleWithSAML.
func (x *exchange) takeResponse() error {
	posted, next, err := x.postedResponse()
	if err != nil {
		return x.refuseResponse(err, home)
	}
	offer, err := x.SAML.OfferSAML(x.http.Context(), *posted)
	if err != nil {
		return x.refuseResponse(err, next)
	}
	first, err := x.Facts.Once(x.http.Context(), offer.Once, offer.Until)
	if err != nil {
		return err
	}
	if !first {
		role := &offer.Roles[0]
		return x.refuseResponse(&sts.SAMLRefusal{
			Account: role.Account, Provider: role.Provider, Status: http.StatusForbidden, Message: "The assertion was used before",
		}, next)
	}
	c := &challenge{Step: stepRole, Response: x.Ident.Token(16), Next: next}
	sealed, err := x.Sessions.Seal(postedPurpose, c.Response, posted)
	if err != nil {
		return err
	}
	if err := x.Facts.Put(x.http.Context(), responseKey(c.Response), []byte(sealed), x.now.Add(challengeLife)); err != nil {
		return err
	}
	if err := x.keep(c, challengeLife); err != nil {
		return err
	}
	return x.redirect(samlRoles)
}

func responseKey(id string) string { return "console/saml-response/" + id }

// keptOffer is what the response of a challenge offers now. It is verified anew, by
// the providers as they are, as of when it came.
func (x *exchange) keptOffer(c *challenge) (*sts.SAMLOffer, error) {
	sealed, err := x.Facts.Get(x.http.Context(), responseKey(c.Response), x.now)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, errResponseOver
	}
	if err != nil {
		return nil, err
	}
	var posted sts.SAMLPosted
	if !x.Sessions.Cookies.Open(postedPurpose, c.Response, string(sealed), maxPosted, &posted) {
		return nil, errResponseOver
	}
	return x.SAML.OfferSAML(x.http.Context(), posted)
}

// errResponseOver is for who comes too late, or a second time.
var errResponseOver = &refusal{status: http.StatusForbidden, title: "Sign in again",
	text: "What your identity provider sent opens one session, within five minutes. Sign in there again."}

// refuseResponse answers somebody whose response is refused, and records it in the
// account whose provider refused it, if one was asked. Nothing that the response
// says is told or recorded.
func (x *exchange) refuseResponse(err error, next string) error {
	refused, ok := errors.AsType[*sts.SAMLRefusal](err)
	if !ok {
		return err
	}
	e := x.loginEvent(somebody{account: refused.Account}, next, "", &refused.Message)
	e.SignIn.Hidden, e.SignIn.SAML = false, true
	if refused.Provider != "" {
		e.SignIn.Additional = append(e.SignIn.Additional, samlProvider(refused.Provider))
	}
	if err := x.appendUnknown(e); err != nil {
		return err
	}
	if cause := refused.Unwrap(); cause != nil {
		x.Logger.LogAttrs(x.http.Context(), slog.LevelInfo, "SAML response refused",
			slog.String("provider", refused.Provider), slog.String("message", refused.Message), slog.String("cause", cause.Error()))
	}
	return &refusal{status: refused.Status, title: "Your request included an invalid SAML response", text: refused.Message + "."}
}

// samlProvider tells in a record who vouched, as CloudTrail does.
func samlProvider(arn string) audit.Member { return audit.Member{Name: "SamlProviderArn", Value: arn} }

// showMetadata describes this server to identity providers. At AWS's address for
// everybody it has AWS's name, by which providers have attributes ready; elsewhere
// its own.
func (x *exchange) showMetadata() error {
	path := x.http.URL.EscapedPath()
	_, id := splitProvider(path)
	consumer := x.PublicURL + samlPath
	if id != "" {
		consumer += sts.SAMLConsumer + id
	}
	name := consumer
	if path == awsMetadata {
		name = "urn:amazon:webservices"
	}
	document, err := saml.ServiceMetadata(name, consumer)
	if err != nil {
		return api.InternalFailure(err)
	}
	x.w.Header().Set("Content-Type", "application/samlmetadata+xml")
	x.w.Header().Set("Cache-Control", "public, max-age="+itoa(int(time.Hour/time.Second)))
	x.w.Write(document) //nolint:errcheck // the client is gone
	return nil
}
