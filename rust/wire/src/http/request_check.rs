//! The requests of one connection, followed from head to body to head.

use super::{
    chunk,
    head::{Framing, Head},
    limits::HttpLimits,
    refused::Refused,
};

/// Follows the requests of a connection. It copies nothing: the caller keeps what is not good yet, and offers it
/// again with what came behind.
#[derive(Debug)]
pub struct RequestCheck {
    limits: HttpLimits,
    state: State,
}

/// What was found of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// As many bytes of the front, none of them behind the end of a request, are good and may be read by others. A
    /// head is good when all of it is there.
    pub good: usize,
    /// Why what is behind those will never be good.
    pub refused: Option<Refused>,
}

#[derive(Debug)]
enum State {
    ExpectHead(Head),
    /// So many bytes of a body with a Content-Length.
    ExpectBody(u64),
    ExpectChunkSize,
    /// So many bytes of a chunk.
    ExpectChunk(u64),
    ExpectChunkEnd,
    /// The empty line behind the last chunk.
    ExpectLastLine,
    /// What passes now is another protocol.
    Upgraded,
}

impl RequestCheck {
    /// For a connection on which nothing has come yet.
    #[must_use]
    pub fn new(limits: HttpLimits) -> RequestCheck {
        RequestCheck { limits, state: State::ExpectHead(Head::default()) }
    }

    /// Checks bytes of the connection. `input` begins at the first byte that was not good the last time.
    pub fn feed(&mut self, input: &[u8]) -> Checked {
        let mut good: usize = 0;
        loop {
            let rest = input.get(good..).unwrap_or_default();
            if rest.is_empty() || (good > 0 && self.expects_request()) {
                return Checked { good, refused: None };
            }
            match self.step(rest) {
                Ok(0) => return Checked { good, refused: None },
                Ok(bytes) => good = good.saturating_add(bytes),
                Err(refused) => return Checked { good, refused: Some(refused) },
            }
        }
    }

    /// Whether the next byte that is good begins another request.
    #[must_use]
    pub fn expects_request(&self) -> bool {
        matches!(self.state, State::ExpectHead(_))
    }

    /// The request that came last was answered with 101: from here on anything is good.
    ///
    /// To be called before the 101 is written. Until then the client has nothing to say but another request.
    pub fn upgraded(&mut self) {
        self.state = State::Upgraded;
    }

    /// How many bytes of the front are good; zero where more are needed to tell.
    fn step(&mut self, input: &[u8]) -> Result<usize, Refused> {
        match &mut self.state {
            State::ExpectHead(head) => {
                let Some(whole) = head.feed(input, &self.limits)? else {
                    return Ok(0);
                };
                self.state = match whole.framing {
                    Framing::Length(0) => State::ExpectHead(Head::default()),
                    Framing::Length(length) => State::ExpectBody(length),
                    Framing::Chunked => State::ExpectChunkSize,
                };
                Ok(whole.bytes)
            }
            State::ExpectBody(left) => {
                let taken = take(left, input);
                if *left == 0 {
                    self.state = State::ExpectHead(Head::default());
                }
                Ok(taken)
            }
            State::ExpectChunkSize => {
                let Some(line) = chunk::size_line(input)? else {
                    return Ok(0);
                };
                self.state =
                    if line.size == 0 { State::ExpectLastLine } else { State::ExpectChunk(line.size) };
                Ok(line.bytes)
            }
            State::ExpectChunk(left) => {
                let taken = take(left, input);
                if *left == 0 {
                    self.state = State::ExpectChunkEnd;
                }
                Ok(taken)
            }
            State::ExpectChunkEnd => {
                self.line_end(input, "a chunk is longer than its size", State::ExpectChunkSize)
            }
            State::ExpectLastLine => {
                self.line_end(input, "the last chunk has a trailer", State::ExpectHead(Head::default()))
            }
            State::Upgraded => Ok(input.len()),
        }
    }

    fn line_end(&mut self, input: &[u8], otherwise: &'static str, next: State) -> Result<usize, Refused> {
        let Some(bytes) = chunk::line_end(input, otherwise)? else {
            return Ok(0);
        };
        self.state = next;
        Ok(bytes)
    }
}

/// Takes what is there of `left` bytes.
fn take(left: &mut u64, input: &[u8]) -> usize {
    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
    *left = left.saturating_sub(taken as u64);
    taken
}
