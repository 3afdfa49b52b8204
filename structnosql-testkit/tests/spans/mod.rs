//! Remembers the spans and events that a piece of code makes.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The fields of one span or event, with its own name among them.
type Fields = BTreeMap<String, String>;

/// All spans and events, in the order in which they were made.
#[derive(Clone, Default)]
pub(crate) struct Spans(Arc<Mutex<Vec<Fields>>>);

impl Spans {
    pub(crate) fn take(&self) -> Vec<Fields> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn push(&self, name: &str, record: impl FnOnce(&mut Reader<'_>)) -> u64 {
        let mut fields = Fields::from([("name".to_owned(), name.to_owned())]);
        record(&mut Reader(&mut fields));
        let mut all = self.0.lock().unwrap();
        all.push(fields);
        all.len() as u64
    }
}

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
        Id::from_u64(self.push(span.metadata().name(), |reader| span.record(reader)))
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        if let Some(fields) = self.0.lock().unwrap().get_mut(span.into_u64() as usize - 1) {
            values.record(&mut Reader(fields));
        }
    }

    fn event(&self, event: &Event<'_>) {
        self.push("event", |reader| event.record(reader));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
