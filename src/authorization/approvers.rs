//! Who may approve what: the list of people, their keys and groups.
