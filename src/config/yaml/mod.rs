//! `config.yaml` as Flink's `GlobalConfiguration` turns it into flat keys and typed values.
//!
//! `construct` gives each scalar its Java type, `flatten` walks the maps, `emit` writes a list as
//! the one string that Flink makes of it. `recover` reads the lines around a syntax error.

mod construct;
mod emit;
mod flatten;
mod recover;

use construct::{Constructed, Data};
use emit::Emitter;
pub(super) use flatten::load;

use crate::config::RawValue;
use crate::syntax::yaml::{self, Content};

/// The items of a text that is a YAML list without nulls; nested collections as YAML text.
pub(super) fn list(text: &str) -> Option<Vec<RawValue<'static>>> {
    let document = yaml::parse(text).ok()?;
    let (constructed, errors) = Constructed::new(&document);
    let root = document.root().filter(|_| errors.is_empty())?;
    let Content::Sequence(items) = &document.node(root)?.content else { return None };
    items.iter().map(|item| value(&constructed, *item)).collect()
}

/// The entries of a text that is a YAML map without nulls, as texts.
pub(super) fn map(text: &str) -> Option<Vec<(String, String)>> {
    let document = yaml::parse(text).ok()?;
    let (constructed, errors) = Constructed::new(&document);
    let root = document.root().filter(|_| errors.is_empty())?;
    if *constructed.data(root) != Data::Mapping {
        return None;
    }
    let Content::Mapping(pairs) = &document.node(root)?.content else { return None };
    let text = |id| Some(value(&constructed, id)?.map_text().into_owned());
    pairs.iter().map(|pair| Some((text(pair.key)?, text(pair.value)?))).collect()
}

/// One value on its own; `None` for null, which no option can hold.
fn value(constructed: &Constructed<'_, '_>, id: yaml::NodeId) -> Option<RawValue<'static>> {
    Some(match constructed.data(id) {
        Data::Null => return None,
        Data::Scalar(value) => value.clone().into_owned(),
        Data::Binary(_) | Data::Sequence | Data::Mapping | Data::Set => {
            let mut anchor_count = 0;
            RawValue::Other(Emitter::new(constructed, &mut anchor_count).emit(id))
        }
    })
}
