//! What a table is; making, changing and deleting one.

mod create;
mod delete;
mod describe;
mod parts;
mod update;

pub(crate) use create::create;
pub(crate) use delete::delete;
pub(crate) use describe::describe;
pub(crate) use update::update;
