//! config: file, environment and flags become one checked, immutable Config; sizing to cores and memory.
