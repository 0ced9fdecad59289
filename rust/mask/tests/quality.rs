//! Precision and recall on labelled text, as docs/masking.md quotes them:
//! `cargo test -p narrows-mask --test quality -- --nocapture`.

#![allow(clippy::expect_used, reason = "a test may panic")]

use std::collections::BTreeMap;

use narrows_mask::{Detector, Detectors, Hints, Transform};

/// Written by labelled.py beside it, which says what it holds.
const LABELLED: &str = include_str!("data/labelled.tsv");

/// No detector may be worse than this, in percent. Card numbers are: one in ten of the numbers that start
/// and end as some issuer's passes every check there is.
const PRECISION_MIN: usize = 88;
const RECALL_MIN: usize = 92;

#[derive(Default)]
struct Score {
    present: usize,
    found: usize,
    alarms: usize,
}

impl Score {
    fn percent(part: usize, whole: usize) -> usize {
        (part * 100).checked_div(whole).unwrap_or(100)
    }

    fn precision(&self) -> usize {
        Score::percent(self.found, self.found + self.alarms)
    }

    fn recall(&self) -> usize {
        Score::percent(self.found, self.present)
    }
}

fn unescape(text: &str) -> String {
    text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
}

#[test]
fn detectors_are_as_good_as_the_documentation_says() {
    let detectors =
        Detectors::new(Detector::ALL.map(|it| (it, Transform::Redact))).expect("shapes that compile");
    let mut scores: BTreeMap<&str, Score> = Detector::ALL.map(|it| (it.name(), Score::default())).into();
    let (mut clean, mut alarmed, mut mistakes) = (0, 0, Vec::new());
    for line in LABELLED.lines() {
        let mut fields = line.split('\t').map(unescape);
        let (Some(label), Some(secret), Some(column), Some(text)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            panic!("a line has other fields than four: {line}")
        };
        let found = detectors.find(text.as_bytes(), Hints::of_name(column.as_bytes()));
        // Found is found whole, whichever detector names it; an alarm is where nothing of the label is.
        let at = text.find(&secret).filter(|_| !secret.is_empty()).map(|start| start..start + secret.len());
        let covers = |it: &narrows_mask::Found| {
            at.as_ref().is_some_and(|at| it.span.start <= at.start && it.span.end >= at.end)
        };
        let touches = |it: &narrows_mask::Found| {
            at.as_ref().is_some_and(|at| it.span.start < at.end && it.span.end > at.start)
        };
        let hit = found.iter().any(covers);
        if let Some(score) = scores.get_mut(label.as_str()) {
            score.present += 1;
            score.found += usize::from(hit);
        } else {
            clean += 1;
            alarmed += usize::from(!found.is_empty());
        }
        if label != "-" && !hit {
            mistakes.push(format!("missed {label}: {column} {text}"));
        }
        for it in found.iter().filter(|it| !touches(it)) {
            scores.entry(it.detector.name()).or_default().alarms += 1;
            mistakes.push(format!("alarm {}: {column} {text}", it.detector.name()));
        }
    }
    println!(
        "| detector | labelled | found whole | false alarms | precision | recall |\n|---|---|---|---|---|---|"
    );
    for (name, score) in &scores {
        let (precision, recall) = (score.precision(), score.recall());
        println!(
            "| {name} | {} | {} | {} | {precision} % | {recall} % |",
            score.present, score.found, score.alarms
        );
    }
    println!("clean texts: {clean}, with a false alarm: {alarmed}\n{}", mistakes.join("\n"));
    for (name, score) in scores {
        assert!(score.precision() >= PRECISION_MIN, "{name} has precision {} %", score.precision());
        assert!(score.recall() >= RECALL_MIN, "{name} has recall {} %", score.recall());
    }
}
