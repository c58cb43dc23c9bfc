terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

variable "endpoint" {
  type = string
}

# Credentials come from the environment, as they would for AWS. They are
# validated, and the account is asked for, through sts:GetCallerIdentity.
provider "aws" {
  region                  = "us-east-1"
  skip_metadata_api_check = true
  skip_region_validation  = true

  endpoints {
    iam = var.endpoint
    sts = var.endpoint
  }
}
