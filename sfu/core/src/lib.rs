//! Salon SFU: core.
