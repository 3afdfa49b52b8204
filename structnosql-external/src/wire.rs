//! What goes over the wire: the extension, which this library speaks by default, and the wire of the original.

pub mod extension;
pub mod original;
mod plain;

pub use plain::Plain;
