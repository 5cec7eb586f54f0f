//! A local Salesforce org behind real HTTP on loopback.
