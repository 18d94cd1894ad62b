# TCP through: TLS ends at the edge, so no balancer ever holds a photo in clear.
resource "aws_lb" "public" {
  name                             = substr(local.name, 0, 32)
  load_balancer_type               = "network"
  ip_address_type                  = "dualstack"
  subnets                          = [for s in aws_subnet.zone : s.id]
  security_groups                  = [aws_security_group.balancer.id]
  enable_cross_zone_load_balancing = true
  tags                             = local.tags
}

resource "aws_lb_target_group" "public" {
  name                   = substr("${local.name}-pub", 0, 32)
  port                   = local.port.public
  protocol               = "TCP"
  vpc_id                 = aws_vpc.this.id
  deregistration_delay   = 60
  connection_termination = false
  preserve_client_ip     = "true"
  tags                   = local.tags

  health_check {
    protocol            = "HTTPS"
    path                = "/health" # 503 while draining
    port                = local.port.health
    interval            = 5
    timeout             = 3
    healthy_threshold   = 2
    unhealthy_threshold = 2
    matcher             = "200"
  }
}

resource "aws_lb_listener" "public" {
  load_balancer_arn = aws_lb.public.arn
  port              = 443
  protocol          = "TCP"
  tags              = local.tags

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.public.arn
  }
}

# The inner door: a new node joins the pool through it by TCP, learns the others' addresses and gossips with them directly.
resource "aws_lb" "gossip" {
  name               = substr("${local.name}-door", 0, 32)
  load_balancer_type = "network"
  internal           = true
  subnets            = [for s in aws_subnet.zone : s.id]
  security_groups    = [aws_security_group.gossip.id]
  tags               = local.tags
}

resource "aws_lb_target_group" "gossip" {
  name                 = substr("${local.name}-door", 0, 32)
  port                 = local.port.gossip
  protocol             = "TCP"
  vpc_id               = aws_vpc.this.id
  deregistration_delay = 10
  preserve_client_ip   = "false" # a node may be sent to itself
  tags                 = local.tags

  health_check {
    protocol = "TCP"
    interval = 5
    timeout  = 3
  }
}

resource "aws_lb_listener" "gossip" {
  load_balancer_arn = aws_lb.gossip.arn
  port              = local.port.gossip
  protocol          = "TCP"
  tags              = local.tags

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.gossip.arn
  }
}

# ---- names: one pinned to this region (tokens name it), one that goes to the nearest

resource "aws_route53_record" "pinned" {
  for_each = toset(["A", "AAAA"])

  zone_id = var.zone_id
  name    = "${var.region}.${var.domain}"
  type    = each.value

  alias {
    name                   = aws_lb.public.dns_name
    zone_id                = aws_lb.public.zone_id
    evaluate_target_health = true
  }
}

resource "aws_route53_record" "nearest" {
  for_each = toset(["A", "AAAA"])

  zone_id        = var.zone_id
  name           = var.domain
  type           = each.value
  set_identifier = var.region

  latency_routing_policy {
    region = var.aws_region
  }

  alias {
    name                   = aws_lb.public.dns_name
    zone_id                = aws_lb.public.zone_id
    evaluate_target_health = true
  }
}
