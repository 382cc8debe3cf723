//! Reading the encoding that ssh's messages, keys and signatures share
//! (RFC 4251, section 5).

/// What is left of a message. Every method is `None` where it is too short.
#[derive(Clone, Copy, Debug)]
pub(in crate::authorization) struct Wire<'a>(&'a [u8]);

impl<'a> Wire<'a> {
    /// The whole of a message.
    pub(in crate::authorization) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next `count` bytes.
    pub(in crate::authorization) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next byte.
    pub(in crate::authorization) fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// The next number.
    pub(in crate::authorization) fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// The next string: its length, then its bytes.
    pub(in crate::authorization) fn string(&mut self) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let length = ahead.number()?;
        let string = ahead.take(usize::try_from(length).ok()?)?;
        *self = ahead;
        Some(string)
    }

    /// Whether nothing is left.
    pub(in crate::authorization) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Appends a string: its length, then its bytes.
pub(in crate::authorization) fn push(out: &mut Vec<u8>, string: &[u8]) {
    // No string here comes near 4 GiB; one that did would not be read back.
    out.extend_from_slice(&u32::try_from(string.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(string);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_read_beyond_the_end() {
        let mut wire = Wire::new(&[0, 0, 0, 2, b'a', b'b', 7, 0, 0, 0, 9, b'c']);
        assert_eq!(wire.string(), Some(&b"ab"[..]));
        assert_eq!(wire.byte(), Some(7));
        assert_eq!(wire.string(), None, "longer than what is there");
        assert_eq!(wire.number(), Some(9), "and nothing is lost by having tried");
        assert_eq!(wire.take(2), None);
        assert_eq!(wire.take(1), Some(&b"c"[..]));
        assert!(wire.is_empty());
        assert_eq!((wire.byte(), wire.number(), wire.string()), (None, None, None));
        assert_eq!(Wire::new(&[255; 8]).string(), None);
    }

    #[test]
    fn what_is_written_is_read() {
        let mut out = Vec::new();
        push(&mut out, b"abc");
        push(&mut out, b"");
        let mut wire = Wire::new(&out);
        assert_eq!((wire.string(), wire.string()), (Some(&b"abc"[..]), Some(&b""[..])));
        assert!(wire.is_empty());
    }
}
