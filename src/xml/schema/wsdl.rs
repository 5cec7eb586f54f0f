//! The table held against the WSDL itself.
