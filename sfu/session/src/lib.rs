//! Salon SFU: session.
