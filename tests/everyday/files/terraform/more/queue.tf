resource "terraform_data" "queue" {
  input = "jobs"
}
