//! Where a command acts, as `kubectl config view` tells it.
