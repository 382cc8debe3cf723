//! Tokens: an approval in the forms in which it comes back.
