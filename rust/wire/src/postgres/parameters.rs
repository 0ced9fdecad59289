//! Startup parameters: which may be passed on to the target.
//!
//! A parameter can change what SQL means (`search_path`, `standard_conforming_strings`), who speaks
//! (`role`) or what the connection is (`replication`), so only those listed here pass.

use super::message::Reader;
use crate::{Error, Side};

/// Settings that change how values look or how long things take, and nothing else.
const ALLOWED: [&str; 13] = [
    "application_name",
    "client_encoding",
    "DateStyle",
    "default_transaction_isolation",
    "default_transaction_read_only",
    "extra_float_digits",
    "geqo",
    "idle_in_transaction_session_timeout",
    "IntervalStyle",
    "jit",
    "lock_timeout",
    "statement_timeout",
    "TimeZone",
];

/// The content of a StartupMessage.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    /// Never empty.
    pub(super) user: String,
    /// As `user` when none was named.
    pub(super) database: String,
    /// From the allow-list, those of `options` included.
    pub(super) settings: Vec<(String, String)>,
    /// Protocol options (`_pq_.…`); none is known.
    pub(super) unknown_options: Vec<String>,
}

/// Why a StartupMessage is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    /// Five characters.
    pub(super) sqlstate: [u8; 5],
    /// What was refused.
    pub(super) message: String,
    /// What to do instead.
    pub(super) hint: &'static str,
}

impl Parameters {
    /// Reads the name and value pairs of a StartupMessage.
    ///
    /// # Errors
    /// The outer one when it is malformed, the inner one when something in it is not allowed.
    pub(super) fn read(body: &[u8]) -> Result<Result<Parameters, Refusal>, Error> {
        let mut reader = Reader::new(Side::Downstream, body);
        let mut pairs = Vec::new();
        loop {
            let name = utf8(reader.string()?)?;
            if name.is_empty() {
                break;
            }
            pairs.push((name, utf8(reader.string()?)?));
        }
        reader.end()?;
        Ok(Parameters::collect(&pairs))
    }

    fn collect(pairs: &[(&str, &str)]) -> Result<Parameters, Refusal> {
        let mut parameters = Parameters::default();
        for &(name, value) in pairs {
            match name {
                "user" => value.clone_into(&mut parameters.user),
                "database" => value.clone_into(&mut parameters.database),
                "replication" => refuse_replication(value)?,
                "options" => parameters.add_options(value)?,
                _ if name.starts_with("_pq_.") => parameters.unknown_options.push(name.to_owned()),
                _ => parameters.add_setting(name, value)?,
            }
        }
        if parameters.user.is_empty() {
            return Err(Refusal {
                sqlstate: *b"28000",
                message: "Narrows: no user name in the startup packet".to_owned(),
                hint: "Name a user; it has to fit the evidence.",
            });
        }
        if parameters.database.is_empty() {
            parameters.database.clone_from(&parameters.user);
        }
        Ok(parameters)
    }

    fn add_setting(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let known = ALLOWED.into_iter().find(|known| known.eq_ignore_ascii_case(name));
        let Some(name) = known else {
            return Err(not_allowed(name));
        };
        let value = if name == "client_encoding" { only_utf8(value)? } else { value };
        self.settings.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    /// `options` holds command line switches; only those that set a parameter are understood.
    fn add_options(&mut self, options: &str) -> Result<(), Refusal> {
        let mut words = split_options(options).into_iter();
        while let Some(word) = words.next() {
            let setting = if word == "-c" {
                words.next()
            } else {
                word.strip_prefix("--").or_else(|| word.strip_prefix("-c")).map(str::to_owned)
            };
            let Some((name, value)) = setting.as_deref().and_then(|setting| setting.split_once('=')) else {
                return Err(not_allowed(&word));
            };
            self.add_setting(&name.replace('-', "_"), value)?;
        }
        Ok(())
    }
}

fn not_allowed(name: &str) -> Refusal {
    Refusal {
        sqlstate: *b"42501",
        message: format!("Narrows: startup parameter \"{name}\" is not allowed"),
        hint: "Leave it out of the connection string, `options` and PGOPTIONS.",
    }
}

/// Splits as the server does: at white space, a backslash takes the next character as it is.
fn split_options(options: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut characters = options.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => word.extend(characters.next()),
            space if space.is_ascii_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            other => word.push(other),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// In some other encodings the second byte of a character may be a quote or a backslash. asyncpg sends
/// the name in quotes.
fn only_utf8(value: &str) -> Result<&'static str, Refusal> {
    let name: String =
        value.chars().filter(|character| !matches!(character, '\'' | '"' | '-' | '_')).collect();
    if name.eq_ignore_ascii_case("utf8") || name.eq_ignore_ascii_case("unicode") {
        return Ok("UTF8");
    }
    Err(Refusal {
        sqlstate: *b"22023",
        message: format!("Narrows: client_encoding \"{value}\" is not allowed"),
        hint: "Use UTF8.",
    })
}

fn refuse_replication(value: &str) -> Result<(), Refusal> {
    if ["false", "off", "no", "0"].iter().any(|off| value.eq_ignore_ascii_case(off)) {
        return Ok(());
    }
    Err(Refusal {
        sqlstate: *b"0A000",
        message: "Narrows: replication connections are not allowed".to_owned(),
        hint: "Connect without the replication parameter.",
    })
}

fn utf8(text: &[u8]) -> Result<&str, Error> {
    let error = Error::Malformed { side: Side::Downstream, what: "a startup parameter that is not UTF-8" };
    std::str::from_utf8(text).map_err(|_| error)
}
