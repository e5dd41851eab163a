# What an administrator looks up: the manual pages know every directive, variable, call, option and policy key, and
# completion offers every call and option.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;
use IPFence::Gate;

my $root = abs_path(dirname(__FILE__) . '/../..');
my $ipfence = IPFence::Gate::command_path();

sub text_of { open my $file, '<', "$root/$_[0]" or die "$_[0]: $!"; local $/; return <$file> }

# As a reader sees it: roff's own marks taken away.
sub manual {
    my ($name, $page) = @_;
    my $roff = `'$root/docs/man/from-markdown' $name 1 words '$root/docs/$page' /dev/stdout`;
    is($?, 0, "$name: $page is a manual page");
    $roff =~ s/\\f[BRI]//g;
    $roff =~ s/\\-/-/g;
    $roff =~ s/^\.S[HS] //mg;
    return $roff;
}

sub names {
    my ($pattern, @files) = @_;
    my %found;
    for my $file (@files) { my $text = text_of($file); $found{$1} = 1 while $text =~ /$pattern/g }
    return sort keys %found;
}

my $module = manual('ngx_http_ipfence_module', 'directives.md');
my @directives = names(qr/\{ngx_string\("(ipfence\w*)"\),/, 'module/ngx_http_ipfence_module.c');
cmp_ok(@directives, '>', 20, 'the module has directives');
like($module, qr/^(Syntax:)? +\Q$_\E( |;)/m, "ngx_http_ipfence_module(8) has the syntax of $_") for @directives;
my @variables = names(qr/"(ipfence_\w+)"/, 'module/variables.cpp');
cmp_ok(@variables, '>', 8, 'the module has variables');
like($module, qr/\$\Q$_\E\b/, "ngx_http_ipfence_module(8) has \$$_") for @variables;

my $policy = manual('ipfence-policy', 'policy.md');
my @keys = names(qr/(?:json_object_get\(\w+, |read_text_member\(\w+, \w+, )"(\w+)"/,
    map { "engine/policy/$_" } qw(app_reader.cpp organization_reader.cpp policy_document.cpp));
cmp_ok(@keys, '>', 15, 'policies have keys');
like($policy, qr/\b\Q$_\E\b/, "ipfence-policy(5) has $_") for @keys;

# As bash asks for completion of the last of these words.
sub completed {
    my (@words) = @_;
    my $line = join ' ', map { "'$_'" } @words;
    return split /\n/, `bash -c '. "\$1"; shift; COMP_WORDS=("\$@"); COMP_CWORD=\$((\$# - 1)); _ipfence "\$1"
        printf "%s\\n" "\${COMPREPLY[@]}"' _ '$root/engine/cli/completion/ipfence' $line`;
}

my $calls = manual('ipfence', 'command-line.md');
my ($listed) = `'$ipfence' --help` =~ /^Subcommands:\n(.*)/ms;
my @calls = $listed =~ /^  ([a-z]\S*)/mg;
cmp_ok(@calls, '>', 5, 'the command line has calls');
is_deeply([sort(completed($ipfence, ''))], [sort @calls], 'completion offers the calls');
is_deeply([completed($ipfence, 'che')], ['check'], 'and those that begin as what is typed');
for my $call (@calls) {
    my ($section) = $calls =~ /^ipfence \Q$call\E\n(.*?)(?=^ipfence \w+\n|^SEE ALSO|\z)/ms;
    ok($section, "ipfence(1) has ipfence $call");
    my ($options) = `'$ipfence' $call --help` =~ /^Options:\n(.*)/ms;
    my @options = map { split /,/ } $options =~ /^  (-\S+)/mg;
    is_deeply([sort(completed($ipfence, $call, '-'))], [sort @options], "completion offers the options of $call");
    like($section // '', qr/(?<![\w-])\Q$_\E(?![\w-])/, "ipfence(1) has $call $_") for grep { !/\A-h\z|\A--help\z/ } @options;
}

done_testing;
