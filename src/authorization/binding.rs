//! What an approval is bound to: the program, what it reads, and where it would act.
