//! Whether a signature approves a request, in the order in which that is asked.
