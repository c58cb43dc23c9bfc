# Identity providers. The certificate in the metadata is made by the test.

locals {
  certificate = replace(replace(file("${path.module}/leaf.pem"), "/-----[A-Z ]+-----/", ""), "\n", "")
  metadata = {
    for host in ["idp.example.com", "other.example.com"] : host => join("", [
      "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"https://${host}/saml\">",
      "<IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><KeyDescriptor use=\"signing\">",
      "<KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data><X509Certificate>${local.certificate}</X509Certificate></X509Data></KeyInfo>",
      "</KeyDescriptor><SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"https://${host}/sso\"/>",
      "</IDPSSODescriptor></EntityDescriptor><!--${join("", [for i in range(500) : " "])}-->",
    ])
  }
}

resource "aws_iam_openid_connect_provider" "github" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = var.changed ? ["sts.amazonaws.com", "other"] : ["sts.amazonaws.com"]
  thumbprint_list = [var.changed ? "990f4193972f2becf12ddeda5237f9c952f20d9e" : "6938fd4d98bab03faadb97b34396831e3780aea1"]
  tags            = local.tags
}

# No thumbprints, which are optional since 2024.
resource "aws_iam_openid_connect_provider" "cluster" {
  url            = "https://oidc.example.com/id/EXAMPLE"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_saml_provider" "corp" {
  name                   = "tf-corp"
  saml_metadata_document = local.metadata[var.changed ? "other.example.com" : "idp.example.com"]
  tags                   = local.tags
}

resource "aws_iam_role" "deploy" {
  name = "tf-deploy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:octo-org/octo-repo:*" }
      }
    }]
  })
}

data "aws_iam_openid_connect_provider" "github" {
  url        = "https://${aws_iam_openid_connect_provider.github.url}"
  depends_on = [aws_iam_openid_connect_provider.github]
}

data "aws_iam_saml_provider" "corp" {
  arn        = aws_iam_saml_provider.corp.arn
  depends_on = [aws_iam_saml_provider.corp]
}
