use structnosql::{Backend, BasicTable, Collection, ConditionExt, TableDataModel};
use structnosql_derive::{Collection, MapModel, TableDataModel};

#[derive(MapModel)]
#[map(key = "USER#{id}")]
struct UserKey {
    id: String,
}

#[derive(MapModel)]
#[map(key = "TEAM#{id}")]
struct TeamKey {
    id: String,
}

#[derive(TableDataModel)]
#[table(name = "people")]
struct User {
    #[field(partition_key)]
    id: UserKey,
}

#[derive(TableDataModel)]
#[table(name = "people")]
struct Team {
    #[field(partition_key)]
    id: TeamKey,
}

#[derive(TableDataModel)]
#[table(name = "movies")]
struct Movie {
    #[field(partition_key)]
    id: String,
}

#[derive(Collection)]
enum Item {
    User(User),
    Team(Team),
}

fn in_another_order<B: Backend>(users: &BasicTable<User, B>, teams: &BasicTable<Team, B>) {
    let _ = Item::over((teams, users));
}

fn no_tuple<B: Backend>(users: &BasicTable<User, B>) {
    let _ = Item::over(users);
}

fn no_collection<B: Backend>(users: &BasicTable<User, B>) {
    let _ = User::over((users,));
}

fn another_model<B: Backend>(users: &BasicTable<User, B>, teams: &BasicTable<Team, B>) {
    let Ok(items) = Item::over((users, teams)) else { return };
    let _ = items.query_records(Movie::indexes().primary("b12"));
    let _ = items.scan_records().filter(Movie::fields().id().eq("b12"));
    let _ = users.scan_records().filter(Movie::fields().id().eq("b12"));
}

fn main() {}
