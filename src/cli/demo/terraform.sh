#!/bin/sh
# Plays terraform for `tollgate demo` where the real one is not installed.
# It knows two resources, and keeps what is left of them in a file.
state=stand-in.tfstate
case $1 in
init) echo "Initialized (stand-in)." ;;
apply) printf 'terraform_data.database\nterraform_data.web\n' >$state; echo "Apply complete! Resources: 2 added (stand-in)." ;;
plan) echo "No changes. Your infrastructure matches the configuration (stand-in)." ;;
state) cat $state ;;
destroy) : >$state; echo "Destroy complete! Resources: 2 destroyed (stand-in)." ;;
*) echo "stand-in: nothing to do for: $*" >&2; exit 1 ;;
esac
