variable "region" {
  description = "Region of the product, as tokens name it in `rg` and nodes in EDGE_REGION: where photos of its residents may be."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.region))
    error_message = "region: lower-case letters, digits and hyphens, at most 31."
  }
}

variable "aws_region" {
  description = "AWS region that holds it. The provider must point to the same one: a wrong one would put photos in another country."
  type        = string
}

variable "account_id" {
  description = "AWS account, for the ARNs of parameters (given, so that a plan needs no call)."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id: twelve digits."
  }
}

variable "zones" {
  description = "Availability zones, two or more, so that one may fail."
  type        = list(string)

  validation {
    condition     = length(distinct(var.zones)) >= 2 && length(var.zones) == length(distinct(var.zones))
    error_message = "zones: two or more different ones; with one zone a region dies with it."
  }
}

variable "cidr" {
  description = "IPv4 range of the network, a /16 to /20; one subnet a zone is cut from it."
  type        = string
  default     = "10.80.0.0/16"

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 20
    error_message = "cidr: an IPv4 range between /16 and /20."
  }
}

variable "ami_id" {
  description = "Debian 12 machine image for the instance type's architecture."
  type        = string

  validation {
    condition     = can(regex("^ami-[0-9a-f]{8,17}$", var.ami_id))
    error_message = "ami_id: ami-… ."
  }
}

variable "edge_image" {
  description = "Container image of the edge, by digest: a tag could change under a running region."
  type        = string

  validation {
    condition     = can(regex("^[^\\s:@]+(:[0-9]+)?(/[^\\s:@]+)*@sha256:[0-9a-f]{64}$", var.edge_image))
    error_message = "edge_image: name@sha256:…; a tag is refused."
  }
}

variable "control_url" {
  description = "Public address of control, https."
  type        = string

  validation {
    condition     = can(regex("^https://[^/\\s]+$", var.control_url))
    error_message = "control_url: https://host, without a path."
  }
}

variable "domain" {
  description = "Domain of the edges. Nodes of this region answer at <region>.<domain>; <domain> itself goes to the nearest region."
  type        = string
}

variable "zone_id" {
  description = "Route 53 hosted zone of the domain."
  type        = string
}

variable "secrets_prefix" {
  description = "Path of the SecureString parameters that the operator fills (no state file holds them): <prefix>/node-token, /gossip-keys, /tls-cert, /tls-key."
  type        = string
  default     = "/studio"

  validation {
    condition     = can(regex("^(/[a-zA-Z0-9_.-]+)+$", var.secrets_prefix))
    error_message = "secrets_prefix: begins with / and does not end with one."
  }
}

variable "kms_key_arn" {
  description = "Customer key for disks and parameters; empty uses the account's own."
  type        = string
  default     = ""
}

variable "instance_type" {
  description = "A compute type: a slot is a CPU, and a running 12 MP job takes 100 MB above 150 MB idle."
  type        = string
  default     = "c7i.large"
}

variable "nodes" {
  description = "Fewest and most nodes."
  type        = object({ min = number, max = number })
  default     = { min = 2, max = 8 }

  validation {
    condition     = var.nodes.min >= 2 && var.nodes.max >= var.nodes.min && var.nodes.max <= 60
    error_message = "nodes: at least 2, at most 60 (the gossip pool is measured to there), min no more than max."
  }
}

variable "origin_ports" {
  description = "TCP ports on which nodes may reach customers' origins and control."
  type        = set(number)
  default     = [443, 80]

  validation {
    condition     = length(var.origin_ports) > 0 && alltrue([for p in var.origin_ports : contains([80, 443, 8080, 8443], p)])
    error_message = "origin_ports: web ports only (80, 443, 8080, 8443)."
  }
}

variable "drain_seconds" {
  description = "How long a node that leaves keeps serving before it is told to stop: above the balancer's deregistration."
  type        = number
  default     = 120

  validation {
    condition     = var.drain_seconds >= 90 && var.drain_seconds <= 900
    error_message = "drain_seconds: 90 to 900; the balancer needs 60 to let go."
  }
}

variable "tags" {
  description = "Tags for everything."
  type        = map(string)
  default     = {}
}
