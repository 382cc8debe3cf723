//! JSON that can be read in one way only: no name stands twice in an object. Of two,
//! another reader may take the one that ours does not. Beside it, what is forgiven in
//! JSON that people keep in files.

use std::collections::HashSet;
use std::{fmt, io};

use jsonc_parser::ParseOptions;
use serde::Serialize as _;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads one value.
///
/// # Errors
/// Where it is no JSON, or a name stands twice in an object.
pub(crate) fn value(text: &[u8]) -> serde_json::Result<Value> {
    read(text, Names(str::to_owned))
}

/// The same, where names that differ in case only are one name, as Go has them.
///
/// # Errors
/// As [`value`].
pub(crate) fn value_in_any_case(text: &[u8]) -> serde_json::Result<Value> {
    read(text, Names(fold))
}

fn read(text: &[u8], names: Names) -> serde_json::Result<Value> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = names.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// `value` on one line: sorted, without white space, and with everything but
/// printable ASCII escaped, so that it can be shown as it is.
///
/// # Errors
/// None that a [`Value`] can have.
pub(crate) fn ascii(mut value: Value) -> io::Result<Vec<u8>> {
    // A map is sorted already, unless some package in the build switched
    // serde_json's `preserve_order` on for all of them.
    value.sort_all_objects();
    let mut line = Vec::with_capacity(512);
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut line, Ascii))?;
    Ok(line)
}

/// Compact JSON in which strings are printable ASCII.
struct Ascii;

impl serde_json::ser::Formatter for Ascii {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        for c in fragment.chars() {
            if matches!(c, ' '..='~') {
                writer.write_all(&[c as u8])?;
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

/// `name` so that names which differ in case only are equal. It equates
/// everything that Unicode's simple folding does (`K` and the sign for kelvin)
/// and little more (`ß` and `ss`).
pub(crate) fn fold(name: &str) -> String {
    // Not `str::to_lowercase`, in which a sigma depends on where it stands.
    let lower = name.chars().flat_map(char::to_lowercase);
    lower.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// What a name is compared by.
#[derive(Clone, Copy)]
struct Names(fn(&str) -> String);

impl<'de> DeserializeSeed<'de> for Names {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Names {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element_seed(self)? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let (mut object, mut seen) = (Map::new(), HashSet::new());
        while let Some(name) = access.next_key::<String>()? {
            if !seen.insert((self.0)(&name)) {
                return Err(A::Error::custom(format_args!("the name {name:?} stands twice in an object")));
            }
            object.insert(name, access.next_value_seed(self)?);
        }
        Ok(Value::Object(object))
    }
}

/// JSON as people write it into files: comments and commas too many are forgiven.
pub(crate) fn lenient() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_once_is_read_as_it_is() {
        for text in [
            "null",
            "true",
            "-1",
            "18446744073709551615",
            "1.5e300",
            r#""\u00e9\n""#,
            "[]",
            "{}",
            r#"{"a":{"a":[{"a":1},{"a":null}]},"b":"a","":0}"#,
        ] {
            let expected: Value = serde_json::from_str(text).unwrap();
            assert_eq!(value(text.as_bytes()).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_stands_twice_is_refused() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":2,"a":null}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"[{"x":{"command":"ls","command":"terraform destroy"}}]"#,
        ] {
            let error = value(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("stands twice in an object"), "{text}: {error}");
        }
        for text in ["{}{}", "{} x", "[1"] {
            assert!(value(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn names_may_differ_in_case_alone_or_not() {
        let text = br#"{"a":{"Key":1,"key":2}}"#;
        assert!(value(text).is_ok());
        assert!(value_in_any_case(text).is_err());
    }
}
