//! Salesforce over HTTP: wire forms, transport, reading, writing.
//!
//! `wire` is pure encoding and decoding; `transport` sends with a deadline; `Reader` asks,
//! `Writer` changes. Only `guard` opens a `Writer`.

pub mod wire;
