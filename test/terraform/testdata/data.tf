# Every data source that IAM's core operations serve. What they say is compared
# with the resources by the outputs.

data "aws_iam_user" "alice" {
  user_name = aws_iam_user.alice.name
}

data "aws_iam_users" "all" {
  name_regex = "^tf-(alice|bob)$"
  depends_on = [aws_iam_user.alice, aws_iam_user.bob]
}

data "aws_iam_access_keys" "alice" {
  user       = aws_iam_user.alice.name
  depends_on = [aws_iam_access_key.alice]
}

data "aws_iam_group" "devops" {
  group_name = aws_iam_group.devops.name
  depends_on = [aws_iam_group_membership.devops]
}

data "aws_iam_role" "app" {
  name = aws_iam_role.app.name
}

data "aws_iam_roles" "app" {
  path_prefix = "/app/"
  depends_on  = [aws_iam_role.app]
}

data "aws_iam_policy" "own" {
  arn = aws_iam_policy.own.arn
}

data "aws_iam_policy" "aws" {
  name = "ReadOnlyAccess"
}

data "aws_iam_account_alias" "this" {
  depends_on = [aws_iam_account_alias.this]
}

data "aws_iam_session_context" "app" {
  arn = "arn:aws:sts::${local.account}:assumed-role/${aws_iam_role.app.name}/session"
}

data "aws_iam_instance_profile" "app" {
  name = aws_iam_instance_profile.app.name
}

data "aws_iam_instance_profiles" "app" {
  role_name  = aws_iam_instance_profile.app.role
  depends_on = [aws_iam_instance_profile.app]
}

data "aws_iam_principal_policy_simulation" "carol" {
  policy_source_arn = aws_iam_user.carol.arn
  action_names      = ["s3:GetObject"]
  resource_arns     = ["arn:aws:s3:::amzn-s3-demo-bucket/key"]
  additional_policies_json = [jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]
  })]
}

output "same" {
  value = {
    user    = [data.aws_iam_user.alice.user_id, aws_iam_user.alice.unique_id]
    users   = [join(" ", sort(data.aws_iam_users.all.names)), "tf-alice tf-bob"]
    key     = [one(data.aws_iam_access_keys.alice.access_keys).access_key_id, aws_iam_access_key.alice.id]
    status  = [one(data.aws_iam_access_keys.alice.access_keys).status, aws_iam_access_key.alice.status]
    group   = [data.aws_iam_group.devops.group_id, aws_iam_group.devops.unique_id]
    members = [join(" ", sort(data.aws_iam_group.devops.users[*].user_name)), join(" ", sort(aws_iam_group_membership.devops.users))]
    role    = [data.aws_iam_role.app.unique_id, aws_iam_role.app.unique_id]
    trust   = [data.aws_iam_role.app.assume_role_policy, aws_iam_role.app.assume_role_policy]
    roles   = [join(" ", data.aws_iam_roles.app.names), "tf-app"]
    policy  = [data.aws_iam_policy.own.policy, aws_iam_policy.own.policy]
    aws     = [data.aws_iam_policy.aws.arn, "arn:aws:iam::aws:policy/ReadOnlyAccess"]
    alias   = [data.aws_iam_account_alias.this.account_alias, aws_iam_account_alias.this.account_alias]
    issuer  = [data.aws_iam_session_context.app.issuer_arn, aws_iam_role.app.arn]
    issuer_url = [data.aws_iam_openid_connect_provider.github.arn, aws_iam_openid_connect_provider.github.arn]
    metadata   = [data.aws_iam_saml_provider.corp.saml_metadata_document, aws_iam_saml_provider.corp.saml_metadata_document]
    profile = [data.aws_iam_instance_profile.app.role_arn, var.changed ? aws_iam_role.attached.arn : aws_iam_role.app.arn]
    holds   = [join(" ", data.aws_iam_instance_profiles.app.names), "tf-app"]
    allowed = [tostring(data.aws_iam_principal_policy_simulation.carol.all_allowed), "true"]
    www     = [data.aws_iam_server_certificate.www.arn, aws_iam_server_certificate.www.arn]
    chain   = [data.aws_iam_server_certificate.www.certificate_chain, trimspace(file("${path.module}/chain.pem"))]
    ssh     = [data.aws_iam_user_ssh_key.carol.fingerprint, aws_iam_user_ssh_key.carol.fingerprint]
    caller  = [data.aws_caller_identity.current.arn, "arn:aws:iam::${local.account}:user/admin"]
  }
}
