//! Keys that somebody on this machine could sign with: never a second person's.
