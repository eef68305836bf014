//! From the bytes of files to cases and balances: the samples of the specification, and made-up months.

#[cfg(test)]
mod months;
#[cfg(test)]
mod samples;
