# fish completion for ipfence. Calls and options are those that `ipfence --help` lists.

function __ipfence_options
    set -l words (commandline -opc)
    $words[1] $words[2] --help 2>/dev/null | string match -r '^  (?:-[a-z],)?--?[a-z][a-z-]*' | string trim | string split ,
end

complete -c ipfence -n 'test (count (commandline -opc)) -eq 1' -f \
    -a '(ipfence --help 2>/dev/null | string replace -rf "^  ([a-z][a-z-]*)  +(.*)" "\$1\t\$2")'
complete -c ipfence -n 'string match -q -- "-*" (commandline -ct)' -f -a '(__ipfence_options)'
