//! Signatures as `ssh-keygen -Y sign` makes them, and the keys that make them.
