provider "aws" {
  alias                   = "reader"
  region                  = "us-east-1"
  skip_metadata_api_check = true

  assume_role {
    role_arn     = "arn:aws:iam::111122223333:role/Reader"
    session_name = "terraform"
    tags         = { team = "blue" }
  }

  endpoints {
    iam = var.endpoint
    sts = var.endpoint
  }
}

resource "aws_iam_user" "alice" {
  name = "tf-alice"
}

resource "aws_iam_policy" "own" {
  provider = aws.reader
  name     = "tf-own"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]
  })
}
