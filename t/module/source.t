# What no test of behaviour can see, looked for in the source: calls that have no place near input, comparisons of
# secrets that take longer the more of one is right, log lines that repeat a request. Each rule is tried first on
# what it must find.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Find qw(find);
use Test::More;

my $root = abs_path(dirname(__FILE__) . '/../..');
my %source;
find({no_chdir => 1, wanted => sub { $source{substr $_, 1 + length $root} = read_whole($_) if /\.(?:cpp|hpp|c|h)\z/ }},
    "$root/engine", "$root/module");
cmp_ok(scalar keys %source, '>', 200, 'the sources of engine and module: ' . keys(%source) . ' files');

sub read_whole { my ($name) = @_; open my $handle, '<', $name or die "$name: $!"; local $/; return <$handle> }

# Without comments, and with what strings say left out.
sub without_comments { my ($text) = @_; $text =~ s{("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/}{$1 // ' '}gse; return $text }
sub code_of { my ($text) = @_; $text = without_comments($text); $text =~ s/"(?:[^"\\\n]|\\.)*"/""/g; return $text }

# The calls of nginx's loggers in this text: [format, arguments].
sub log_calls {
    my ($text) = @_;
    my $string = qr/"(?:[^"\\]|\\.)*"/;
    my @calls;
    while ($text =~ /\bngx_(?:conf_)?log_(?:error|debug\d?)(\((?:[^()"]|$string|(?1))*\))/g) {
        my ($format, $rest) = substr($1, 1, -1) =~ /((?:$string\s*)+),?(.*)\z/s or next;
        push @calls, [$format, split_arguments($rest =~ s/$string/""/gr)];
    }
    return @calls;
}

sub split_arguments {
    my ($text) = @_;
    my @arguments = ('');
    my $depth = 0;
    for my $character (split //, $text) {
        $depth += ($character =~ /[({\[]/) - ($character =~ /[)}\]]/);
        if ($character eq ',' && $depth == 0) { push @arguments, '' } else { $arguments[-1] .= $character }
    }
    return grep { length } map { s/\A\s+|\s+\z//gr } @arguments;
}

# %V takes the address of an ngx_str_t, %s the address of a text that ends in NUL.
sub has_bad_format {
    my ($text) = @_;
    return grep {
        my ($format, @arguments) = @$_;
        my @takes = $format =~ /%0?\d*[uxX]*([A-Za-z])/g;
        @takes != @arguments
            || grep { $takes[$_] eq 's' ? $arguments[$_] =~ /\A&/ : $takes[$_] eq 'V' && $arguments[$_] =~ /c_str|\A"/ } 0 .. $#takes;
    } log_calls(without_comments($text));
}

sub repeats_request {
    my ($text) = @_;
    my $of_request = qr/\b(?:uri|unparsed_uri|args|exten|request_line|request_body|headers_in|facts|claims|token|cookies?)\b/;
    return grep { my ($format, @arguments) = @$_; grep { /$of_request/ } @arguments } log_calls(without_comments($text));
}

my $equality_of_macs = qr/\b(?:mac|tag|user_tag|signature|hmac)(?:->data\(\)|\.data\(\))?\s*[!=]=(?!=)|[!=]=\s*\*?(?:mac|tag|user_tag|hmac)\b(?!(?:->|\.)size)/;

my @rules = (
    ['a regular expression', qr/\bstd::(?:basic_)?w?regex|<regex>|\bregcomp\b/, 'std::regex pattern(text);'],
    ['a number parsed with exceptions or locales', qr/\b(?:sto(?:i|l|ul|ll|ull|f|d)|ato(?:i|l|ll|f)|strto\w+|sscanf|ngx_atoi)\b/, 'int n = std::stoi(text);'],
    ['a copy without a bound', qr/\b(?:str(?:n?cpy|n?cat)|v?sprintf|gets|ngx_v?sprintf|alloca|wcscpy)\s*\(/, 'strcpy(to, from);'],
    ['an address read by the system', qr/\b(?:inet_(?:pton|aton|addr)|getaddrinfo|gethostbyname|ngx_parse_addr\w*)\b/, 'inet_pton(AF_INET, text, &address);'],
    ['a comparison of bytes that stops at the first difference', qr/(?<!CRYPTO_)\b(?:std::)?(?:ngx_)?(?:mem|str|strn)cmp\s*\(|\bngx_(?:mem|rstrn|mem)n?\d?cmp\s*\(/, 'return memcmp(mac, other, size) == 0;'],
    ['a random number that can be guessed', qr/\b(?:s?rand(?:om)?|ngx_random|drand48)\s*\(|\bstd::(?:mt19937|minstd_rand|default_random_engine|random_device)/, 'auto id = rand();'],
    ['a shell', qr/\b(?:system|popen|execv?\w*)\s*\(/, 'system("mail");'],
    ['a debug line', qr/\bngx_log_debug\d?\b/, 'ngx_log_debug1(NGX_LOG_DEBUG_HTTP, log, 0, "%V", &token);'],
);
for my $rule (@rules) {
    my ($what, $pattern, $bad) = @$rule;
    like(code_of($bad), $pattern, "$what would be found");
    unlike(code_of('// ' . $bad), $pattern, 'and not in a comment');
    is_deeply([grep { code_of($source{$_}) =~ $pattern } sort keys %source], [], "$what: nowhere");
}

# A table whose hash an attacker can aim at holds nothing that a client sends.
my @faced = grep { m{\A(?:module|engine/(?:address|credential|decision|endpoint|memory|signature))/} } sort keys %source;
like('std::unordered_map<std::string, int> seen;', qr/\bunordered_/, 'a hash table would be found');
is_deeply([grep { code_of($source{$_}) =~ /\bunordered_/ } @faced], [], 'a hash table: not where requests are read');

# Secrets that the gate compares itself: the MACs of device cookies, and the user's tags in them.
for my $bad ('return *mac == sent;', 'if (tag == other.tag)', 'return sent != user_tag;', 'mac->data() == x') {
    like($bad, $equality_of_macs, "found: $bad");
}
unlike('mac && CRYPTO_memcmp(mac->data(), sent, mac->size()) == 0; size == mac.size()', $equality_of_macs, 'not found where it is right');
my $device_cookie = code_of($source{'engine/credential/device_cookie.cpp'});
unlike($device_cookie, $equality_of_macs, 'device cookies: no MAC is compared by ==');
unlike($device_cookie, qr/\bstd::(?:ranges::)?(?:equal|mismatch|lexicographical_compare)\b/, 'nor by an algorithm that stops early');
is(() = $device_cookie =~ /\bCRYPTO_memcmp\(/g, 2, 'but both, the MAC and the tag, in constant time');

# Logging.
my @calls = map { log_calls(without_comments($source{$_})) } sort keys %source;
my $logged = () = join('', map { code_of($_) } values %source) =~ /\bngx_(?:conf_)?log_error\(/g;
is(scalar @calls, $logged, 'the calls of nginx\'s loggers are read, all of them');
cmp_ok($logged, '>', 30, "and there are some: $logged");
for my $bad ('ngx_log_error(NGX_LOG_ERR, log, 0, "is \"%V\": " "%s", &one, &two);', 'ngx_log_error(NGX_LOG_ERR, log, 0, "%V", path.c_str());', 'ngx_log_error(NGX_LOG_ERR, log, 0, "%s");') {
    is(scalar(has_bad_format($bad)), 1, "found: $bad");
}
is(scalar(has_bad_format('ngx_log_error(NGX_LOG_ERR, f(a, b), 0, "%s %V (%ui)", what, &name, g(1, 2));')), 0, 'not found where it is right');
is_deeply([grep { has_bad_format($source{$_}) } sort keys %source], [], 'every format has its arguments, %V an ngx_str_t and %s none');
for my $bad ('"%V", &r->args', '"%V", &r->unparsed_uri', '"%V", &r->headers_in.referer->value', '"%V", &access.token') {
    is(scalar(repeats_request("ngx_log_error(NGX_LOG_ERR, log, 0, $bad);")), 1, "found: $bad");
}
is_deeply([grep { repeats_request($source{$_}) } sort keys %source], [], 'no line repeats what a request says');
my @printing = grep { !m{\Aengine/cli/} && code_of($source{$_}) =~ /\bstd::(?:cout|cerr|clog)\b|\b(?:f|d)?printf\s*\(|\bputs\s*\(/ } sort keys %source;
is_deeply(\@printing, [], 'and only the command line prints');

done_testing;
