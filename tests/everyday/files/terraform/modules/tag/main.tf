variable "name" {
  type = string
}

resource "terraform_data" "tag" {
  input = var.name
}

output "tag" {
  value = terraform_data.tag.output
}
