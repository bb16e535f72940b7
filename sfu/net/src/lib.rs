//! Salon SFU: net.
