moved {
  from = terraform_data.queue
  to   = terraform_data.jobs
}

resource "terraform_data" "jobs" {
  input = "jobs"
}
