# One region: a dual-stack network, a group of edge nodes that replaces itself, a TCP balancer before them, an inner one
# through which a new node finds the gossip pool, and names. Nodes hold photos in memory only: no swap, no shared disk,
# encrypted root for the usage spool, no way in but the balancer.

data "aws_region" "current" {}

locals {
  name = "studio-edge-${var.region}"
  tags = merge(var.tags, { Service = "studio-edge", Region = var.region })
  zone = { for i, z in var.zones : z => i }
  port = { public = 8081, health = 8081, gossip = 7946 }
}

resource "terraform_data" "residency" {
  input = var.aws_region

  lifecycle {
    precondition {
      condition     = data.aws_region.current.name == var.aws_region
      error_message = "The provider points to ${data.aws_region.current.name}, the region is to be in ${var.aws_region}: photos would be handled in the wrong place."
    }
  }
}

# ---- network

resource "aws_vpc" "this" {
  cidr_block                       = var.cidr
  assign_generated_ipv6_cidr_block = true
  enable_dns_hostnames             = true
  tags                             = merge(local.tags, { Name = local.name })

  depends_on = [terraform_data.residency]
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge(local.tags, { Name = local.name })
}

resource "aws_subnet" "zone" {
  for_each = local.zone

  vpc_id                          = aws_vpc.this.id
  availability_zone               = each.key
  cidr_block                      = cidrsubnet(var.cidr, 4, each.value)
  ipv6_cidr_block                 = cidrsubnet(aws_vpc.this.ipv6_cidr_block, 8, each.value)
  assign_ipv6_address_on_creation = true
  map_public_ip_on_launch         = true # the way out to origins; nothing but the balancer may come in
  tags                            = merge(local.tags, { Name = "${local.name}-${each.key}" })
}

resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge(local.tags, { Name = local.name })

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this.id
  }
  route {
    ipv6_cidr_block = "::/0"
    gateway_id      = aws_internet_gateway.this.id
  }
}

resource "aws_route_table_association" "zone" {
  for_each = aws_subnet.zone

  subnet_id      = each.value.id
  route_table_id = aws_route_table.this.id
}

# ---- who may talk to whom

resource "aws_security_group" "balancer" {
  name        = "${local.name}-balancer"
  description = "The public side"
  vpc_id      = aws_vpc.this.id
  tags        = local.tags
}

resource "aws_security_group" "node" {
  name        = "${local.name}-node"
  description = "Edge nodes"
  vpc_id      = aws_vpc.this.id
  tags        = local.tags
}

resource "aws_security_group" "gossip" {
  name        = "${local.name}-gossip"
  description = "The inner door to the gossip pool"
  vpc_id      = aws_vpc.this.id
  tags        = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "public" {
  for_each = { v4 = "0.0.0.0/0", v6 = "::/0" }

  security_group_id = aws_security_group.balancer.id
  description       = "HTTPS from anywhere"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = each.key == "v4" ? each.value : null
  cidr_ipv6         = each.key == "v6" ? each.value : null
}

resource "aws_vpc_security_group_egress_rule" "balancer" {
  security_group_id            = aws_security_group.balancer.id
  description                  = "To the nodes"
  ip_protocol                  = "tcp"
  from_port                    = local.port.public
  to_port                      = local.port.public
  referenced_security_group_id = aws_security_group.node.id
}

resource "aws_vpc_security_group_ingress_rule" "node" {
  security_group_id            = aws_security_group.node.id
  description                  = "From the balancer"
  ip_protocol                  = "tcp"
  from_port                    = local.port.public
  to_port                      = local.port.public
  referenced_security_group_id = aws_security_group.balancer.id
}

# Gossip needs both: UDP for news, TCP for joins and for pings when UDP is lost.
resource "aws_vpc_security_group_ingress_rule" "gossip" {
  for_each = toset(["tcp", "udp"])

  security_group_id            = aws_security_group.node.id
  description                  = "Gossip between nodes"
  ip_protocol                  = each.value
  from_port                    = local.port.gossip
  to_port                      = local.port.gossip
  referenced_security_group_id = aws_security_group.node.id
}

resource "aws_vpc_security_group_egress_rule" "gossip" {
  for_each = toset(["tcp", "udp"])

  security_group_id            = aws_security_group.node.id
  description                  = "Gossip between nodes"
  ip_protocol                  = each.value
  from_port                    = local.port.gossip
  to_port                      = local.port.gossip
  referenced_security_group_id = aws_security_group.node.id
}

resource "aws_vpc_security_group_egress_rule" "to_door" {
  security_group_id            = aws_security_group.node.id
  description                  = "To the inner door"
  ip_protocol                  = "tcp"
  from_port                    = local.port.gossip
  to_port                      = local.port.gossip
  referenced_security_group_id = aws_security_group.gossip.id
}

resource "aws_vpc_security_group_ingress_rule" "door" {
  security_group_id            = aws_security_group.gossip.id
  description                  = "Nodes that join"
  ip_protocol                  = "tcp"
  from_port                    = local.port.gossip
  to_port                      = local.port.gossip
  referenced_security_group_id = aws_security_group.node.id
}

resource "aws_vpc_security_group_egress_rule" "door" {
  security_group_id            = aws_security_group.gossip.id
  description                  = "To the pool"
  ip_protocol                  = "tcp"
  from_port                    = local.port.gossip
  to_port                      = local.port.gossip
  referenced_security_group_id = aws_security_group.node.id
}

resource "aws_vpc_security_group_ingress_rule" "from_door" {
  security_group_id            = aws_security_group.node.id
  description                  = "Joins that come through the inner door"
  ip_protocol                  = "tcp"
  from_port                    = local.port.gossip
  to_port                      = local.port.gossip
  referenced_security_group_id = aws_security_group.gossip.id
}

# Origins are the customers' and may be anywhere; the edge itself refuses private addresses. Web ports only, nothing else
# leaves (the resolver of the network needs no rule).
resource "aws_vpc_security_group_egress_rule" "origin" {
  for_each = { for pair in setproduct(var.origin_ports, ["v4", "v6"]) : "${pair[0]}-${pair[1]}" => { port = pair[0], v6 = pair[1] == "v6" } }

  security_group_id = aws_security_group.node.id
  description       = "Control and customers' origins"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.v6 ? null : "0.0.0.0/0"
  cidr_ipv6         = each.value.v6 ? "::/0" : null
}

# ---- what a node may do: read its four parameters

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "node" {
  statement {
    actions   = ["ssm:GetParameter"]
    resources = [for p in local.parameters : "arn:aws:ssm:${var.aws_region}:${var.account_id}:parameter${p}"]
  }
  dynamic "statement" {
    for_each = var.kms_key_arn == "" ? [] : [var.kms_key_arn]
    content {
      actions   = ["kms:Decrypt"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role" "node" {
  name               = "${local.name}-node"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = local.tags
}

resource "aws_iam_role_policy" "node" {
  name   = "parameters"
  role   = aws_iam_role.node.id
  policy = data.aws_iam_policy_document.node.json
}

resource "aws_iam_instance_profile" "node" {
  name = "${local.name}-node"
  role = aws_iam_role.node.name
  tags = local.tags
}
