# The region module against mocked AWS: no account, no network. What a mock cannot see: quotas, denials, wrong enums.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_vpc" {
    defaults = { ipv6_cidr_block = "2001:db8:1200::/56" }
  }
  mock_resource "aws_iam_instance_profile" {
    defaults = { arn = "arn:aws:iam::123456789012:instance-profile/studio" }
  }
  mock_resource "aws_lb" {
    defaults = {
      arn      = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/studio/0123456789abcdef"
      dns_name = "studio.elb.eu-central-1.amazonaws.com"
      zone_id  = "Z3F0SRJ5LGBH90"
    }
  }
  mock_resource "aws_lb_target_group" {
    defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/studio/0123456789abcdef" }
  }
  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0", latest_version = 1 }
  }
}

variables {
  region      = "eu"
  aws_region  = "eu-central-1"
  account_id  = "123456789012"
  zones       = ["eu-central-1a", "eu-central-1b"]
  ami_id      = "ami-0123456789abcdef0"
  edge_image  = "registry.example.com/studio/edge@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  control_url = "https://control.example.com"
  domain      = "edge.example.com"
  zone_id     = "Z0123456789ABC"
}

run "a_region_as_it_should_be" {
  command = apply
  module {
    source = "./modules/region"
  }

  assert {
    condition     = aws_launch_template.node.metadata_options[0].http_tokens == "required" && aws_launch_template.node.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "The metadata service must ask for a token and stay out of the container's reach."
  }
  assert {
    condition     = aws_launch_template.node.block_device_mappings[0].ebs[0].encrypted == "true"
    error_message = "The disk must be encrypted."
  }
  assert {
    condition     = aws_lb_listener.public.protocol == "TCP"
    error_message = "TLS must end at the edge: a balancer would see photos in clear."
  }
  assert {
    condition     = aws_lb.gossip.internal
    error_message = "The door to the gossip pool must not be public."
  }
  assert {
    condition     = aws_autoscaling_group.node.max_instance_lifetime == 604800
    error_message = "A node lives a week at most."
  }
  assert {
    condition     = one([for h in aws_autoscaling_group.node.initial_lifecycle_hook : h.heartbeat_timeout]) > aws_lb_target_group.public.deregistration_delay
    error_message = "A node must outlive its place at the balancer."
  }
  assert {
    condition     = output.address == "https://eu.edge.example.com"
    error_message = "Tokens name the pinned address of the region."
  }
  assert {
    condition     = output.parameters["node-token"] == "/studio/eu/node-token"
    error_message = "Parameters are per region."
  }
}

run "nothing_but_the_web_leaves" {
  command = apply
  module {
    source = "./modules/region"
  }

  assert {
    condition     = alltrue([for r in aws_vpc_security_group_egress_rule.origin : r.ip_protocol == "tcp" && contains([80, 443], r.from_port) && r.from_port == r.to_port])
    error_message = "To the world only web ports are open."
  }
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.origin) == 4
    error_message = "Origins must be reachable on both ports over IPv4 and IPv6: an edge that reaches only control is safe and useless."
  }
  assert {
    condition     = alltrue([for r in aws_vpc_security_group_egress_rule.gossip : r.referenced_security_group_id == aws_security_group.node.id && r.cidr_ipv4 == null])
    error_message = "Gossip stays between nodes."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.node.referenced_security_group_id == aws_security_group.balancer.id
    error_message = "Only the balancer may come in."
  }
}

run "no_secret_in_the_machine_s_data" {
  command = apply
  module {
    source = "./modules/region"
  }

  assert {
    condition     = strcontains(base64decode(aws_launch_template.node.user_data), "swapoff -a")
    error_message = "A node must have no swap: photos live in memory."
  }
  assert {
    condition     = strcontains(base64decode(aws_launch_template.node.user_data), "ssm get-parameter --with-decryption") && !strcontains(base64decode(aws_launch_template.node.user_data), "pasn.")
    error_message = "Secrets are read at boot, never written into user data."
  }
  assert {
    condition     = strcontains(base64decode(aws_launch_template.node.user_data), "--read-only") && strcontains(base64decode(aws_launch_template.node.user_data), "--ulimit core=0")
    error_message = "The container's root is read-only and it dumps no core."
  }
}

run "the_wrong_country_is_refused" {
  command = plan
  module {
    source = "./modules/region"
  }
  variables {
    aws_region = "us-east-1"
  }
  expect_failures = [terraform_data.residency]
}

run "an_image_by_tag_is_refused" {
  command = plan
  module {
    source = "./modules/region"
  }
  variables {
    edge_image = "registry.example.com/studio/edge:latest"
  }
  expect_failures = [var.edge_image]
}

run "one_zone_is_refused" {
  command = plan
  module {
    source = "./modules/region"
  }
  variables {
    zones = ["eu-central-1a"]
  }
  expect_failures = [var.zones]
}

run "every_port_to_the_world_is_refused" {
  command = plan
  module {
    source = "./modules/region"
  }
  variables {
    origin_ports = [0]
  }
  expect_failures = [var.origin_ports]
}

run "a_drain_shorter_than_the_balancer_s_is_refused" {
  command = plan
  module {
    source = "./modules/region"
  }
  variables {
    drain_seconds = 30
  }
  expect_failures = [var.drain_seconds]
}
