//! t
#[test]
fn dump() {
    std::fs::write("/tmp/opencx.schema.json", super::schema()).unwrap();
}
