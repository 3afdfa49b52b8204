//! `#[derive(Collection)]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{as_trait, located_at};
use crate::ast::Input;
use crate::check::Member;

/// ```text
/// const _: () = {
///     assert!(<User as TableDataModel>::KEYS.share_table(&<Order as TableDataModel>::KEYS), "...");
///     assert!(<User as TableDataModel>::KEYS.share_attributes(&<Order as TableDataModel>::KEYS), "...");
///     assert!(<User as TableDataModel>::KEYS.exclude(&<Order as TableDataModel>::KEYS), "...");
/// };
///
/// impl Collection for UserItem {
///     type Models = (User, Order);
///
///     const ENTITIES: &'static [Entity<Self>] = &[
///         Entity {
///             name: "User",
///             keys: <User as TableDataModel>::KEYS,
///             decode: |item| decode_record::<User>(item).map(UserItem::User),
///         },
///         ...
///     ];
/// }
///
/// impl HasEntity<User> for UserItem { const AT: usize = 0; }
/// impl HasEntity<Order> for UserItem { const AT: usize = 1; }
/// ```
pub(super) fn expand(input: &Input, members: &[Member<'_>]) -> TokenStream {
    let private = input.private();
    let ident = &input.ident;
    let models = members.iter().map(|member| member.model);
    let entities = members.iter().map(|Member { variant, model }| {
        let span = located_at(*model);
        let of_model = as_trait(input, model, "TableDataModel");
        let private = input.private_at(span);
        let name = variant.to_string();
        quote_spanned! {span=>
            #private::Entity {
                name: #name,
                keys: #of_model::KEYS,
                decode: |__item| #private::decode_record::<#model>(__item).map(#ident::#variant),
            }
        }
    });
    let places = members.iter().enumerate().map(|(at, Member { model, .. })| {
        quote! {
            #[automatically_derived]
            impl #private::HasEntity<#model> for #ident {
                const AT: ::core::primitive::usize = #at;
            }
        }
    });
    let pairs =
        members.iter().enumerate().flat_map(|(at, one)| members[at + 1..].iter().map(move |two| (at, one, two)));
    let asserts = pairs.map(|(at, one, two)| told_apart(input, at == 0, one, two));
    quote! {
        const _: () = { #(#asserts)* };

        #[automatically_derived]
        impl #private::Collection for #ident {
            type Models = (#(#models,)*);

            const ENTITIES: &'static [#private::Entity<Self>] = &[#(#entities),*];
        }

        #(#places)*
    }
}

/// That two models are of one table, and that no key is of both. Whether it is the same table is asked of the first
/// model and each of the others.
fn told_apart(input: &Input, of_first: bool, one: &Member<'_>, two: &Member<'_>) -> TokenStream {
    let (first, second) = (one.variant, two.variant);
    let span = located_at(two.model);
    let of_one = as_trait(input, one.model, "TableDataModel");
    let of_two = as_trait(input, two.model, "TableDataModel");
    let table = of_first.then(|| {
        let other_table = format!("`{first}` and `{second}` are of different tables: the `name` of a collection's models is one");
        let other_key = format!(
            "`{first}` and `{second}` declare the key of their table otherwise: give its attributes the same names and types"
        );
        quote_spanned! {span=>
            ::core::assert!(#of_one::KEYS.share_table(&#of_two::KEYS), #other_table);
            ::core::assert!(#of_one::KEYS.share_attributes(&#of_two::KEYS), #other_key);
        }
    });
    // The text of an `assert!` is a format string.
    let ambiguous = format!(
        "a key can be one of `{first}` and one of `{second}`: tell them apart by a template of the sort or partition \
         key, such as `#[map(key = \"{}#{{{{id}}}}\")]`. A value may hold any text; filled up, `{{{{number:06}}}}`, it is \
         so many digits",
        second.to_string().to_uppercase()
    );
    quote_spanned! {span=>
        #table
        ::core::assert!(#of_one::KEYS.exclude(&#of_two::KEYS), #ambiguous);
    }
}
