package saml

import "sallyport/policy/condition"

// mapped is the condition key of an attribute.
type mapped struct {
	key  string
	many bool // a list
}

// attributeKeys are the condition keys that attributes become, by the attribute's
// Name (IAM User Guide, id_roles_providers_create_saml_assertions.html, "Mapping
// SAML attributes to AWS trust policy context keys"; which are lists says
// reference_policies_iam-condition-keys.html). Some names on AWS's page are not the
// attributes' own object identifiers; both spellings are taken.
var attributeKeys = map[string][]mapped{
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.1":  {{"saml:edupersonaffiliation", true}},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.2":  {{"saml:edupersonnickname", true}},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.3":  {{"saml:edupersonorgdn", false}},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.4":  {{"saml:edupersonorgunitdn", true}},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.5":  {{"saml:edupersonprimaryaffiliation", false}},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.6":  {{"saml:edupersonprincipalname", false}},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.7":  {{"saml:edupersonentitlement", true}},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.8":  {{"saml:edupersonprimaryorgunitdn", false}},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.9":  {{"saml:edupersonscopedaffiliation", true}},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.10": {{"saml:edupersontargetedid", true}},
	"urn:oid:1.3.6.1.4.1.5923.1.1.1.11": {{"saml:edupersonassurance", true}},
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.2":  {{"saml:eduorghomepageuri", true}},
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.3":  {{"saml:eduorgidentityauthnpolicyuri", true}},
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.4":  {{"saml:eduorglegalname", true}},
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.5":  {{"saml:eduorgsuperioruri", true}},
	"urn:oid:1.3.6.1.4.1.5923.1.2.1.6":  {{"saml:eduorgwhitepagesuri", true}},
	"urn:oid:2.5.4.3":                   {{"saml:cn", true}},

	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name":         {{"saml:name", true}},
	"http://schemas.xmlsoap.org/claims/CommonName":                       {{"saml:commonname", true}},
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname":    {{"saml:givenname", true}},
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname":      {{"saml:surname", true}},
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": {{"saml:mail", true}},
	// AWS's table says uid; its list of keys has one of the attribute's own name.
	"http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": {{"saml:uid", true}, {"saml:primarygroupsid", true}},

	"2.5.4.3":                    {{"saml:commonname", true}},
	"2.5.4.4":                    {{"saml:surname", true}},
	"2.4.5.42":                   {{"saml:givenname", true}},
	"2.5.4.42":                   {{"saml:givenname", true}},
	"2.5.4.45":                   {{"saml:x500uniqueidentifier", true}},
	"0.9.2342.19200300100.1.1":   {{"saml:uid", true}},
	"0.9.2342.19200300.100.1.1":  {{"saml:uid", true}},
	"0.9.2342.19200300100.1.3":   {{"saml:mail", true}},
	"0.9.2342.19200300.100.1.3":  {{"saml:mail", true}},
	"0.9.2342.19200300.100.1.45": {{"saml:organizationstatus", true}},
}

// keys returns the condition keys of the assertion's attributes. When several
// attributes become one key the first counts, and so does the first value of a
// key that is no list.
func (a *Assertion) keys() condition.Map {
	found := make(condition.Map)
	for _, attribute := range a.Attributes {
		for _, m := range attributeKeys[attribute.Name] {
			if _, ok := found[m.key]; ok || len(attribute.Values) == 0 {
				continue
			}
			if m.many {
				found[m.key] = condition.Many(attribute.Values...)
			} else {
				found[m.key] = condition.One(attribute.Values[0])
			}
		}
	}
	return found
}
