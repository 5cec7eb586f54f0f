//! Embedded templates and manifests, overrides, and one engine per output language.
