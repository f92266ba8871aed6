//! Naive wall-clock rows into instants (R4 to R8).
