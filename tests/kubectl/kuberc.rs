//! Aliases and default flags of kuberc files.
