variable "owner" {
  type    = string
  default = "web-team"
}

variable "size" {
  type    = number
  default = 2
}

locals {
  zones = toset(["a", "b"])
}

resource "terraform_data" "network" {
  input = { cidr = "10.0.0.0/16", owner = var.owner }
}

resource "terraform_data" "subnet" {
  for_each = local.zones
  input    = "${each.key}-${var.size}"
}

module "tag" {
  source = "./modules/tag"
  name   = var.owner
}

output "network" {
  value = terraform_data.network.output
}
