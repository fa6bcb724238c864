//! What counts as JSON, and one spelling for each value.

use super::*;

fn canonical(text: &str) -> String {
    let mut out = Vec::new();
    write_canonical(&parse(text, 32).unwrap(), &mut out);
    String::from_utf8(out).unwrap()
}

fn error(text: &str) -> (String, String) {
    let error = parse(text, 3).unwrap_err();
    (error.pointer, error.detail)
}

#[test]
fn members_are_sorted_by_utf16_and_numbers_have_one_spelling() {
    // From RFC 8785 section 3.2.3 (sorting) and 3.2.2 (values).
    let sorting = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return",
        "\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face",
        "\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
    let names: Vec<_> = ["\\r", "1", "\u{80}", "ö", "€", "😀", "\u{fb33}"].into();
    let sorted = canonical(sorting);
    let mut from = 0;
    for name in names {
        let at = sorted[from..].find(&format!("\"{name}\":")).expect(name);
        from += at;
    }
    let values = r#"{
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false] }"#;
    assert_eq!(
        canonical(values),
        [
            r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#,
            r#""string":"€$\u000f\nA'B\"\\\\\"/"}"#,
        ]
        .concat()
    );
}

#[test]
fn integers_of_64_bits_stay_exact() {
    let cases = [
        ("9007199254740993", "9007199254740993"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "18446744073709552000"),
        ("9007199254740993.0", "9007199254740992"),
        ("1.0", "1"),
        ("1e3", "1000"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("1e-7", "1e-7"),
        ("5e-324", "5e-324"),
        ("0.1", "0.1"),
    ];
    for (text, expected) in cases {
        assert_eq!(canonical(text), expected, "{text}");
    }
}

#[test]
fn faults_have_line_and_column() {
    let cases = [
        ("", "not JSON: the text ends where a value should be at line 1 column 1"),
        ("{\"é\":1,\n \"b\" 2}", "not JSON: expected `:` at line 2 column 6"),
        ("[1,]", "not JSON: expected a value at line 1 column 4"),
        ("{\"a\":1,}", "not JSON: expected a member name in quotes at line 1 column 8"),
        ("[1 2]", "not JSON: expected `,` or `]` at line 1 column 4"),
        ("\"ab", "not JSON: the text ends within a string at line 1 column 4"),
        ("\"a\nb\"", "not JSON: unescaped control character at line 1 column 3"),
        ("\"\\x\"", "not JSON: unknown escape at line 1 column 2"),
        (
            "\"\\u12g4\"",
            "not JSON: expected four hexadecimal digits after `\\u` at line 1 column 2",
        ),
        ("\"\\ud800\"", "not JSON: half of a surrogate pair at line 1 column 2"),
        ("\"\\udc00\"", "not JSON: half of a surrogate pair at line 1 column 2"),
        ("\"\\ud800\\u0041\"", "not JSON: half of a surrogate pair at line 1 column 2"),
        ("01", "not JSON: expected the end of the text at line 1 column 2"),
        ("-", "not JSON: malformed number at line 1 column 1"),
        ("1.", "not JSON: malformed number at line 1 column 1"),
        ("1e+", "not JSON: malformed number at line 1 column 1"),
        ("+1", "not JSON: expected a value at line 1 column 1"),
        ("nul", "not JSON: expected a value at line 1 column 1"),
        ("NaN", "not JSON: expected a value at line 1 column 1"),
        ("{} x", "not JSON: expected the end of the text at line 1 column 4"),
        ("\u{feff}{}", "not JSON: expected a value at line 1 column 1"),
    ];
    for (text, expected) in cases {
        assert_eq!(error(text), (String::new(), expected.to_owned()), "{text}");
    }
}

#[test]
fn faults_beyond_syntax_name_their_place() {
    let place = |text| error(text).0;
    assert_eq!(place(r#"{"a":[0,{"b":[]}]}"#), "/a/1/b");
    assert_eq!(place(r#"{"x/y":[1e400]}"#), "/x~1y/0");
    assert_eq!(
        error(r#"{"a":{"k":1,"\u006b":2}}"#),
        ("/a/k".to_owned(), "member `k` occurs twice at line 1 column 6".to_owned())
    );
    let many: Vec<String> = (0..40).map(|i| format!("\"k{}\":0", i % 39)).collect();
    assert_eq!(place(&format!("{{{}}}", many.join(","))), "/k0");
}

#[test]
fn our_reader_accepts_what_serde_json_accepts_except_what_is_documented() {
    let texts = [
        "null",
        " [ ] ",
        "{}",
        "\"\\u0000\"",
        "\"\u{10ffff}\"",
        "-0.5E-3",
        "[[[]]]",
        "\"\\/\"",
        "[1,2,{\"a\":null}]",
        "1e308",
        "123456789012345678901234567890",
    ];
    for text in texts {
        let ours = canonical(text);
        let theirs: serde_json::Value = serde_json::from_str(text).unwrap();
        let back: serde_json::Value = serde_json::from_str(&ours).unwrap();
        assert_eq!(theirs.as_f64(), back.as_f64(), "{text}");
        if !theirs.is_number() {
            assert_eq!(theirs, back, "{text}");
        }
    }
}
