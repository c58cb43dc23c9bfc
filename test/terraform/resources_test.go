package terraform

import "strings"

// A resource is what one of the provider's resources can go through.
type resource struct {
	// changes are the attributes, apart by spaces, that AWS changes in place.
	changes string
	// fixed are those that only a new resource can have another value of.
	fixed string
	// imported gives the id that imports a resource with these attributes.
	// Without it the provider imports none.
	imported func(attributes map[string]any) string
	// forgotten are the attributes that the provider keeps in its state alone,
	// so that it sets them anew after an import.
	forgotten string
}

// resources are the covered ones. Every attribute that a configuration can set
// is in changes or in fixed.
var resources = map[string]resource{
	"aws_iam_access_key":    {changes: "status", fixed: "user pgp_key", imported: byID},
	"aws_iam_account_alias": {fixed: "account_alias", imported: byID},
	"aws_iam_account_password_policy": {
		changes: "allow_users_to_change_password hard_expiry max_password_age minimum_password_length password_reuse_prevention " +
			"require_lowercase_characters require_numbers require_symbols require_uppercase_characters",
		imported: byID,
	},

	"aws_iam_group":                              {changes: "name path", imported: byID},
	"aws_iam_group_membership":                   {changes: "users", fixed: "name group"},
	"aws_iam_group_policies_exclusive":           {changes: "policy_names", fixed: "group_name", imported: by("group_name")},
	"aws_iam_group_policy":                       {changes: "policy", fixed: "group name name_prefix", imported: byID},
	"aws_iam_group_policy_attachment":            {fixed: "group policy_arn", imported: by("group", "policy_arn")},
	"aws_iam_group_policy_attachments_exclusive": {changes: "policy_arns", fixed: "group_name", imported: by("group_name")},

	"aws_iam_openid_connect_provider": {changes: "client_id_list thumbprint_list tags", fixed: "url", imported: by("arn")},
	"aws_iam_saml_provider":           {changes: "saml_metadata_document tags", fixed: "name", imported: by("arn")},

	"aws_iam_policy":            {changes: "policy tags", fixed: "description name name_prefix path", imported: byID},
	"aws_iam_policy_attachment": {changes: "users groups roles", fixed: "name policy_arn"},

	"aws_iam_role": {
		changes: "assume_role_policy description force_detach_policies managed_policy_arns inline_policy max_session_duration permissions_boundary tags",
		fixed:   "name name_prefix path", imported: byID, forgotten: "force_detach_policies",
	},
	"aws_iam_role_policies_exclusive":           {changes: "policy_names", fixed: "role_name", imported: by("role_name")},
	"aws_iam_role_policy":                       {changes: "policy", fixed: "name name_prefix role", imported: byID},
	"aws_iam_role_policy_attachment":            {fixed: "role policy_arn", imported: by("role", "policy_arn")},
	"aws_iam_role_policy_attachments_exclusive": {changes: "policy_arns", fixed: "role_name", imported: by("role_name")},

	"aws_iam_security_token_service_preferences": {changes: "global_endpoint_token_version"},
	"aws_iam_server_certificate": {
		changes: "name path tags", fixed: "name_prefix certificate_body certificate_chain private_key", imported: by("name"),
	},
	"aws_iam_instance_profile":            {changes: "role tags", fixed: "name name_prefix path", imported: byID},
	"aws_iam_service_linked_role":         {changes: "description tags", fixed: "aws_service_name custom_suffix", imported: byID},
	"aws_iam_service_specific_credential": {changes: "status", fixed: "user_name service_name", imported: colons("service_name", "user_name", "service_specific_credential_id")},
	"aws_iam_signing_certificate":         {changes: "status", fixed: "user_name certificate_body", imported: byID},

	"aws_iam_user": {
		changes: "name path permissions_boundary force_destroy tags", imported: byID, forgotten: "force_destroy",
	},
	"aws_iam_user_group_membership":             {changes: "groups", fixed: "user", imported: by("user", "groups")},
	"aws_iam_user_login_profile":                {fixed: "user password_length password_reset_required pgp_key", imported: byID},
	"aws_iam_user_policies_exclusive":           {changes: "policy_names", fixed: "user_name", imported: by("user_name")},
	"aws_iam_user_policy":                       {changes: "policy", fixed: "name name_prefix user", imported: byID},
	"aws_iam_user_policy_attachment":            {fixed: "user policy_arn", imported: by("user", "policy_arn")},
	"aws_iam_user_ssh_key":                      {changes: "status", fixed: "username encoding public_key", imported: colons("username", "ssh_public_key_id", "encoding")},
	"aws_iam_user_policy_attachments_exclusive": {changes: "policy_arns", fixed: "user_name", imported: by("user_name")},

	"aws_iam_virtual_mfa_device": {changes: "tags", fixed: "path virtual_mfa_device_name", imported: byID},
}

func byID(attributes map[string]any) string { return attributes["id"].(string) }

// colons joins attributes by colons.
func colons(names ...string) func(map[string]any) string {
	return func(attributes map[string]any) string {
		return strings.ReplaceAll(by(names...)(attributes), "/", ":")
	}
}

// by joins attributes by slashes; a list stands for its items.
func by(names ...string) func(map[string]any) string {
	return func(attributes map[string]any) string {
		var parts []string
		for _, name := range names {
			switch value := attributes[name].(type) {
			case string:
				parts = append(parts, value)
			case []any:
				for _, item := range value {
					parts = append(parts, item.(string))
				}
			}
		}
		return strings.Join(parts, "/")
	}
}

// dataSources are the covered ones.
var dataSources = []string{
	"aws_iam_access_keys", "aws_iam_account_alias", "aws_iam_group", "aws_iam_instance_profile", "aws_iam_instance_profiles",
	"aws_iam_openid_connect_provider", "aws_iam_policy", "aws_iam_policy_document", "aws_iam_principal_policy_simulation",
	"aws_iam_role", "aws_iam_roles", "aws_iam_saml_provider", "aws_iam_server_certificate", "aws_iam_session_context",
	"aws_iam_user", "aws_iam_user_ssh_key", "aws_iam_users",
}

// waiting are the provider's other names, each with an operation it can't do
// without that is not served yet.
var waiting = map[string]string{
	"resource aws_iam_organizations_features": "EnableOrganizationsRootSessions",
}
