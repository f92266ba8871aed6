//! the router
