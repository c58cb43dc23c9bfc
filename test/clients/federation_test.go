package clients

import (
	"sallyport/test/clients/harness"
)

// Federated users
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getfederationtoken.html).

// federate makes a session of a federated user under its name.
func federate(as, name string, more P, want harness.Want) harness.Step {
	params := P{"Name": name}
	for member, value := range more {
		params[member] = value
	}
	step := harness.Step{As: as, Service: "sts", Operation: "GetFederationToken", Params: params, Want: want}
	if want.Code == "" {
		step.SaveCredentials = map[string]string{name: "Credentials"}
	}
	return step
}

var federationCases = []harness.Case{
	{Name: "a broker hands out federated users", Steps: []harness.Step{
		federate("admin", "kiosk", P{"Policy": document(allow("s3:GetObject", "*")), "DurationSeconds": 900}, harness.Want{Fields: P{
			"FederatedUser.Arn":             "arn:aws:sts::{{account}}:federated-user/kiosk",
			"FederatedUser.FederatedUserId": "{{account}}:kiosk", "PackedPolicySize": 3,
		}}),
		whoami("kiosk", "arn:aws:sts::{{account}}:federated-user/kiosk"),
		noted("no calls of IAM", by("kiosk", "ListUsers", nil, harness.Want{Code: "InvalidClientTokenId", Status: 403})),
		noted("no sessions in turn", federate("kiosk", "other", nil, harness.Want{
			Code: "AccessDenied", Status: 403, Message: "Cannot call GetFederationToken with session credentials",
		})),
		noted("without a policy and tagged", federate("admin", "tagged", P{"Tags": List{tag("team", "red")}}, harness.Want{})),
		federate("admin", "twice", P{"Tags": List{tag("team", "red"), tag("TEAM", "red")}},
			invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.")),
	}},

	{Name: "an account vouches for its principals", Steps: []harness.Step{
		noted("not before it is enabled", identityToken(harness.Want{Code: "OutboundWebIdentityFederationDisabledException", Status: 403, Message: "OutboundWebIdentityFederation is disabled."})),
		admin("EnableOutboundWebIdentityFederation", nil, harness.Want{Fields: P{"IssuerIdentifier": issuerURL}}),
		admin("EnableOutboundWebIdentityFederation", nil, harness.Want{Code: "FeatureEnabled", Status: 409}),
		admin("GetOutboundWebIdentityFederationInfo", nil, harness.Want{Fields: P{"IssuerIdentifier": issuerURL, "JwtVendingEnabled": true}}),
		identityToken(harness.Want{Fields: P{"WebIdentityToken": harness.Match(`^ey[\w-]+\.ey[\w-]+\.[\w-]{128}$`)}}),
		admin("DisableOutboundWebIdentityFederation", nil, harness.Want{}),
		admin("GetOutboundWebIdentityFederationInfo", nil, harness.Want{Code: "FeatureDisabled", Status: 404}),
	}},
}

var issuerURL = harness.Match(`^http://localhost:\d+/outbound/\d{12}/[0-9a-f-]{36}$`)

func identityToken(want harness.Want) harness.Step {
	return harness.Step{As: "admin", Service: "sts", Operation: "GetWebIdentityToken",
		Params: P{"Audience": List{"https://api.example.com"}, "SigningAlgorithm": "ES384"}, Want: want}
}
