//! An API double for the real kubectl, which records every request.
