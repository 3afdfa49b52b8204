//! From a model's constants.

use std::collections::BTreeMap;

use structnosql_core::__private::{Template, TemplatePart};
use structnosql_core::TableDataModel;
use structnosql_core::schema as core;

use super::{Field, Index, Rule, Schema, Shape, Struct};

impl Schema {
    /// The schema of a model.
    pub fn of<M: TableDataModel>() -> Self {
        let table = M::table();
        let mut structs = Structs::default();
        let record = structs.name(table.record);
        if let Some(version) = &table.version {
            structs.let_change(&record, version);
        }
        for key in std::iter::once(&M::KEYS.partition).chain(&M::KEYS.sort) {
            if let Some(rule) = of_template(&key.template) {
                structs.keep_to(&record, key.name, rule);
            }
        }
        Schema {
            table: table.name.to_owned(),
            partition_key: table.partition_key.clone(),
            sort_key: table.sort_key.clone(),
            indexes: table.indexes.iter().map(index).collect(),
            record,
            rest: structs.rest,
            structs: structs.known.into_iter().map(|(_, name, fields)| (name, fields)).collect(),
        }
    }
}

fn index(index: &core::IndexSchema) -> Index {
    Index { name: index.name.to_owned(), partition_key: index.partition_key.clone(), sort_key: index.sort_key.clone() }
}

/// What all keys of a template match; nothing where there is none.
fn of_template(template: &Template) -> Option<Rule> {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Text(text) => regex_lite::escape(text),
        TemplatePart::Value { digits: 0 } => ".+".to_owned(),
        TemplatePart::Value { digits } => format!("[0-9]{{{digits}}}"),
    };
    let text: String = template.parts.iter().map(part).collect();
    (!text.is_empty()).then(|| format!("(?s)^{text}$").try_into().map(Rule::Pattern).ok())?
}

/// The structs met so far: where they are, what they are called here, and their fields.
#[derive(Default)]
struct Structs {
    known: Vec<(*const core::StructSchema, String, Struct)>,
    rest: BTreeMap<String, Shape>,
    /// The enums of several types that the shape at hand is in.
    unions: Vec<*const &'static core::Shape>,
}

impl Structs {
    /// The name of a struct. Two of one Rust name are told apart by a number.
    fn name(&mut self, schema: &'static core::StructSchema) -> String {
        if let Some((_, name, _)) = self.known.iter().find(|(known, ..)| std::ptr::eq(*known, schema)) {
            return name.clone();
        }
        let taken = |name: &str| self.known.iter().any(|(_, known, _)| known == name);
        let mut name = schema.name.to_owned();
        for number in 2.. {
            if !taken(&name) {
                break;
            }
            name = format!("{}{number}", schema.name);
        }
        // Known by its name before its fields are: one of them may be of this very struct.
        let at = self.known.len();
        self.known.push((schema, name.clone(), Struct::default()));
        let mut fields: BTreeMap<String, Field> =
            schema.fields.iter().map(|field| (field.name.to_string(), self.field(field))).collect();
        // A client reads what is stored under an earlier name, and takes it away with the next write.
        for core::Alias { old, name } in schema.aliases {
            if let Some(field) = fields.get(name.as_str()) {
                let earlier = Field { required: false, ..field.clone() };
                fields.insert(old.to_string(), earlier);
            }
        }
        self.known[at].2 = Struct(fields);
        if let Some(rest) = schema.rest {
            let rest = self.shape(rest);
            self.rest.insert(name.clone(), rest);
        }
        name
    }

    /// Callers do not write the version themselves: their table does, with each of their writes.
    fn let_change(&mut self, record: &str, version: &str) {
        let fields = self.known.iter_mut().find(|(_, name, _)| name == record);
        if let Some(field) = fields.and_then(|(.., fields)| fields.0.get_mut(version)) {
            field.read_only = false;
        }
    }

    /// The keys of one entity among several look like this.
    fn keep_to(&mut self, record: &str, key: &str, rule: Rule) {
        let fields = self.known.iter_mut().find(|(_, name, _)| name == record);
        if let Some(field) = fields.and_then(|(.., fields)| fields.0.get_mut(key)) {
            field.shape = Shape::Ruled { shape: Box::new(field.shape.clone()), rules: vec![rule] };
        }
    }

    fn field(&mut self, field: &'static core::FieldSchema) -> Field {
        Field { shape: self.shape(field.shape), required: field.required, read_only: field.read_only }
    }

    fn shape(&mut self, shape: &'static core::Shape) -> Shape {
        let mut boxed = |inner| Box::new(self.shape(inner));
        match shape {
            core::Shape::String => Shape::String,
            core::Shape::Bool => Shape::Bool,
            core::Shape::Number => Shape::Number,
            core::Shape::Integer(name) => Shape::Integer((*name).to_owned()),
            core::Shape::Binary => Shape::Binary,
            core::Shape::List(items) => Shape::List(boxed(items)),
            core::Shape::Map(values) => Shape::Map(boxed(values)),
            core::Shape::Nullable(inner) => Shape::Nullable(boxed(inner)),
            core::Shape::Ruled(inner, rules) => {
                let rules: Vec<Rule> = rules.iter().filter_map(|rule| self.rule(rule)).collect();
                let shape = self.shape(inner);
                if rules.is_empty() { shape } else { Shape::Ruled { shape: Box::new(shape), rules } }
            }
            core::Shape::Struct(schema) => Shape::Struct(self.name(schema())),
            core::Shape::OneOf(names) => Shape::OneOf(names.iter().map(|name| (*name).to_owned()).collect()),
            core::Shape::Tagged(schema) => {
                let variants = schema().variants.iter();
                let variants = variants.map(|variant| (variant.name.to_owned(), self.name((variant.fields)())));
                Shape::Tagged { tag: schema().tag.to_owned(), variants: variants.collect() }
            }
            core::Shape::Union(shapes) => self.union(shapes()),
            core::Shape::StringSet => Shape::StringSet,
            core::Shape::NumberSet => Shape::NumberSet,
            core::Shape::BinarySet => Shape::BinarySet,
            core::Shape::Any => Shape::Any,
        }
    }

    /// A rule, unless it is a function, which no file holds.
    fn rule(&mut self, rule: &'static core::Rule) -> Option<Rule> {
        Some(match rule {
            core::Rule::Min(least) => Rule::Min(least().ok()?),
            core::Rule::Max(most) => Rule::Max(most().ok()?),
            core::Rule::Length { min, max } => Rule::Length { min: *min, max: *max },
            core::Rule::Pattern(pattern) => Rule::Pattern(pattern().text().to_owned().try_into().ok()?),
            core::Rule::Members(shape) => Rule::Members(Box::new(self.shape(shape))),
            core::Rule::Keys(shape) => Rule::Keys(Box::new(self.shape(shape))),
            core::Rule::With(_) => return None,
        })
    }

    /// Types have no names here, so one that holds itself ends in any value.
    fn union(&mut self, shapes: &'static [&'static core::Shape]) -> Shape {
        if self.unions.contains(&shapes.as_ptr()) {
            return Shape::Any;
        }
        self.unions.push(shapes.as_ptr());
        let union = Shape::Union(shapes.iter().map(|shape| self.shape(shape)).collect());
        self.unions.pop();
        union
    }
}
