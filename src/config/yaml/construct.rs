use std::borrow::Cow;
use std::collections::HashSet;

use super::Emitter;
use crate::config::RawValue;
use crate::syntax::yaml::{
    Content, Context, Document, Node, NodeId, PlainType, ScalarStyle, YamlError, plain_type,
};
use crate::units::parse_java_double;

/// What the engine makes of a node, as far as Flink can tell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Data<'a> {
    /// Java's `null`.
    Null,
    /// `String`, `Boolean`, `Integer`, `Long`, `BigInteger` or `Double`.
    Scalar(RawValue<'a>),
    /// `byte[]`, in base64.
    Binary(String),
    /// `List`
    Sequence,
    /// `Map`
    Mapping,
    /// `Set`
    Set,
}

/// A document with the Java value of every node.
#[derive(Debug)]
pub(super) struct Constructed<'d, 'a> {
    pub(super) document: &'d Document<'a>,
    data: Vec<Data<'a>>,
}

/// Longest hexadecimal or octal number, in digits. Flink has no limit; above this one, the time to
/// print it in decimal would show.
const MAX_RADIX_DIGITS: usize = 10_000;

const BOOLEAN: &str = "tag:yaml.org,2002:bool";
const BINARY: &str = "tag:yaml.org,2002:binary";
const FLOAT: &str = "tag:yaml.org,2002:float";
const INTEGER: &str = "tag:yaml.org,2002:int";
const MAPPING: &str = "tag:yaml.org,2002:map";
const NULL: &str = "tag:yaml.org,2002:null";
const SEQUENCE: &str = "tag:yaml.org,2002:seq";
const SET: &str = "tag:yaml.org,2002:set";
const TEXT: &str = "tag:yaml.org,2002:str";
const ENVIRONMENT: &str = "!ENV_VARIABLE";

impl<'d, 'a> Constructed<'d, 'a> {
    /// Types every node; nodes that Flink refuses are errors, and null here.
    ///
    /// Source: `StandardConstructor` with `CoreSchema`, snakeyaml-engine 2.6.
    pub(super) fn new(document: &'d Document<'a>) -> (Self, Vec<YamlError>) {
        let mut errors = Vec::new();
        let mut data = Vec::with_capacity(document.node_count());
        for node in document.nodes() {
            data.push(construct(node).unwrap_or_else(|error| {
                errors.push(error);
                Data::Null
            }));
        }
        let constructed = Self { document, data };
        for (node, data) in document.nodes().zip(&constructed.data) {
            if matches!(data, Data::Mapping | Data::Set) {
                errors.extend(constructed.duplicate_key(node));
            }
        }
        (constructed, errors)
    }

    pub(super) fn data(&self, id: NodeId) -> &Data<'a> {
        self.data.get(id.index()).unwrap_or(&Data::Null)
    }

    /// The first key of a mapping that is there twice, by Java's `equals`.
    fn duplicate_key(&self, node: &Node<'a>) -> Option<YamlError> {
        let Content::Mapping(pairs) = &node.content else { return None };
        let mut seen = Seen::with_capacity(pairs.len());
        for pair in pairs {
            if self.document.node(pair.key).is_some_and(|key| key.is_recursive) {
                const PROBLEM: &str =
                    "Recursive key for mapping is detected but it is not configured to be allowed.";
                let message = "a key cannot contain itself";
                return Some(YamlError::unplaced(pair.key_span.clone(), PROBLEM, message));
            }
            let identity = self.identity(pair.key);
            let text = identity.1.clone();
            if !seen.insert(identity) {
                return Some(YamlError::new(
                    pair.key_span.clone(),
                    Context::Since("while constructing a mapping", node.start),
                    format!("found duplicate key {text}"),
                    format!("`{text}` is set twice in the same map"),
                ));
            }
        }
        None
    }

    /// Equal for keys that Java calls equal: kind and text.
    fn identity(&self, id: NodeId) -> (u8, Cow<'_, str>) {
        match self.data(id) {
            Data::Null => (0, "null".into()),
            Data::Scalar(value @ RawValue::Text(_)) => (1, value.text()),
            Data::Scalar(value @ RawValue::Boolean(_)) => (2, value.text()),
            // Numbers of different types never are equal; their texts then differ, too.
            Data::Scalar(value) => (3, value.text()),
            // Java compares arrays by identity.
            Data::Binary(_) => (4, id.index().to_string().into()),
            Data::Sequence | Data::Mapping | Data::Set => {
                let mut anchor_count = 0;
                (5, Emitter::new(self, &mut anchor_count).emit(id).into())
            }
        }
    }
}

/// The identities of a mapping's keys. Nearly all mappings have few, which are quicker to compare
/// with each other than to hash.
enum Seen<'a> {
    Few(Vec<(u8, Cow<'a, str>)>),
    Many(HashSet<(u8, Cow<'a, str>)>),
}

impl<'a> Seen<'a> {
    const FEW: usize = 16;

    fn with_capacity(count: usize) -> Self {
        if count <= Self::FEW {
            Self::Few(Vec::with_capacity(count))
        } else {
            Self::Many(HashSet::with_capacity(count))
        }
    }

    /// Whether it was not there.
    fn insert(&mut self, identity: (u8, Cow<'a, str>)) -> bool {
        match self {
            Self::Few(few) => {
                let is_new = !few.contains(&identity);
                few.push(identity);
                is_new
            }
            Self::Many(many) => many.insert(identity),
        }
    }
}

fn construct<'a>(node: &Node<'a>) -> Result<Data<'a>, YamlError> {
    match (&node.content, node.tag.as_deref()) {
        (Content::Scalar(text, style), None) => construct_untagged(node, text, *style),
        (Content::Scalar(text, _), Some(tag)) => construct_tagged(node, text, tag),
        (Content::Sequence(_), None | Some("!" | SEQUENCE)) => Ok(Data::Sequence),
        (Content::Mapping(_), None | Some("!" | MAPPING)) => Ok(Data::Mapping),
        (Content::Mapping(_), Some(SET)) => Ok(Data::Set),
        (
            _,
            Some(
                tag @ (BOOLEAN | BINARY | FLOAT | INTEGER | MAPPING | NULL | SEQUENCE | SET | TEXT
                | ENVIRONMENT),
            ),
        ) => Err(wrong_kind(node, tag)),
        (_, Some(tag)) => Err(unknown_tag(node, tag)),
    }
}

fn construct_untagged<'a>(
    node: &Node<'a>,
    text: &Cow<'a, str>,
    style: ScalarStyle,
) -> Result<Data<'a>, YamlError> {
    let plain = match style {
        ScalarStyle::Plain => plain_type(text),
        _ => PlainType::Text,
    };
    Ok(match plain {
        PlainType::Null => Data::Null,
        PlainType::Boolean => boolean(text),
        PlainType::Integer => integer(node, text)?,
        PlainType::Float => float(node, text)?,
        PlainType::Environment | PlainType::Text => Data::Scalar(RawValue::Text(text.clone())),
    })
}

fn construct_tagged<'a>(
    node: &Node<'a>,
    text: &Cow<'a, str>,
    tag: &str,
) -> Result<Data<'a>, YamlError> {
    Ok(match tag {
        "!" | TEXT | ENVIRONMENT => Data::Scalar(RawValue::Text(text.clone())),
        NULL => Data::Null,
        BOOLEAN => boolean(text),
        INTEGER => integer(node, text)?,
        FLOAT => float(node, text)?,
        BINARY => Data::Binary(base64(text).ok_or_else(|| not_of_type(node, text, "base64"))?),
        MAPPING | SEQUENCE | SET => return Err(wrong_kind(node, tag)),
        _ => return Err(unknown_tag(node, tag)),
    })
}

fn unknown_tag(node: &Node<'_>, tag: &str) -> YamlError {
    YamlError::new(
        node.start..node.span.end,
        Context::None,
        format!("could not determine a constructor for the tag {tag}"),
        format!("the tag `{tag}` is not one that Flink knows"),
    )
}

fn wrong_kind(node: &Node<'_>, tag: &str) -> YamlError {
    let kind = match node.content {
        Content::Scalar(..) => "ScalarNode",
        Content::Sequence(_) => "SequenceNode",
        Content::Mapping(_) => "MappingNode",
    };
    YamlError::unplaced(
        node.start..node.span.end,
        format!("java.lang.ClassCastException: {kind} does not fit the tag {tag}"),
        format!("the tag `{tag}` does not fit this kind of value"),
    )
}

fn not_of_type(node: &Node<'_>, text: &str, expected: &str) -> YamlError {
    YamlError::unplaced(
        node.span.clone(),
        format!("java.lang.NumberFormatException: For input string: \"{text}\""),
        format!("{expected} is expected, found `{text}`"),
    )
}

/// Any other text under `!!bool` is null, not an error.
fn boolean<'a>(text: &str) -> Data<'a> {
    if text.eq_ignore_ascii_case("true") {
        Data::Scalar(RawValue::Boolean(true))
    } else if text.eq_ignore_ascii_case("false") {
        Data::Scalar(RawValue::Boolean(false))
    } else {
        Data::Null
    }
}

/// `Integer`, `Long` or `BigInteger`, by size.
fn integer<'a>(node: &Node<'_>, text: &str) -> Result<Data<'a>, YamlError> {
    let error = || not_of_type(node, text, "an integer");
    let (is_negative, unsigned) = split_sign(text);
    let (radix, number) = if let Some(digits) = unsigned.strip_prefix("0x") {
        (16, digits)
    } else if let Some(digits) = unsigned.strip_prefix("0o") {
        (8, digits)
    } else {
        (10, unsigned)
    };
    // Java parses what is left with its own sign, unless one was put before it.
    let (is_negative, digits) = match split_sign(number) {
        _ if is_negative => (true, number),
        signed => signed,
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(error());
    }
    let digits = digits.trim_start_matches('0');
    if let Ok(magnitude) = i128::from_str_radix(if digits.is_empty() { "0" } else { digits }, radix)
    {
        let value = if is_negative { -magnitude } else { magnitude };
        if let Ok(value) = i32::try_from(value) {
            return Ok(Data::Scalar(RawValue::Integer(value)));
        }
        if let Ok(value) = i64::try_from(value) {
            return Ok(Data::Scalar(RawValue::Long(value)));
        }
    }
    if radix != 10 && digits.len() > MAX_RADIX_DIGITS {
        return Err(error());
    }
    let decimal = if radix == 10 { digits.to_owned() } else { to_decimal(digits, radix) };
    let sign = if is_negative { "-" } else { "" };
    Ok(Data::Scalar(RawValue::BigInteger(format!("{sign}{decimal}"))))
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// The decimal digits of a number with more than 64 bits.
fn to_decimal(digits: &str, radix: u32) -> String {
    /// Nine decimal digits fit 32 bits.
    const LIMB: u64 = 1_000_000_000;
    // Lowest limb first.
    let mut limbs: Vec<u64> = vec![0];
    for digit in digits.chars().filter_map(|c| c.to_digit(radix)) {
        let mut carry = u64::from(digit);
        for limb in &mut limbs {
            let value = *limb * u64::from(radix) + carry;
            *limb = value % LIMB;
            carry = value / LIMB;
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let mut limbs = limbs.into_iter().rev();
    let first = limbs.next().unwrap_or(0).to_string();
    limbs.fold(first, |text, limb| format!("{text}{limb:09}"))
}

#[expect(clippy::float_arithmetic, reason = "a sign flips no bit but its own")]
fn float<'a>(node: &Node<'_>, text: &str) -> Result<Data<'a>, YamlError> {
    let lower = text.to_lowercase();
    let value = match lower.as_str() {
        ".inf" => f64::INFINITY,
        "-.inf" => f64::NEG_INFINITY,
        ".nan" => f64::NAN,
        // `+.inf` is of the type by the schema, and then no number to Java.
        _ => {
            let (is_negative, unsigned) = split_sign(&lower);
            let value =
                parse_java_double(unsigned).ok_or_else(|| not_of_type(node, text, "a number"))?;
            if is_negative { -value } else { value }
        }
    };
    Ok(Data::Scalar(RawValue::Double(value)))
}

/// Decodes as Java's `Base64.getDecoder` does, and encodes again.
fn base64(text: &str) -> Option<String> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | 0xB | 0xC | b'\r');
    let packed: Vec<u8> = text.bytes().filter(|byte| !is_space(byte)).collect();
    let digit_count = packed.iter().take_while(|byte| ALPHABET.contains(byte)).count();
    let (digits, padding) = packed.split_at_checked(digit_count)?;
    let is_padded =
        matches!((digits.len() % 4, padding), (0 | 2 | 3, b"") | (2, b"==") | (3, b"="));
    if !is_padded {
        return None;
    }
    let value = |byte: &u8| ALPHABET.iter().position(|known| known == byte);
    let mut encoded = String::with_capacity(digits.len() + 2);
    encoded.extend(digits.iter().map(|byte| char::from(*byte)));
    // Bits beyond the last whole byte are dropped.
    let mask = match digits.len() % 4 {
        2 => 0b11_0000,
        3 => 0b11_1100,
        _ => return Some(encoded),
    };
    let last = ALPHABET.get(value(digits.last()?)? & mask)?;
    encoded.pop();
    encoded.push(char::from(*last));
    encoded.push_str(if mask == 0b11_0000 { "==" } else { "=" });
    Some(encoded)
}
