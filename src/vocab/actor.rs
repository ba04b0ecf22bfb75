//! Who acts: a person who signed in, a program, or the box itself.

use std::net::IpAddr;
use std::sync::Arc;

/// Whose records somebody may see without saying why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Reach {
    /// Those of every patient.
    #[default]
    Everybody,
    /// Those of the patients of one's facility.
    Facility,
    /// Those of the patients of one's departments, by their ids.
    Departments(Vec<i64>),
}

/// Somebody who may read or change something. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Actor(Arc<Identity>);

#[derive(Debug, Clone)]
struct Identity {
    user: Option<i64>,
    name: String,
    role: String,
    facility: Option<i64>,
    session: Option<i64>,
    token: Option<i64>,
    permissions: Vec<&'static str>,
    reach: Reach,
}

impl Actor {
    /// A person or program with an account, who sees everybody's records unless
    /// [`reaching`](Self::reaching) less. `session` is the sign-in that is being used.
    #[must_use]
    pub fn user(
        id: i64,
        name: &str,
        role: &str,
        facility: Option<i64>,
        session: Option<i64>,
        permissions: Vec<&'static str>,
    ) -> Self {
        let (name, role) = (name.to_owned(), role.to_owned());
        let reach = Reach::default();
        let user = Some(id);
        Self(Arc::new(Identity {
            user,
            name,
            role,
            facility,
            session,
            token: None,
            permissions,
            reach,
        }))
    }

    /// The same as a program with the token `id`, called `name`: it holds of the permissions only
    /// those that are among `scopes`, and audit rows keep both names.
    #[must_use]
    pub fn through_token(&self, id: i64, name: &str, scopes: &[&str]) -> Self {
        let mut program = (*self.0).clone();
        program.name = format!("{} (token {name})", self.name());
        program.permissions.retain(|code| scopes.contains(code));
        (program.session, program.token) = (None, Some(id));
        Self(Arc::new(program))
    }

    /// The program acting for itself or for whoever owns its data folder, e.g. `command line`.
    /// It holds just the `permissions` given.
    #[must_use]
    pub fn machine(name: &str, permissions: Vec<&'static str>) -> Self {
        Self(Arc::new(Identity {
            user: None,
            name: name.to_owned(),
            role: "machine".to_owned(),
            facility: None,
            session: None,
            token: None,
            permissions,
            reach: Reach::Everybody,
        }))
    }

    /// Somebody of whom it is not known who they are: they may nothing.
    #[must_use]
    pub fn nobody() -> Self {
        let mut nobody = Self::machine("somebody", Vec::new());
        Arc::make_mut(&mut nobody.0).role.clear();
        nobody
    }

    /// The same, seeing the records of `reach` only.
    #[must_use]
    pub fn reaching(mut self, reach: Reach) -> Self {
        Arc::make_mut(&mut self.0).reach = reach;
        self
    }

    /// The account behind the actor; a machine has none.
    #[must_use]
    pub fn user_id(&self) -> Option<i64> {
        self.0.user
    }

    /// The name that audit rows keep.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The role's code, e.g. `nurse`.
    #[must_use]
    pub fn role(&self) -> &str {
        &self.0.role
    }

    /// The facility the person works at.
    #[must_use]
    pub fn facility(&self) -> Option<i64> {
        self.0.facility
    }

    /// The session this actor came in by.
    #[must_use]
    pub fn session(&self) -> Option<i64> {
        self.0.session
    }

    /// The token by which a program came in for the actor.
    #[must_use]
    pub fn token(&self) -> Option<i64> {
        self.0.token
    }

    /// The session or the token; a machine has neither.
    #[must_use]
    pub fn came_by(&self) -> Option<i64> {
        self.0.session.or(self.0.token)
    }

    /// Whose records the actor may see without saying why.
    #[must_use]
    pub fn reach(&self) -> &Reach {
        &self.0.reach
    }

    /// Whether the actor holds the permission `code`, e.g. `patients.read`.
    #[must_use]
    pub fn may(&self, code: &str) -> bool {
        self.0.permissions.contains(&code)
    }

    /// The codes of all permissions held.
    #[must_use]
    pub fn permissions(&self) -> &[&'static str] {
        &self.0.permissions
    }
}

/// One request as the ledger needs it: who acts, and the id that ties its traces together.
#[derive(Debug, Clone)]
pub struct Call {
    /// Who acts.
    pub actor: Actor,
    /// The id that the answer, the log and the audit row carry.
    pub request_id: String,
    /// From where it came, if it came over the network.
    pub address: Option<IpAddr>,
    /// Why, where somebody had to say so, e.g. to break the glass.
    pub reason: Option<String>,
}

impl Call {
    /// A call by `actor` under `request_id`.
    pub fn new(actor: Actor, request_id: impl Into<String>) -> Self {
        Self { actor, request_id: request_id.into(), address: None, reason: None }
    }

    /// The same, sent from `address`.
    #[must_use]
    pub fn sent_from(mut self, address: Option<IpAddr>) -> Self {
        self.address = address;
        self
    }

    /// The same, for a reason that the audit is to keep.
    #[must_use]
    pub fn because(mut self, reason: Option<String>) -> Self {
        self.reason = reason;
        self
    }
}
