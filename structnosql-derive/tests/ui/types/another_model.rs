use structnosql::{Change, FieldExt, Selection, TableDataModel};
use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "users")]
struct User {
    #[field(partition_key)]
    id: String,
    name: String,
}

#[derive(TableDataModel)]
#[table(name = "movies")]
struct Movie {
    #[field(partition_key)]
    id: String,
    name: String,
}

fn get<M: TableDataModel>(_: impl Selection<Model = M>) {}

fn update<M: TableDataModel, const N: usize>(_: [Change<M>; N]) {}

fn main() {
    get::<User>(Movie::fields().name());
    get::<User>((User::fields().name(), Movie::fields().name()));
    update::<User, 2>([User::fields().name().set("Paul"), Movie::fields().name().set("Hannibal")]);
}
