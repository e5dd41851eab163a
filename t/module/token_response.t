# Token requests that only the provider's answer can decide: held back whole, then passed on to the byte
# or replaced.

use strict;
use warnings;
use JSON::PP;
use Test::More;
use IPFence::Gate;
use IPFence::Http;

my $gate = gate(
    server => <<'CONF',
        location /token { ipfence token; proxy_pass http://provider; }
        location /off { ipfence off; proxy_pass http://provider; }
        location /header { ipfence token; ipfence_user $upstream_http_x_user; proxy_pass http://provider; }
        location /small { ipfence token; ipfence_response_limit 100; proxy_pass http://provider; }
        location /unbuffered { ipfence token; proxy_buffering off; proxy_pass http://provider; }
        location /gzip { ipfence token; gzip on; gzip_types *; gzip_min_length 1; proxy_pass http://provider; }
        location /upgrade { ipfence token; proxy_pass http://provider;
            proxy_set_header Upgrade websocket; proxy_set_header Connection upgrade; }
CONF
    expected_log => [qr/cannot be judged/],
);

my %code = (grant_type => 'authorization_code', code => 'secret-code', client_id => 'web');

sub tokens { my (%with) = @_; return JSON::PP->new->canonical->encode({access_token => 'opaque', token_type => 'Bearer', %with}) }

sub answer {
    my ($body, %with) = @_;
    my $status = $with{status} // '200 OK';
    my $headers = join '', map { "$_\r\n" } @{$with{headers} // ['Content-Type: application/json', 'Set-Cookie: session=s3cret',
        'X-Odd:  two  spaces', 'Cache-Control: no-store', 'Set-Cookie: other=1']};
    return "HTTP/1.1 $status\r\n${headers}Content-Length: ${\ length $body}\r\n\r\n$body";
}

sub chunked { my (@parts) = @_; return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    . join('', map { sprintf "%x\r\n%s\r\n", length $_, $_ } @parts) . "0\r\n\r\n" }

sub without_date { my ($raw) = @_; $raw =~ s/\r\nDate: [^\r]*//; return $raw }

# Who the user is.
my %says_alice = (
    'id_token' => tokens(id_token => jwt({sub => 'alice'})),
    'id_token, preferred claim first' => tokens(id_token => jwt({sub => 'robot', preferred_username => 'alice'})),
    'JWT access token' => tokens(access_token => jwt({sub => 'alice'})),
    'id_token before access token' => tokens(id_token => jwt({preferred_username => 'alice'}), access_token => jwt({sub => 'robot'})),
);
for my $what (sort keys %says_alice) {
    $gate->answers(answer($says_alice{$what}));
    is($gate->token(\%code)->{status}, 200, "$what: inside");
    my $line = $gate->last_audit;
    is("$line->{phase} $line->{user} $line->{flow} $line->{reason} $line->{rule}",
        'response alice web_server login_ip_range 127.0.1.0/24', "$what: audited");
    is(json_error($gate->token(\%code, from => outside)), '400 invalid_grant: ip restricted', "$what: outside");
    is($gate->last_audit->{reason}, 'outside_login_ip_ranges', "$what: audited as denied");
}
my %says_nobody = (
    'opaque' => tokens(),
    'id_token without the claims' => tokens(id_token => jwt({aud => 'alice'})),
    'claim that is no string' => tokens(id_token => jwt({sub => ['alice']})),
    'tokens that disagree' => tokens(id_token => jwt({sub => 'alice'}), access_token => jwt({sub => 'traveller'})),
    'encrypted id_token' => tokens(id_token => 'a.b.c.d.e'),
);
for my $what (sort keys %says_nobody) {
    $gate->answers(answer($says_nobody{$what}));
    is(json_error($gate->token(\%code)), '400 invalid_grant: ip restricted', "F04, G09, G19, I16: $what: denied even inside");
    is($gate->last_audit->{reason}, 'user_unidentified', "$what: since nobody knows whose it is");
}

# Relaxed apps and unrestricted users.
$gate->answers(answer(tokens(id_token => jwt({sub => 'alice'}))));
is($gate->token({%code, client_id => 'relaxed'}, from => outside)->{status}, 200, 'a relaxed app passes outside');
is($gate->last_audit->{rule}, 'apps.relaxed.ip_relaxation', 'by the rule of the app');
is(json_error($gate->token({%code, client_id => 'listed'})), '400 invalid_grant: ip restricted by app developer',
    'outside the trusted ranges of an app, in the words of its developer');
is($gate->token({%code, client_id => 'listed'}, from => '127.0.3.9')->{status}, 200, 'inside them');
is($gate->last_audit->{reason}, 'app_ip_range', 'by the range of the app');
$gate->answers(answer(tokens(id_token => jwt({sub => 'traveller'}))));
is($gate->token(\%code, from => outside)->{status}, 200, 'an unrestricted user passes outside');
my %refresh = (grant_type => 'refresh_token', refresh_token => 'r', client_id => 'relaxed');
$gate->answers(answer(tokens(id_token => jwt({sub => 'alice'}))));
is(json_error($gate->token(\%refresh, from => outside)), '400 invalid_grant: ip restricted',
    'a refresh whose session began unseen relaxes nothing');
is($gate->last_audit->{operation} , 'refresh', 'and is audited as a refresh');
is($gate->token({grant_type => 'urn:ietf:params:oauth:grant-type:saml2-bearer', assertion => 'PHNhbWw+', client_id => 'relaxed'},
    from => outside)->{status}, 400, 'F05: SAML bearer enforces from the answer');
is($gate->last_audit->{flow}, 'saml_bearer', 'under its own flow');
is($gate->token({grant_type => 'urn:example:odd', client_id => 'relaxed'}, from => outside)->{status}, 400,
    'an extension grant enforces from the answer');
is($gate->last_audit->{flow}, 'unknown', 'under an unknown flow');
for my $grant (qw(device_code token-exchange)) {
    is($gate->token({grant_type => "urn:ietf:params:oauth:grant-type:$grant", client_id => 'relaxed'}, from => outside)->{status},
        200, "$grant of a relaxed app passes");
}
$gate->audit;

# The typed user may turn out to be another.
my %password = (grant_type => 'password', username => 'traveller', password => 'pw', client_id => 'web');
$gate->answers(answer(tokens(id_token => jwt({sub => 'alice'}))));
is(json_error($gate->token(\%password, from => outside)), '400 invalid_grant: ip restricted', 'another user is decided again');
is(join(' ', map { "$_->{phase} $_->{user} $_->{decision}" } $gate->audit), 'request traveller allow response alice deny',
    'and both decisions are audited');
$gate->answers(answer(tokens(id_token => jwt({sub => 'traveller'}))));
is($gate->token(\%password, from => outside)->{status}, 200, 'the same user is not');
is(scalar(my @lines = $gate->audit), 1, 'and one decision is audited');
$gate->answers(answer(tokens()));
is($gate->token(\%password, from => outside)->{status}, 200, 'a listed typed name stands where the answer names nobody');
is($gate->token({%password, username => 'Traveller'})->{status}, 400, 'F02: an unlisted one does not');

# What the deployment knows better.
$gate->answers(answer(tokens(id_token => jwt({sub => 'traveller'})), headers => ['X-User: alice', 'Content-Type: application/json']));
is($gate->token(\%code, path => '/header', from => outside)->{status}, 400, 'ipfence_user of the answer comes first');
is($gate->last_audit->{user}, 'alice', 'and is audited');

# A denied answer is gone whole; a passed one is untouched.
$gate->answers(answer(tokens(id_token => jwt({sub => 'alice'}))));
my $denied = $gate->token(\%code, from => outside);
is_deeply([map { $_->[0] } @{$denied->{headers}}], [qw(Server Date Content-Type Content-Length Connection Cache-Control)],
    'I10: nothing of the headers of a denied answer is left');
unlike($gate->{last}{response}, qr/s3cret|opaque|two  spaces/, 'nor of its body');
for my $body (tokens(id_token => jwt({sub => 'alice'})), tokens(id_token => jwt({sub => 'alice'}), padding => 'x' x 20_000)) {
    for my $raw (answer($body), chunked($body), chunked(split //, substr $body, 0, 50), chunked(unpack '(a7)*', $body)) {
        my %raw;
        $gate->answers($raw);
        for my $path ('/off', '/token', '/unbuffered') {
            $gate->token(\%code, path => $path);
            $raw{$path} = without_date($gate->{last}{response});
        }
        next if $raw{'/off'} !~ /\}/;
        (my $plain = $raw{'/off'}) =~ s/\r\nTransfer-Encoding: chunked//;
        is(IPFence::Http::parse_responses($raw{'/token'}) ? body_of($raw{'/token'}) : '', body_of($raw{'/off'}), 'the body is the same');
        is(head_of($raw{'/token'}), head_of($raw{'/off'}), 'the header is the same to the byte');
        is(body_of($raw{'/unbuffered'}), body_of($raw{'/off'}), 'without proxy_buffering too');
    }
}
sub head_of { my ($raw) = @_; return (split /\r\n\r\n/, $raw, 2)[0] }
sub body_of { my ($raw) = @_; my ($response) = IPFence::Http::parse_responses($raw); return $response->{body} }

# Answers that issue nothing pass; success answers that cannot be read do not.
for my $case (
    ['400', '400 Bad Request', '{"error":"invalid_grant"}'], ['401', '401 Unauthorized', '{"error":"invalid_client"}'],
    ['500 page', '500 Internal Server Error', '<html>broken</html>'], ['503', '503 Service Unavailable', ''],
    ['200 with an error', '200 OK', '{"error":"authorization_pending"}'], ['307', '307 Temporary Redirect', ''],
) {
    my ($what, $status, $body) = @$case;
    $gate->answers(answer($body, status => $status, headers => ['Content-Type: text/odd', 'Set-Cookie: kept=1']));
    my $response = $gate->token(\%code, from => outside);
    is("$response->{status} $response->{body}", substr($status, 0, 3) . " $body", "$what passes");
    is_deeply([IPFence::Http::header($response, 'Set-Cookie')], ['kept=1'], "$what keeps its headers");
    is($gate->last_audit->{reason}, 'no_token_issued', "$what is audited");
}
my $good = tokens(id_token => jwt({sub => 'alice'}));
my %unreadable = (
    'HTML' => answer('<html>'), 'empty' => answer(''), 'cut JSON' => answer('{"access_token":"x"'),
    'array' => answer('["access_token"]'), 'duplicate' => answer('{"access_token":"a","access_token":"b"}'),
    'escaped duplicate' => answer('{"access_token":"a","acce\u0073s_token":"b"}'), 'number' => answer('{"access_token":1}'),
    'null' => answer('{"access_token":null}'), 'BOM' => answer("\xef\xbb\xbf$good"), 'prefix' => answer(")]}'\n$good"),
    'neither' => answer('{"ok":true}'), 'invalid UTF-8' => answer("{\"access_token\":\"\xff\"}"), 'NUL' => answer('{"access_token":"a\u0000"}'),
    'tokens in a 400' => answer('{"access_token":"a","access_token":"b"}', status => '400 Bad Request'),
    'broken id_token' => answer(tokens(id_token => jwt('{"sub":"alice","sub":"robot"}'))),
    'gzip' => answer("\x1f\x8b\x08", headers => ['Content-Encoding: gzip']),
    'redirect with a code' => answer('', status => '302 Found', headers => ['Location: https://app.test/cb?code=x']),
    'truncated' => "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 500\r\n\r\n$good",
    'truncated chunked' => "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{\"access",
);
push @{$gate->{expected_log}}, qr/upstream prematurely closed/;
for my $what (sort keys %unreadable) {
    for my $path ('/token', '/unbuffered') {
        $gate->answers($unreadable{$what});
        like(json_error($gate->token(\%code, path => $path)), qr/\A502 server_error: \S/, "I05, I07: $what ($path) becomes a 502");
        unlike($gate->{last}{response}, qr/access|alice/, "$what ($path) leaves nothing behind");
        like($gate->last_audit->{reason}, qr/\Aresponse_(unreadable|incomplete)\z/, "$what ($path) is audited");
    }
}
$gate->answers(answer($good));
is(json_error($gate->token(\%code, path => '/small')), "502 server_error: the provider's answer cannot be read", 'too large an answer');
is($gate->last_audit->{reason}, 'response_too_large', 'is audited as such');
$gate->answers(chunked(map { 'x' x 1000 } 1 .. 3000));
is(json_error($gate->token(\%code)), "502 server_error: the provider's answer cannot be read", 'I04: three megabytes are not kept');
$gate->audit;
$gate->answers("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nraw");
like($gate->token(\%code, path => '/upgrade')->{status}, qr/\A50/, 'a switch of protocols is no token response');
is(join(' ', map {"$_->{phase} $_->{decision} $_->{reason}"} $gate->audit), 'response deny response_unreadable', 'and is audited');

# Close-delimited answers, and the coding that is asked for.
$gate->answers("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n$good");
is($gate->token(\%code)->{body}, $good, 'an answer that ends with its connection');
$gate->provider_saw;
$gate->token(\%code, headers => [['Accept-Encoding', 'gzip, br'], ['accept-encoding', 'deflate']]);
my ($saw) = $gate->provider_saw;
is_deeply([$saw =~ /\r\naccept-encoding: ([^\r]*)/gi], ['identity', 'identity'], 'I01: no coding is asked for');
$gate->token(\%code);
($saw) = $gate->provider_saw;
is_deeply([$saw =~ /\r\naccept-encoding: ([^\r]*)/gi], ['identity'], 'also where the client asked for none');
$gate->answers(answer($good));
is($gate->token(\%code, path => '/gzip', headers => [['Accept-Encoding', 'gzip']])->{body}, $good, "I02: nginx's own gzip changes nothing");
is($gate->token(\%code, path => '/gzip', from => outside)->{status}, 400, 'and hides nothing');
$gate->finish;
done_testing;
