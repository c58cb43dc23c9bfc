# One of every resource that IAM's core operations serve, twice: as it is first
# and, with changed, with every attribute that can be changed in place changed.

variable "changed" {
  type    = bool
  default = false
}

locals {
  version_of = var.changed ? "second" : "first"
  tags = var.changed ? {
    team = "green", stage = "test"
    } : {
    team = "blue", cost = "1234"
  }
  read    = data.aws_iam_policy_document.read.json
  other   = data.aws_iam_policy_document.other.json
  text    = var.changed ? local.other : local.read
  account = data.aws_caller_identity.current.account_id
}

data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::example-bucket/*"]
  }
}

data "aws_iam_policy_document" "other" {
  statement {
    sid       = "List"
    actions   = ["s3:ListBucket", "s3:GetBucketLocation"]
    resources = ["arn:aws:s3:::example-bucket"]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["home/&{aws:username}/*"]
    }
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = var.changed ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root"]
    }
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

# Policies.

resource "aws_iam_policy" "own" {
  name        = "tf-own"
  path        = "/app/"
  description = "Made by Terraform"
  policy      = local.text
  tags        = local.tags
}

resource "aws_iam_policy" "prefixed" {
  name_prefix = "tf-prefixed-"
  policy      = local.read
}

resource "aws_iam_policy" "shared" {
  name   = "tf-shared"
  policy = local.read
}

resource "aws_iam_policy" "limits" {
  count  = 2
  name   = "tf-limits-${count.index}"
  policy = local.read
}

# Users.

resource "aws_iam_user" "alice" {
  name                 = "tf-alice"
  path                 = var.changed ? "/staff/" : "/"
  permissions_boundary = aws_iam_policy.limits[var.changed ? 1 : 0].arn
  force_destroy        = var.changed
  tags                 = local.tags
}

resource "aws_iam_user" "bob" {
  name          = "tf-bob"
  force_destroy = true
}

resource "aws_iam_user" "carol" {
  name = "tf-carol"
}

resource "aws_iam_user" "renamed" {
  name = "tf-renamed-${local.version_of}"
}

resource "aws_iam_user_policy" "inline" {
  name   = "inline"
  user   = aws_iam_user.alice.name
  policy = local.text
}

resource "aws_iam_user_policy" "more" {
  name_prefix = "more-"
  user        = aws_iam_user.alice.name
  policy      = local.read
}

resource "aws_iam_user_policies_exclusive" "alice" {
  user_name = aws_iam_user.alice.name
  policy_names = var.changed ? [
    aws_iam_user_policy.inline.name, aws_iam_user_policy.more.name, aws_iam_user_policy.second[0].name,
  ] : [aws_iam_user_policy.inline.name, aws_iam_user_policy.more.name]
}

resource "aws_iam_user_policy" "second" {
  count  = var.changed ? 1 : 0
  name   = "second"
  user   = aws_iam_user.alice.name
  policy = local.read
}

resource "aws_iam_user_policy_attachment" "own" {
  user       = aws_iam_user.alice.name
  policy_arn = aws_iam_policy.own.arn
}

resource "aws_iam_user_policy_attachments_exclusive" "bob" {
  user_name = aws_iam_user.bob.name
  policy_arns = var.changed ? [
    "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/IAMReadOnlyAccess",
  ] : ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
}

resource "aws_iam_access_key" "alice" {
  user   = aws_iam_user.alice.name
  status = var.changed ? "Inactive" : "Active"
}

resource "aws_iam_user_login_profile" "alice" {
  user                    = aws_iam_user.alice.name
  password_length         = 24
  password_reset_required = true

  # The provider can't read these, here as on AWS.
  lifecycle {
    ignore_changes = [password_length, password_reset_required, pgp_key]
  }
}

resource "aws_iam_virtual_mfa_device" "phone" {
  virtual_mfa_device_name = "tf-phone"
  path                    = "/app/"
  tags                    = local.tags
}

# Groups.

resource "aws_iam_group" "devops" {
  name = "tf-devops"
  path = var.changed ? "/teams/" : "/"
}

resource "aws_iam_group" "renamed" {
  name = "tf-renamed-${local.version_of}"
}

resource "aws_iam_group" "more" {
  count = 2
  name  = "tf-more-${count.index}"
}

resource "aws_iam_group_policy" "inline" {
  name   = "inline"
  group  = aws_iam_group.devops.name
  policy = local.text
}

resource "aws_iam_group_policy" "second" {
  count  = var.changed ? 1 : 0
  name   = "second"
  group  = aws_iam_group.devops.name
  policy = local.read
}

resource "aws_iam_group_policies_exclusive" "devops" {
  group_name   = aws_iam_group.devops.name
  policy_names = concat([aws_iam_group_policy.inline.name], aws_iam_group_policy.second[*].name)
}

resource "aws_iam_group_policy_attachment" "own" {
  group      = aws_iam_group.devops.name
  policy_arn = aws_iam_policy.own.arn
}

resource "aws_iam_group_policy_attachment" "more" {
  for_each = var.changed ? toset([
    "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
  ]) : toset(["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/IAMReadOnlyAccess"])
  group      = aws_iam_group.more[0].name
  policy_arn = each.value
}

# The exclusive resources attach what is missing and detach what is too much,
# and leave all as it is when they are destroyed.
resource "aws_iam_group_policy_attachments_exclusive" "more" {
  group_name  = aws_iam_group.more[0].name
  policy_arns = [for a in aws_iam_group_policy_attachment.more : a.policy_arn]
}

resource "aws_iam_group_membership" "devops" {
  name  = "devops"
  group = aws_iam_group.devops.name
  users = var.changed ? [aws_iam_user.alice.name, aws_iam_user.bob.name] : [aws_iam_user.alice.name]
}

resource "aws_iam_user_group_membership" "alice" {
  user   = aws_iam_user.alice.name
  groups = var.changed ? [aws_iam_group.more[1].name] : aws_iam_group.more[*].name
}

# Roles.

resource "aws_iam_role" "app" {
  name                  = "tf-app"
  path                  = "/app/"
  assume_role_policy    = data.aws_iam_policy_document.trust.json
  description           = "The ${local.version_of} description"
  max_session_duration  = var.changed ? 7200 : 3600
  permissions_boundary  = aws_iam_policy.limits[var.changed ? 1 : 0].arn
  force_detach_policies = var.changed
  tags                  = local.tags
}

resource "aws_iam_role" "exclusive" {
  name_prefix        = "tf-exclusive-"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  managed_policy_arns = var.changed ? [
    "arn:aws:iam::aws:policy/ReadOnlyAccess", aws_iam_policy.prefixed.arn,
  ] : ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]

  inline_policy {
    name   = "kept"
    policy = local.text
  }
  dynamic "inline_policy" {
    for_each = var.changed ? ["added"] : ["removed", "dropped"]
    content {
      name   = inline_policy.value
      policy = local.read
    }
  }
}

resource "aws_iam_role_policy" "inline" {
  name   = "inline"
  role   = aws_iam_role.app.name
  policy = local.text
}

resource "aws_iam_role_policy" "second" {
  count  = var.changed ? 1 : 0
  name   = "second"
  role   = aws_iam_role.app.name
  policy = local.read
}

resource "aws_iam_role_policies_exclusive" "app" {
  role_name    = aws_iam_role.app.name
  policy_names = concat([aws_iam_role_policy.inline.name], aws_iam_role_policy.second[*].name)
}

resource "aws_iam_role" "attached" {
  name                  = "tf-attached"
  assume_role_policy    = data.aws_iam_policy_document.trust.json
  force_detach_policies = true
}

resource "aws_iam_role_policy_attachment" "own" {
  role       = aws_iam_role.app.name
  policy_arn = aws_iam_policy.own.arn
}

resource "aws_iam_role_policy_attachments_exclusive" "attached" {
  role_name = aws_iam_role.attached.name
  policy_arns = var.changed ? [
    aws_iam_policy.shared.arn, "arn:aws:iam::aws:policy/IAMReadOnlyAccess",
  ] : [aws_iam_policy.shared.arn]
  depends_on = [aws_iam_policy_attachment.shared]
}

resource "aws_iam_policy_attachment" "shared" {
  name       = "shared"
  policy_arn = aws_iam_policy.shared.arn
  users      = var.changed ? [aws_iam_user.alice.name] : [aws_iam_user.alice.name, aws_iam_user.carol.name]
  groups     = var.changed ? [aws_iam_group.devops.name, aws_iam_group.more[1].name] : [aws_iam_group.devops.name]
  roles      = var.changed ? [aws_iam_role.attached.name, aws_iam_role.app.name] : [aws_iam_role.attached.name]
}

# The account.

resource "aws_iam_instance_profile" "app" {
  name = "tf-app"
  path = "/app/"
  role = var.changed ? aws_iam_role.attached.name : aws_iam_role.app.name
  tags = local.tags
}

resource "aws_iam_instance_profile" "prefixed" {
  name_prefix = "tf-prefixed-"
}

resource "aws_iam_service_linked_role" "spot" {
  aws_service_name = "spot.amazonaws.com"
}

resource "aws_iam_service_linked_role" "web" {
  aws_service_name = "autoscaling.amazonaws.com"
  custom_suffix    = "web"
  description      = "The ${local.version_of} description"
  tags             = local.tags
}

resource "aws_iam_account_password_policy" "this" {
  allow_users_to_change_password = var.changed
  hard_expiry                    = var.changed
  max_password_age               = var.changed ? 90 : 30
  minimum_password_length        = var.changed ? 12 : 10
  password_reuse_prevention      = var.changed ? 5 : 2
  require_lowercase_characters   = !var.changed
  require_numbers                = !var.changed
  require_symbols                = var.changed
  require_uppercase_characters   = var.changed
}

resource "aws_iam_account_alias" "this" {
  account_alias = "anycompany-example"
}

# Destroying it leaves the account as it is, so that the last value is AWS's default.
resource "aws_iam_security_token_service_preferences" "this" {
  global_endpoint_token_version = var.changed ? "v1Token" : "v2Token"
}
