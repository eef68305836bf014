//! kokuhoren-sim
