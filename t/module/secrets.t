# Threats O04, P17: no secret that the gate handles is in anything that it writes, or that its processes share,
# whichever way the request went. What nginx itself dumps at the debug level is told apart.

use strict;
use warnings;
use File::Find qw(find);
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;
use IPFence::Http;
use IPFence::Keys;
use IPFence::Secrets;
use IPFence::World;

my $variables = join '|', map { "\$ipfence_$_" }
    qw(decision reason user app profile operation flow rule policy candidate_decision candidate_reason);

my $gate = gate(
    stopped => 1,
    policy => world(),
    http => <<"CONF",
        error_log DIR/error.log info; error_log DIR/debug.log debug;
        log_format all "$variables";
        ipfence_candidate candidate.json;
        ipfence_zone zone=tokens:1m snapshot=tokens.snapshot;
        ipfence_session_cookie sid; ipfence_device_cookie device key=device.keys;
        map \$uri \$nonsense { default nonsense; }
        ipfence_issuer https://id.test; ipfence_audience api; proxy_read_timeout 2s;
CONF
    server => <<'CONF',
        access_log DIR/access.log all;
        location /token { ipfence token; ipfence_revocation /withdraw; proxy_pass http://provider; }
        location /down/token { ipfence token; proxy_pass http://127.0.0.1:1; }
        location /monitored { ipfence token; ipfence_mode monitor; proxy_pass http://provider; }
        location /nonsense { ipfence $nonsense; proxy_pass http://provider; }
        location /forgotten { proxy_pass http://provider; }
        location /auth { ipfence authorization; ipfence_revocation /withdraw; proxy_pass http://provider; }
        location /down/auth { ipfence authorization; proxy_pass http://127.0.0.1:1; }
        location /api { ipfence resource; ipfence_jwks keys.json; ipfence_introspection /introspect; proxy_pass http://provider; }
        location /down/api { ipfence resource; ipfence_introspection /introspect; proxy_pass http://127.0.0.1:1; }
        location /unasked/api { ipfence resource; ipfence_introspection /down/introspect; proxy_pass http://provider; }
        location /password_change { ipfence password_change; proxy_pass http://provider; }
        location /verification_registration { ipfence verification_registration; proxy_pass http://provider; }
        location /login_flow { ipfence login_flow; proxy_pass http://provider; }
        location /verification { ipfence verification; ipfence_verified $upstream_http_x_verified;
            ipfence_user $upstream_http_x_user; proxy_pass http://provider; }
        location /revocation { ipfence revocation; proxy_pass http://provider; }
        location /logout { ipfence logout; proxy_pass http://provider; }
        location = /introspect { internal; ipfence off; proxy_pass http://provider; proxy_set_header Authorization "Bearer GATE"; }
        location = /down/introspect { internal; ipfence off; proxy_pass http://127.0.0.1:1; }
        location = /withdraw { internal; ipfence off; proxy_pass http://provider; }
        location = /plain { ipfence off; proxy_pass http://127.0.0.1:1; }
CONF
    expected_log => [qr/cannot be judged|cannot be read|was not revoked|ipfence_guard: refused/],
);
my ($user, $app) = ('alice', 'web');
my $key = unpack 'H*', secret('the key of device cookies') . '12345678';
$gate->write_file('device.keys', "$key\n");
$gate->write_policy(world());
$gate->write_file('candidate.json', encode_json(world(default_app => {ip_relaxation => 'relax'})));
my $signing = make_key($gate->file('signing.pem'));
$gate->write_file('keys.json', key_set(jwk($signing, 'one')));
my $gate_secret = secret('what the gate says to the introspection endpoint');
$gate->{server} =~ s/GATE/$gate_secret/;
$gate->write_configuration;
$gate->start;

my $any_answer = page('ok');
my $bearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

# Every grant, with its secrets named after where they go.
sub grants {
    my ($where) = @_;
    my $own = sub { secret("$_[0] ($where)") };
    my $signed = sub { jwt({sub => $user, iss => $app, jti => $own->("$_[0], its claims")}) . $own->("$_[0], its signature") };
    my $saml = base64url('<saml:Assertion><NameID>alice</NameID>' . $own->('SAML assertion') . '</saml:Assertion>');
    return (
        {grant_type => 'password', username => $user, password => $own->('password'), client_secret => $own->('client_secret')},
        {grant_type => 'authorization_code', code => $own->('code'), code_verifier => $own->('code_verifier')},
        {grant_type => 'refresh_token', refresh_token => $own->('refresh_token')},
        {grant_type => 'urn:ietf:params:oauth:grant-type:device_code', device_code => $own->('device_code')},
        {grant_type => 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion => $signed->('JWT assertion')},
        {grant_type => 'urn:ietf:params:oauth:grant-type:saml2-bearer', assertion => $saml},
        {grant_type => 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token => $signed->('subject_token'),
            subject_token_type => 'urn:ietf:params:oauth:token-type:jwt', actor_token => $own->('actor_token')},
        {grant_type => 'client_credentials', client_assertion_type => $bearer, client_assertion => $signed->('client_assertion')},
    );
}

# Of one that is only ever in bodies, which not even nginx's debug messages show.
sub body_secret { return secret("$_[0] (in bodies)") }

sub issued {
    my ($name, %members) = @_;
    return tokens($user, access_token => body_secret("issued access token, $name"), refresh_token => body_secret("issued refresh token, $name"),
        claims => {jti => body_secret("issued id_token, $name")}, %members);
}

sub cut_short { return substr($_[0], 0, -1) =~ s/\r\nContent-Length: \d+/\r\nConnection: close/r }

subtest 'token requests' => sub {
    my $header_secret = ['Authorization', 'Basic ' . IPFence::Gate::base64("$app:" . secret('client secret in Basic'))];
    my %answers = (
        allowed => issued('plainly'), 'in an error' => json_answer({error => 'x', error_description => body_secret('description of an error')}, '400 Bad Request'),
        'cut short' => cut_short(issued('cut short')), 'of two readings' => json_answer('{"access_token":"' . body_secret('first token of two') . '","access_token":"b"}'),
        'too large' => issued('too large', padding => 'x' x 70_000), coded => issued('coded') =~ s/\r\n/\r\nContent-Encoding: gzip\r\n/r,
    );
    my @fates = (
        (map { my $answer = $answers{$_}; map { {from => $_, answer => $answer} } inside, outside } sort keys %answers),
        {path => '/down/token'}, {path => '/monitored', from => outside}, {path => '/nonsense'}, {path => '/forgotten'},
        {more => '&x=%zz'}, {more => '&x=%00'}, {more => '&client_id=other'}, {more => '&scope=' . 'y' x 70_000},
        {type => 'text/plain'}, {type => 'multipart/form-data; boundary=x'}, {method => 'PUT'}, {repeated => 1},
        {headers => [['Content-Encoding', 'gzip']]}, {headers => [$header_secret]}, {headers => [['Authorization', 'Basic ' . secret('Basic that is none')]]},
        {headers => [['Authorization', 'Bearer ' . secret('access token at the token endpoint')]]},
    );
    my %status;
    for my $grant (grants('in bodies')) {
        for my $fate (@fates) {
            my $body = form({client_id => $app, %$grant}) . ($fate->{more} // '');
            $body = "$body&$body" if $fate->{repeated};
            $gate->answers($fate->{answer} // $answers{allowed}, $any_answer);
            my $response = $gate->request(%$fate, body => $body) // {status => 'none'};
            ++$status{$response->{status}};
        }
        $gate->request(type => 'application/json', body => encode_json($grant));
    }
    for my $grant (grants('in queries')) {
        my $query = form($grant);
        for my $path ('/token', '/down/token', '/nonsense', '/forgotten', '/revocation') {
            $gate->request(path => "$path?$query", body => $_) for 'grant_type=password', '';
            $gate->request(path => "$path?$query", method => 'GET');
            $gate->request(path => "$path#$query", body => '');
        }
    }
    cmp_ok($status{$_} // 0, '>', 0, "some were answered $_") for 200, 400, 413, 415, 405, 502, 500;
    is($status{none} // 0, 0, 'and each of them was answered');
};

subtest 'access tokens' => sub {
    my %claims = (iss => 'https://id.test', aud => 'api', sub => $user, client_id => $app, exp => time + 600);
    my $valid = sign($signing, {%claims, jti => secret('JWT access token, its claims')});
    my $invalid = sign($signing, {%claims, aud => 'x', jti => secret('JWT that does not verify, its claims')});
    known_secret('JWT access token, its signature', (split /\./, $valid)[2]);
    known_secret('JWT that does not verify, its signature', (split /\./, $invalid)[2]);
    my $active = json_answer({active => JSON::PP::true, sub => $user, client_id => $app, jti => body_secret('claim of an introspection')});
    my %status;
    for my $path ('/api', '/down/api', '/unasked/api') {
        for my $first ($active, json_answer({active => JSON::PP::false}), cut_short($active), json_answer('<xml/>', '500 Oops')) {
            for my $from (inside, outside) {
                my $number = keys %status ? secret('access token of ' . ++$status{requests}) : secret('access token of 0');
                for my $token ($number, $valid, $invalid) {
                    for my $with (
                        {headers => [['Authorization', "Bearer $token"], ['Cookie', 'sid=' . secret('cookie at the API')]]}, {headers => [['Authorization', "DPoP $token"]]},
                        {path => "$path?access_token=$token", headers => [['Referer', "https://app.test/cb?code=" . secret('code in a Referer')]]},
                        {method => 'POST', body => "access_token=$token"}, {method => 'POST', body => "access_token=$token&x=" . 'y' x 70_000},
                        {path => "$path?access_token=$token&access_token=b"}, {path => "$path?Access_Token=$token", headers => [['Authorization', "Bearer $token"]]},
                        {headers => [['Authorization', "Bearer $token, Bearer other"]]}, {headers => [['Authorization', 'Basic ' . secret('Basic at the API')]]},
                    ) {
                        $gate->answers($first, $any_answer);
                        my $response = $gate->request(method => 'GET', path => $path, from => $from, %$with) // {status => 'none'};
                        ++$status{$response->{status}};
                    }
                }
            }
        }
    }
    cmp_ok($status{$_} // 0, '>', 0, "some were answered $_") for 200, 400, 401, 403, 413, 502;
};

subtest 'sessions' => sub {
    my $html = ['Accept', 'text/html'];
    my $cookie = sub { set_cookie('sid', secret("session cookie, $_[0]")) };
    my $id_token = sub { jwt({sub => $user, aud => $app, jti => secret("id_token $_[0], its claims")}) . secret("id_token $_[0], its signature") };
    my $fragment = 'access_token=' . secret('token in a fragment') . '&id_token=' . $id_token->('in a fragment');
    my $post = '<form method=post action=https://app.test/cb><input name=code value=%s><input name=access_token value=%s>';
    my @answers = (
        redirect('https://app.test/cb?code=' . secret('code in a redirect'), $cookie->('with a code')),
        redirect("https://app.test/cb#$fragment", $cookie->('with tokens')),
        redirect('https://app.test/cb?code=' . secret('code of two') . '&code=b', $cookie->('with two codes')),
        page(sprintf($post, body_secret('code in a page'), body_secret('token in a page')), $cookie->('with a page')),
        json_answer({access_token => body_secret('token in JSON')}), cut_short(page(sprintf $post, body_secret('code cut short'), 'x')),
    );
    my $asks = 'client_id=web&id_token_hint=' . $id_token->('hint') . '&login_hint=alice&request=' . jwt({client_id => $app, x => secret('request object')});
    my %status;
    my $send = sub { my $response = $gate->request(@_, from => $_) // {status => 'none'}; ++$status{$response->{status}}; return $response };
    for my $answer (@answers) {
        for (inside, outside) {
            $gate->answers($answer, $any_answer);
            $send->(method => 'GET', path => "$_?$asks", headers => [$html]) for '/auth', '/down/auth';
            $send->(path => '/auth', body => $asks . '&password=' . body_secret('password on a login page'), headers => [$html, ['Cookie', 'device=' . secret('forged device cookie')]]);
            $send->(method => 'GET', path => "/auth?$asks&client_id=other", headers => [['Cookie', 'sid=' . secret('cookie of an ambiguous request')]]);
        }
    }
    $gate->answers(issued('for a code'));
    $gate->token({grant_type => 'authorization_code', code => secret('code in a redirect'), client_id => $app});
    is($gate->last_audit->{reason}, 'login_ip_range', 'the code of the redirect was exchanged');

    for my $kind (qw(password_change verification_registration login_flow verification revocation logout)) {
        for (inside, outside) {
            $gate->answers(page('ok', 'X-Verified: 1', 'X-User: alice', $cookie->("renewed at $kind")));
            my $sids = 'sid=' . secret('session cookie, with a code');
            for my $cookies ($sids, 'sid=' . secret('unknown cookie'), "$sids; sid=other", 'sid=') {
                my $body = form({new_password => body_secret("new password at $kind"), token => body_secret("token at $kind"), id_token_hint => $id_token->("at $kind")});
                my $response = $send->(path => "/$kind", body => $body, headers => [$html, ['Cookie', $cookies]]);
                known_secret('device cookie', $_) for map { /\Adevice=([^;]+)/ } IPFence::Http::header($response, 'Set-Cookie');
                $send->(path => "/$kind?" . form({id_token_hint => $id_token->("in the query of $kind")}), method => 'GET', headers => [['Cookie', $cookies]]);
            }
        }
    }
    cmp_ok($status{$_} // 0, '>', 0, "some were answered $_") for 200, 303, 400, 403, 502;
};

# Somebody whose name is looked for as a secret is: the gate writes names down.
my $named = 'control: a user\'s name';
$gate->answers(tokens(secret($named), access_token => body_secret('access token of the control')));
$gate->token({grant_type => 'authorization_code', code => body_secret('code of the control'), client_id => $app});

# A policy that workers hand on to each other, through memory of its own.
my $before = $gate->last_audit->{policy};
my $policy = $before;
$gate->write_policy(world(user_claims => ['sub']));
for (1 .. 200) {
    $gate->token({grant_type => 'password', username => $user, password => body_secret('password'), client_id => $app});
    $policy = $gate->last_audit->{policy};
    last if $policy ne $before;
    sleep 0.05;
}
isnt($policy, $before, 'the policy was changed');

# Where nothing of the gate is, nginx logs as ever.
my $unguarded = 'control: the query of a request that is none of the gate\'s';
$gate->request(method => 'GET', path => '/plain?access_token=' . secret($unguarded));
sub not_controls { return grep { !/\Acontrol: / } @_ }

my ($worker) = $gate->workers;
my @shared = shared_memory($worker);
$gate->stop;

subtest 'the search finds what is there' => sub {
    my $control = 'control: planted';
    my $hex = unpack 'H*', secret($control);
    for my $spelling ($hex, uc $hex) {
        ok(is_secret_in($control, "00$spelling"), 'in hexadecimal');
        ok(is_secret_in($control, join '', map { "%$_" } unpack '(a2)*', $spelling), 'percent-encoded');
    }
    for my $text (map { $_ . secret($control) . $_ } '', 'a', 'bc') {
        ok(is_secret_in($control, IPFence::Gate::base64($text)), 'in base64');
        ok(is_secret_in($control, base64url($text)), 'in base64url');
    }
    ok(is_secret_in($control, 'cut: ' . substr secret($control), 0, 15), 'a part of it');
    is_deeply([secrets_in('of every other text nothing')], [], 'and nothing else');
    cmp_ok(search_terms(), '>', 1000, search_terms() . ' spellings are looked for');
};

subtest 'files' => sub {
    my %own = map { $_ => 1 } qw(nginx.conf policy.json candidate.json device.keys keys.json signing.pem signing.pem.signed answers answered);
    my @written;
    find({no_chdir => 1, wanted => sub { push @written, $_ if -f && !m{/request\.\d+\z} }}, $gate->{dir});
    my %text = map { substr($_, 1 + length $gate->{dir}) => IPFence::Gate::read_whole($_) } @written;
    delete @text{keys %own};
    my $debug = delete $text{'debug.log'};
    ok(is_secret_in($unguarded, $text{'error.log'}), 'nginx\'s own line of a request that the gate has nothing to do with');
    for my $name (sort keys %text) {
        is_deeply([not_controls(secrets_in($text{$name}))], [], "no secret is in $name (" . length($text{$name}) . ' bytes)');
    }
    ok(is_secret_in($named, $text{$_}), "the name is in $_") for qw(audit.ndjson access.log tokens.snapshot);
    is_deeply([grep { m{/} } keys %text], [], 'and nothing is left of bodies on disk');

    my @records = log_records($debug);
    my $others = join '', map { $_->[1] } grep { $_->[0] ne 'debug' } @records;
    is_deeply([not_controls(secrets_in($others))], [], 'no secret is in what is no debug message');
    my ($nginx) = $gate->nginx_command;
    return if qx($nginx -V 2>&1) !~ /--with-debug/;
    cmp_ok(scalar(grep { $_->[0] eq 'debug' } @records), '>', 1000, 'nginx logged at the debug level');
    # nginx dumps request lines and headers there. Bodies it does not.
    my @dumped = secrets_in(join '', map { $_->[1] } @records);
    cmp_ok(scalar(grep { /Basic|cookie/ } @dumped), '>', 0, 'headers are in nginx\'s debug messages');
    is_deeply([grep { /in bodies|key of/ } @dumped], [], 'nothing of a body is');
};

subtest 'memory that the processes share' => sub {
    my ($zone) = grep { $_->{name} =~ /memfd:ipfence:tokens/ } @shared;
    ok($zone && $zone->{size} >= 1 << 20, 'the zone is among it') or diag explain [map { $_->{name} } @shared];
    ok(is_secret_in($named, $zone->{bytes}), 'with the name in it');
    ok(is_kept_from_cores($zone), 'it is left out of core dumps');
    my ($policy) = grep { $_->{name} =~ /memfd:ipfence policy/ } @shared;
    like($policy->{bytes} // '', qr/robin/, 'so is the policy');
    is_deeply([not_controls(secrets_in($_->{bytes}))], [], "no secret is in $_->{name} ($_->{size} bytes)") for @shared;
};

$gate->finish;
done_testing;
