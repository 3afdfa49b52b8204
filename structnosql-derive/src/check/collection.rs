//! Which entities a collection is of.

use quote::ToTokens;
use syn::{Ident, Type};

use crate::ast::{Variant, VariantData};
use crate::errors::Errors;

/// The tables of a collection are given as a tuple of at most so many.
const MOST: usize = 12;

/// A variant around a model.
pub(crate) struct Member<'v> {
    pub(crate) variant: &'v Ident,
    pub(crate) model: &'v Type,
}

/// The variants of a collection; nothing where a mistake in them was reported.
pub(crate) fn of_collection<'v>(variants: &'v [Variant], errors: &mut Errors) -> Option<Vec<Member<'v>>> {
    let mut members: Vec<Member<'v>> = Vec::new();
    let mut correct = true;
    for Variant { ident, data, .. } in variants {
        let problem = match data {
            VariantData::Newtype(newtype) => {
                let model = &newtype.ty;
                let written = model.to_token_stream().to_string();
                match members.iter().find(|member| member.model.to_token_stream().to_string() == written) {
                    None => {
                        members.push(Member { variant: ident, model });
                        continue;
                    }
                    Some(Member { variant, .. }) => format!("`{variant}` is around `{written}` already: leave out one"),
                }
            }
            VariantData::Unit | VariantData::Struct(_) => {
                format!("a variant of a collection is around one model: `{ident}({ident})`")
            }
        };
        errors.at(ident, problem);
        correct = false;
    }
    if let Some(Member { variant, .. }) = members.get(MOST) {
        errors
            .at(variant, format!("a collection is of at most {MOST} models: leave out the others, or make two of it"));
        correct = false;
    }
    correct.then_some(members)
}
