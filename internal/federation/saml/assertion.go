package saml

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/beevik/etree"
)

const methodBearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer"

// formatUnspecified is the format of a NameID that says none (SAML Core 2.0,
// section 2.2.2).
const formatUnspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"

// maxAge is how long after it was issued an assertion can be used; AWS's message
// says so.
const maxAge = 5 * time.Minute

// Assertion is what an identity provider says of somebody, verified.
type Assertion struct {
	ID           string // unique among its issuer's
	ResponseID   string // of the response, which may be unsigned
	Issuer       string // the provider's EntityID
	InResponseTo string // of the confirmation; "" if it says none
	IssueInstant time.Time
	Subject      NameID
	Recipient    string // the URL that the assertion is for
	Audience     string // which of Rules.Audiences, as the assertion has it
	// Expires is when Verify begins to refuse the assertion, its skew included.
	Expires time.Time
	// SessionNotOnOrAfter is when a session made of the assertion must end; nil if
	// it does not say.
	SessionNotOnOrAfter *time.Time
	OneTimeUse          bool // it says that it must not be used twice
	Encrypted           bool
	Attributes          []Attribute
}

// NameID is the subject's name.
type NameID struct {
	Value           string
	Format          string // a URI
	NameQualifier   string
	SPNameQualifier string
}

// Attribute is an attribute of the subject, with its values in order.
type Attribute struct {
	Name         string
	NameFormat   string
	FriendlyName string
	Values       []string
}

// readAssertion reads and checks an assertion that was verified, in the order:
// form, subject, times, audience.
func (v *verifier) readAssertion(el *etree.Element) (*Assertion, *Error) {
	a := &Assertion{Issuer: v.metadata.EntityID}
	a.ID, _ = attribute(el, "ID")
	if err := checkVersion(el); err != nil {
		return nil, malformed(messageMalformed, err)
	}
	issued, err := instant(el, "IssueInstant")
	if err == nil && issued == nil {
		err = errors.New("the assertion has no IssueInstant")
	}
	if err != nil {
		return nil, malformed(messageMalformed, err)
	}
	a.IssueInstant = *issued
	if refusal := v.checkAge(a); refusal != nil {
		return nil, refusal
	}
	if refusal := v.readSubject(el, a); refusal != nil {
		return nil, refusal
	}
	if refusal := v.readConditions(el, a); refusal != nil {
		return nil, refusal
	}
	if refusal := v.readSession(el, a); refusal != nil {
		return nil, refusal
	}
	if a.Attributes, err = readAttributes(el); err != nil {
		return nil, malformed(messageMalformed, err)
	}
	return a, nil
}

func (v *verifier) checkAge(a *Assertion) *Error {
	if a.IssueInstant.After(v.now.Add(v.rules.Skew)) {
		return invalid(messageEarly, errors.New("IssueInstant is in the future"))
	}
	a.Expires = a.IssueInstant.Add(maxAge + v.rules.Skew)
	if !v.now.Before(a.Expires) {
		return expired(messageAge)
	}
	return nil
}

// checkPeriod takes the NotBefore and NotOnOrAfter of an element.
func (v *verifier) checkPeriod(el *etree.Element, a *Assertion) *Error {
	from, err := instant(el, "NotBefore")
	if err != nil {
		return malformed(messageMalformed, err)
	}
	until, err := instant(el, "NotOnOrAfter")
	if err != nil {
		return malformed(messageMalformed, err)
	}
	if from != nil && v.now.Add(v.rules.Skew).Before(*from) {
		return invalid(messageEarly, errors.New("NotBefore is in the future"))
	}
	if until != nil {
		end := until.Add(v.rules.Skew)
		if !v.now.Before(end) {
			return expired(messageExpired)
		}
		if end.Before(a.Expires) {
			a.Expires = end
		}
	}
	return nil
}

// readSubject reads the Subject: its NameID and exactly one confirmation, by
// bearer, with a Recipient and NotOnOrAfter (IAM User Guide,
// id_roles_providers_create_saml_assertions.html).
func (v *verifier) readSubject(el *etree.Element, a *Assertion) *Error {
	subject, err := optional(el, nsAssertion, "Subject")
	if err != nil {
		return malformed(messageMalformed, err)
	}
	if subject == nil {
		return denied(errors.New("the assertion has no Subject"))
	}
	if a.Subject, err = readNameID(subject); err != nil {
		return malformed(messageMalformed, err)
	}
	if a.Subject.Value == "" {
		return denied(errors.New("the Subject has no NameID"))
	}
	confirmation, err := one(subject, nsAssertion, "SubjectConfirmation")
	if err != nil {
		return invalid(messageConfirmation, err)
	}
	if method, _ := attribute(confirmation, "Method"); method != methodBearer {
		return invalid(messageConfirmation, errors.New("the confirmation is not by bearer"))
	}
	data, err := one(confirmation, nsAssertion, "SubjectConfirmationData")
	if err != nil {
		return invalid(messageConfirmation, err)
	}
	return v.readConfirmation(data, a)
}

func (v *verifier) readConfirmation(data *etree.Element, a *Assertion) *Error {
	a.Recipient, _ = attribute(data, "Recipient")
	if _, ok := attribute(data, "NotOnOrAfter"); !ok || a.Recipient == "" {
		return invalid(messageConfirmation, nil)
	}
	if refusal := v.checkPeriod(data, a); refusal != nil {
		return refusal
	}
	if !slices.Contains(v.rules.Recipients, a.Recipient) {
		return invalid(messageRecipient, errors.New("the Recipient is another"))
	}
	request, answers := attribute(data, "InResponseTo")
	a.InResponseTo = request
	if v.rules.Unsolicited && answers || v.rules.InResponseTo != "" && request != v.rules.InResponseTo {
		return invalid(messageRequest, errors.New("InResponseTo of the confirmation is another, or is not there"))
	}
	return nil
}

// readNameID reads a Subject's NameID; without one its value is empty. Encrypted
// ones, and the identifiers that extensions define, are not taken.
func readNameID(subject *etree.Element) (NameID, error) {
	el, err := optional(subject, nsAssertion, "NameID")
	if err != nil || el == nil {
		return NameID{}, err
	}
	name := NameID{Format: formatUnspecified}
	if name.Value, err = text(el); err != nil {
		return NameID{}, err
	}
	if format, ok := attribute(el, "Format"); ok && format != "" {
		name.Format = format
	}
	name.NameQualifier, _ = attribute(el, "NameQualifier")
	name.SPNameQualifier, _ = attribute(el, "SPNameQualifier")
	return name, nil
}

// readConditions checks the Conditions. One that is not understood makes the
// assertion's validity unknown (SAML Core 2.0, section 2.5.1), and so refused.
func (v *verifier) readConditions(el *etree.Element, a *Assertion) *Error {
	conditions, err := optional(el, nsAssertion, "Conditions")
	if err != nil {
		return malformed(messageMalformed, err)
	}
	if conditions == nil {
		return invalid(messageAudience, errors.New("the assertion has no Conditions"))
	}
	if refusal := v.checkPeriod(conditions, a); refusal != nil {
		return refusal
	}
	for condition := range conditions.ChildElementsSeq() {
		switch {
		case is(condition, nsAssertion, "AudienceRestriction"):
			if refusal := v.readAudience(condition, a); refusal != nil {
				return refusal
			}
		case is(condition, nsAssertion, "OneTimeUse"):
			a.OneTimeUse = true
		case is(condition, nsAssertion, "ProxyRestriction"):
			// It is about assertions that are made of this one; none are.
		default:
			return malformed(messageMalformed, errors.New("a condition is not understood"))
		}
	}
	if a.Audience == "" {
		return invalid(messageAudience, errors.New("there is no AudienceRestriction"))
	}
	return nil
}

// readAudience checks one AudienceRestriction; all that are there must hold.
func (v *verifier) readAudience(restriction *etree.Element, a *Assertion) *Error {
	for _, el := range all(restriction, nsAssertion, "Audience") {
		audience, err := text(el)
		if err != nil {
			return malformed(messageMalformed, err)
		}
		name, _, _ := strings.Cut(audience, "#")
		if name != "" && slices.Contains(v.rules.Audiences, name) {
			a.Audience = audience
			return nil
		}
	}
	return invalid(messageAudience, errors.New("the assertion is for another audience"))
}

// readSession finds when a session must end: the earliest of all AuthnStatements.
func (v *verifier) readSession(el *etree.Element, a *Assertion) *Error {
	for _, statement := range all(el, nsAssertion, "AuthnStatement") {
		end, err := instant(statement, "SessionNotOnOrAfter")
		if err != nil {
			return malformed(messageMalformed, err)
		}
		if end == nil {
			continue
		}
		if !v.now.Before(*end) {
			return expired(messageExpired)
		}
		if a.SessionNotOnOrAfter == nil || end.Before(*a.SessionNotOnOrAfter) {
			a.SessionNotOnOrAfter = end
		}
	}
	return nil
}

func readAttributes(el *etree.Element) ([]Attribute, error) {
	var found []Attribute
	for _, statement := range all(el, nsAssertion, "AttributeStatement") {
		for child := range statement.ChildElementsSeq() {
			if !is(child, nsAssertion, "Attribute") {
				return nil, errors.New("an AttributeStatement holds more than attributes")
			}
			a, err := readAttribute(child)
			if err != nil {
				return nil, err
			}
			found = append(found, a)
		}
	}
	return found, nil
}

func readAttribute(el *etree.Element) (Attribute, error) {
	a := Attribute{}
	a.Name, _ = attribute(el, "Name")
	a.NameFormat, _ = attribute(el, "NameFormat")
	a.FriendlyName, _ = attribute(el, "FriendlyName")
	if a.Name == "" {
		return a, errors.New("an Attribute has no Name")
	}
	for _, value := range all(el, nsAssertion, "AttributeValue") {
		// eduPersonTargetedID's values are NameIDs.
		if children := value.ChildElements(); len(children) == 1 && is(children[0], nsAssertion, "NameID") {
			value = children[0]
		}
		s, err := text(value)
		if err != nil {
			return a, err
		}
		a.Values = append(a.Values, s)
	}
	return a, nil
}
