//! "Delete and recreate the environment", in each of its guises, by an agent whose
//! role is broader than anybody expected.

mod aws;
mod kubectl;
mod terraform;
