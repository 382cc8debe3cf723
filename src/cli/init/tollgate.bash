# Keeps tollgate's shims first on PATH, also when another tool puts itself
# there later. Starts no process, prints nothing, leaves $? as it was.
__tollgate_front() {
    \builtin local status="$?" shims=@SHIMS@ rest=":${PATH-}:" tail
    if \builtin [ "${PATH-}" = '' ]; then
        \builtin export PATH="$shims"
    elif \builtin [ "${PATH%%:*}" != "$shims" ]; then
        tail="${rest#*":$shims:"}"
        while \builtin [ "$tail" != "$rest" ]; do
            rest="${rest%%":$shims:"*}:$tail"
            tail="${rest#*":$shims:"}"
        done
        rest="${rest#:}"
        \builtin export PATH="$shims:${rest%:}"
    fi
    # Under `set -e` a prompt command that fails would end the shell.
    case $- in
        *e*) \builtin return 0 ;;
        *) \builtin return "$status" ;;
    esac
}

case $- in
    *i*)
        case "${PROMPT_COMMAND[*]-}" in
            *__tollgate_front*) ;;
            '') PROMPT_COMMAND=__tollgate_front ;;
            *)
                # Before 5.1 only an array's first element is run.
                case "$((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)) $(\builtin declare -p PROMPT_COMMAND 2>/dev/null)" in
                    '1 declare -a'*) PROMPT_COMMAND+=(__tollgate_front) ;;
                    *) PROMPT_COMMAND+=$'\n__tollgate_front' ;;
                esac
                ;;
        esac
        ;;
esac
__tollgate_front
