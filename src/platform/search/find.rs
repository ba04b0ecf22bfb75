//! Runs a plan over the index.

use std::collections::{BTreeSet, HashMap, HashSet};

use tantivy::query::{
    BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, EnableScoring, FuzzyTermQuery, Occur,
    Query, Scorer, TermQuery, TermSetQuery, Weight,
};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Searcher, Term};

use super::Matched;
use super::index::Served;
use super::keys::Slot;
use super::query::{How, Leaf, Plan};
use super::rank::{self, Best, Rank, Ranked, Tier};
use super::schema;
use super::words;

/// A leaf answers with at most this many different keys. The end of an identifier in four
/// digits answers with 500 among five millions.
const KEYS_MAX: usize = 4096;

/// Looks into one state of the index, for one text.
pub(super) struct Look<'a> {
    searcher: Searcher,
    served: &'a Served,
    /// What the index has for a leaf. A date in three words is three times the same leaf, and
    /// what was strict is asked again together with what is not.
    known: HashMap<(Slot, How, String), Option<Box<dyn Query>>>,
}

/// A plan with the keys that the index has for it.
struct Known<'p> {
    clauses: Vec<Vec<(&'p Leaf, Box<dyn Query>)>>,
    full_names: Vec<Box<dyn Query>>,
}

impl<'a> Look<'a> {
    pub(super) fn new(served: &'a Served) -> Self {
        Self { searcher: served.searcher(), served, known: HashMap::new() }
    }

    /// The best cards and why they are, at most `limit` and none of those `hidden`.
    pub(super) fn find(
        &mut self,
        plan: &Plan,
        limit: usize,
        hidden: &HashSet<i64>,
    ) -> tantivy::Result<Vec<(Rank, Vec<Matched>)>> {
        let known = self.known(plan)?;
        let mut best = self.best(&known, limit + hidden.len())?;
        let mut seen = HashSet::new();
        best.retain(|found| !hidden.contains(&found.rank.id) && seen.insert(found.rank.id));
        best.truncate(limit);
        self.why(&known, &best)
    }

    fn known<'p>(&mut self, plan: &'p Plan) -> tantivy::Result<Known<'p>> {
        let mut clauses = Vec::with_capacity(plan.clauses.len());
        for clause in &plan.clauses {
            let mut known = Vec::new();
            for leaf in clause {
                known.extend(self.query_of(leaf)?.map(|query| (leaf, query)));
            }
            clauses.push(known);
        }
        let mut full_names = Vec::new();
        for name in &plan.full_names {
            let term = self.served.fields.term(Slot::FullNames, name);
            if 0 < self.searcher.doc_freq(&term)? {
                full_names.extend(any_of(vec![term]));
            }
        }
        Ok(Known { clauses, full_names })
    }

    /// The documents that answer to a leaf, if there are any.
    fn query_of(&mut self, leaf: &Leaf) -> tantivy::Result<Option<Box<dyn Query>>> {
        let key = (leaf.slot, leaf.how, leaf.text.clone());
        if let Some(known) = self.known.get(&key) {
            return Ok(known.as_ref().map(|query| query.box_clone()));
        }
        let query = any_of(self.keys_of(leaf)?);
        self.known.insert(key, query.as_ref().map(|query| query.box_clone()));
        Ok(query)
    }

    /// The keys that answer to a leaf.
    fn keys_of(&mut self, leaf: &Leaf) -> tantivy::Result<Vec<Term>> {
        let term = self.served.fields.term(leaf.slot, &leaf.text);
        let keys = match leaf.how {
            How::Is => {
                let known = 0 < self.searcher.doc_freq(&term)?;
                return Ok(known.then_some(term).into_iter().collect());
            }
            How::StartsWith => self.beginning_with(leaf)?,
            How::Within(edits) => {
                let state = self.searcher.generation().generation_id();
                let near = self.served.near.to(&leaf.text, state, || self.near(leaf, term))?;
                // The automaton and the overlay have to agree on what an error is.
                let within = |key: &&String| words::within_edits(key, &leaf.text, edits);
                near.iter().filter(within).cloned().collect()
            }
        };
        Ok(keys.iter().map(|key| self.served.fields.term(leaf.slot, key)).collect())
    }

    fn beginning_with(&self, leaf: &Leaf) -> tantivy::Result<BTreeSet<String>> {
        let mut keys = BTreeSet::new();
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(self.served.fields.of(leaf.slot))?;
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

    /// The words nearest to one, for all errors that it is forgiven: the dearest look-up.
    fn near(&self, leaf: &Leaf, term: Term) -> tantivy::Result<BTreeSet<String>> {
        let edits = words::edits_allowed(leaf.text.chars().count());
        let automaton = FuzzyTermQuery::new(term, edits, true).automaton()?;
        let mut keys = BTreeSet::new();
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(self.served.fields.of(leaf.slot))?;
            let mut stream = inverted.terms().search(&automaton).into_stream()?;
            while keys.len() < KEYS_MAX && stream.advance() {
                keys.extend(str::from_utf8(stream.key()).map(str::to_owned));
            }
        }
        Ok(keys)
    }

    fn best(&self, known: &Known<'_>, limit: usize) -> tantivy::Result<Vec<Ranked>> {
        if known.clauses.iter().any(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let mut all = Vec::<(Occur, Box<dyn Query>)>::new();
        for clause in &known.clauses {
            let scored = clause.iter().map(|(leaf, query)| {
                let scored = ConstScoreQuery::new(query.box_clone(), leaf.tier.score());
                Box::new(scored) as Box<dyn Query>
            });
            all.push((Occur::Must, Box::new(DisjunctionMaxQuery::new(scored.collect()))));
        }
        if !known.full_names.is_empty() {
            let names = known.full_names.iter().map(|query| query.box_clone()).collect();
            let name = BooleanQuery::union(names);
            let scored = ConstScoreQuery::new(Box::new(name), rank::FULL_NAME_SCORE);
            all.push((Occur::Should, Box::new(scored)));
        }
        let collector = Best {
            limit,
            clauses: known.clauses.len(),
            id_field: schema::ID,
            length_field: self.served.fields.of(Slot::Starts),
        };
        self.searcher.search(&BooleanQuery::new(all), &collector)
    }

    /// Why the cards were found, in the order of `hits`.
    fn why(
        &self,
        known: &Known<'_>,
        hits: &[Ranked],
    ) -> tantivy::Result<Vec<(Rank, Vec<Matched>)>> {
        let mut reasons = vec![Vec::new(); hits.len()];
        // Documents of a segment can only be visited in ascending order.
        let mut order = (0..hits.len()).collect::<Vec<_>>();
        order.sort_unstable_by_key(|nth| hits[*nth].at);
        for clause in &known.clauses {
            let visits = clause.iter().map(|(leaf, query)| Visit::of(leaf, query.as_ref()));
            let mut visits = visits.collect::<Vec<_>>();
            for &nth in &order {
                let at = hits[nth].at;
                let mut best: Option<Tier> = None;
                for visit in &mut visits {
                    if best.is_some_and(|tier| tier < visit.leaf.tier) {
                        break;
                    }
                    if visit.has(&self.searcher, at.segment_ord, at.doc_id)? {
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
    fn of(leaf: &'a Leaf, query: &'a dyn Query) -> Self {
        Self { leaf, query, weight: None, scorer: None }
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
