package saml

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/beevik/etree"
)

// Namespaces of SAML's metadata and of signatures.
const (
	nsMetadata  = "urn:oasis:names:tc:SAML:2.0:metadata"
	nsSignature = "http://www.w3.org/2000/09/xmldsig#"
)

// protocolSAML2 is what a role's protocolSupportEnumeration lists when it speaks
// SAML 2.0.
const protocolSAML2 = "urn:oasis:names:tc:SAML:2.0:protocol"

// Bindings of single sign-on endpoints (SAML Bindings 2.0, sections 3.4 and 3.5).
const (
	BindingRedirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
	BindingPOST     = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
)

// Limits of metadata. The length, in characters, is AWS's (IAM API Reference,
// CreateSAMLProvider).
const (
	maxMetadata  = 10_000_000
	maxEntityID  = 1024 // SAML Core 2.0, section 8.3.6
	maxSignOn    = 50
	maxSigners   = 20
	maxEndpoint  = 2048
	bytesPerChar = 4
)

var metadataLimits = limits{
	bytes: maxMetadata * bytesPerChar, depth: 64, elements: 200_000, attributes: 64, namespaces: 128,
	namespaceLength: 1024, comments: true,
}

// Metadata is what an identity provider says of itself.
type Metadata struct {
	EntityID string
	// ValidUntil is when the metadata ends to be valid; nil if it does not say.
	ValidUntil              *time.Time
	WantAuthnRequestsSigned bool
	SignOn                  []Endpoint // single sign-on services, in order
	// SigningCertificates hold the keys that responses are signed with, in order.
	// Nothing but their keys and times of validity counts: metadata is trusted
	// because it was uploaded, not for who issued its certificates.
	SigningCertificates []*x509.Certificate
}

// Endpoint is where a service is.
type Endpoint struct{ Binding, Location string }

// SignOnURL returns the first single sign-on service of a binding, or "".
func (m *Metadata) SignOnURL(binding string) string {
	for _, e := range m.SignOn {
		if e.Binding == binding {
			return e.Location
		}
	}
	return ""
}

// ParseMetadata reads a metadata document (SAML Metadata 2.0): one
// EntityDescriptor with an IDPSSODescriptor of SAML 2.0, or an EntitiesDescriptor
// that holds exactly one such. As AWS asks for, it is in UTF-8 without a byte
// order mark. A signature of the document is not looked at: who may upload it is
// trusted. Errors say what is wrong in the document, and hold nothing of it but
// names of elements.
func ParseMetadata(document []byte) (*Metadata, error) {
	m, err := parseMetadata(document)
	if err != nil {
		return nil, fmt.Errorf("saml: metadata: %w", err)
	}
	return m, nil
}

func parseMetadata(document []byte) (*Metadata, error) {
	if n := utf8.RuneCount(document); n > maxMetadata {
		return nil, fmt.Errorf("the document is longer than %d characters", maxMetadata)
	}
	root, err := read(document, metadataLimits)
	if err != nil {
		return nil, err
	}
	providers, err := identityProviders(root, nil)
	if err != nil {
		return nil, err
	}
	if len(providers) != 1 {
		return nil, fmt.Errorf("there are %d identity providers of SAML 2.0, not one", len(providers))
	}
	return providers[0].metadata()
}

// described is an entity's IDPSSODescriptor, and when it ends to be valid.
type described struct {
	entity, role *etree.Element
	validUntil   *time.Time
}

// identityProviders finds them in a descriptor and those inside it.
func identityProviders(el *etree.Element, validUntil *time.Time) ([]described, error) {
	validUntil, err := sooner(el, validUntil)
	if err != nil {
		return nil, err
	}
	var found []described
	switch {
	case is(el, nsMetadata, "EntityDescriptor"):
		for _, role := range all(el, nsMetadata, "IDPSSODescriptor") {
			protocols, _ := attribute(role, "protocolSupportEnumeration")
			if !slices.Contains(strings.Fields(protocols), protocolSAML2) {
				continue
			}
			until, err := sooner(role, validUntil)
			if err != nil {
				return nil, err
			}
			found = append(found, described{entity: el, role: role, validUntil: until})
		}
	case is(el, nsMetadata, "EntitiesDescriptor"):
		for child := range el.ChildElementsSeq() {
			if !is(child, nsMetadata, "EntityDescriptor") && !is(child, nsMetadata, "EntitiesDescriptor") {
				continue
			}
			inside, err := identityProviders(child, validUntil)
			if err != nil {
				return nil, err
			}
			found = append(found, inside...)
		}
	default:
		return nil, errors.New("the root element is no EntityDescriptor or EntitiesDescriptor")
	}
	return found, nil
}

// sooner returns the earlier of an element's validUntil and that of what is
// around it.
func sooner(el *etree.Element, outer *time.Time) (*time.Time, error) {
	own, err := instant(el, "validUntil")
	if err != nil {
		return nil, err
	}
	if own == nil || outer != nil && outer.Before(*own) {
		return outer, nil
	}
	return own, nil
}

func (d described) metadata() (*Metadata, error) {
	m := &Metadata{ValidUntil: d.validUntil}
	m.EntityID, _ = attribute(d.entity, "entityID")
	if m.EntityID == "" || len(m.EntityID) > maxEntityID {
		return nil, fmt.Errorf("the entityID is missing or longer than %d bytes", maxEntityID)
	}
	var err error
	if m.WantAuthnRequestsSigned, err = boolean(d.role, "WantAuthnRequestsSigned"); err != nil {
		return nil, err
	}
	if m.SignOn, err = signOn(d.role); err != nil {
		return nil, err
	}
	m.SigningCertificates, err = signingCertificates(d.role)
	return m, err
}

func signOn(role *etree.Element) ([]Endpoint, error) {
	services := all(role, nsMetadata, "SingleSignOnService")
	if len(services) == 0 || len(services) > maxSignOn {
		return nil, fmt.Errorf("there is no SingleSignOnService, or there are more than %d", maxSignOn)
	}
	var endpoints []Endpoint
	for _, s := range services {
		binding, _ := attribute(s, "Binding")
		location, _ := attribute(s, "Location")
		u, err := url.Parse(location)
		if err != nil || len(location) > maxEndpoint || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return nil, errors.New("the Location of a SingleSignOnService is no URL of HTTP")
		}
		if binding == "" {
			return nil, errors.New("a SingleSignOnService has no Binding")
		}
		endpoints = append(endpoints, Endpoint{Binding: binding, Location: location})
	}
	return endpoints, nil
}
