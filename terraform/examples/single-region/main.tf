# One region in Frankfurt. Fill the parameters that the output names, then `terraform apply`.
terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

variable "account_id" {
  description = "AWS account."
  type        = string
}

variable "zone_id" {
  description = "Route 53 zone of the domain."
  type        = string
}

variable "domain" {
  description = "Domain of the edges."
  type        = string
}

variable "control_url" {
  description = "Address of control."
  type        = string
}

variable "edge_image" {
  description = "Container image of the edge, by digest."
  type        = string
}

variable "ami_id" {
  description = "Debian 12 image in eu-central-1."
  type        = string
}

module "eu" {
  source = "../../modules/region"

  region      = "eu"
  aws_region  = "eu-central-1"
  zones       = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  account_id  = var.account_id
  zone_id     = var.zone_id
  domain      = var.domain
  control_url = var.control_url
  edge_image  = var.edge_image
  ami_id      = var.ami_id
}

output "address" {
  description = "Where the region answers."
  value       = module.eu.address
}

output "parameters" {
  description = "Parameters to fill before the first node starts."
  value       = module.eu.parameters
}
