//! Integration + catalogue → package.
