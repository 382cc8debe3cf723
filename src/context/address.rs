//! Addresses, as people may see them: without what logs in.

/// What an address says of where it leads; never the user and the password.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// Host and path; for a Postgres server, host and database.
    pub(super) shown: String,
    /// Whether the tool may take another part of it for the host. What is
    /// shown is then rather too little than a password.
    pub(super) ambiguous: bool,
}

impl Address {
    /// Reads a URL, or the Postgres form `host=… dbname=…`.
    pub(super) fn of(text: &str) -> Self {
        let rest = match (scheme(text), text) {
            (Some((_, rest)), _) => rest,
            (None, text) if text.contains('=') => return Self::of_keywords(text),
            (None, text) => text,
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let last = rest.rfind('@');
        // A password may hold what else would end the authority.
        let ambiguous = last.is_some_and(|at| at > end);
        let place = last.and_then(|at| rest.get(at + 1..)).unwrap_or(rest);
        let (place, query) = place.split_once('?').unwrap_or((place, ""));
        let place = place.split(['#', ' ']).next().unwrap_or_default();
        let mut address = Self { shown: place.to_owned(), ambiguous };
        if text.starts_with("postgres") {
            address.overridden(query.split('#').next().unwrap_or_default());
        }
        address
    }

    /// Postgres takes a host and a database from the query as well.
    fn overridden(&mut self, query: &str) {
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.ambiguous |= name.contains('%');
            if matches!(name, "host" | "hostaddr" | "dbname") && !value.is_empty() {
                self.shown = format!("{}/{value}", self.shown);
            }
        }
    }

    fn of_keywords(text: &str) -> Self {
        let Some(pairs) = keywords(text) else { return Self { shown: String::new(), ambiguous: true } };
        let values = |wanted: &[&str]| -> Vec<String> {
            let wanted = pairs.iter().filter(|(name, _)| wanted.contains(&name.as_str()));
            wanted.map(|(_, value)| value.clone()).collect()
        };
        let mut parts = values(&["host", "hostaddr"]);
        parts.extend(values(&["dbname"]));
        Self { shown: parts.join("/"), ambiguous: false }
    }
}

/// The scheme of a URL, and what follows it.
pub(super) fn scheme(text: &str) -> Option<(&str, &str)> {
    let name = |scheme: &str| scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c));
    text.split_once("://").filter(|(scheme, _)| name(scheme))
}

/// The pairs of `name = 'value' …`, as Postgres clients read them; none
/// where that cannot be read.
fn keywords(text: &str) -> Option<Vec<(String, String)>> {
    let mut rest = text.chars().peekable();
    let mut pairs = Vec::new();
    loop {
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        if rest.peek().is_none() {
            return Some(pairs);
        }
        let mut name = String::new();
        while let Some(c) = rest.next_if(|c| *c != '=') {
            name.push(c);
        }
        rest.next()?;
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        let quoted = rest.next_if_eq(&'\'').is_some();
        let mut value = String::new();
        loop {
            match rest.next() {
                Some('\'') if quoted => break,
                Some('\\') => value.push(rest.next()?),
                Some(c) if !quoted && c.is_whitespace() => break,
                Some(c) => value.push(c),
                None if quoted => return None,
                None => break,
            }
        }
        pairs.push((name.trim().to_owned(), value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (text, shown, ambiguous) in [
            ("https://u:pw@h/x", "h/x", false),
            ("https://h:8/x?token=t", "h:8/x", false),
            ("https://u:p@ss@h/x", "h/x", false),
            ("https://u:hunt/er2@h/x", "h/x", true),
            ("https://u:hunt#er2@h/x", "h/x", true),
            ("https://u:hunt?er2@h/x", "h/x", true),
            ("https://u:a@b/hunter2@h", "h", true),
            ("u:pw@consul:8500", "consul:8500", false),
            ("password=hunter2 host=db dbname=tf", "db/tf", false),
            ("host = 'd\\'b' password = 'x host=no' dbname=tf", "d'b/tf", false),
            ("password='hunter2 host=db", "", true),
            ("host=db password=a://hunter2", "db", false),
            ("postgres://u:pw@dev/tf?host=prod&sslmode=x", "dev/tf/prod", false),
            ("postgres://u:pw@dev/tf?h%6fst=prod", "dev/tf", true),
        ] {
            let expected = Address { shown: shown.to_owned(), ambiguous };
            assert_eq!(Address::of(text), expected, "{text}");
        }
    }
}
