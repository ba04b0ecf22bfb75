//! Runs a plan over the index.

use std::collections::BTreeSet;

use tantivy::query::{
    BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, EnableScoring, FuzzyTermQuery, Occur,
    Query, Scorer, TermQuery, TermSetQuery, Weight,
};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Searcher, Term};

use super::Matched;
use super::keys::Slot;
use super::query::{How, Leaf, Plan};
use super::rank::{self, Best, Rank, Ranked, Tier};
use super::schema::{self, Fields};
use super::words;

/// A leaf answers with at most this many different keys. The end of an identifier in four
/// digits answers with 500 among five millions.
const KEYS_MAX: usize = 4096;

/// A plan over one state of the index.
pub(super) struct Look<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
    clauses: Vec<Vec<Known<'a>>>,
    full_names: Vec<Box<dyn Query>>,
}

/// A leaf with the keys that the index has for it.
struct Known<'a> {
    leaf: &'a Leaf,
    query: Box<dyn Query>,
}

impl<'a> Look<'a> {
    /// Looks up which keys there are.
    pub(super) fn prepare(
        searcher: &'a Searcher,
        fields: &'a Fields,
        plan: &'a Plan,
    ) -> tantivy::Result<Self> {
        let mut clauses = Vec::with_capacity(plan.clauses.len());
        for clause in &plan.clauses {
            let mut known = Vec::new();
            for leaf in clause {
                let keys = keys_of(searcher, fields, leaf)?;
                known.extend(any_of(keys).map(|query| Known { leaf, query }));
            }
            clauses.push(known);
        }
        let mut full_names = Vec::new();
        for name in &plan.full_names {
            let term = fields.term(Slot::FullNames, name);
            if 0 < searcher.doc_freq(&term)? {
                full_names.extend(any_of(vec![term]));
            }
        }
        Ok(Self { searcher, fields, clauses, full_names })
    }

    /// The best cards, at most `limit`.
    pub(super) fn best(&self, limit: usize) -> tantivy::Result<Vec<Ranked>> {
        if self.clauses.iter().any(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let mut all = Vec::<(Occur, Box<dyn Query>)>::new();
        for clause in &self.clauses {
            let scored = clause.iter().map(|known| {
                let score = known.leaf.tier.score();
                Box::new(ConstScoreQuery::new(known.query.box_clone(), score)) as Box<dyn Query>
            });
            all.push((Occur::Must, Box::new(DisjunctionMaxQuery::new(scored.collect()))));
        }
        if !self.full_names.is_empty() {
            let names = self.full_names.iter().map(|query| query.box_clone()).collect();
            let name = BooleanQuery::union(names);
            let scored = ConstScoreQuery::new(Box::new(name), rank::FULL_NAME_SCORE);
            all.push((Occur::Should, Box::new(scored)));
        }
        let collector = Best {
            limit,
            clauses: self.clauses.len(),
            id_field: schema::ID,
            length_field: self.fields.of(Slot::Starts),
        };
        self.searcher.search(&BooleanQuery::new(all), &collector)
    }

    /// Why the cards were found, in the order of `hits`.
    pub(super) fn why(&self, hits: &[Ranked]) -> tantivy::Result<Vec<(Rank, Vec<Matched>)>> {
        let mut reasons = vec![Vec::new(); hits.len()];
        // Documents of a segment can only be visited in ascending order.
        let mut order = (0..hits.len()).collect::<Vec<_>>();
        order.sort_unstable_by_key(|nth| hits[*nth].at);
        for clause in &self.clauses {
            let mut visits = clause.iter().map(|known| Visit::of(known)).collect::<Vec<_>>();
            for &nth in &order {
                let at = hits[nth].at;
                let mut best: Option<Tier> = None;
                for visit in &mut visits {
                    if best.is_some_and(|tier| tier < visit.leaf.tier) {
                        break;
                    }
                    if visit.has(self.searcher, at.segment_ord, at.doc_id)? {
                        best = Some(visit.leaf.tier);
                        reasons[nth].push(visit.leaf.matched);
                    }
                }
            }
        }
        let named = hits.iter().zip(reasons).map(|(hit, mut reasons)| {
            reasons.sort_unstable();
            reasons.dedup();
            (hit.rank, reasons)
        });
        Ok(named.collect())
    }
}

/// One leaf on its way through the documents.
struct Visit<'a> {
    leaf: &'a Leaf,
    query: &'a dyn Query,
    weight: Option<Box<dyn Weight>>,
    scorer: Option<(u32, Box<dyn Scorer>)>,
}

impl<'a> Visit<'a> {
    fn of(known: &'a Known<'_>) -> Self {
        Self { leaf: known.leaf, query: known.query.as_ref(), weight: None, scorer: None }
    }

    /// Whether a document answers; the documents come in ascending order.
    fn has(&mut self, searcher: &Searcher, segment: u32, doc: DocId) -> tantivy::Result<bool> {
        let weight = match &self.weight {
            Some(weight) => weight,
            None => {
                let weight = self.query.weight(EnableScoring::disabled_from_searcher(searcher))?;
                self.weight.insert(weight)
            }
        };
        let scorer = match &mut self.scorer {
            Some((of, scorer)) if *of == segment => scorer,
            slot => {
                let scorer = weight.scorer(searcher.segment_reader(segment), 1.0)?;
                &mut slot.insert((segment, scorer)).1
            }
        };
        let there = if scorer.doc() < doc { scorer.seek(doc) } else { scorer.doc() };
        Ok(there == doc)
    }
}

/// The keys that answer to a leaf.
fn keys_of(searcher: &Searcher, fields: &Fields, leaf: &Leaf) -> tantivy::Result<Vec<Term>> {
    let term = fields.term(leaf.slot, &leaf.text);
    let keys = match leaf.how {
        How::Is => {
            let known = 0 < searcher.doc_freq(&term)?;
            return Ok(known.then_some(term).into_iter().collect());
        }
        How::StartsWith => beginning_with(searcher, fields, leaf)?,
        How::Within(edits) => mistyped(searcher, fields, leaf, term, edits)?,
    };
    Ok(keys.iter().map(|key| fields.term(leaf.slot, key)).collect())
}

fn beginning_with(
    searcher: &Searcher,
    fields: &Fields,
    leaf: &Leaf,
) -> tantivy::Result<BTreeSet<String>> {
    let mut keys = BTreeSet::new();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(fields.of(leaf.slot))?;
        let mut stream = inverted.terms().range().ge(&leaf.text).into_stream()?;
        while keys.len() < KEYS_MAX && stream.advance() {
            match str::from_utf8(stream.key()) {
                Ok(key) if key.starts_with(&leaf.text) => keys.insert(key.to_owned()),
                _ => break,
            };
        }
    }
    Ok(keys)
}

fn mistyped(
    searcher: &Searcher,
    fields: &Fields,
    leaf: &Leaf,
    term: Term,
    edits: u8,
) -> tantivy::Result<BTreeSet<String>> {
    let automaton = FuzzyTermQuery::new(term, edits, true).automaton()?;
    let mut keys = BTreeSet::new();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(fields.of(leaf.slot))?;
        let mut stream = inverted.terms().search(&automaton).into_stream()?;
        while keys.len() < KEYS_MAX && stream.advance() {
            // The automaton and the overlay have to agree on what two errors are.
            if let Ok(key) = str::from_utf8(stream.key())
                && words::within_edits(key, &leaf.text, edits)
            {
                keys.insert(key.to_owned());
            }
        }
    }
    Ok(keys)
}

fn any_of(mut keys: Vec<Term>) -> Option<Box<dyn Query>> {
    match keys.len() {
        0 => None,
        1 => {
            let only = keys.swap_remove(0);
            Some(Box::new(TermQuery::new(only, IndexRecordOption::Basic)))
        }
        _ => Some(Box::new(TermSetQuery::new(keys))),
    }
}
