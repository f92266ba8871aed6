//! who is asking
