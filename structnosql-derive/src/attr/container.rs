//! `#[table(...)]`, `#[map(...)]`, `#[projection(...)]` and `#[collection(...)]`.

use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitStr, Path};

use super::{Given, Place, flag, read_attribute, set, text, unquoted, value};
use crate::casing::Case;
use crate::errors::Errors;

/// The attributes of a struct or enum as a whole.
#[derive(Default)]
pub(crate) struct ContainerAttrs {
    /// `name = "movies-table"`
    pub(crate) name: Option<Given<LitStr>>,
    /// `rename_all = "camelCase"`
    pub(crate) rename_all: Option<Given<Case>>,
    /// `rename_all_fields = "camelCase"`
    pub(crate) rename_all_fields: Option<Given<Case>>,
    /// `tag = "kind"`
    pub(crate) tag: Option<Given<LitStr>>,
    /// `untagged`
    pub(crate) untagged: Option<Given<()>>,
    /// `key = "USER#{id}"`
    pub(crate) key: Option<Given<LitStr>>,
    /// `crate = "structnosql"`
    pub(crate) krate: Option<Given<Path>>,
    /// `model = Movie`
    pub(crate) model: Option<Given<Path>>,
}

impl ContainerAttrs {
    pub(crate) fn read(attributes: &[Attribute], place: Place, errors: &mut Errors) -> Self {
        let mut read = ContainerAttrs::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(place.attribute())) {
            read_attribute(attribute, errors, &mut |key, input, errors| read.item(place, key, input, errors));
        }
        read
    }

    fn item(&mut self, place: Place, key: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        match place.known(key, errors)? {
            "name" => set(&mut self.name, key, text(key, input, errors)?),
            "rename_all" => set(&mut self.rename_all, key, case(key, input)?),
            "rename_all_fields" => set(&mut self.rename_all_fields, key, case(key, input)?),
            "tag" => set(&mut self.tag, key, text(key, input, errors)?),
            "key" => set(&mut self.key, key, text(key, input, errors)?),
            "untagged" => set(&mut self.untagged, key, ()).and_then(|()| flag(key, input)),
            "crate" => {
                let path: LitStr = value(key, input, "\"structnosql\"")?;
                let message = "`crate` takes the path of this library, such as \"structnosql\" or \"my_crate::db\"";
                let path = path.parse().map_err(|_| syn::Error::new(path.span(), message))?;
                set(&mut self.krate, key, path)
            }
            "model" => set(&mut self.model, key, unquoted(key, input, errors, "Movie")?),
            _ => Ok(()),
        }
    }
}

fn case(key: &Ident, input: ParseStream<'_>) -> syn::Result<Case> {
    let name: LitStr = value(key, input, "\"camelCase\"")?;
    Case::parse(&name.value()).map_err(|message| syn::Error::new(name.span(), message))
}
