//! Wall-clock rows made instants.
