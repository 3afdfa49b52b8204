//! Paths as text, for tools: `tokens.{{tokenId}}.expirationTimestamp`, `(name, ratings.imdb)`.

use super::{DocumentPath, Segment};
use crate::error::{Error, ErrorKind};
use crate::schema::{Shape, StructSchema};

impl DocumentPath {
    /// Reads one path against the fields of a record.
    pub(crate) fn parse(text: &str, record: &'static StructSchema, arguments: &[(&str, &str)]) -> Result<Self, Error> {
        let mut paths = Self::parse_several(text, record, arguments)?;
        match (paths.pop(), paths.is_empty()) {
            (Some(path), true) => Ok(path),
            _ => Err(wrong(text, "it selects several paths where one is asked for".to_owned())),
        }
    }

    /// Reads one path, or several in parentheses. Parentheses may stand at the end of a path too: `a.(b, c)`.
    pub(crate) fn parse_several(
        text: &str,
        record: &'static StructSchema,
        arguments: &[(&str, &str)],
    ) -> Result<Vec<Self>, Error> {
        let mut parser = Parser { text, rest: text.trim(), arguments };
        let mut paths = Vec::new();
        parser.selection(&DocumentPath::root(), Place::Struct(record), &mut paths)?;
        match parser.rest {
            "" => Ok(paths),
            rest => Err(parser.wrong(format!("nothing may follow here: {rest:?}"))),
        }
    }
}

fn wrong(text: &str, problem: String) -> Error {
    ErrorKind::Path { text: text.to_owned(), problem }.into()
}

/// Where in the schema the parser stands.
#[derive(Clone, Copy)]
enum Place {
    Struct(&'static StructSchema),
    Value(&'static Shape),
}

/// One step as it is written.
enum Step<'t> {
    Name(&'t str),
    Argument(&'t str),
    Index(u32),
}

struct Parser<'t> {
    text: &'t str,
    rest: &'t str,
    arguments: &'t [(&'t str, &'t str)],
}

impl<'t> Parser<'t> {
    fn wrong(&self, problem: String) -> Error {
        wrong(self.text, problem)
    }

    fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn selection(&mut self, base: &DocumentPath, place: Place, paths: &mut Vec<DocumentPath>) -> Result<(), Error> {
        if !self.eat("(") {
            return self.path(base.clone(), place, paths);
        }
        loop {
            self.selection(base, place, paths)?;
            if self.eat(")") {
                return Ok(());
            }
            if !self.eat(",") {
                return Err(self.wrong("a `,` or `)` is missing in its parentheses".to_owned()));
            }
        }
    }

    fn path(&mut self, mut path: DocumentPath, mut place: Place, paths: &mut Vec<DocumentPath>) -> Result<(), Error> {
        loop {
            let step = self.step()?;
            let (segment, below) = self.resolve(&path, place, step)?;
            path = path.child(segment);
            place = Place::Value(below);
            if self.eat(".") {
                if self.rest.starts_with('(') {
                    return self.selection(&path, place, paths);
                }
            } else if !self.rest.starts_with('[') {
                paths.push(path);
                return Ok(());
            }
        }
    }

    fn step(&mut self) -> Result<Step<'t>, Error> {
        if self.eat("{{") {
            return self.until("}}").map(|name| Step::Argument(name.trim()));
        }
        if self.eat("[") {
            let index = self.until("]")?.trim();
            return match index.strip_prefix("{{").and_then(|name| name.strip_suffix("}}")) {
                Some(name) => Ok(Step::Argument(name.trim())),
                None => match index.parse() {
                    Ok(index) => Ok(Step::Index(index)),
                    Err(_) => Err(self.wrong(format!("`[{index}]` is not a list index"))),
                },
            };
        }
        if self.eat("\"") {
            return self.until("\"").map(Step::Name);
        }
        let end = self.rest.find(['.', ',', '(', ')', '[', ']', '{', '}', '"']).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        match name.trim() {
            "" => Err(self.wrong("a field name is missing".to_owned())),
            name => Ok(Step::Name(name)),
        }
    }

    fn until(&mut self, end: &str) -> Result<&'t str, Error> {
        match self.rest.split_once(end) {
            Some((inside, rest)) => {
                self.rest = rest.trim_start();
                Ok(inside)
            }
            None => Err(self.wrong(format!("`{end}` is missing"))),
        }
    }

    /// The segment that a step means where the parser stands, and the shape below it.
    fn resolve(&self, path: &DocumentPath, place: Place, step: Step<'_>) -> Result<(Segment, &'static Shape), Error> {
        let shape = match place {
            Place::Struct(schema) => return self.field(path, schema, step),
            Place::Value(shape) => innermost(shape),
        };
        match (shape, step) {
            (Shape::Struct(schema), step) => self.field(path, schema(), step),
            (Shape::Map(values), Step::Name(name)) => Ok((Segment::from(name), values)),
            (Shape::Map(values), Step::Argument(name)) => Ok((Segment::from(self.argument(name)?), values)),
            (Shape::List(items), Step::Index(index)) => Ok((Segment::Index(index), items)),
            (Shape::List(items), Step::Argument(name)) => {
                let given = self.argument(name)?;
                let index =
                    given.parse().map_err(|_| self.wrong(format!("`{name}` is {given:?}, not a list index")))?;
                Ok((Segment::Index(index), items))
            }
            (Shape::Any, Step::Name(name)) => Ok((Segment::from(name), &Shape::Any)),
            (Shape::Any, Step::Argument(name)) => Ok((Segment::from(self.argument(name)?), &Shape::Any)),
            (Shape::Any, Step::Index(index)) => Ok((Segment::Index(index), &Shape::Any)),
            (Shape::Map(_), Step::Index(_)) => {
                Err(self.wrong(format!("`{path}` is a map: give a key instead of an index")))
            }
            (Shape::List(_), Step::Name(_)) => {
                Err(self.wrong(format!("`{path}` is a list: give an index such as `[0]`")))
            }
            (shape, _) => Err(self.wrong(format!("`{path}` is {} and has nothing below it", shape.describe()))),
        }
    }

    fn field(
        &self,
        path: &DocumentPath,
        schema: &'static StructSchema,
        step: Step<'_>,
    ) -> Result<(Segment, &'static Shape), Error> {
        let problem = match step {
            Step::Name(name) => match schema.field(name) {
                Some(field) => return Ok((Segment::Name(field.name.clone()), field.shape)),
                None => format!("{} has no field `{name}`", schema.name),
            },
            Step::Argument(name) => format!("`{{{{{name}}}}}` stands where a field of {} is named", schema.name),
            Step::Index(_) => format!("{path} is no list"),
        };
        let names: Vec<&str> = schema.fields.iter().map(|field| field.name.as_str()).collect();
        Err(self.wrong(format!("{problem}: its fields are {}", names.join(", "))))
    }

    fn argument(&self, name: &str) -> Result<&'t str, Error> {
        match self.arguments.iter().find(|(given, _)| *given == name) {
            Some((_, value)) => Ok(value),
            None => Err(self.wrong(format!("no argument is given for `{{{{{name}}}}}`"))),
        }
    }
}

fn innermost(shape: &'static Shape) -> &'static Shape {
    match shape {
        Shape::Nullable(inner) | Shape::Ruled(inner, _) => innermost(inner),
        shape => shape,
    }
}
