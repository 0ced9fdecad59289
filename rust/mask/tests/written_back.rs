//! What masks have shown is known again in what is copied in.

use narrows_mask::{ColumnType, Format, MaskSet};

fn knows(value: &str) -> bool {
    MaskSet::default().knows(None, ColumnType::UNKNOWN, Format::Text, value.as_bytes())
}

#[test]
fn placeholders_are_known() {
    for value in [
        "[redacted]",
        "[redacted:us-ssn]",
        "see [redacted]!",
        "[redacted [redacted:pan]",
        "<redacted/>",
        "msk_tk3jztpy9hsgs7e4",
        "(msk_tk3jztpy9hsgs7e4)",
        "************4242",
        " **1234",
        "****",
        "**\u{fc}\u{fc}",
        r#"("[redacted]","0")"#,
    ] {
        assert!(knows(value), "{value}");
    }
}

#[test]
fn what_only_looks_like_one_is_not() {
    for value in [
        "",
        "redacted",
        "[redacted",
        "[redacted:]",
        "[redacted:US]",
        "msk_short",
        "xmsk_tk3jztpy9hsgs7e4",
        "msk_tk3jztpy9hsgs7eU",
        "*.md",
        "*",
        "**12345",
        "4242 **** **** 4242",
        "5292776195844692129",
    ] {
        assert!(!knows(value), "{value}");
    }
}
