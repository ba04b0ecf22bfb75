//! The index's fields: one for each slot of keys, and the id. Nothing else is kept.

use tantivy::TantivyDocument;
use tantivy::Term;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions,
};

use super::keys::{Keys, Slot};

/// Goes up whenever keys or fields change, so that older indexes are built again.
pub(super) const FORMAT: u32 = 1;
/// The name of the id's field.
pub(super) const ID: &str = "id";

/// The fields of a schema made by [`fields`].
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub(super) schema: Schema,
    id: Field,
    slots: [Field; Slot::ALL.len()],
}

/// The schema and its fields.
pub(super) fn fields() -> Fields {
    let mut schema = Schema::builder();
    let id = schema.add_i64_field(ID, FAST | INDEXED);
    let slots = Slot::ALL.map(|slot| {
        // The keys are made here already; the index takes each as it is. Only the number of
        // beginnings is remembered: it says how long the names are.
        let keys = TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(slot == Slot::Starts);
        schema.add_text_field(name(slot), TextOptions::default().set_indexing_options(keys))
    });
    Fields { schema: schema.build(), id, slots }
}

impl Fields {
    /// Where the keys of a slot are.
    pub(super) fn of(&self, slot: Slot) -> Field {
        self.slots[slot as usize]
    }

    /// A key as the index knows it.
    pub(super) fn term(&self, slot: Slot, key: &str) -> Term {
        Term::from_field_text(self.of(slot), key)
    }

    /// What all documents of a card have in common.
    pub(super) fn id_term(&self, id: i64) -> Term {
        Term::from_field_i64(self.id, id)
    }

    /// A card as a document.
    pub(super) fn document(&self, id: i64, keys: &Keys) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_i64(self.id, id);
        for slot in Slot::ALL {
            for key in keys.slot(slot) {
                document.add_text(self.of(slot), key);
            }
        }
        document
    }
}

fn name(slot: Slot) -> &'static str {
    match slot {
        Slot::Words => "words",
        Slot::Starts => "starts",
        Slot::Sounds => "sounds",
        Slot::FullNames => "full_names",
        Slot::Identifiers => "identifiers",
        Slot::IdentifierStarts => "identifier_starts",
        Slot::IdentifierEnds => "identifier_ends",
        Slot::Phones => "phones",
        Slot::Born => "born",
    }
}
