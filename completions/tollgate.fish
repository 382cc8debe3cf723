# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_tollgate_global_optspecs
    string join \n h/help V/version
end

function __fish_tollgate_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_tollgate_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_tollgate_using_subcommand
    set -l cmd (__fish_tollgate_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c tollgate -n "__fish_tollgate_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c tollgate -n "__fish_tollgate_needs_command" -s V -l version -d 'Print version'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "check" -d 'Judge a command line, run nothing'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "exec" -d 'Judge a command line and run it if it may: the shim without a shim'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "demo" -d 'Show the main job at work in a throw-away directory'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "approve" -d 'Show a request for approval and approve it, or take an approval that came back'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "request" -d 'Show and cancel what waits for an approval'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "token" -d 'Read a token, and check it against its request'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "undo" -d 'Make again what a run deleted, as far as it was kept'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "shim" -d 'Put tollgate in front of tools'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "init" -d 'Print the shell code that keeps the shims first on PATH'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "hook" -d 'Answer an agent\'s hook, or put tollgate into an agent\'s configuration'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "scan" -d 'Find commands that destroy, unprotect, grant or disclose in scripts and CI files'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "replay" -d 'Judge what was run before: what would have been stopped; runs nothing'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "trust" -d 'Let a project\'s .tollgate.yaml loosen, as long as it stays as it is'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "untrust" -d 'Take that trust away'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "rules" -d 'Show and check the rulebook'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "approvers" -d 'Show, check and change the list of people who may approve'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "audit" -d 'Show and check the record'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "doctor" -d 'Say what is and is not protected on this machine, by trying it'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "completions" -d 'Print a completion script'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "man" -d 'Print the manual page'
complete -c tollgate -n "__fish_tollgate_needs_command" -f -a "generate" -d 'Write the generated files of the repository'
complete -c tollgate -n "__fish_tollgate_using_subcommand check" -l as -d 'Judge as if this one asked: human, agent, or agent:NAME' -r
complete -c tollgate -n "__fish_tollgate_using_subcommand check" -l env -d 'Judge as if the target were in this environment' -r
complete -c tollgate -n "__fish_tollgate_using_subcommand check" -l cwd -d 'Judge as if started in this directory' -r -F
complete -c tollgate -n "__fish_tollgate_using_subcommand check" -s c -d 'Judge this shell line: every command that it may run; the strictest decision counts' -r
complete -c tollgate -n "__fish_tollgate_using_subcommand check" -l json -d 'Print the verdict as one JSON object, of a batch as one in each line'
complete -c tollgate -n "__fish_tollgate_using_subcommand check" -l explain -d 'Print every rule considered and every fact used'
complete -c tollgate -n "__fish_tollgate_using_subcommand check" -l batch -d 'Judge each line of standard input as a shell line: decision, risk, rule and line, apart by tabs'
complete -c tollgate -n "__fish_tollgate_using_subcommand check" -l null -d 'Records of a batch end with NUL, so that one may hold line breaks'
complete -c tollgate -n "__fish_tollgate_using_subcommand check" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand exec" -l token -d 'The approval of a second person: a token, or the path of a file with it or with the signature that ssh-keygen wrote; several separated by commas' -r
complete -c tollgate -n "__fish_tollgate_using_subcommand exec" -l wait -d 'Where it needs an approval, wait until one arrives' -r
complete -c tollgate -n "__fish_tollgate_using_subcommand exec" -l keep-secrets -d 'Before secrets are deleted, keep what they hold as well, for `tollgate undo`; a person\'s to ask for'
complete -c tollgate -n "__fish_tollgate_using_subcommand exec" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand demo" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand approve" -l key -d 'The key to sign with, or its public part where an ssh-agent holds it [default: the first in ~/.ssh that is on the list of approvers]' -r -F
complete -c tollgate -n "__fish_tollgate_using_subcommand approve" -l import -d 'Take a token or a signature that came back; then the command may be run again' -r -F
complete -c tollgate -n "__fish_tollgate_using_subcommand approve" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand request; and not __fish_seen_subcommand_from list show cancel" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand request; and not __fish_seen_subcommand_from list show cancel" -f -a "list" -d 'List what waits, the newest last'
complete -c tollgate -n "__fish_tollgate_using_subcommand request; and not __fish_seen_subcommand_from list show cancel" -f -a "show" -d 'Show a request as whoever approves it sees it, and what became of it'
complete -c tollgate -n "__fish_tollgate_using_subcommand request; and not __fish_seen_subcommand_from list show cancel" -f -a "cancel" -d 'Remove a request that waits, so that nobody can approve it any more'
complete -c tollgate -n "__fish_tollgate_using_subcommand request; and __fish_seen_subcommand_from list" -l json -d 'Print an array of JSON objects; `path` holds the bytes to sign'
complete -c tollgate -n "__fish_tollgate_using_subcommand request; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand request; and __fish_seen_subcommand_from show" -l raw -d 'Print the bytes that are signed, and nothing else'
complete -c tollgate -n "__fish_tollgate_using_subcommand request; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand request; and __fish_seen_subcommand_from cancel" -l all -d 'Remove all that waits, what was approved and not run yet among it'
complete -c tollgate -n "__fish_tollgate_using_subcommand request; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand token; and not __fish_seen_subcommand_from inspect verify" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand token; and not __fish_seen_subcommand_from inspect verify" -f -a "inspect" -d 'Say whose key made it, what that vouched for, and which request here it is over'
complete -c tollgate -n "__fish_tollgate_using_subcommand token; and not __fish_seen_subcommand_from inspect verify" -f -a "verify" -d 'Check it against its request; exits 0 if it approves that, 1 if not'
complete -c tollgate -n "__fish_tollgate_using_subcommand token; and __fish_seen_subcommand_from inspect" -l json -d 'Print an array of JSON objects'
complete -c tollgate -n "__fish_tollgate_using_subcommand token; and __fish_seen_subcommand_from inspect" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand token; and __fish_seen_subcommand_from verify" -l request -d 'The request [default: the one of this host that was signed]' -r -F
complete -c tollgate -n "__fish_tollgate_using_subcommand token; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand undo" -l list -d 'List what can be undone, the newest last'
complete -c tollgate -n "__fish_tollgate_using_subcommand undo" -l json -d 'Print that list as an array of JSON objects'
complete -c tollgate -n "__fish_tollgate_using_subcommand undo" -l dry-run -d 'Show what would be made again, make nothing'
complete -c tollgate -n "__fish_tollgate_using_subcommand undo" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand shim; and not __fish_seen_subcommand_from install list remove" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand shim; and not __fish_seen_subcommand_from install list remove" -f -a "install" -d 'Put tollgate in front of tools; without TOOL, of every known one on PATH'
complete -c tollgate -n "__fish_tollgate_using_subcommand shim; and not __fish_seen_subcommand_from install list remove" -f -a "list" -d 'Show the links, and whether each works'
complete -c tollgate -n "__fish_tollgate_using_subcommand shim; and not __fish_seen_subcommand_from install list remove" -f -a "remove" -d 'Remove the links; without TOOL, all of them'
complete -c tollgate -n "__fish_tollgate_using_subcommand shim; and __fish_seen_subcommand_from install" -l dir -d 'The directory of the shims [default: $XDG_DATA_HOME/tollgate/shims]' -r -F
complete -c tollgate -n "__fish_tollgate_using_subcommand shim; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand shim; and __fish_seen_subcommand_from list" -l dir -d 'The directory of the shims [default: $XDG_DATA_HOME/tollgate/shims]' -r -F
complete -c tollgate -n "__fish_tollgate_using_subcommand shim; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object'
complete -c tollgate -n "__fish_tollgate_using_subcommand shim; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand shim; and __fish_seen_subcommand_from remove" -l dir -d 'The directory of the shims [default: $XDG_DATA_HOME/tollgate/shims]' -r -F
complete -c tollgate -n "__fish_tollgate_using_subcommand shim; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand init" -l dir -d 'The directory of the shims [default: $XDG_DATA_HOME/tollgate/shims]' -r -F
complete -c tollgate -n "__fish_tollgate_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c tollgate -n "__fish_tollgate_using_subcommand hook; and not __fish_seen_subcommand_from install list remove" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand hook; and not __fish_seen_subcommand_from install list remove" -a "install" -d 'Have an agent ask tollgate before it runs anything'
complete -c tollgate -n "__fish_tollgate_using_subcommand hook; and not __fish_seen_subcommand_from install list remove" -a "list" -d 'Show which agents are here, and where they call tollgate'
complete -c tollgate -n "__fish_tollgate_using_subcommand hook; and not __fish_seen_subcommand_from install list remove" -a "remove" -d 'Have an agent ask no more; no agent may do that'
complete -c tollgate -n "__fish_tollgate_using_subcommand hook; and __fish_seen_subcommand_from install" -l user -d 'In your own configuration, for all projects [default]'
complete -c tollgate -n "__fish_tollgate_using_subcommand hook; and __fish_seen_subcommand_from install" -l project -d 'In the project\'s configuration: at the repository\'s root above the working directory'
complete -c tollgate -n "__fish_tollgate_using_subcommand hook; and __fish_seen_subcommand_from install" -l dry-run -d 'Show what would change, and write nothing'
complete -c tollgate -n "__fish_tollgate_using_subcommand hook; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand hook; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object'
complete -c tollgate -n "__fish_tollgate_using_subcommand hook; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand hook; and __fish_seen_subcommand_from remove" -l user -d 'In your own configuration, for all projects [default]'
complete -c tollgate -n "__fish_tollgate_using_subcommand hook; and __fish_seen_subcommand_from remove" -l project -d 'In the project\'s configuration: at the repository\'s root above the working directory'
complete -c tollgate -n "__fish_tollgate_using_subcommand hook; and __fish_seen_subcommand_from remove" -l dry-run -d 'Show what would change, and write nothing'
complete -c tollgate -n "__fish_tollgate_using_subcommand hook; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand scan" -l format -d 'How to print what is found' -r -f -a "text\t'For people'
json\t'One JSON object'
sarif\t'SARIF 2.1.0, for code scanning'"
complete -c tollgate -n "__fish_tollgate_using_subcommand scan" -l fail-on -d 'The least risk at which findings make the exit code 1; those below are shown too' -r -f -a "low\t''
medium\t''
high\t''
critical\t''"
complete -c tollgate -n "__fish_tollgate_using_subcommand scan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c tollgate -n "__fish_tollgate_using_subcommand replay" -l from -d 'What the files are; without files, what to look for [default: told by each file\'s content]' -r -f -a "claude-code\t''
codex\t''
bash\t''
zsh\t''
fish\t''
lines\t''"
complete -c tollgate -n "__fish_tollgate_using_subcommand replay" -l as -d 'Judge as if this one had asked: human, agent, or agent:NAME [default: transcripts an agent, histories a human]' -r
complete -c tollgate -n "__fish_tollgate_using_subcommand replay" -l json -d 'Print one JSON object'
complete -c tollgate -n "__fish_tollgate_using_subcommand replay" -l all -d 'List every rule and every command, not the first of them'
complete -c tollgate -n "__fish_tollgate_using_subcommand replay" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand trust" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand untrust" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand rules; and not __fish_seen_subcommand_from list show lint test" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand rules; and not __fish_seen_subcommand_from list show lint test" -f -a "list" -d 'List the rules that count here'
complete -c tollgate -n "__fish_tollgate_using_subcommand rules; and not __fish_seen_subcommand_from list show lint test" -f -a "show" -d 'Show one rule, and what it asks for'
complete -c tollgate -n "__fish_tollgate_using_subcommand rules; and not __fish_seen_subcommand_from list show lint test" -f -a "lint" -d 'Check rule files; without FILE, every layer that counts here'
complete -c tollgate -n "__fish_tollgate_using_subcommand rules; and not __fish_seen_subcommand_from list show lint test" -f -a "test" -d 'Judge the cases of rule files; without FILE, of every layer that counts here'
complete -c tollgate -n "__fish_tollgate_using_subcommand rules; and __fish_seen_subcommand_from list" -l tool -d 'Only rules for this tool' -r
complete -c tollgate -n "__fish_tollgate_using_subcommand rules; and __fish_seen_subcommand_from list" -l effect -d 'Only rules with this effect' -r
complete -c tollgate -n "__fish_tollgate_using_subcommand rules; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object'
complete -c tollgate -n "__fish_tollgate_using_subcommand rules; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand rules; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand rules; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand rules; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Print what each case that a rule matches would be asked for'
complete -c tollgate -n "__fish_tollgate_using_subcommand rules; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand approvers; and not __fish_seen_subcommand_from list check add export" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand approvers; and not __fish_seen_subcommand_from list check add export" -f -a "list" -d 'List the people who may approve, and what it takes where'
complete -c tollgate -n "__fish_tollgate_using_subcommand approvers; and not __fish_seen_subcommand_from list check add export" -f -a "check" -d 'Look for faults, and for approvals that nobody could give; exits 1 if there are any'
complete -c tollgate -n "__fish_tollgate_using_subcommand approvers; and not __fish_seen_subcommand_from list check add export" -f -a "add" -d 'Add a person, or a key to a person who is listed'
complete -c tollgate -n "__fish_tollgate_using_subcommand approvers; and not __fish_seen_subcommand_from list check add export" -f -a "export" -d 'Print the keys as an `allowed_signers` file, for `ssh-keygen -Y verify`'
complete -c tollgate -n "__fish_tollgate_using_subcommand approvers; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object'
complete -c tollgate -n "__fish_tollgate_using_subcommand approvers; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand approvers; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand approvers; and __fish_seen_subcommand_from add" -l key -d 'A file with the person\'s public key; - for standard input' -r -F
complete -c tollgate -n "__fish_tollgate_using_subcommand approvers; and __fish_seen_subcommand_from add" -l group -d 'A group that the person is in' -r
complete -c tollgate -n "__fish_tollgate_using_subcommand approvers; and __fish_seen_subcommand_from add" -l os-user -d 'A login name of the person: under it nobody approves their own commands' -r
complete -c tollgate -n "__fish_tollgate_using_subcommand approvers; and __fish_seen_subcommand_from add" -l require -d 'What the key has to vouch for: none, touch, or touch+pin' -r
complete -c tollgate -n "__fish_tollgate_using_subcommand approvers; and __fish_seen_subcommand_from add" -l system -d 'Write root\'s list in /etc/tollgate'
complete -c tollgate -n "__fish_tollgate_using_subcommand approvers; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand approvers; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand audit; and not __fish_seen_subcommand_from show verify export" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand audit; and not __fish_seen_subcommand_from show verify export" -f -a "show" -d 'List what was asked, decided and run; oldest first, times in UTC'
complete -c tollgate -n "__fish_tollgate_using_subcommand audit; and not __fish_seen_subcommand_from show verify export" -f -a "verify" -d 'Check that no record was edited or taken out; exits 0 if intact, 1 if not'
complete -c tollgate -n "__fish_tollgate_using_subcommand audit; and not __fish_seen_subcommand_from show verify export" -f -a "export" -d 'Write every record of every file to standard output, as JSON lines'
complete -c tollgate -n "__fish_tollgate_using_subcommand audit; and __fish_seen_subcommand_from show" -l since -d 'Only from then on: a time (2026-11-22T03:00:00Z), a date (2026-11-22, in UTC), or how long ago (2h, 7d)' -r
complete -c tollgate -n "__fish_tollgate_using_subcommand audit; and __fish_seen_subcommand_from show" -l json -d 'Print the records as JSON, one a line'
complete -c tollgate -n "__fish_tollgate_using_subcommand audit; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand audit; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand audit; and __fish_seen_subcommand_from export" -l since -d 'Only from then on: a time (2026-11-22T03:00:00Z), a date (2026-11-22, in UTC), or how long ago (2h, 7d)' -r
complete -c tollgate -n "__fish_tollgate_using_subcommand audit; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand completions" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand man" -s h -l help -d 'Print help'
complete -c tollgate -n "__fish_tollgate_using_subcommand generate" -s h -l help -d 'Print help'
