# Token requests that are decided, or refused, before the provider sees them.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::Http;

my $gate = gate();

sub is_denied {
    my ($response, $description, $what) = @_;
    is($response->{status}, 400, "$what: status");
    is($response->{body}, qq({"error":"invalid_grant","error_description":"$description"}), "$what: body");
    is_deeply([IPFence::Http::header($response, 'Content-Type')], ['application/json'], "$what: type");
    is_deeply([IPFence::Http::header($response, 'Cache-Control')], ['no-store'], "$what: no-store");
    is(scalar $gate->provider_saw, 0, "$what: the provider saw nothing");
}

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my %assertion = (grant_type => 'urn:ietf:params:oauth:grant-type:jwt-bearer', client_id => 'relaxed');

# Decided at once: denied from outside, forwarded from inside.
for my $case (
    ['password grant', \%password],
    ['client_credentials with run_as', {grant_type => 'client_credentials', client_id => 'service'}],
    ['JWT bearer, although the app is relaxed', {%assertion, assertion => jwt({sub => 'alice'})}],
) {
    my ($what, $parameters) = @$case;
    is_denied($gate->token($parameters, from => outside), 'ip restricted', "$what from outside");
    is($gate->last_audit->{reason}, 'outside_login_ip_ranges', "$what from outside: reason");
    is($gate->token($parameters)->{status}, 200, "$what from inside");
    my @saw = $gate->provider_saw;
    is(scalar @saw, 1, "$what from inside: forwarded");
    like($saw[0], qr/\r\n\r\n\Q${\ form($parameters) }\E\z/, "$what from inside: the body is untouched");
    is($gate->last_audit->{reason}, 'login_ip_range', "$what from inside: reason");
}

is($gate->token({grant_type => 'client_credentials', client_id => 'machine'}, from => outside)->{status}, 200,
    'an app that runs as an unrestricted user');
is($gate->last_audit->{user}, 'robot', 'the audit names the run_as user');
is($gate->provider_saw, 1, 'and it is forwarded');
is_denied($gate->token({grant_type => 'client_credentials', client_id => 'web'}), 'ip restricted',
    'client_credentials without run_as');
is($gate->last_audit->{reason}, 'user_unidentified', 'whose user nobody knows');

# The client, in each of its places.
my $client_jwt = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
my %client_assertion = (grant_type => 'client_credentials', client_assertion_type => $client_jwt);
for my $case (
    ['Basic', {grant_type => 'client_credentials'}, [basic('service', 's')]],
    ['Basic, form-encoded', {grant_type => 'client_credentials'}, [basic('serv%69ce', 's')]],
    ['Basic and body that agree', {grant_type => 'client_credentials', client_id => 'service'}, [basic('service', 's')]],
    ['client_assertion', {%client_assertion, client_assertion => jwt({iss => 'service', sub => 'service'})}, []],
) {
    my ($what, $parameters, $headers) = @$case;
    $gate->token($parameters, headers => $headers, from => outside);
    my $line = $gate->last_audit;
    is("$line->{app} $line->{user} $line->{decision}", 'service alice deny', $what);
}

# Refused: malformed, or with two readings. Each with a description, and unseen by the provider.
my $plain = form(\%password);
my %refused = (
    'no body' => [{body => ''}, 400],
    'no grant_type' => [{body => 'client_id=web'}, 400],
    'empty grant_type' => [{body => 'grant_type=&client_id=web'}, 400],
    'repeated client_id' => [{body => "$plain&client_id=relaxed"}, 400],
    'repeated grant_type' => [{body => "$plain&grant_type=refresh_token"}, 400],
    'variant spelling' => [{body => "$plain&Client_Id=relaxed"}, 400],
    'PHP spelling' => [{body => "$plain&client.id=relaxed"}, 400],
    'array spelling' => [{body => "$plain&client_id%5B%5D=relaxed"}, 400],
    'semicolon' => [{body => "$plain;client_id=relaxed"}, 400],
    'bad percent' => [{body => "$plain&x=%zz"}, 400],
    'cut percent' => [{body => "$plain&x=%4"}, 400],
    'NUL' => [{body => "$plain&x=%00"}, 400],
    'raw NUL' => [{body => "$plain&x=\0"}, 400],
    'control byte' => [{body => "$plain&x=%0a"}, 400],
    'raw byte' => [{body => "$plain&x=\xe9"}, 400],
    'invalid UTF-8 in a name' => [{body => 'grant_type=password&username=%ff&client_id=web'}, 400],
    'method parameter' => [{body => "$plain&_method=GET"}, 400],
    'two grants in one' => [{body => "$plain&refresh_token=x"}, 400],
    'query' => [{body => $plain, path => '/token?client_id=relaxed'}, 400],
    'fragment' => [{body => $plain, path => '/token#client_id=relaxed'}, 400],
    'query behind a fragment' => [{body => $plain, path => '/token?#&client_id=relaxed'}, 400],
    'empty client_id' => [{body => 'grant_type=password&username=alice&client_id='}, 400],
    'two Content-Types' => [{body => $plain, headers => [
        ['Content-Type', 'application/x-www-form-urlencoded'], ['Content-Type', 'application/json']]}, 400],
    'method override' => [{body => $plain, headers => [['X-HTTP-Method-Override', 'GET']]}, 400],
    'clients that disagree' => [{body => $plain, headers => [basic('relaxed', 's')]}, 400],
    'Basic that is not base64' => [{body => $plain, headers => [['Authorization', 'Basic ???']]}, 400],
    'Basic with a second spelling' => [{body => $plain, headers => [['Authorization', 'Basic d2ViOnM']]}, 400],
    'another scheme' => [{body => $plain, headers => [['Authorization', 'Bearer x']]}, 400],
    'client_assertion that disagrees' => [{body => form({%client_assertion, client_id => 'web',
        client_assertion => jwt({iss => 'relaxed', sub => 'relaxed'})})}, 400],
    'client_assertion of somebody else' => [{body => form({%client_assertion,
        client_assertion => jwt({iss => 'web', sub => 'relaxed'})})}, 400],
    'JWT with two subjects' => [{body => form({%assertion, assertion => jwt('{"sub":"robot","sub":"alice"}')})}, 400],
    'JSON' => [{body => '{}', type => 'application/json'}, 415],
    'multipart' => [{body => $plain, type => 'multipart/form-data; boundary=x'}, 415],
    'no content type' => [{body => $plain, headers => [['Content-Type', '']]}, 415],
    'other charset' => [{body => $plain, type => 'application/x-www-form-urlencoded; charset=utf-7'}, 415],
    'content coding' => [{body => $plain, headers => [['Content-Encoding', 'gzip']]}, 415],
    'identity coding' => [{body => $plain, headers => [['Content-Encoding', 'identity']]}, 415],
    'too large' => [{body => "$plain&x=" . 'y' x 70_000}, 413],
    'GET' => [{method => 'GET'}, 405],
    'PUT' => [{method => 'PUT', body => $plain}, 405],
    'OPTIONS with a body' => [{method => 'OPTIONS', body => $plain,
        headers => [['Access-Control-Request-Method', 'POST']]}, 405],
);
for my $what (sort keys %refused) {
    my ($request, $status) = @{$refused{$what}};
    my $response = $gate->request(%$request);
    like(json_error($response), qr/\A$status invalid_request: \S/, "$what is refused");
    is(scalar $gate->provider_saw, 0, "$what is not forwarded");
    my $line = $gate->last_audit;
    is($line->{decision}, 'deny', "$what is audited");
    like($line->{ip}, qr/\A127\.0\.1\.1\z/, "$what is audited with its address");
}
my $response = $gate->request(method => 'GET');
is_deeply([IPFence::Http::header($response, 'Allow')], ['POST'], '405 says what is allowed');

# Their benign twins.
my %passed = (
    'charset' => {body => $plain, type => 'application/x-www-form-urlencoded;charset=UTF-8'},
    'repeated resource' => {body => "$plain&resource=a&resource=b"},
    'plus and escapes' => {body => 'grant_type=password&username=%61lice&password=a+b%2Bc&client_id=web'},
    'unknown parameter' => {body => "$plain&tenant=7"},
    'empty value' => {body => "$plain&scope="},
    'preflight' => {method => 'OPTIONS', headers => [['Access-Control-Request-Method', 'POST']]},
    'just large enough' => {body => "$plain&x=" . 'y' x 60_000},
);
for my $what (sort keys %passed) {
    is($gate->request(%{$passed{$what}})->{status}, 200, "$what passes");
    is(scalar $gate->provider_saw, 1, "$what is forwarded");
}

$gate->finish;
done_testing;
