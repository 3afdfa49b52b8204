//! What does not compile, and what the compiler says then. The messages are part of the product: read their
//! differences before accepting them with `TRYBUILD=overwrite`.

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/*/*.rs");
}
