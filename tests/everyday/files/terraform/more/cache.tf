resource "terraform_data" "cache" {
  input = "sessions"
}

resource "terraform_data" "cache_alarm" {
  input = terraform_data.cache.output
}
