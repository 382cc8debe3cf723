# Keeps tollgate's shims first on PATH, also when another tool puts itself
# there later. Starts no process, prints nothing, leaves $? as it was.
__tollgate_front() {
    \builtin emulate -L zsh
    \builtin local shims=@SHIMS@ rest=":${PATH-}:" tail
    if [[ -z "${PATH-}" ]]; then
        \builtin export PATH="$shims"
    elif [[ "${PATH%%:*}" != "$shims" ]]; then
        tail="${rest#*":$shims:"}"
        while [[ "$tail" != "$rest" ]]; do
            rest="${rest%%":$shims:"*}:$tail"
            tail="${rest#*":$shims:"}"
        done
        rest="${rest#:}"
        \builtin export PATH="$shims:${rest%:}"
    fi
}

# Last in each list: after a hook that puts another directory first. What
# follows `cd` on the same line is reached by chpwd alone.
__tollgate_hook() {
    \builtin emulate -L zsh
    \builtin typeset -ga precmd_functions preexec_functions chpwd_functions
    precmd_functions=("${(@)precmd_functions:#__tollgate_front}" __tollgate_front)
    preexec_functions=("${(@)preexec_functions:#__tollgate_front}" __tollgate_front)
    chpwd_functions=("${(@)chpwd_functions:#__tollgate_front}" __tollgate_front)
}

__tollgate_hook
\builtin unfunction __tollgate_hook
__tollgate_front
