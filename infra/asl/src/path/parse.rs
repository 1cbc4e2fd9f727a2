use super::{Filter, Path, PathError, Root, Segment, filter};

/// Reads a whole path; anything behind it is an error.
pub(super) fn path(text: &str) -> Result<Path, PathError> {
    let mut cursor = Cursor::new(text);
    let path = cursor.path()?;
    if cursor.rest().is_empty() { Ok(path) } else { Err(cursor.error("unexpected text")) }
}

/// A place in a text that is being read.
pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(crate) fn skip_spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.next();
        }
    }

    pub(crate) fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    pub(crate) fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    pub(crate) fn expect(&mut self, token: &str) -> Result<(), PathError> {
        if self.eat(token) { Ok(()) } else { Err(self.error(&format!("expected `{token}`"))) }
    }

    pub(crate) fn error(&self, what: &str) -> PathError {
        PathError(format!("{what} at character {} of '{}'", self.at + 1, self.text))
    }

    /// Reads a path from here as far as it goes, and no further.
    pub(crate) fn path(&mut self) -> Result<Path, PathError> {
        let start = self.at;
        let root = self.root()?;
        let segments = self.segments()?;
        let text = self.text.get(start..self.at).unwrap_or_default().to_owned();
        Ok(Path { text, root, segments })
    }

    fn root(&mut self) -> Result<Root, PathError> {
        if self.eat("$$") {
            return Ok(Root::Context);
        }
        self.expect("$")?;
        let name = self.take_while(|c| c.is_alphanumeric() || c == '_');
        Ok(if name.is_empty() { Root::Input } else { Root::Variable(name.to_owned()) })
    }

    pub(crate) fn segments(&mut self) -> Result<Vec<Segment>, PathError> {
        let mut segments = Vec::new();
        loop {
            if self.eat("..") {
                segments.push(Segment::Descend);
                let next = if self.eat("[") { self.bracket()? } else { self.dotted()? };
                segments.push(next);
            } else if self.eat(".") {
                segments.push(self.dotted()?);
            } else if self.eat("[") {
                segments.push(self.bracket()?);
            } else {
                return Ok(segments);
            }
        }
    }

    fn dotted(&mut self) -> Result<Segment, PathError> {
        if self.eat("*") {
            return Ok(Segment::Wildcard);
        }
        if self.eat("length()") {
            return Ok(Segment::Length);
        }
        let name = self.take_while(|c| !c.is_whitespace() && !"[]().,'\"=<>!&|?*@".contains(c));
        if name.is_empty() { Err(self.error("expected a name")) } else { Ok(Segment::Name(name.to_owned())) }
    }

    fn bracket(&mut self) -> Result<Segment, PathError> {
        self.skip_spaces();
        let segment = match self.peek() {
            Some('*') => self.next().map(|_| Segment::Wildcard).ok_or_else(|| self.error("expected `*`"))?,
            Some('\'' | '"') => self.names()?,
            Some('?') => Segment::Filter(self.filter()?),
            _ => self.numbers()?,
        };
        self.skip_spaces();
        self.expect("]")?;
        Ok(segment)
    }

    fn filter(&mut self) -> Result<Filter, PathError> {
        self.expect("?")?;
        self.skip_spaces();
        self.expect("(")?;
        let filter = filter::read(self)?;
        self.skip_spaces();
        self.expect(")")?;
        Ok(filter)
    }

    fn names(&mut self) -> Result<Segment, PathError> {
        let mut names = vec![self.quoted()?];
        self.skip_spaces();
        while self.eat(",") {
            self.skip_spaces();
            names.push(self.quoted()?);
            self.skip_spaces();
        }
        Ok(match (names.len(), names.pop()) {
            (1, Some(name)) => Segment::Name(name),
            (_, last) => Segment::Names(names.into_iter().chain(last).collect()),
        })
    }

    /// Reads `'…'` or `"…"`; a backslash escapes the quote and itself, and is a character otherwise.
    pub(crate) fn quoted(&mut self) -> Result<String, PathError> {
        let quote = self.next().filter(|c| matches!(c, '\'' | '"')).ok_or_else(|| self.error("expected a quote"))?;
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err(self.error("the quote is not closed")),
                Some('\\') if self.peek().is_some_and(|c| c == quote || c == '\\') => text.extend(self.next()),
                Some(c) if c == quote => return Ok(text),
                Some(c) => text.push(c),
            }
        }
    }

    fn numbers(&mut self) -> Result<Segment, PathError> {
        let first = self.number()?;
        self.skip_spaces();
        if self.eat(":") {
            self.skip_spaces();
            return Ok(Segment::Slice(first, self.number()?));
        }
        let mut indexes = vec![first.ok_or_else(|| self.error("expected an index, a name in quotes, `*`, or `?(…)`"))?];
        while self.eat(",") {
            self.skip_spaces();
            indexes.push(self.number()?.ok_or_else(|| self.error("expected an index"))?);
            self.skip_spaces();
        }
        Ok(match indexes.as_slice() {
            [index] => Segment::Index(*index),
            _ => Segment::Indexes(indexes),
        })
    }

    fn number(&mut self) -> Result<Option<i64>, PathError> {
        let digits = self.take_while(|c| c.is_ascii_digit() || c == '-');
        if digits.is_empty() {
            return Ok(None);
        }
        digits.parse().map(Some).map_err(|_| self.error("expected a whole number"))
    }
}
