import {
  to = terraform_data.legacy
  id = "from-before"
}

resource "terraform_data" "legacy" {
}
