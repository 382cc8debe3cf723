//! Requests on disk: waiting, used, and nothing in between.
