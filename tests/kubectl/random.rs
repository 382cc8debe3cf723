//! Generated command lines, as the installed kubectl and the grammar read them.
