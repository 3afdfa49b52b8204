//! `#[field(...)]`.

use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, Ident, LitStr, Token, token};

use super::{Given, IndexAttr, Place, RuleAttrs, flag, read_attribute, set, text, unquoted, value};
use crate::errors::Errors;

/// The attributes of one field or variant.
#[derive(Clone, Default)]
pub(crate) struct FieldAttrs {
    /// `rename = "stored"`
    pub(crate) rename: Option<Given<LitStr>>,
    /// `alias = "earlier"`, several
    pub(crate) aliases: Vec<Given<LitStr>>,
    /// `default` or `default = 3`
    pub(crate) default: Option<Given<DefaultAttr>>,
    /// `skip`
    pub(crate) skip: Option<Given<()>>,
    /// `flatten`
    pub(crate) flatten: Option<Given<()>>,
    /// `ttl`
    pub(crate) ttl: Option<Given<()>>,
    /// `partition_key`
    pub(crate) partition_key: Option<Given<()>>,
    /// `sort_key`
    pub(crate) sort_key: Option<Given<()>>,
    /// `read_only`
    pub(crate) read_only: Option<Given<()>>,
    /// `min = 1`, `pattern = "..."`
    pub(crate) rules: RuleAttrs,
    /// `version`
    pub(crate) version: Option<Given<()>>,
    /// `index` and `index(...)`
    pub(crate) indexes: Vec<IndexAttr>,
    /// `path = ratings.imdb`
    pub(crate) path: Option<Given<AccessorPath>>,
}

/// What `default` stands for.
#[derive(Clone)]
pub(crate) enum DefaultAttr {
    /// `default`
    Trait,
    /// `default = "EUR"`: converted as the value of an update is
    Literal(Expr),
    /// `default = Currency::Euro`: of the field's type
    Expr(Expr),
}

impl FieldAttrs {
    pub(crate) fn read(attributes: &[Attribute], place: Place, errors: &mut Errors) -> Self {
        let mut read = FieldAttrs::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(place.attribute())) {
            read_attribute(attribute, errors, &mut |key, input, errors| read.item(place, key, input, errors));
        }
        read
    }

    fn item(&mut self, place: Place, key: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
        let flagged = |slot: &mut Option<Given<()>>| set(slot, key, ()).and_then(|()| flag(key, input));
        match place.known(key, errors)? {
            "skip" => flagged(&mut self.skip),
            "flatten" => flagged(&mut self.flatten),
            "ttl" => flagged(&mut self.ttl),
            "partition_key" => flagged(&mut self.partition_key),
            "sort_key" => flagged(&mut self.sort_key),
            "read_only" => flagged(&mut self.read_only),
            known @ ("min" | "max" | "length" | "pattern" | "with") => self.rules.item(known, key, input, errors),
            "version" => flagged(&mut self.version),
            "rename" => set(&mut self.rename, key, text(key, input, errors)?),
            "alias" => {
                self.aliases.push(Given { key: key.clone(), value: text(key, input, errors)? });
                Ok(())
            }
            "default" => set(&mut self.default, key, DefaultAttr::read(key, input)?),
            "path" => set(&mut self.path, key, unquoted(key, input, errors, "ratings.imdb")?),
            "index" => {
                self.indexes.push(IndexAttr::read(key, input, errors)?);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl DefaultAttr {
    fn read(key: &Ident, input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Token![=]) {
            return flag(key, input).map(|()| DefaultAttr::Trait);
        }
        let given: Expr = value(key, input, "<expression>")?;
        let literal = match &given {
            Expr::Lit(_) => true,
            Expr::Unary(unary) => matches!(*unary.expr, Expr::Lit(_)),
            _ => false,
        };
        Ok(if literal { DefaultAttr::Literal(given) } else { DefaultAttr::Expr(given) })
    }
}

/// Accessors as a projection's `path` writes them: `tokens.key("t32").expiration_timestamp`.
#[derive(Clone)]
pub(crate) struct AccessorPath(Vec<(Ident, Option<Group>)>);

impl AccessorPath {
    /// The path of the accessor of one field.
    pub(crate) fn field(name: &Ident) -> Self {
        AccessorPath(vec![(name.clone(), None)])
    }
}

impl Parse for AccessorPath {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut steps = Vec::new();
        loop {
            let name = Ident::parse_any(input)?;
            let arguments = if input.peek(token::Paren) { Some(input.parse()?) } else { None };
            steps.push((name, arguments));
            if input.parse::<Option<Token![.]>>()?.is_none() {
                return Ok(AccessorPath(steps));
            }
        }
    }
}

/// `.tokens().key("t32").expiration_timestamp()`
impl ToTokens for AccessorPath {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for (name, arguments) in &self.0 {
            match arguments {
                Some(arguments) => tokens.extend(quote!(.#name #arguments)),
                None => tokens.extend(quote!(.#name())),
            }
        }
    }
}
