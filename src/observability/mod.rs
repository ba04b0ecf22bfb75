//! observability: logging and health.
