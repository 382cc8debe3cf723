output "zones" {
  value = [for subnet in terraform_data.subnet : subnet.output]
}

output "password" {
  value     = "sesame"
  sensitive = true
}
