//! ICE-lite: we answer checks and never send any (RFC 8445 2.5). The path is the one the client nominated last.

use std::net::SocketAddr;

use crate::error::SessionError;
use crate::stun::BindingRequest;

/// User fragment and password of one side.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) ufrag: String,
    pub(crate) pwd: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({}, ..)", self.ufrag)
    }
}

impl Credentials {
    fn generate() -> Result<Self, SessionError> {
        Ok(Self {
            ufrag: text::<8>()?,
            pwd: text::<24>()?,
        })
    }
}

/// Random characters that ICE allows.
fn text<const N: usize>() -> Result<String, SessionError> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes: [u8; N] = crate::random()?;
    Ok(bytes
        .iter()
        .filter_map(|b| ALPHABET.get(usize::from(b & 63)))
        .map(|b| char::from(*b))
        .collect())
}

/// What a check led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// Send this response; the address has proved itself.
    Accepted(Vec<u8>),
    /// Send this response, and nothing else follows from it.
    Refused(Vec<u8>),
    /// Not authentic: no answer.
    Forged,
}

/// Our half of one ICE session.
#[derive(Debug)]
pub(crate) struct IceLite {
    local: Credentials,
    /// Credentials before the last restart: checks of that generation are answered until a newer path is nominated,
    /// so that media goes on meanwhile.
    previous: Option<Credentials>,
    remote: Credentials,
    path: Option<SocketAddr>,
}

impl IceLite {
    pub(crate) fn new(remote: Credentials) -> Result<Self, SessionError> {
        Ok(Self {
            local: Credentials::generate()?,
            previous: None,
            remote,
            path: None,
        })
    }

    /// Takes the client's credentials of a new offer; new ones restart ICE. True if they did.
    pub(crate) fn set_remote(&mut self, remote: Credentials) -> Result<bool, SessionError> {
        if remote == self.remote {
            return Ok(false);
        }
        let local = Credentials::generate()?;
        self.previous = Some(std::mem::replace(&mut self.local, local));
        self.remote = remote;
        Ok(true)
    }

    pub(crate) fn local(&self) -> &Credentials {
        &self.local
    }

    pub(crate) fn remote(&self) -> &Credentials {
        &self.remote
    }

    /// The user fragments a check may name.
    pub(crate) fn ufrags(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.local)
            .chain(&self.previous)
            .map(|c| c.ufrag.as_str())
    }

    /// Where to send: the nominated address.
    pub(crate) fn path(&self) -> Option<SocketAddr> {
        self.path
    }

    /// Answers a check.
    pub(crate) fn handle(&mut self, from: SocketAddr, request: &BindingRequest<'_>) -> Check {
        let named = request.local_ufrag();
        let is_current = named == Some(self.local.ufrag.as_str());
        let credentials = match &self.previous {
            Some(previous) if named == Some(previous.ufrag.as_str()) => previous,
            _ if is_current => &self.local,
            _ => return Check::Forged,
        };
        if !request.is_authentic(&credentials.pwd) {
            return Check::Forged;
        }
        if request.is_controlled {
            return Check::Refused(request.role_conflict(&credentials.pwd));
        }
        let response = request.success(from, Some(&credentials.pwd));
        if request.use_candidate && (is_current || self.path.is_none()) {
            // libwebrtc nominates towards a lite agent by marking the checks of the pair it has selected.
            self.path = Some(from);
            if is_current {
                self.previous = None;
            }
        }
        Check::Accepted(response)
    }
}
