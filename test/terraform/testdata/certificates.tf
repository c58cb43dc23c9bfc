# Certificates and keys. Their PEM files are made by the test.

resource "aws_iam_server_certificate" "www" {
  name              = "tf-www"
  certificate_body  = file("${path.module}/leaf.pem")
  certificate_chain = file("${path.module}/chain.pem")
  private_key       = file("${path.module}/key.pem")
  tags              = local.tags

  # The provider can't read it, here as on AWS.
  lifecycle {
    ignore_changes = [private_key]
  }
}

# The provider changes tags under the new name before it gives that.
resource "aws_iam_server_certificate" "renamed" {
  name             = var.changed ? "tf-renamed-second" : "tf-renamed-first"
  path             = var.changed ? "/cloudfront/" : "/"
  certificate_body = file("${path.module}/leaf.pem")
  private_key      = file("${path.module}/key.pem")

  lifecycle {
    ignore_changes = [private_key]
  }
}

resource "aws_iam_server_certificate" "prefixed" {
  name_prefix      = "tf-prefixed-"
  certificate_body = file("${path.module}/leaf.pem")
  private_key      = file("${path.module}/key.pem")

  lifecycle {
    ignore_changes = [private_key]
  }
}

resource "aws_iam_signing_certificate" "carol" {
  user_name        = aws_iam_user.carol.name
  certificate_body = file("${path.module}/leaf.pem")
  status           = var.changed ? "Inactive" : "Active"
}

resource "aws_iam_user_ssh_key" "carol" {
  username   = aws_iam_user.carol.name
  encoding   = "SSH"
  public_key = file("${path.module}/ssh.pub")
  status     = var.changed ? "Inactive" : "Active"
}

resource "aws_iam_user_ssh_key" "pem" {
  username   = aws_iam_user.bob.name
  encoding   = "PEM"
  public_key = file("${path.module}/ssh.pem")
}

resource "aws_iam_service_specific_credential" "carol" {
  user_name    = aws_iam_user.carol.name
  service_name = "codecommit.amazonaws.com"
  status       = var.changed ? "Inactive" : "Active"
}

data "aws_iam_server_certificate" "www" {
  name       = aws_iam_server_certificate.www.name
  depends_on = [aws_iam_server_certificate.www]
}

data "aws_iam_user_ssh_key" "carol" {
  username          = aws_iam_user.carol.name
  ssh_public_key_id = aws_iam_user_ssh_key.carol.ssh_public_key_id
  encoding          = "SSH"
}
