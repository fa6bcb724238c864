//! Bit-packed integers that are read in place.
