//! The inspector's work for one scenario, so many times over: `messages SCENARIO ROUNDS`.
//!
//! `bench/wire.py` counts the instructions of two runs of different length; their difference is what the
//! rounds cost, whatever the start of a process does. It prints how many messages one round has.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a measurement may panic")]
#![allow(clippy::doc_markdown, reason = "messages keep the names that their specification gives them")]

use std::{collections::HashMap, hint::black_box, sync::Arc};

use bytes::BytesMut;
use narrows_mask::{MaskSet, RelationMasks, Transform};
use narrows_wire::{
    Actions, Allow, Effects, Epoch, Exposure, Inspector, Limits, Operation, RecordLevel, Scope, Side,
    Verdict, VerdictId,
    http::{HttpLimits, RequestCheck},
    kubernetes::{Accept, ApiAllow, ApiCall, Header, Token, UpstreamRequest},
    postgres::{PostgresInspector, PostgresSession},
};

#[allow(dead_code, unreachable_pub, clippy::pedantic, clippy::indexing_slicing, reason = "shared with tests")]
#[path = "../tests/playbook/messages.rs"]
mod messages;

use messages::{
    bind, bind_complete, columns, complete, execute, parse, parse_complete, query, ready, row, sync,
};

/// A relation whose attributes 3 and 4 are masked, and one without masks.
const PEOPLE: u32 = 16_400;
const ACCOUNTS: u32 = 16_500;
/// What a server sends at a time.
const ROWS: usize = 100;

struct Session {
    inspector: PostgresInspector,
    out: Actions,
    input: BytesMut,
    allow: Verdict,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [scenario, rounds] = arguments.as_slice() else { panic!("usage: messages SCENARIO ROUNDS") };
    let rounds: usize = rounds.parse().expect("a number of rounds");
    let mut session = Session::new();
    let messages = match scenario.as_str() {
        "prepared" => session.prepared(rounds),
        "simple" => session.simple(rounds),
        "rows" => session.rows(rounds, ACCOUNTS),
        "masked-rows" => session.rows(rounds, PEOPLE),
        "api-call" => api_calls(rounds),
        other => panic!("no scenario {other}; there are prepared, simple, rows, masked-rows and api-call"),
    };
    println!("{messages}");
}

impl Session {
    fn new() -> Session {
        let mut masks = MaskSet::default();
        let masked = HashMap::from([(3, Transform::Last4), (4, Transform::Redact)]);
        masks.relations.insert(PEOPLE, RelationMasks::Columns(Arc::new(masked)));
        masks.relations.insert(ACCOUNTS, RelationMasks::Clear);
        let allow = Allow {
            id: VerdictId(1),
            rule: "read".into(),
            approval: None,
            scope: Scope::Statement,
            epoch: Epoch::default(),
            exposure: Exposure::Clear,
            effects: Effects::default(),
            gives: [].into(),
            reads: [].into(),
            ask_at_bind: false,
            rows_max: None,
            record: RecordLevel::Full,
            columns: None,
            copy: None,
        };
        Session {
            inspector: PostgresInspector::new(PostgresSession {
                limits: Arc::new(Limits::default()),
                nonce: "n0nce".to_owned(),
                masks: Some(Arc::new(masks)),
                epoch: Epoch::default(),
            }),
            out: Actions::default(),
            input: BytesMut::new(),
            allow: Verdict::Allow(Arc::new(allow)),
        }
    }

    /// What the relay does with one read: feed, answer from its cache, and empty the buffers.
    fn feed(&mut self, from: Side, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
        self.inspector.feed(from, &mut self.input, &mut self.out).expect("taken");
        while let Some(ask) = self.out.asks.pop() {
            let Operation::Statement(statement) = &ask.operation;
            black_box(statement);
            self.inspector.resolve(ask.id, &self.allow, &mut self.out).expect("resolved");
            self.inspector.feed(Side::Downstream, &mut self.input, &mut self.out).expect("taken");
        }
        assert!(self.input.is_empty() && self.out.close.is_none());
        black_box(&self.out);
        self.out.records.clear();
        self.out.upstream().clear();
        self.out.downstream().clear();
    }

    /// Bind, Execute and Sync of a prepared statement that returns one row: seven messages.
    fn prepared(&mut self, rounds: usize) -> usize {
        let text = "SELECT abalance FROM pgbench_accounts WHERE aid = $1;";
        self.feed(Side::Downstream, &[parse("P_0", text), sync()].concat());
        self.feed(Side::Upstream, &[parse_complete(), ready(b'I')].concat());
        let asked = [bind("", "P_0"), execute(""), sync()].concat();
        let answer = [bind_complete(), row(&[Some("-4711")]), complete("SELECT 1"), ready(b'I')].concat();
        for _ in 0..rounds {
            self.feed(Side::Downstream, black_box(&asked));
            self.feed(Side::Upstream, black_box(&answer));
        }
        7
    }

    /// A simple Query that returns one row, its verdict cached: five messages.
    fn simple(&mut self, rounds: usize) -> usize {
        let asked = query("SELECT abalance FROM pgbench_accounts WHERE aid = 4711;");
        let answer =
            [columns(&[(ACCOUNTS, 3)]), row(&[Some("-4711")]), complete("SELECT 1"), ready(b'I')].concat();
        for _ in 0..rounds {
            self.feed(Side::Downstream, black_box(&asked));
            self.feed(Side::Upstream, black_box(&answer));
        }
        5
    }

    /// One result of many rows of four columns; only the rows are told apart from its start and end.
    fn rows(&mut self, rounds: usize, relation: u32) -> usize {
        self.feed(Side::Downstream, &query("SELECT id, name, card_number, ssn FROM people"));
        self.feed(Side::Upstream, &columns(&[(relation, 1), (relation, 2), (relation, 3), (relation, 4)]));
        let one = row(&[Some("4711"), Some("name of 4711"), Some("4444444444444711"), Some("111114711")]);
        let many = one.repeat(ROWS);
        for _ in 0..rounds {
            self.feed(Side::Upstream, black_box(&many));
        }
        ROWS
    }
}

/// A list as kubectl asks for it, from the bytes of its head to the request that goes up: one message.
fn api_calls(rounds: usize) -> usize {
    let uri = "/clusters/prod/api/v1/namespaces/shop-a/pods?limit=500&fieldSelector=metadata.name%3Dweb";
    let bearer = format!("Bearer {}", "a".repeat(1200));
    let accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    let lines = [
        ("Host", "gateway:6443"),
        ("User-Agent", "kubectl/v1.32.4 (linux/amd64) kubernetes/59526cd"),
        ("Accept", accept),
        ("Authorization", bearer.as_str()),
        ("Accept-Encoding", "gzip"),
    ];
    let fields: String = lines.map(|(name, value)| [name, ": ", value, "\r\n"].concat()).concat();
    let head = ["GET ", uri, " HTTP/1.1\r\n", &fields, "\r\n"].concat();
    let headers = lines.map(|(name, value)| (name, value.as_bytes()));
    let allow = ApiAllow {
        rule: "read".into(),
        approval: None,
        warning: "".into(),
        ports: None,
        restored: None,
        record: narrows_wire::RecordLevel::Full,
        scope: Scope::Statement,
        policy_epoch: 0,
    };
    let mut check = RequestCheck::new(HttpLimits::default());
    for _ in 0..rounds {
        assert_eq!(check.feed(black_box(head.as_bytes())).good, head.len());
        black_box(upstream(uri, black_box(&headers), &allow));
    }
    1
}

fn upstream(uri: &str, headers: &[Header<'_>], allow: &ApiAllow) -> UpstreamRequest {
    black_box(Token::read(headers).expect("a token"));
    let call = ApiCall::read("GET", uri, headers).expect("a call");
    let accept = Accept::read(&call, headers).expect("acceptable");
    UpstreamRequest::build(allow.permit(), &call, headers, &accept).expect("a request")
}
