use structnosql::{Backend, CachingTable, TableDataModel};
use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "users")]
struct User {
    #[field(partition_key)]
    id: String,
    name: Option<String>,
}

fn writes<B: Backend>(users: &CachingTable<User, B>) {
    let _ = users.transact((users.delete_record("x42"), users.remove_field("x43", User::fields().name())));
    let _ = users.transact([users.get_record("x42")]);
}

fn writes_with_the_old_record<B: Backend>(users: &CachingTable<User, B>, user: &User) {
    let _ = users.transact([users.put_record_return_old(user)]);
}

fn reads<B: Backend>(users: &CachingTable<User, B>) {
    let _ = users.transact_get([users.delete_record("x42")]);
}

fn main() {}
