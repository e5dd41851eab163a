# What the gate says when it refuses: in words of its own only (O06), that do not tell one denied user from another
# (O08), that no cache keeps (O11), and that cost the logs no more than they cost the client (O12).

use strict;
use warnings;
use JSON::PP;
use Test::More;
use IPFence::Gate;
use IPFence::Http;
use IPFence::Keys;
use IPFence::World;

my $gate = gate(
    stopped => 1,
    policy => world(),
    http => 'upstream guarded { server PROVIDER; ipfence_guard; } ipfence_zone zone=tokens:1m; ipfence_session_cookie sid; ipfence_jwks keys.json; ipfence_issuer https://id.test; map $uri $kind { default refused; } error_log DIR/error.log error;',
    server => <<'CONF',
        etag on; expires max;
        location /token { ipfence token; proxy_pass http://provider; }
        location /shown { ipfence resource; ipfence_introspection /introspect; add_header X-Who $ipfence_user always; add_header X-App $ipfence_app always; proxy_pass http://provider; }
        location /shown/token { ipfence token; add_header X-Who $ipfence_user always; add_header X-App $ipfence_app always; proxy_pass http://provider; }
        location = /introspect { internal; ipfence off; proxy_pass http://provider; }
        location /auth { ipfence authorization; proxy_pass http://provider; }
        location /api { ipfence resource; ipfence_body_limit 1k; proxy_pass http://provider; }
        location /password { ipfence password_change; proxy_pass http://provider; }
        location /register { ipfence verification_registration; proxy_pass http://provider; }
        location /flow { ipfence login_flow; proxy_pass http://provider; }
        location /mapped { ipfence $kind; proxy_pass http://provider; }
        location /undecided { proxy_pass http://guarded; }
        location /named { ipfence resource; ipfence_user $http_x_user; proxy_pass http://provider; }
CONF
    expected_log => [qr/cannot be judged|which is no kind|ipfence_guard: refused/],
);
$gate->write_file('keys.json', key_set(jwk(make_key($gate->file('key.pem')), 'one')));
$gate->start;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my $cacheable = "Cache-Control: public, max-age=600\r\nETag: \"x\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nExpires: Thu, 01 Jan 2032 00:00:00 GMT\r\n"
    . "Age: 1\r\nVary: Origin\r\nSet-Cookie: sid=canary\r\nX-Own: canary\r\nLink: <canary>\r\n";
my $tokens = tokens('alice', access_token => 'canary', refresh_token => 'canary') =~ s/\r\n/\r\n$cacheable/r;
my $fragment = redirect('https://app.test/cb#access_token=canary&id_token=' . jwt({sub => 'alice', aud => 'web'})) =~ s/\r\n/\r\n$cacheable/r;

# Each kind of refusal: what is sent, what the provider would answer, the status.
my %refusals = (
    'token, denied from the request' => [{body => form(\%password)}, 400],
    'token, denied from the answer' => [{body => form({grant_type => 'authorization_code', code => 'canary', client_id => 'web'})}, 400],
    'token, malformed' => [{body => 'client_id=canary%zz'}, 400],
    'token, ambiguous' => [{body => form(\%password) . '&client_id=canary'}, 400],
    'token, another type' => [{body => 'canary', type => 'text/canary'}, 415],
    'token, too large' => [{body => 'canary' x 20_000}, 413],
    'token, another method' => [{method => 'PUT', body => 'canary'}, 405],
    'token, an answer that cannot be read' => [{body => form({grant_type => 'authorization_code', code => 'canary'})}, 502, json_answer('["canary"]') =~ s/\r\n/\r\n$cacheable/r],
    'API, denied' => [{method => 'GET', path => '/api?canary', headers => [['Authorization', 'Bearer canary']]}, 403],
    'API, ambiguous' => [{method => 'GET', path => '/api?access_token=canary', headers => [['Authorization', 'Bearer canary']]}, 400],
    'API, a token that does not verify' => [{method => 'GET', path => '/api', headers => [['Authorization', 'Bearer ' . jwt({sub => 'canary'})]]}, 401],
    'API, too large' => [{path => '/api', body => 'canary=' . 'x' x 2000}, 413],
    (map { ("authorization, $_->[0]" => [{method => 'GET', path => '/auth?client_id=canary&state=canary', headers => [['Accept', $_->[1]]]}, 403, $fragment]) } ['a page', 'text/html'], ['a problem', '*/*']),
    (map { my $path = $_; map { ("$path, $_->[0]" => [{method => 'GET', path => "/$path?canary", headers => [['Accept', $_->[1]], ['Cookie', 'sid=canary']]}, 403]) }
        ['a page', 'text/html'], ['a problem', 'application/json'] } qw(password register flow)),
);

sub refuse {
    my ($what, @headers) = @_;
    my ($request, $status, $answer) = @{$refusals{$what}};
    $gate->answers($answer // $tokens);
    return $gate->request(from => outside, %$request, headers => [@{$request->{headers} // []}, @headers]);
}

sub values_of { my ($response) = @_; return map { lc $_->[0] => $_->[1] } @{$response->{headers}} }

subtest 'O06: words of its own' => sub {
    my %allowed = map { $_ => 1 } qw(server date content-type content-length connection cache-control www-authenticate allow);
    for my $what (sort keys %refusals) {
        my $response = refuse($what);
        is($response->{status}, $refusals{$what}[1], "$what: refused");
        is_deeply([grep { !$allowed{lc $_->[0]} } @{$response->{headers}}], [], "$what: no header but its own");
        unlike($gate->{last}{response}, qr/canary|alice|127\.0|office/i, "$what: nothing of the request, the answer or the policy");
        my %header = values_of($response);
        like($header{'www-authenticate'} // 'Bearer error="none"', qr/\ABearer error="[a-z_]+"(?:, error_description="[a-zA-Z ,;-]+")?\z/, "$what: a challenge without a second reading");
        my $type = $header{'content-type'};
        ok($type =~ /json/ ? eval { decode_json($response->{body}) } : $type =~ /html/, "$what: a body of the type that it says");
    }
    # Names that a provider says, in variables that the configuration makes headers of.
    my $number = 0;
    for my $from (inside, outside) {
        $gate->answers(json_answer({active => JSON::PP::true, sub => 'alice', client_id => 'web'}), page('ok'));
        my $response = $gate->request(method => 'GET', path => '/shown', from => $from, headers => [['Authorization', 'Bearer ' . ++$number]]);
        is_deeply([map { IPFence::Http::header($response, $_) } qw(X-Who X-App)], [qw(alice web)], 'variables are shown');
        for my $name ("x\r\nX-Forged: 1", "x\nX-Forged: 1", "x\rX-Forged: 1", "x\r\n\r\nforged", "\0X-Forged: 1") {
            my $what = "from $from, " . unpack 'H*', $name;
            for my $claims ({sub => $name, client_id => 'web'}, {sub => 'alice', client_id => $name}) {
                $gate->answers(json_answer({active => JSON::PP::true, %$claims}), page('ok'));
                $response = $gate->request(method => 'GET', path => '/shown', from => $from, headers => [['Authorization', 'Bearer ' . ++$number]]);
                unlike($gate->{last}{response}, qr/^X-Forged|^forged|\0|\r(?!\n)/mi, "$what: an introspection adds no header");
                $gate->answers(tokens(undef, access_token => 'a', id_token => jwt($claims)));
                $gate->request(body => form({grant_type => 'authorization_code', code => 'c', client_id => 'web'}), path => '/shown/token', from => $from);
                unlike($gate->{last}{response}, qr/^X-Forged|^forged|\0|\r(?!\n)/mi, "$what: nor does an ID Token");
            }
        }
    }
};

subtest 'O08: one answer for every user who is denied' => sub {
    my %seen;
    for my $user (qw(alice ALICE unknown alice@example.com), 'a' x 1000, "caf\xc3\xa9", '0') {
        $gate->answers($tokens =~ s/"id_token":"[^"]*",//r =~ s/Content-Length: \d+/'Content-Length: ' . (length($tokens =~ s{\A.*?\r\n\r\n}{}sr =~ s{"id_token":"[^"]*",}{}r))/er);
        my $response = $gate->token({%password, username => $user}, from => outside);
        my $bytes = $gate->{last}{response} =~ s/^Date: .*\r\n//mr;
        push @{$seen{$bytes}}, $gate->last_audit->{reason};
    }
    is(scalar keys %seen, 1, 'the same bytes for those whom the policy restricts and those whom nobody knows') or diag explain \%seen;
    my %reasons = map { $_ => 1 } map { @$_ } values %seen;
    is_deeply([sort keys %reasons], ['outside_login_ip_ranges', 'user_unidentified'], 'the reasons, which differ, are in the audit log only');
    unlike(join('', keys %seen), qr/outside|ranges|unidentified|password/, 'not in the answer');
};

subtest 'O11: no cache keeps a refusal' => sub {
    my @conditions = (['If-None-Match', '*'], ['If-Modified-Since', 'Thu, 01 Jan 2032 00:00:00 GMT'], ['Range', 'bytes=0-0'], ['Cache-Control', 'only-if-cached']);
    for my $what (sort keys %refusals) {
        for my $condition (undef, @conditions) {
            my $response = refuse($what, $condition // ());
            my $how = $condition ? "$what, $condition->[0]" : $what;
            is($response->{status}, $refusals{$what}[1], "$how: refused as ever");
            is_deeply([IPFence::Http::header($response, 'Cache-Control')], ['no-store'], "$how: no-store, and nothing else");
            my %header = values_of($response);
            is_deeply([grep { exists $header{$_} } qw(etag last-modified expires age accept-ranges content-range)], [], "$how: nothing to cache it by");
        }
    }
    is($gate->request(method => 'HEAD', path => '/api', from => outside, headers => [['Authorization', 'Bearer canary']])->{status}, 403, 'HEAD');
    is_deeply([IPFence::Http::header(($gate->send_raw($gate->{last}{request}, from => outside))[0], 'Cache-Control')], ['no-store'], 'is not kept either');
};

subtest 'O12: what a refusal costs the logs' => sub {
    my $size = sub { return -s $gate->file($_[0]) };
    my ($audit, $errors) = map { $size->($_) } qw(audit.ndjson error.log);
    my $sent = 0;
    for my $what (grep { !$refusals{$_}[2] } sort keys %refusals) {
        refuse($what);
        $sent += 1024 + length $gate->{last}{request};
    }
    cmp_ok($size->('audit.ndjson') - $audit, '<', $sent, 'refusals add less to the audit log than was sent, and 1 KB each');
    is($size->('error.log'), $errors, 'and nothing to the error log at its usual level');
    for my $path (map { ("/mapped/$_", "/undecided/$_") } 'x', 'x' x 6000) {
        my $before = $size->('error.log');
        is($gate->request(method => 'GET', path => $path, from => outside)->{status}, $path =~ /mapped/ ? 403 : 500, 'a path that is refused: ' . substr $path, 0, 20);
        cmp_ok($size->('error.log') - $before, '<=', 2048, 'adds a line to it');
    }
    for my $byte ('"', '\\', "\xe2\x80\xa8", "\xc2\x85", 'x') {
        my $before = $size->('audit.ndjson');
        $gate->token({%password, client_id => $byte x 3000}, from => outside);
        cmp_ok($size->('audit.ndjson') - $before, '<', 1024 + length $gate->{last}{request}, sprintf 'a client_id of U+%s adds no more either', uc unpack 'H*', $byte);
        $before = $size->('audit.ndjson');
        $gate->request(method => 'GET', path => '/named', from => outside, headers => [['X-User', $byte x 1500]]);
        cmp_ok($size->('audit.ndjson') - $before, '<', 1024 + 3 * length $gate->{last}{request}, 'nor one that comes as it is, thrice');
    }
};

$gate->finish;
done_testing;
