//! Salon SFU: py.
