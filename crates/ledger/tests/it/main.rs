//! The sample files of the specification, from bytes to balances.

#[cfg(test)]
mod samples;
