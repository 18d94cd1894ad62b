locals {
  parameters = { for p in ["node-token", "gossip-keys", "tls-cert", "tls-key"] : p => "${var.secrets_prefix}/${var.region}/${p}" }

  user_data = templatefile("${path.module}/user-data.sh.tftpl", {
    region      = var.region
    aws_region  = var.aws_region
    image       = var.edge_image
    control_url = var.control_url
    public_url  = "https://${var.region}.${var.domain}"
    door        = aws_lb.gossip.dns_name
    parameters  = local.parameters
    drain       = 20
  })
}

resource "aws_launch_template" "node" {
  name_prefix            = "${local.name}-"
  image_id               = var.ami_id
  instance_type          = var.instance_type
  update_default_version = true
  user_data              = base64encode(local.user_data)
  vpc_security_group_ids = [aws_security_group.node.id]
  tags                   = local.tags

  iam_instance_profile {
    arn = aws_iam_instance_profile.node.arn
  }

  metadata_options {
    http_tokens                 = "required" # IMDSv2
    http_put_response_hop_limit = 1          # not from inside the container
    http_endpoint               = "enabled"
  }

  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      encrypted             = "true"
      kms_key_id            = var.kms_key_arn == "" ? null : var.kms_key_arn
      volume_size           = 12
      volume_type           = "gp3"
      delete_on_termination = "true"
    }
  }

  tag_specifications {
    resource_type = "instance"
    tags          = merge(local.tags, { Name = local.name })
  }
}

resource "aws_autoscaling_group" "node" {
  name                      = local.name
  min_size                  = var.nodes.min
  max_size                  = var.nodes.max
  vpc_zone_identifier       = [for s in aws_subnet.zone : s.id]
  target_group_arns         = [aws_lb_target_group.public.arn, aws_lb_target_group.gossip.arn]
  health_check_type         = "ELB"
  health_check_grace_period = 180
  max_instance_lifetime     = 604800 # a week: what a node remembers, it does not remember long
  capacity_rebalance        = true
  default_instance_warmup   = 120

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  instance_refresh {
    strategy = "Rolling"
    preferences {
      min_healthy_percentage = 90
      max_healthy_percentage = 120
      auto_rollback          = true
      checkpoint_percentages = [20, 50, 100]
      checkpoint_delay       = 300
    }
  }

  # A node that leaves is taken off the balancer first and serves on meanwhile; nobody completes the hook, its end is
  # the signal that stops the machine.
  initial_lifecycle_hook {
    name                 = "drain"
    lifecycle_transition = "autoscaling:EC2_INSTANCE_TERMINATING"
    default_result       = "CONTINUE"
    heartbeat_timeout    = var.drain_seconds
  }

  dynamic "tag" {
    for_each = local.tags
    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }
}

resource "aws_autoscaling_policy" "cpu" {
  name                   = "cpu"
  autoscaling_group_name = aws_autoscaling_group.node.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = 55
    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}
