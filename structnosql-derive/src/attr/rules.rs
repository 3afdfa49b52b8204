//! `min`, `max`, `length`, `pattern` and `with`: the rules of a value.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::ParseStream;
use syn::{Expr, ExprLit, ExprRange, Ident, Lit, LitStr, Path, RangeLimits, UnOp};

use super::{Given, set, text, unquoted, value};
use crate::errors::Errors;

/// The rules of a field, or of what a struct is around.
#[derive(Clone, Default)]
pub(crate) struct RuleAttrs {
    /// `min = 1`
    pub(crate) min: Option<Given<Expr>>,
    /// `max = 99`
    pub(crate) max: Option<Given<Expr>>,
    /// `length = 1..=64`
    pub(crate) length: Option<Given<LengthAttr>>,
    /// `pattern = "^[a-z]+$"`
    pub(crate) pattern: Option<Given<LitStr>>,
    /// `with = is_address`
    pub(crate) with: Option<Given<Path>>,
}

/// The bounds of a `length`, both of them allowed: expressions of type `usize`.
#[derive(Clone)]
pub(crate) struct LengthAttr {
    pub(crate) given: Expr,
    pub(crate) min: TokenStream,
    pub(crate) max: TokenStream,
}

impl RuleAttrs {
    /// Reads the rule `known`, which `key` was written for.
    pub(super) fn item(
        &mut self,
        known: &str,
        key: &Ident,
        input: ParseStream<'_>,
        errors: &mut Errors,
    ) -> syn::Result<()> {
        match known {
            "max" => set(&mut self.max, key, bound(key, input)?),
            "length" => set(&mut self.length, key, LengthAttr::of(value(key, input, "1..=64")?)),
            "pattern" => set(&mut self.pattern, key, text(key, input, errors)?),
            "with" => set(&mut self.with, key, unquoted(key, input, errors, "path::to::function")?),
            _ => set(&mut self.min, key, bound(key, input)?),
        }
    }

    /// The words of the rules that are given.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Ident> {
        let RuleAttrs { min, max, length, pattern, with } = self;
        let keys = [
            min.as_ref().map(|given| &given.key),
            max.as_ref().map(|given| &given.key),
            length.as_ref().map(|given| &given.key),
            pattern.as_ref().map(|given| &given.key),
            with.as_ref().map(|given| &given.key),
        ];
        keys.into_iter().flatten()
    }
}

/// Reads `= 18`; a number in quotes is a mistake.
fn bound(key: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    let given: Expr = value(key, input, "18")?;
    match &given {
        Expr::Lit(ExprLit { lit: Lit::Str(_) | Lit::Bool(_) | Lit::Char(_) | Lit::ByteStr(_), .. }) => {
            Err(syn::Error::new_spanned(&given, format!("`{key}` takes a number: `{key} = 18`")))
        }
        _ => Ok(given),
    }
}

impl LengthAttr {
    /// `1..=64`, `1..65`, `1..`, `..=64`, or one number alone.
    fn of(given: Expr) -> Self {
        let (min, max) = match &given {
            Expr::Range(ExprRange { start, limits, end, .. }) => {
                let min = start.as_ref().map_or(quote!(0), |start| quote!(#start));
                let max = match (end, limits) {
                    (None, _) => quote!(::core::primitive::usize::MAX),
                    (Some(end), RangeLimits::Closed(_)) => quote!(#end),
                    (Some(end), RangeLimits::HalfOpen(_)) => quote!(::core::primitive::usize::saturating_sub(#end, 1)),
                };
                (min, max)
            }
            exactly => (quote!(#exactly), quote!(#exactly)),
        };
        LengthAttr { given, min, max }
    }

    /// Its bounds, where they are written as numbers.
    pub(crate) fn numbers(&self) -> Option<(u128, u128)> {
        match &self.given {
            Expr::Range(ExprRange { start, limits, end, .. }) => {
                let least = start.as_ref().map_or(Some(0), |start| unsigned(start))?;
                let most = end.as_ref().map_or(Some(u128::MAX), |end| unsigned(end))?;
                let most = match limits {
                    RangeLimits::HalfOpen(_) if end.is_some() => most.checked_sub(1),
                    _ => Some(most),
                };
                // An empty `..0` has no greatest length.
                Some(most.map_or((1, 0), |most| (least, most)))
            }
            exactly => unsigned(exactly).map(|exactly| (exactly, exactly)),
        }
    }
}

fn unsigned(expr: &Expr) -> Option<u128> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        _ => None,
    }
}

/// A number that is written as one, to compare it with another.
pub(crate) fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_digits().parse().ok(),
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) => number.base10_digits().parse().ok(),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => number(&unary.expr).map(|number| -number),
        _ => None,
    }
}
