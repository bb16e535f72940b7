//! Client peers on real sockets, for the tests of the engine and for its bench.
