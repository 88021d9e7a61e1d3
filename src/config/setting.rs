use std::borrow::Cow;

use crate::source::Span;
use crate::units::java_double_to_string;

/// One value as a layer sets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting<'a> {
    /// The flattened key, such as `taskmanager.memory.process.size`.
    pub key: Cow<'a, str>,
    /// The value as Flink's `Configuration` holds it.
    pub value: RawValue<'a>,
    /// Where the key is written; its last part where the file nests.
    pub key_span: Span,
    /// Where the value is written, quotes included.
    pub value_span: Span,
    /// What set it.
    pub layer: Layer,
}

impl Setting<'_> {
    /// The same setting, whose texts are this one's.
    pub fn borrowed(&self) -> Setting<'_> {
        let Self { key, value, key_span, value_span, layer } = self;
        Setting {
            key: Cow::Borrowed(key),
            value: value.borrowed(),
            key_span: *key_span,
            value_span: *value_span,
            layer: *layer,
        }
    }

    /// The same setting without its text's source.
    pub fn into_owned(self) -> Setting<'static> {
        let Self { key, value, key_span, value_span, layer } = self;
        let (key, value) = (Cow::Owned(key.into_owned()), value.into_owned());
        Setting { key, value, key_span, value_span, layer }
    }
}

/// What can set a value; a later variant wins over an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// What comes with Flink, its image or its operator.
    Shipped,
    /// `flink-conf.yaml` or `config.yaml`.
    File,
    /// `FLINK_PROPERTIES` and other variables of a container.
    Environment,
    /// An option of the client that stands for a key, such as `-ytm`.
    CommandOption,
    /// `-D key=value`.
    DynamicProperty,
    /// `flinkConfiguration` of a manifest.
    Manifest,
    /// What a client or an operator works out from a job's description, such as `-p`.
    Derived,
    /// `SET` in a script, or application code.
    Job,
}

impl Layer {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shipped => "shipped default",
            Self::File => "configuration file",
            Self::Environment => "environment",
            Self::CommandOption => "command option",
            Self::DynamicProperty => "dynamic property",
            Self::Manifest => "manifest",
            Self::Derived => "job description",
            Self::Job => "job",
        }
    }
}

/// A value as Flink's `Configuration` holds it: text, unless the YAML loader typed it.
#[derive(Debug, Clone, PartialEq)]
pub enum RawValue<'a> {
    /// `java.lang.String`; also lists, which the loader turns into YAML flow style.
    Text(Cow<'a, str>),
    /// `java.lang.Boolean`.
    Boolean(bool),
    /// `java.lang.Integer`.
    Integer(i32),
    /// `java.lang.Long`.
    Long(i64),
    /// `java.math.BigInteger`, in decimal.
    BigInteger(String),
    /// `java.lang.Double`.
    Double(f64),
    /// A `Set` or a `byte[]`, which only YAML's rarer tags make, as `Configuration.toMap` writes it.
    Other(String),
}

impl RawValue<'_> {
    /// The same value, whose text is this one's.
    pub fn borrowed(&self) -> RawValue<'_> {
        match self {
            Self::Text(text) => RawValue::Text(Cow::Borrowed(text)),
            Self::Boolean(value) => RawValue::Boolean(*value),
            Self::Integer(value) => RawValue::Integer(*value),
            Self::Long(value) => RawValue::Long(*value),
            Self::BigInteger(digits) => RawValue::BigInteger(digits.clone()),
            Self::Double(value) => RawValue::Double(*value),
            Self::Other(text) => RawValue::Other(text.clone()),
        }
    }

    /// The same value without its text's source.
    pub fn into_owned(self) -> RawValue<'static> {
        match self {
            Self::Text(text) => RawValue::Text(Cow::Owned(text.into_owned())),
            Self::Boolean(value) => RawValue::Boolean(value),
            Self::Integer(value) => RawValue::Integer(value),
            Self::Long(value) => RawValue::Long(value),
            Self::BigInteger(digits) => RawValue::BigInteger(digits),
            Self::Double(value) => RawValue::Double(value),
            Self::Other(text) => RawValue::Other(text),
        }
    }

    /// The value as Java's `toString` writes it.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Boolean(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            Self::Integer(value) => Cow::Owned(value.to_string()),
            Self::Long(value) => Cow::Owned(value.to_string()),
            Self::BigInteger(digits) => Cow::Borrowed(digits),
            Self::Double(value) => Cow::Owned(java_double_to_string(*value)),
            Self::Other(text) => Cow::Borrowed(text),
        }
    }

    /// The value as `Configuration.toMap` writes it: as [`text`](Self::text), but for the numbers
    /// that YAML writes its own way.
    pub fn map_text(&self) -> Cow<'_, str> {
        match self {
            Self::Double(value) if value.is_nan() => Cow::Borrowed(".nan"),
            Self::Double(value) if value.is_infinite() => {
                Cow::Borrowed(if *value > 0.0 { ".inf" } else { "-.inf" })
            }
            other => other.text(),
        }
    }
}
