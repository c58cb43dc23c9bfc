package saml

import (
	"github.com/beevik/etree"
)

// nameFormats are the formats of NameID that are asked for, in AWS's order of
// preference. Any is taken; these keep a subject's name from session to session,
// but for transient (SAML Core 2.0, section 8.3).
var nameFormats = []string{
	"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
	"urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
	"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
	formatUnspecified,
}

// ServiceMetadata describes the service to identity providers, as they import it
// (SAML Metadata 2.0, section 2.4.4): its entity id, the URL that it takes
// responses at by HTTP-POST, and the attributes it wants. It holds no certificate.
// The service signs no requests, and the key that a provider encrypts for is one
// that its own administrator made and gave to both sides (IAM User Guide,
// id_roles_providers_create_saml.html).
func ServiceMetadata(entityID, consumer string) ([]byte, error) {
	document := etree.NewDocument()
	document.CreateProcInst("xml", `version="1.0" encoding="UTF-8"`)
	entity := document.CreateElement("EntityDescriptor")
	entity.CreateAttr("xmlns", nsMetadata)
	entity.CreateAttr("entityID", entityID)
	service := entity.CreateElement("SPSSODescriptor")
	service.CreateAttr("AuthnRequestsSigned", "false")
	service.CreateAttr("WantAssertionsSigned", "true")
	service.CreateAttr("protocolSupportEnumeration", nsProtocol)
	for _, format := range nameFormats {
		service.CreateElement("NameIDFormat").SetText(format)
	}
	post := service.CreateElement("AssertionConsumerService")
	post.CreateAttr("Binding", BindingPOST)
	post.CreateAttr("Location", consumer)
	post.CreateAttr("index", "0")
	post.CreateAttr("isDefault", "true")
	wanted := service.CreateElement("AttributeConsumingService")
	wanted.CreateAttr("index", "0")
	name := wanted.CreateElement("ServiceName")
	name.CreateAttr("xml:lang", "en")
	name.SetText("Sallyport")
	for _, a := range []struct{ name, required string }{
		{"Role", "true"}, {"RoleSessionName", "true"}, {"SessionDuration", "false"}, {"SourceIdentity", "false"}, {"TransitiveTagKeys", "false"},
	} {
		attribute := wanted.CreateElement("RequestedAttribute")
		attribute.CreateAttr("Name", awsAttributes+a.name)
		attribute.CreateAttr("NameFormat", "urn:oasis:names:tc:SAML:2.0:attrname-format:uri")
		attribute.CreateAttr("FriendlyName", a.name)
		attribute.CreateAttr("isRequired", a.required)
	}
	document.Indent(2)
	return document.WriteToBytes()
}
