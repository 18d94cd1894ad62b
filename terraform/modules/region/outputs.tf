output "address" {
  description = "Public address of this region's edges; what EDGE_PUBLIC_URL says and control's directory shows."
  value       = "https://${var.region}.${var.domain}"
}

output "parameters" {
  description = "SecureString parameters to fill before the first node starts (`control node <region>` prints the node token)."
  value       = local.parameters
}

output "group" {
  description = "Auto Scaling group, for draining by hand and for canaries."
  value       = aws_autoscaling_group.node.name
}

output "balancer" {
  description = "DNS name of the public balancer."
  value       = aws_lb.public.dns_name
}
