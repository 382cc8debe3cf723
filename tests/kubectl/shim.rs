//! The built binary in front of the real kubectl and an API double.
