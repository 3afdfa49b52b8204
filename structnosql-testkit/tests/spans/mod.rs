//! Remembers the spans and events of each test.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The fields of one span or event, with its own name among them.
type Fields = BTreeMap<String, String>;

thread_local! {
    /// What this thread made, in the order in which it was made: a test has a thread to itself.
    static SEEN: RefCell<Vec<Fields>> = const { RefCell::new(Vec::new()) };
}

/// Begins to remember. Every test of a program calls this first, also one that looks at none: a place in
/// the code is asked only once whether anyone listens, and the first test to pass there would say no for
/// all.
pub(crate) fn remember() {
    static REMEMBER: Once = Once::new();
    REMEMBER.call_once(|| tracing::subscriber::set_global_default(Spans).unwrap());
}

/// All spans and events of this thread since it was asked last.
pub(crate) fn take() -> Vec<Fields> {
    SEEN.take()
}

fn push(name: &str, record: impl FnOnce(&mut Reader<'_>)) -> u64 {
    let mut fields = Fields::from([("name".to_owned(), name.to_owned())]);
    record(&mut Reader(&mut fields));
    SEEN.with_borrow_mut(|seen| {
        seen.push(fields);
        seen.len() as u64
    })
}

struct Spans;

struct Reader<'f>(&'f mut Fields);

impl Visit for Reader<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("structnosql")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        Id::from_u64(push(span.metadata().name(), |reader| span.record(reader)))
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        SEEN.with_borrow_mut(|seen| {
            if let Some(fields) = seen.get_mut(span.into_u64() as usize - 1) {
                values.record(&mut Reader(fields));
            }
        });
    }

    fn event(&self, event: &Event<'_>) {
        push("event", |reader| event.record(reader));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
