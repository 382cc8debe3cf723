check "owner" {
  assert {
    condition     = var.owner != ""
    error_message = "every project has an owner"
  }
}
