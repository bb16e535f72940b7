//! What a decoder must be told before the first frame. Another one begins another segment.

/// How the frames of a segment are coded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Config {
    Opus,
    Pcm,
    Vp8 { size: (u16, u16) },
    Vp9 { size: (u16, u16) },
    Avc { size: (u16, u16), avcc: Vec<u8> },
}

impl Config {
    /// The name in the index.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Config::Opus => "opus",
            Config::Pcm => "pcm",
            Config::Vp8 { .. } => "vp8",
            Config::Vp9 { .. } => "vp9",
            Config::Avc { .. } => "h264",
        }
    }

    /// Width and height of a picture.
    pub(crate) const fn size(&self) -> Option<(u16, u16)> {
        match self {
            Config::Opus | Config::Pcm => None,
            Config::Vp8 { size } | Config::Vp9 { size } | Config::Avc { size, .. } => Some(*size),
        }
    }

    /// Codec id of Matroska.
    pub(crate) const fn matroska_id(&self) -> &'static str {
        match self {
            Config::Opus => "A_OPUS",
            Config::Pcm => "A_PCM/INT/LIT",
            Config::Vp8 { .. } => "V_VP8",
            Config::Vp9 { .. } => "V_VP9",
            Config::Avc { .. } => "V_MPEG4/ISO/AVC",
        }
    }
}

/// One decodable unit.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) timestamp: u32,
    pub(crate) capture_us: u64,
    pub(crate) is_mapped: bool,
    pub(crate) is_key: bool,
    /// Told with each key frame.
    pub(crate) config: Option<Config>,
    /// How long it lasts, if it says so.
    pub(crate) duration_us: Option<u64>,
    pub(crate) data: Vec<u8>,
}
