//! `index` and `index(...)`.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Token, parenthesized, token};

use super::{Given, Place, flag, read_items, set, text, unquoted};
use crate::errors::Errors;
use crate::suggest;

/// One `index` of a field.
#[derive(Clone)]
pub(crate) struct IndexAttr {
    /// The word `index`.
    pub(crate) key: Ident,
    /// `name = "by-author"`
    pub(crate) name: Option<Given<LitStr>>,
    /// `sort`
    pub(crate) sort: Option<Given<()>>,
    /// `local`
    pub(crate) local: Option<Given<()>>,
    /// `projection = keys_only`
    pub(crate) projection: Option<Given<ProjectionAttr>>,
    /// `method = by_writer`
    pub(crate) method: Option<Given<Ident>>,
}

/// The attributes that an index holds besides its keys.
#[derive(Clone)]
pub(crate) enum ProjectionAttr {
    /// `all`
    All,
    /// `keys_only`
    KeysOnly,
    /// `include(name, ratings)`
    Include(Vec<Ident>),
}

impl IndexAttr {
    pub(crate) fn read(key: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Self> {
        let mut index =
            IndexAttr { key: key.clone(), name: None, sort: None, local: None, projection: None, method: None };
        if input.peek(token::Paren) {
            let items;
            parenthesized!(items in input);
            read_items(&items, errors, &mut |key, input, errors| index.item(key, input, errors));
        } else if !input.is_empty() && !input.peek(Token![,]) {
            let message = "an index is written `index`, or `index(name = \"...\")`";
            return Err(syn::Error::new(key.span(), message));
        }
        Ok(index)
    }

    fn item(&mut self, key: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        let flagged = |slot: &mut Option<Given<()>>| set(slot, key, ()).and_then(|()| flag(key, input));
        match Place::Index.known(key, errors)? {
            "name" => set(&mut self.name, key, text(key, input, errors)?),
            "sort" => flagged(&mut self.sort),
            "local" => flagged(&mut self.local),
            "projection" => set(&mut self.projection, key, ProjectionAttr::read(key, input)?),
            "method" => set(&mut self.method, key, unquoted(key, input, errors, "by_author")?),
            _ => Ok(()),
        }
    }
}

impl ProjectionAttr {
    fn read(key: &Ident, input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Token![=]) {
            let message = "`projection` takes a value: `projection = all`, `keys_only` or `include(field, ...)`";
            return Err(syn::Error::new(key.span(), message));
        }
        input.parse::<Token![=]>()?;
        let kind = Ident::parse_any(input)?;
        match kind.to_string().as_str() {
            "all" => Ok(ProjectionAttr::All),
            "keys_only" => Ok(ProjectionAttr::KeysOnly),
            "include" if input.peek(token::Paren) => {
                let fields;
                parenthesized!(fields in input);
                let fields = Punctuated::<Ident, Token![,]>::parse_terminated(&fields)?;
                Ok(ProjectionAttr::Include(fields.into_iter().collect()))
            }
            "include" => Err(syn::Error::new(kind.span(), "`include` takes fields: `include(name, ratings)`")),
            other => {
                let hint = suggest::among(other, &["all", "keys_only", "include"]);
                Err(syn::Error::new(kind.span(), format!("no projection is called `{other}`{hint}")))
            }
        }
    }
}
