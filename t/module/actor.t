# Token exchange (RFC 8693): whoever acts for somebody else is judged as well.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::Keys;
use IPFence::World;

my $policy = world();
$policy->{apps}{machine} = {run_as => 'robin'};
$policy->{apps}{courier} = {run_as => 'alice', ip_relaxation => 'relax'};
my $gate = gate(policy => $policy, expected_log => [qr/longer than a record/], http => 'ipfence_zone zone=tokens:1m;', server => <<'CONF');
    location /token { ipfence token; proxy_pass http://provider; }
    location /revoke { ipfence revocation; proxy_pass http://provider; }
    location /api { ipfence resource; proxy_pass http://provider; }
CONF
my $count = 0;

# An access token of `user`, who was inside.
sub token_of {
    my ($user, %with) = @_;
    my $token = delete $with{access_token} // 'token-' . ++$count;
    my %grant = (grant_type => 'authorization_code', code => "code-$count", client_id => 'web', %with);
    delete $grant{code} if $grant{grant_type} ne 'authorization_code';
    $gate->answers(tokens($user, access_token => $token));
    is($gate->token(\%grant)->{status}, 200, "a token of " . ($user // $grant{client_id}));
    $gate->provider_saw;
    return $token;
}

sub exchange {
    my ($subject, $actor, $from, %with) = @_;
    my $token_type = 'urn:ietf:params:oauth:token-type:access_token';
    $gate->audit;
    $gate->answers(tokens('robin', access_token => 'exchanged-' . ++$count, refresh_token => "again-$count"));
    my %form = (
        grant_type => 'urn:ietf:params:oauth:grant-type:token-exchange', client_id => 'web',
        subject_token => $subject, subject_token_type => $token_type,
        (defined $actor ? (actor_token => $actor, actor_token_type => $token_type) : ()), %with,
    );
    delete @form{grep { !defined $form{$_} } keys %form};
    my $status = $gate->token(\%form, from => $from)->{status};
    my $line = $gate->last_audit;
    return join ' ', $status, $line->{reason}, $line->{user} // '-', scalar(my @seen = $gate->provider_saw);
}

my ($alice, $robin) = (token_of('alice'), token_of('robin'));
is(exchange($robin, undef, outside), '200 no_login_ip_ranges robin 1', 'F12: without an actor');
is(exchange($robin, $robin, outside), '200 no_login_ip_ranges robin 1', 'F12: an actor who may be anywhere');
is(exchange($robin, $alice, outside), '400 outside_login_ip_ranges alice 0', 'F12: an actor who may not');
is(exchange($robin, $alice, inside), '200 no_login_ip_ranges robin 1', 'F12: who may, inside');
is(exchange($alice, $robin, outside), '400 outside_login_ip_ranges alice 0', 'F12: a subject who may not');
is(exchange($robin, 'unseen', inside), '400 user_unidentified - 0', 'F12: an actor whom nobody knows');
is(exchange($robin, '', outside), '200 no_login_ip_ranges robin 1', 'F12: an empty actor_token is none');

my $machine = token_of(undef, grant_type => 'client_credentials', client_id => 'machine');
my $service = token_of(undef, grant_type => 'client_credentials', client_id => 'service');
is(exchange($robin, $machine, outside), '200 no_login_ip_ranges robin 1', 'F12: an app that runs as robin');
is(exchange($robin, $service, outside), '400 outside_login_ip_ranges alice 0', 'F12: an app that runs as alice');

# An app that exchanges its own token is who it runs as, too, whomever the answer names.
is(exchange($machine, undef, outside), '200 no_login_ip_ranges robin 1', 'F12: the token of an app that runs as robin');
is(exchange($service, undef, outside), '400 outside_login_ip_ranges alice 0', 'F12: the token of an app that runs as alice');
is(exchange($service, undef, inside), '200 no_login_ip_ranges robin 1', 'F12: who may, inside');

# Keycloak's `requested_subject`: who asks for tokens of somebody else must be allowed, and so must that one, whom only the
# answer names. An answer that names nobody is not for whose token was exchanged.
sub impersonate {
    my ($subject, $other, $from, $answered) = @_;
    $gate->audit;
    my $token = 'impersonated-' . ++$count;
    $gate->answers(tokens($answered, access_token => $token), page('secret'));
    my $status = $gate->token({
        grant_type => 'urn:ietf:params:oauth:grant-type:token-exchange', client_id => 'web', subject_token => $subject,
        subject_token_type => 'urn:ietf:params:oauth:token-type:access_token', requested_subject => $other,
    }, from => $from)->{status};
    my $line = $gate->last_audit;
    my $api = $gate->request(method => 'GET', path => '/api', from => $from, headers => [['Authorization', "Bearer $token"]]);
    $gate->provider_saw;
    return join ' ', $status, $line->{reason}, $line->{user} // '-', $api->{status}, $gate->last_audit->{user} // '-';
}
is(impersonate($robin, 'alice', outside, undef), '400 user_unidentified - 403 -', 'F12: tokens of somebody else, which name nobody');
is(impersonate($robin, 'alice', outside, 'alice'), '400 outside_login_ip_ranges alice 403 -', 'F12: and that name her');
is(impersonate($robin, 'alice', inside, 'alice'), '200 login_ip_range alice 200 alice', 'F12: inside they are hers');
is(impersonate($alice, 'robin', outside, 'robin'), '400 outside_login_ip_ranges alice 403 -', 'F12: who asks must be allowed, too');
is(impersonate($robin, '', outside, undef), '200 no_login_ip_ranges robin 200 robin', 'F12: an empty requested_subject is none');

# OpenID Connect Native SSO, section 3.3: another app of the device shows its secret as the actor's token.
for my $case (['alice', outside, '400 outside_login_ip_ranges alice 0'], ['alice', inside, '200 no_login_ip_ranges robin 1'], ['robin', outside, '200 no_login_ip_ranges robin 1']) {
    my ($user, $from, $met) = @$case;
    my $secret = 'secret-' . ++$count;
    $gate->answers(tokens($user, access_token => "of-device-$count", device_secret => $secret));
    is($gate->token({grant_type => 'authorization_code', code => "code-$count", client_id => 'web', scope => 'openid device_sso'})->{status}, 200, "a login on ${user}'s device");
    $gate->provider_saw;
    is(exchange($robin, $secret, $from, actor_token_type => 'urn:openid:params:token-type:device-secret'), $met, "F12: the secret of ${user}'s device");
}

# alice's own exchange at a relaxed app is relaxed, unless an assertion is in it anywhere.
my $bearer = token_of('robin', grant_type => 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion => 'opaque');
like(exchange($alice, $robin, outside, client_id => 'relaxed'), qr/ 1\z/, 'F12: a relaxed app');
is(exchange($alice, $bearer, outside, client_id => 'relaxed'), '400 outside_login_ip_ranges alice 0', 'F12: an actor that an assertion made');
# So is an app in its own name, by its own relaxation.
my $courier = token_of(undef, grant_type => 'client_credentials', client_id => 'courier');
is(exchange($robin, $courier, outside), '200 no_login_ip_ranges robin 1', 'F12: a relaxed app that runs as alice');
is(exchange($bearer, $courier, outside), '400 outside_login_ip_ranges alice 0', 'F12: which acts for a subject that an assertion made');
is(exchange($bearer, $courier, inside), '200 no_login_ip_ranges robin 1', 'F12: and may, inside');
is(exchange($courier, $bearer, outside), '400 outside_login_ip_ranges alice 0', 'F12: whose own token is the subject, with an actor that an assertion made');

# Which app exchanges a token the token does not say.
my $of_relaxed = token_of('alice', client_id => 'relaxed');
is(exchange($of_relaxed, undef, outside, client_id => undef), '400 outside_login_ip_ranges alice 0', 'F12: an app that is not named is not that of the token');
like(exchange($of_relaxed, undef, inside, client_id => undef), qr/\A200 /, 'F12: and may exchange it inside');

# G11: by another spelling an assertion's token would be one that nobody knows, which may come from elsewhere.
my $jwt = jwt({sub => 'alice', pad => 'x'});
token_of('alice', grant_type => 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion => 'opaque', access_token => $jwt);
is(exchange($jwt, undef, outside, client_id => 'relaxed'), '400 outside_login_ip_ranges alice 0', 'G11: a token that an assertion made');
my ($header, $claims, $signature) = split /\./, $jwt;
my %spellings = ('padding' => "$jwt=", 'a space behind' => "$jwt ", 'a space before' => " $jwt", 'bits that mean nothing' => "$header.$claims.${signature}Q0");
for my $what (sort keys %spellings) {
    is(exchange($spellings{$what}, undef, outside, client_id => 'relaxed'), '400 ambiguous_request - 0', "G11: $what");
    is(exchange($robin, $spellings{$what}, inside), '400 ambiguous_request - 0', "G11: $what, of an actor");
}
# So it would be by the other signature that ECDSA has for one text, which anybody can make of the first, and which verifies.
my $key = $gate->file('ec.pem');
system("openssl ecparam -name prime256v1 -genkey -noout -out $key 2>/dev/null") == 0 or die 'openssl';
for my $which (0, 1) {
    my @both = sign_es256($key, {sub => 'alice', jti => $which});
    my ($made, $other) = @both[$which, 1 - $which];
    token_of('alice', grant_type => 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion => 'opaque', access_token => $made);
    is(exchange($_, undef, outside, client_id => 'relaxed'), '400 outside_login_ip_ranges alice 0', 'G11: a token with two signatures that verify') for $made, $other;
    like(exchange($robin, $other, inside), qr/\A200 /, 'G11: of an actor who is known by the other');
}
# Or when the access token that came with it has expired, and it has not, as its claims say.
my %span = (iat => time, exp => time + 3600);
for my $case (['an ID token', access_token => 'short', id_token => jwt({sub => 'alice', %span})], ['an access token', access_token => jwt({sub => 'alice', %span, jti => 'short'})]) {
    my ($what, %issued) = @$case;
    $gate->answers(json_answer({token_type => 'Bearer', expires_in => 0, %issued}));
    is($gate->token({grant_type => 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion => 'opaque', client_id => 'web'})->{status}, 200, "F13: $what that an assertion made");
    $gate->provider_saw;
    is(exchange($issued{id_token} // $issued{access_token}, undef, outside, client_id => 'relaxed'), '400 outside_login_ip_ranges alice 0', 'F13: is known as long as it is good');
}
# Or when names are longer than a record.
for my $case (['alice', 'w' x 200, 'alice'], ['u' x 200, 'web', 'u' x 200]) {
    my ($user, $app) = @$case;
    my $token = token_of($user, grant_type => 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion => 'opaque', client_id => $app);
    $gate->answers(tokens($user, access_token => 'of-long-names'));
    $gate->audit;
    is($gate->token({grant_type => 'urn:ietf:params:oauth:grant-type:token-exchange', client_id => 'relaxed', subject_token => $token,
        subject_token_type => 'urn:ietf:params:oauth:token-type:access_token'}, from => outside)->{status}, 400, 'F13: of names that are longer than a record');
    is($gate->last_audit->{flow}, 'unknown', 'F13: nobody knows how it began');
    $gate->provider_saw;
}
# Some providers revoke no JWT, and say that they did (RFC 7009, section 2.2): that must not make one of unknown origin of it.
is($gate->request(path => '/revoke', body => "token=$jwt&client_id=relaxed")->{status}, 200, 'F12: a token that an assertion made is revoked');
$gate->provider_saw;
$gate->answers(tokens('alice', access_token => 'laundered'));
$gate->audit;
is($gate->token({grant_type => 'urn:ietf:params:oauth:grant-type:token-exchange', client_id => 'relaxed', subject_token => $jwt,
    subject_token_type => 'urn:ietf:params:oauth:token-type:jwt'}, from => outside)->{status}, 400, 'F12: and relaxes nothing afterwards');
my $laundered = $gate->last_audit;
is("$laundered->{flow} $laundered->{reason}", 'unknown outside_login_ip_ranges', 'F12: for nobody knows how it began');
like(exchange('opaque.token', undef, inside), qr/\A200 /, 'G11: what is no JWT has one spelling');
$gate->finish;
done_testing;
