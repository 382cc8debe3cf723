//! Every command of the installed kubectl has a rule.
