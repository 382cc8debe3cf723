//! The program from outside: see the modules.
