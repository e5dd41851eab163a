# Which app is asking: every place of a request that names one names the same, under any reading, and who names none of
# the policy's is relaxed by nothing (catalogue, group E).

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::Http;
use IPFence::World;

my $policy = world();
$policy->{apps}{$_} = {ip_relaxation => 'relax'} for 'my:app', "caf\xc3\xa9", 'x y', 'relaxed:1';
$policy->{apps}{$_} = {} for 'my%3Aapp', 'x+y';
my $gate = gate(policy => $policy, http => 'ipfence_zone zone=tokens:1m;', server => <<'CONF');
        location /token { ipfence token; proxy_pass http://provider; }
        location /auth { ipfence authorization; proxy_pass http://provider; }
CONF

my $count = 0;
my $assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

# A code of alice's that nobody saw, exchanged from outside: only a relaxed app gets tokens for it. What the client got,
# whom the audit log names, and whether the provider saw it.
sub redeem {
    my ($parameters, @authorization) = @_;
    $gate->answers(tokens('alice', access_token => 'access-' . ++$count, refresh_token => "refresh-$count"));
    $gate->audit;
    my $response = $gate->token([['grant_type', 'authorization_code'], ['code', "code-$count"], @$parameters], from => outside,
        headers => [map { ['Authorization', $_] } @authorization]);
    my $line = $gate->last_audit;
    my $seen = () = $gate->provider_saw;
    return join ' ', $response->{status}, $line->{reason} // '-', $line->{app} // '-', $seen;
}

sub basic_of { my ($text) = @_; return 'Basic ' . IPFence::Gate::base64($text) }
sub assertion { my ($claims) = @_; return (['client_assertion_type', $assertion_type], ['client_assertion', ref $claims ? jwt($claims) : $claims]) }
sub of { my ($app) = @_; return {iss => $app, sub => $app} }

my $refused = '400 ambiguous_request - 0';
my $relaxed = '200 relaxed_app relaxed 1';
my $enforced = '400 outside_login_ip_ranges web 1';

is(redeem([['client_id', 'relaxed']]), $relaxed, 'a relaxed app');
is(redeem([['client_id', 'web']]), $enforced, 'an enforced one');
is(redeem([], basic_of('relaxed:s')), $relaxed, 'in Basic');
is(redeem([assertion(of('relaxed'))]), $relaxed, 'in an assertion');

for my $case (
    ['Basic and body', [['client_id', 'relaxed']], basic_of('web:s')], ['body and Basic', [['client_id', 'web']], basic_of('relaxed:s')],
    ['assertion and body', [['client_id', 'relaxed'], assertion(of('web'))]], ['body and assertion', [['client_id', 'web'], assertion(of('relaxed'))]],
    ['Basic and assertion', [assertion(of('relaxed'))], basic_of('web:s')], ['two of three', [['client_id', 'web'], assertion(of('web'))], basic_of('relaxed:s')],
    ['case', [['client_id', 'Relaxed']], basic_of('relaxed:s')], ['a space', [['client_id', 'relaxed ']], basic_of('relaxed:s')],
    ['two bodies', [['client_id', 'web'], ['client_id', 'relaxed']]],
) {
    my ($what, @request) = @$case;
    is(redeem(@request), $refused, "E01: $what that disagree are refused");
}
is(redeem([['client_id', 'relaxed'], assertion(of('relaxed'))], basic_of('relaxed:s')), $relaxed, 'E01: three that agree');

# Some providers form-decode Basic (RFC 6749, section 2.3.1), many do not.
for my $case (
    ['my%3Aapp:s', 'two apps of the policy', '400 ambiguous_request my:app 0'], ['x+y:s', 'a plus that is a space', '400 ambiguous_request x y 0'],
    ['caf%C3%A9:s', 'one app in either reading', '200 relaxed_app ' . "caf\x{e9}" . ' 1'], ["caf\xc3\xa9:s", 'not encoded', '200 relaxed_app ' . "caf\x{e9}" . ' 1'],
    ['relaxed:1:s', 'a colon ends the name', $relaxed], ['relaxed%3A1:s', 'but not an encoded one', '200 relaxed_app relaxed:1 1'],
    ['%72elaxed:s', 'an encoded letter', $relaxed],
) {
    my ($text, $what, $met) = @$case;
    is(redeem([], basic_of($text)), $met, "E03: Basic of $text: $what");
}
like($gate->token({grant_type => 'authorization_code', code => 'one'}, headers => [['Authorization', basic_of('x+y:s')]])->{body},
    qr/"the client in the Authorization header can be read in two ways"/, 'and says so, though the policy lists one of the two');

for my $case (
    ['no colon', basic_of('relaxed')], ['no name', basic_of(':s')], ['no base64', 'Basic ?relaxed?'], ['base64url', 'Basic cmVsYXhlZDo_Pz8-'],
    ['no padding', 'Basic cmVsYXhlZDpz' =~ s/z\z/zcw/r], ['too much padding', basic_of('relaxed:s') . '==='], ['a second spelling', 'Basic cmVsYXhlZDpzcx=='],
    ['NUL', basic_of("relaxed\0:s")], ['NUL at the end', basic_of("relaxed:s\0")], ['no UTF-8', basic_of("relaxed\xff:s")], ['a line end', basic_of("relaxed\n:s")],
    ['8 KB', basic_of('r' x 6000 . ':s')], ['nothing', 'Basic'], ['two words', 'Basic cmVs YXhlZDpz'], ['quotes', 'Basic "cmVsYXhlZDpz"'], ['another scheme', 'Bearer cmVsYXhlZDpz'],
) {
    my ($what, $authorization) = @$case;
    my $met = redeem([], $authorization);
    $what eq '8 KB' ? unlike($met, qr/\A200/, "E04: Basic with $what opens nothing") : is($met, $refused, "E04: Basic with $what is refused");
    is(redeem([['client_id', 'relaxed']], $authorization), $refused, "E04: $what, although the body names an app") if $what ne '8 KB';
}

is(redeem([['client_id', 'unregistered']]), '400 outside_login_ip_ranges unregistered 1', 'E05: an app that nobody listed is enforced');
is(redeem([]), '400 outside_login_ip_ranges - 1', 'E05: and so is none');
for my $way ([['client_id', 'unregistered']], [['client_id', 'relaxed']], [assertion(of('relaxed'))]) {
    $gate->answers(tokens('alice', access_token => 'access-' . ++$count, refresh_token => "refresh-$count"));
    is($gate->token({grant_type => 'authorization_code', code => "code-$count", client_id => 'web'})->{status}, 200, 'a session of an enforced app');
    $gate->provider_saw;
    $gate->audit;
    is($gate->token([['grant_type', 'refresh_token'], ['refresh_token', "refresh-$count"], @$way])->{status}, 400, "E05, E08: is not another's to go on, even inside");
    is($gate->last_audit->{reason}, 'app_mismatch', 'E05, E08: which is a mismatch');
    is(scalar $gate->provider_saw, 0, 'E05, E08: unseen');
}

# Nobody has verified the assertion yet: it speaks for one app, or for none.
for my $case (
    ['another issuer', {iss => 'web', sub => 'relaxed'}], ['another subject', {iss => 'relaxed', sub => 'web'}], ['a list', {iss => 'relaxed', sub => ['relaxed']}], ['no issuer', {sub => 'relaxed'}],
    ['two subjects', jwt('{"iss":"relaxed","sub":"web","sub":"relaxed"}')], ['an escaped second one', jwt('{"iss":"relaxed","sub":"relaxed","s\u0075b":"web"}')],
    ['garbage', 'relaxed'], ['three parts of garbage', 'a.b.c'], ['another spelling', jwt(of('relaxed')) . '='], ['nothing', ''],
) {
    my ($what, $claims) = @$case;
    is(redeem([assertion($claims)]), $refused, "E08: an assertion with $what is refused");
    is(redeem([['client_id', 'relaxed'], assertion($claims)]), $refused, "E08: $what, although the body names an app");
}
my $unsigned = join('.', (split /\./, jwt(of('relaxed')))[0, 1]) . '.';
is(redeem([['client_id', 'web'], assertion($unsigned)]), $refused, 'E08: an unsigned one is no exception');
$gate->answers(json_answer({error => 'invalid_client'}, '401 Unauthorized'));
is($gate->token([['grant_type', 'authorization_code'], ['code', 'c'], assertion(of('relaxed'))], from => outside)->{status}, 401, 'E08: the provider has the last word');

subtest 'E12: a request object names the app of the request' => sub {
    my %object = map { $_ => jwt({client_id => $_, iss => $_, response_type => 'code'}) } qw(web relaxed);
    my $handle = 'request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A1';
    for my $case (
        ['the same', "client_id=relaxed&request=$object{relaxed}", 303], ['another', "client_id=relaxed&request=$object{web}", 400], ['the other way', "client_id=web&request=$object{relaxed}", 400],
        ['two objects', "client_id=web&request=$object{web}&request=$object{relaxed}", 400], ['one with two clients', 'client_id=relaxed&request=' . jwt('{"client_id":"web","client_id":"relaxed"}'), 400],
        ['two queries', "client_id=web&client_id=relaxed&request=$object{web}", 400], ['a handle', "client_id=relaxed&$handle", 303], ['two handles', "client_id=web&$handle&$handle", 400],
    ) {
        my ($what, $query, $status) = @$case;
        for my $method (qw(GET POST)) {
            $gate->answers(redirect('https://app.test/cb?code=code-' . ++$count));
            $gate->provider_saw;
            my $response = $gate->request(method => $method, $method eq 'GET' ? (path => "/auth?$query") : (path => '/auth', body => $query));
            is($response->{status}, $status, "$what, by $method");
            is(scalar $gate->provider_saw, $status == 303 ? 1 : 0, "$what, by $method: forwarded or not");
        }
    }
    # Of what is behind a handle the gate knows nothing: the code is the app's that asked for it, and no other's.
    $gate->answers(redirect('https://app.test/cb?code=of-a-handle'));
    $gate->request(method => 'GET', path => "/auth?client_id=relaxed&$handle", from => outside);
    $gate->provider_saw;
    $gate->answers(tokens('alice', access_token => 'of-a-handle'));
    is($gate->token({grant_type => 'authorization_code', code => 'of-a-handle', client_id => 'web'})->{status}, 400, 'its code cannot be exchanged by another app');
    is(scalar $gate->provider_saw, 0, 'unseen');
};

$gate->finish;
done_testing;
