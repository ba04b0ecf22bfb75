//! store: the only room that names a database engine.
