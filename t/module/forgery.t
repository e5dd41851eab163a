# Threats O01 to O03: what a client sends, and what a provider says, cannot forge, break or cut a line of the audit
# log or of the error log.

use strict;
use warnings;
use JSON::PP;
use Test::More;
use IPFence::Gate;
use IPFence::Keys;
use IPFence::World;

my $gate = gate(
    stopped => 1,
    policy => world(),
    http => 'ipfence_zone zone=tokens:1m; ipfence_session_cookie sid; ipfence_jwks keys.json; ipfence_issuer https://id.test; map $http_x_kind $kind { default $http_x_kind; }',
    server => <<'CONF',
        location /token { ipfence token; proxy_pass http://provider; }
        location /down { ipfence token; proxy_pass http://127.0.0.1:1; }
        location /auth { ipfence authorization; proxy_pass http://127.0.0.1:1; }
        location /api { ipfence resource; ipfence_introspection /introspect; proxy_pass http://provider; }
        location /named { ipfence resource; ipfence_user $http_x_user; ipfence_app $http_x_app; proxy_pass http://provider; }
        location /kind { ipfence $kind; proxy_pass http://provider; }
        location /forgotten { proxy_pass http://provider; }
        location = /introspect { internal; ipfence off; proxy_pass http://provider; }
CONF
    expected_log => [qr/cannot be judged|cannot be read|ipfence_guard: refused|is no kind|is faulty|there is no profile|policy\.json/],
);
my $key = make_key($gate->file('key.pem'));
$gate->write_file('keys.json', key_set(jwk($key, 'one')));
$gate->start;

my $forged_audit = '{"time":"2026-11-24T00:00:00+00:00","decision":"allow","enforced":true}';
my $forged_log = '2026/11/24 00:00:00 [alert] 1#1: forged, client: 192.0.2.1';
my $separator = qr/[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]/;

# Text that a name cannot be, and text that it can be however odd; as bytes.
my %refused = (
    'a line end' => "x\n$forged_audit\n", 'CR and LF' => "x\r\n$forged_log\r\n", 'CR' => "x\r$forged_log", 'escape' => "\x1b]0;title\x07", 'NUL' => "x\0y",
    'DEL' => "x\x7fy", 'no UTF-8' => "x\xffy", 'overlong' => "x\xc0\x8ay", 'a surrogate' => "x\xed\xa0\x80y", 'cut UTF-8' => "x\xe2\x80",
);
my %odd = (
    'quotes' => 'x","decision":"allow","x":"', 'braces' => '"}' . $forged_audit, 'backslashes' => '\\', 'an escape of JSON' => '\\u0022,\\n', 'U+2028' => "x\xe2\x80\xa8$forged_audit",
    'U+2029' => "x\xe2\x80\xa9$forged_log", 'U+0085' => "x\xc2\x85$forged_audit\xc2\x85", 'U+009B' => "\xc2\x9b31mred", 'before and after them' => "\xc2\xa0\xe2\x80\xa7\xe2\x80\xaa\xc2\x80\xc2\x9f\xe2\x80\xa8\xe2\x80\xa9",
    'letters' => "caf\xc3\xa9 \xe6\xbc\xa2\xe5\xad\x97", 'beyond the first plane' => "\xf0\x9f\x94\x91", 'right to left' => "\xe2\x80\xaetxt.exe", 'format' => '%s%n%V%*s', 'a dollar' => '$http_x', 'markup' => '</script><b>',
    '3000 letters' => 'a' x 3000, '3000 quotes' => '"' x 3000, '3000 bytes of U+2028' => "\xe2\x80\xa8" x 1000, '3 KB that end in a verdict' => 'b' x 3000 . '","decision":"allow"}',
);

my $requests = 0;

# The line of the one decision that was made since: that there is one, strict JSON, unbroken for every reader.
sub line_of {
    my ($what) = @_;
    my $text = substr IPFence::Gate::read_whole($gate->file('audit.ndjson')), $gate->{audit_bytes} // 0;
    $gate->{audit_bytes} += length $text;
    is($text =~ tr/\n//, 1, "$what: one decision, one line") or return {};
    unlike($text, $separator, "$what: nothing in it ends a line or commands a terminal");
    my $line = eval { JSON::PP->new->utf8->decode($text) };
    ok($line, "$what: which is JSON") or diag "$@: $text";
    return $line // {};
}

sub text_of { my ($bytes) = @_; utf8::decode($bytes); return $bytes }

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');

subtest 'O02: names in a token request' => sub {
    for my $what (sort keys %odd) {
        my $bytes = $odd{$what};
        $gate->token({%password, client_id => $bytes}, from => outside);
        my $line = line_of("$what as client_id");
        is("$line->{decision} $line->{reason} $line->{user}", 'deny outside_login_ip_ranges alice', "$what: the verdict");
        is($line->{app}, text_of($bytes), "$what: the name comes back as it was");
        $gate->token({%password, username => $bytes}, from => outside);
        $line = line_of("$what as username");
        is($line->{decision}, 'deny', "$what: the verdict");
        next if length $bytes >= 3000;    # nginx takes no such header
        $gate->token({grant_type => 'client_credentials'}, from => outside, headers => [basic(IPFence::Gate::encode($bytes), 's')]);
        is(line_of("$what in Basic")->{app}, text_of($bytes), "$what: and the client of Basic");
    }
    for my $what (sort keys %refused) {
        for my $name (qw(client_id username grant_type)) {
            $gate->token({%password, $name => $refused{$what}}, from => outside);
            my $line = line_of("$what as $name");
            like("$line->{decision} $line->{reason}", qr/\Adeny (?:ambiguous|malformed)_request\z/, "$what: refused");
            is($line->{$name eq 'username' ? 'user' : 'app'}, undef, "$what: and not repeated");
        }
    }
};

subtest 'names that the deployment and tokens say' => sub {
    $gate->answers(json_answer({data => 1}));
    for my $what (sort keys %odd) {
        my $bytes = $odd{$what};
        $gate->request(method => 'GET', path => '/named', from => outside, headers => [['X-User', "u$bytes"], ['X-App', "a$bytes"]]);
        my $line = line_of("$what in variables");
        is_deeply([@$line{qw(user app)}], [map { text_of("$_$bytes") } qw(u a)], "$what: comes back");
        $gate->answers(json_answer(encode_json({active => JSON::PP::true, sub => text_of($bytes), client_id => text_of($bytes)})), json_answer({data => 1}));
        $gate->request(method => 'GET', path => '/api', from => outside, headers => [['Authorization', 'Bearer opaque' . ++$requests]]);
        is_deeply([@{line_of("$what in an introspection")}{qw(user app)}], [(text_of($bytes)) x 2], "$what: comes back");
    }
    for my $what ('escape', 'DEL', 'no UTF-8', 'overlong') {
        $gate->request(method => 'GET', path => '/named', from => outside, headers => [['X-User', $refused{$what}]]);
        is(line_of("$what in a variable")->{user}, undef, "$what: is no name");
    }
    for my $claim ("a\nb", "a\0b", "a\x{1b}[2J", "a\x{9b}2J", "a\x{2028}b", "a\x{85}b") {
        my $what = sprintf 'U+%04X', ord substr $claim, 1, 1;
        $gate->answers(json_answer(encode_json({active => JSON::PP::true, sub => $claim})), json_answer({data => 1}));
        $gate->request(method => 'GET', path => '/api', headers => [['Authorization', "Bearer claims$what"]]);
        my $user = line_of("$what in a claim")->{user};
        ok(!defined $user || $user eq $claim, "$what in a claim: comes back, or is nobody");
    }
};

subtest 'names at random' => sub {
    my $seed = $ENV{IPFENCE_SEED} // int rand 2**31;
    srand $seed;
    my @odd = map { chr } 0x20 .. 0x2f, 0x5b .. 0x60, 0x7b .. 0x7e, 0x80 .. 0xa0, 0x2026 .. 0x202f, 0xd7ff, 0xe000, 0xfeff, 0xfffd, 0xffff, 0x10000, 0x1f511, 0x10ffff;
    my ($wrong, $names) = (0, 300);
    my $read = -s $gate->file('audit.ndjson');
    for (1 .. $names) {
        my $name = 'n' . join('', map { $odd[rand @odd] } 1 .. 1 + rand 40) . 'n';
        my $bytes = $name;
        utf8::encode($bytes);
        $gate->request(method => 'GET', path => '/named', from => outside, headers => [['X-User', $bytes]]);
        $gate->token({%password, client_id => $bytes}, from => outside);
        my $text = substr IPFence::Gate::read_whole($gate->file('audit.ndjson')), $read;
        $read += length $text;
        my ($of_header, $of_form) = map { eval { decode_json($_) } // {} } split /\n/, $text;
        ++$wrong if $text =~ $separator || $text =~ tr/\n// != 2 || ($of_header->{user} // '') ne $name || ($of_form->{app} // '') ne $name;
    }
    is($wrong, 0, "each of $names came back from one line as it was (IPFENCE_SEED=$seed)");
    $gate->{audit_bytes} = $read;
};

subtest 'paths, methods and other headers' => sub {
    my @paths = ("/token/\xe2\x80\xa8$forged_log", '/token/%0a' . IPFence::Gate::encode($forged_log), "/token/\x9b", '/token/%1b%5B2J', '/down/",%20client:%20"192.0.2.1', '/down?' . 'x' x 3000);
    for my $path ((map { tr/ /+/r } @paths), '/down/' . 'y' x 3000) {
        $gate->request(body => form(\%password), path => $path, from => outside);
        line_of('the path ' . substr unpack('H*', $path), 0, 60);
    }
    for my $header (['Referer', "https://x/\x1b]0;title\x07"], ['User-Agent', "\x1b\x9b"], ['Cookie', "sid=\x1b"], ['Accept', "\x1b"], ['X-Forwarded-For', "\x1b"]) {
        $gate->request(body => form(\%password), path => '/down', headers => [$header]);
        line_of("the header $header->[0]");
    }
    for my $kind ("\x1b]0;", "x\",x", 'x' x 3000, "caf\xc3\xa9") {
        $gate->request(body => form(\%password), path => '/kind', headers => [['X-Kind', $kind]]);
        line_of('a kind that is none');
    }
    $gate->answers(json_answer('<xml/>'));
    for my $path (@paths) {
        $gate->token({grant_type => 'authorization_code', code => 'c', client_id => 'web'}, path => $path =~ tr/ /+/r);
    }
    $gate->request(method => 'GET', path => '/forgotten?' . 'z' x 3000, headers => [['Referer', "\x1b"]]);
    $gate->request(method => 'GET', path => "/auth?client_id=\xe2\x80\xa8", headers => [['Referer', "\x1b"]]);
};

subtest 'names in a policy' => sub {
    my $forged_line = "2026/11/24 00:00:00 [alert] 1#1: forged";
    $gate->write_policy({%{world()}, users => {"a\n$forged_line" => 'nonsense'}, apps => {"\x1b]0;title\x07" => {name => 1}}});
    ok(wait_for(sub { $gate->error_log =~ /changes nothing/ }), 'it is refused');
    like($gate->error_log, qr/users\.a\\u\{a\}\Q$forged_line\E: there is no profile "nonsense"/, 'in one line');
};

subtest 'the error log' => sub {
    my @lines = split /\n/, IPFence::Gate::read_whole($gate->file('error.log'));
    my @gates = grep { /ipfence|connect\(\) failed/ } @lines;
    for my $part ('ipfence_guard: refused', 'ipfence: the provider', 'which is no kind', 'connect() failed') {
        cmp_ok(scalar(grep { /\Q$part/ } @gates), '>', 0, "there are lines with: $part");
    }
    is_deeply([grep { !m{\A\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[\w+\] \d+#\d+: } } @lines], [], 'every line begins as nginx begins them');
    is_deeply([grep { /[^\x20-\x7e]/ } @gates], [], 'those of requests at the gate are of printable ASCII');
    is_deeply([grep { m{\A2026/11/24 00:00:00|client: "?192} } @lines], [], 'none is forged');
    is_deeply([grep { /x{3000}|z{3000}|\x1b/ } @gates], [], 'and none has room for what a client sends at length');
    is_deeply([grep { /ipfence/ && length > 2000 } @lines], [], 'so that none is cut');
};

$gate->finish;
done_testing;
