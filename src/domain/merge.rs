//! New readings over old ones.
