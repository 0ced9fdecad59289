//! What gives sensitive data away by its look: shapes, and the checks that tell data from chance.
//!
//! A detector is a shape (a regular expression) and a judge (code: a checksum, a range, a decoded header).
//! Before either, a gate looks at the bytes once and says which detectors could find anything, which is
//! none for most values. Nothing here backtracks: a scan takes time linear in the text.
//!
//! Detectors find what is written plainly. A statement that cuts, reverses or encodes a value on its way
//! out escapes them; where a column is known to be sensitive, a mask names it.

mod address;
mod bank;
mod candidate;
mod card;
mod cloud;
mod credential;
mod email;
mod entropy;
mod escapes;
mod gate;
mod grams;
mod hints;
mod json;
mod known;
mod line;
mod literal;
mod live;
mod nested;
mod phone;
mod rewriter;
mod scanner;
mod shape;
mod ssn;
mod stream;
mod token;
mod value;
mod whole;

pub use hints::Hints;
pub use known::KnownValues;
pub(crate) use known::VALUE_BYTES_MIN;
pub use scanner::{Detectors, Found, ShapeError};
pub use stream::Stream;
pub use value::Scanned;

use candidate::Judge;
use shape::Shape;

/// A kind of sensitive data. Where two overlap, the one that comes first here names the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detector {
    /// A private key in PEM, with its lines: PKCS, OpenSSH and PGP.
    PrivateKey,
    /// The password in a URL or a connection string.
    ConnectionString,
    /// A JSON Web Token, whose header names an algorithm.
    Jwt,
    /// An Azure storage key, client secret or shared access signature.
    AzureKey,
    /// An AWS access key id, or a secret access key beside its name.
    AwsKey,
    /// A GitHub token with a true checksum.
    GithubToken,
    /// A Slack token or webhook.
    SlackToken,
    /// A payment card number: issuer, length and Luhn's digit agree.
    Pan,
    /// An IBAN: country, length and ISO 7064's digits agree.
    Iban,
    /// A United States social security number.
    UsSsn,
    /// An email address.
    Email,
    /// A telephone number in E.164, with its plus sign.
    Phone,
    /// An IPv6 address.
    Ipv6,
    /// An IPv4 address.
    Ipv4,
    /// Something random beside a name such as `password` or `api_key`.
    Secret,
    /// A secret whose value is known. No policy names it: it belongs to a stream.
    Known,
}

impl Detector {
    /// Every detector that a policy can name, the most severe first.
    pub const ALL: [Detector; 15] = [
        Detector::PrivateKey,
        Detector::ConnectionString,
        Detector::Jwt,
        Detector::AzureKey,
        Detector::AwsKey,
        Detector::GithubToken,
        Detector::SlackToken,
        Detector::Pan,
        Detector::Iban,
        Detector::UsSsn,
        Detector::Email,
        Detector::Phone,
        Detector::Ipv6,
        Detector::Ipv4,
        Detector::Secret,
    ];

    /// The name that policy gives it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Detector::Known => "known",
            Detector::PrivateKey => "private-key",
            Detector::ConnectionString => "connection-string",
            Detector::Jwt => "jwt",
            Detector::AzureKey => "azure-key",
            Detector::AwsKey => "aws-key",
            Detector::GithubToken => "github-token",
            Detector::SlackToken => "slack-token",
            Detector::Pan => "pan",
            Detector::Iban => "iban",
            Detector::UsSsn => "us-ssn",
            Detector::Email => "email",
            Detector::Phone => "phone",
            Detector::Ipv6 => "ipv6",
            Detector::Ipv4 => "ipv4",
            Detector::Secret => "secret",
        }
    }

    /// The detector of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Detector> {
        Detector::ALL.into_iter().find(|detector| detector.name() == name)
    }

    const fn shape(self) -> Shape {
        match self {
            Detector::Known => Shape::Patterns(&[]),
            Detector::PrivateKey => Shape::Patterns(credential::PRIVATE_KEY_SHAPES),
            Detector::ConnectionString => Shape::Patterns(credential::CONNECTION_SHAPES),
            Detector::Jwt => Shape::Patterns(token::JWT_SHAPES),
            Detector::AzureKey => Shape::Patterns(cloud::AZURE_SHAPES),
            Detector::AwsKey => Shape::Patterns(cloud::AWS_SHAPES),
            Detector::GithubToken => Shape::Patterns(token::GITHUB_SHAPES),
            Detector::SlackToken => Shape::Patterns(token::SLACK_SHAPES),
            Detector::Pan => Shape::Words(card::shape),
            Detector::Iban => Shape::Words(bank::shape),
            Detector::UsSsn => Shape::Words(ssn::shape),
            Detector::Email => Shape::Around(email::SIGN, email::around),
            Detector::Phone => Shape::Patterns(phone::SHAPES),
            Detector::Ipv6 => Shape::Patterns(address::IPV6_SHAPES),
            Detector::Ipv4 => Shape::Patterns(address::IPV4_SHAPES),
            Detector::Secret => Shape::Patterns(credential::SECRET_SHAPES),
        }
    }

    const fn judge(self) -> Judge {
        match self {
            Detector::Known => |candidate| candidate.whole(),
            Detector::PrivateKey => credential::judge_private_key,
            Detector::ConnectionString => credential::judge_connection,
            Detector::Jwt => token::judge_jwt,
            Detector::AzureKey => cloud::judge_azure,
            Detector::AwsKey => cloud::judge_aws,
            Detector::GithubToken => token::judge_github,
            Detector::SlackToken => token::judge_slack,
            Detector::Pan => card::judge,
            Detector::Iban => bank::judge,
            Detector::UsSsn => ssn::judge,
            Detector::Email => email::judge,
            Detector::Phone => phone::judge,
            Detector::Ipv6 => address::judge_ipv6,
            Detector::Ipv4 => address::judge_ipv4,
            Detector::Secret => credential::judge_secret,
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// Some detectors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DetectorSet(u16);

impl DetectorSet {
    pub(crate) const fn with(self, detector: Detector) -> DetectorSet {
        DetectorSet(self.0 | detector.bit())
    }

    pub(crate) const fn and(self, other: DetectorSet) -> DetectorSet {
        DetectorSet(self.0 | other.0)
    }

    pub(crate) const fn meets(self, other: DetectorSet) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn contains(self, detector: Detector) -> bool {
        self.0 & detector.bit() != 0
    }
}

impl FromIterator<Detector> for DetectorSet {
    fn from_iter<I: IntoIterator<Item = Detector>>(detectors: I) -> DetectorSet {
        detectors.into_iter().fold(DetectorSet::default(), DetectorSet::with)
    }
}
