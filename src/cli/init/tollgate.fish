# Keeps tollgate's shims first on PATH, also when another tool puts itself
# there later. Starts no process, prints nothing, leaves $status as it was.
function __tollgate_front --on-event fish_prompt --on-event fish_preexec --on-variable PWD
    builtin set --local shims @SHIMS@
    if builtin test "$PATH[1]" != "$shims"
        builtin set --local rest
        for entry in $PATH
            if builtin test "$entry" != "$shims"
                builtin set --append rest $entry
            end
        end
        # No scope: what `PATH=… cd` sets for itself stays with it.
        builtin set PATH $shims $rest
    end
end

builtin set --query PATH
or builtin set --global --export PATH
__tollgate_front
