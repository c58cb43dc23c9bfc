resource "aws_iam_user" "alice" {
  name = "tf-alice"
}

resource "aws_iam_policy" "own" {
  name = "tf-own"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]
  })
}
