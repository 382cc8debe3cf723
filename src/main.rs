/// Lets another tollgate recognise this one: see `tollgate::shim::marker`.
#[cfg(not(target_vendor = "apple"))]
#[expect(unsafe_code, reason = "a section's name is the only way to place an ELF note; nothing else uses it")]
#[used]
#[unsafe(link_section = ".note.tollgate")]
static NOTE: tollgate::shim::marker::Note = tollgate::shim::marker::Note::CURRENT;

fn main() {}
