use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(rename_all = "camelCase")]
struct Missing {
    #[field(partition_key)]
    id: String,
}

#[derive(TableDataModel)]
#[table(name = "my users")]
struct Spaced {
    #[field(partition_key)]
    id: String,
}

#[derive(TableDataModel)]
#[table(name = "db")]
struct Short {
    #[field(partition_key)]
    id: String,
}

fn main() {}
