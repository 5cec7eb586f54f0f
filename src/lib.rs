//! OpenCX for Salesforce as code.
//!
//! One YAML file is rendered to a **package** of Salesforce components, the package is compared
//! with what the **org** holds, deployed when that is safe, read back, and the same comparison is
//! what CI calls drift.
//!
//! ```text
//! opencx.yaml ─config→ Integration ─render→ Package ─compare→ Plan ─guard→ Deploy ─verify→ Report
//!                                     │                ↑                      │
//!                                  lint/zip       org ─read→ Live  ←──────────┘
//! ```
//!
//! Data goes one way. Every arrow is a function with values in and values out; only `sf`, files,
//! the clock and the terminal touch the world.
//!
//! # Modules
//!
//! A module uses only those above it in this table; `tests/architecture.rs` reads the table and
//! the `use` lines and fails otherwise.
//!
//! | module | responsibility |
//! | --- | --- |
//! | `diag` | what a finding is: code, severity, place, cause, help |
//! | `advice` | what the platform's refusals mean: cause, fix, config keys |
//! | `secret` | values that can't be shown; redaction of any text |
//! | `metadata` | the Metadata API's words: types, names, components, ids |
//! | `xml` | metadata XML as trees, and what the WSDL says of each type |
//! | `apex` | Apex as text: literals, identifiers, syntax, normal form, marker |
//! | `debug_log` | Apex debug logs: text → events |
//! | `config` | YAML → validated config → the integration of one org; JSON Schema |
//! | `messaging` | live messaging's keys and settings: made, read, judged offline |
//! | `template` | embedded templates and overrides; one engine per output language |
//! | `package` | package ↔ metadata format, source format, deterministic zip; safe reading |
//! | `compare` | wanted package and live org → changes |
//! | `render` | integration + catalogue → package |
//! | `lint` | rules over a package |
//! | `help` | pages on the codes of findings |
//! | `sf` | Salesforce over HTTP: wire forms, transport, reading, writing |
//! | `diagnosis` | what an org found wrong with a deploy: whose, from where, why, what helps |
//! | `journal` | what this machine did to an org, so that a crash loses nothing |
//! | `emulator` | a local org behind real HTTP; shares only `sf::wire` types with the client |
//! | `plan` | what would change in one org |
//! | `provenance` | whom a difference comes from: this tool, another deploy, or a person |
//! | `guard` | may it be changed; the only maker of a `Writer` |
//! | `verify` | is it so: checks against the live org |
//! | `assign` | permission sets are given to the integration user |
//! | `drift` | one org read and held against its package; what is excused |
//! | `dns` | what a domain says of its mail: SPF, DKIM, DMARC |
//! | `forwarding` | the code that a mail provider asks for before it forwards |
//! | `doctor` | from a symptom to its cause: what an org's state says |
//! | `conversation` | one Case with its mail and jobs, and what follows from it |
//! | `trace` | what happens to one message or Case, from debug logs |
//! | `bundle` | what support needs, in one file without secrets and personal data |
//! | `dispatch` | one request that changes an org: sent once, followed to its end |
//! | `deploy` | one org from plan to verified |
//! | `simulate` | scenarios of the integration's life, played in a local org |
//! | `uninstall` | what is ours leaves an org |
//! | `rollback` | back to what an org held before a deploy |
//! | `fleet` | many orgs in one run, bounded; one that fails hides none |
//! | `report` | values → text for people and programs |
//! | `notify` | one message about a run, to a webhook |
//! | `cli` | arguments, environment, terminal, exit code |
//!
//! # Invariants
//!
//! - The library never prints, exits or reads the environment; `cli` does.
//! - `sf::Reader` and `sf::Writer` are different types and only `guard` makes a `Writer`, so
//!   read-only commands are read-only by type.
//! - "Unknown" is a third outcome beside done and failed, and never turns green.
//! - Same input, same bytes: rendering and packaging are deterministic.

pub mod advice;
pub mod apex;
pub mod assign;
pub mod bundle;
pub mod cli;
pub mod compare;
pub mod config;
pub mod conversation;
pub mod debug_log;
pub mod deploy;
pub mod diag;
pub mod diagnosis;
pub mod dispatch;
pub mod dns;
pub mod doctor;
pub mod drift;
pub mod emulator;
pub mod fleet;
pub mod forwarding;
pub mod guard;
pub mod help;
pub mod journal;
pub mod lint;
pub mod messaging;
pub mod metadata;
pub mod notify;
pub mod package;
pub mod plan;
pub mod provenance;
pub mod render;
pub mod report;
pub mod rollback;
pub mod secret;
pub mod sf;
pub mod simulate;
pub mod template;
pub mod trace;
pub mod uninstall;
pub mod verify;
pub mod xml;
