//! Ids of the rules, each explained in `docs/guide/rules.md`. The letters follow the public descriptions of the format:
//! F envelope, L layout, V values, C contents, CD check digits, O order, A sums of a statement, B sums of the 請求書.
//!
//! What has no id here is no fault that a file could have: which quotes and zeros a vendor writes (V3, V4, V8), letters in
//! office numbers (V9, part of CD2), the order of persons and details (O2, O3), several service months in one file (O6),
//! fixed-length layouts (F12). A9, whose share is paid first, is part of A7 and A8; B6, the 請求書 of 7113, of B1 and B2.

macro_rules! rules {
    ($($name:ident)*) => {
        $(pub(crate) const $name: &str = stringify!($name);)*
        /// Ids of every rule of the check.
        pub const RULES: &[&str] = &[$(stringify!($name)),*];
    };
}

rules! {
    F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11
    L1 L2
    V1 V2 V5 V6 V7 V10
    C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 C11 C12 C13 C14
    CD1 CD2 CD3 CD4
    O1 O4 O5
    A1 A2 A3 A4 A5 A6 A7 A8 A10 A11 A12 A13 A14
    B1 B2 B3 B4 B5
    X1
}
