# What a token response teaches: refresh tokens know their session, and are decided before the provider sees
# them.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::World;

my $gate = gate(
    policy => world(),
    http => 'ipfence_zone zone=tokens:1m;',
    server => 'location /token { ipfence token; proxy_pass http://provider; }',
    expected_log => [qr/names another user/],
);

my $count = 0;

# Logs alice in at an app from the office; her refresh token.
sub login {
    my ($app, $grant, %with) = @_;
    my $token = 'refresh-' . ++$count;
    my $from = delete $with{from} // inside;
    $gate->answers(tokens('alice', access_token => "access-$count", refresh_token => $token, %with));
    my %parameters = ($grant // 'authorization_code') eq 'password'
        ? (grant_type => 'password', username => 'alice', password => 'secret')
        : (grant_type => $grant // 'authorization_code', ($grant ? (assertion => 'assertion') : (code => "code-$count")));
    is($gate->token({%parameters, client_id => $app}, from => $from)->{status}, 200, "login at $app");
    $gate->provider_saw;
    $gate->audit;
    return $token;
}

sub refresh {
    my ($app, $token, $from, @answer) = @_;
    $gate->answers(@answer ? @answer : tokens(undef, access_token => 'access-new-' . ++$count));
    return json_error($gate->token({grant_type => 'refresh_token', refresh_token => $token, client_id => $app}, from => $from));
}

my $bearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
my @rows = (
    # app, grant, outcome from outside, reason, flow
    ['web', undef, 'deny', 'outside_login_ip_ranges', 'web_server'],
    ['relaxed', undef, 'allow', 'relaxed_app', 'web_server'],
    ['refresh', undef, 'allow', 'refresh_token', 'web_server'],
    ['devices', undef, 'deny', 'outside_login_ip_ranges', 'web_server'],
    ['refresh', 'password', 'allow', 'refresh_token', 'username_password'],
    ['refresh', $bearer, 'deny', 'outside_login_ip_ranges', 'jwt_bearer'],
    ['relaxed', $bearer, 'deny', 'outside_login_ip_ranges', 'jwt_bearer'],
);
for my $row (@rows) {
    my ($app, $grant, $outcome, $reason, $flow) = @$row;
    my $name = "$app, " . ($grant // 'code');
    my $token = login($app, $grant);

    my $answer = refresh($app, $token, outside);
    my ($line) = $gate->audit;
    is("$line->{decision} $line->{reason} $line->{flow} $line->{operation} $line->{user} $line->{phase}",
        "$outcome $reason $flow refresh alice request", "$name: outside, decided from the request");
    my @seen = $gate->provider_saw;
    if ($outcome eq 'deny') {
        is($answer, '400 invalid_grant: ip restricted', "$name: outside, denied");
        is(scalar @seen, 0, "$name: the provider never saw it");
    } else {
        like($answer, qr/\A200 /, "$name: outside, allowed");
        is(scalar @seen, 1, "$name: forwarded");
    }
    like(refresh($app, $token, inside), qr/\A200 /, "$name: inside, allowed");
    is($gate->last_audit->{user}, 'alice', "$name: although no token of the answer names her");
    $gate->provider_saw;
}

# I18: what a client polls for is learned when it comes, whatever the grant is called.
for my $grant (['device', 'urn:ietf:params:oauth:grant-type:device_code', device_code => 'd'], ['unknown', 'urn:openid:params:grant-type:ciba', auth_req_id => 'a']) {
    my ($flow, $type, %parameters) = @$grant;
    my $poll = sub { return $gate->token({grant_type => $type, %parameters, client_id => 'refresh'}) };
    $gate->answers(json_answer({error => 'authorization_pending'}, '400 Bad Request'));
    is(json_error($poll->()), '400 authorization_pending: -', "I18: $flow: not yet");
    $gate->answers(tokens('alice', access_token => "polled-$flow", refresh_token => "polled-refresh-$flow"));
    is($poll->()->{status}, 200, "I18: $flow: now");
    is($gate->last_audit->{flow}, $flow, 'by its flow');
    my $relaxed = $flow eq 'device' ? 'allow refresh_token' : 'deny outside_login_ip_ranges';
    refresh('refresh', "polled-refresh-$flow", outside);
    my ($line) = $gate->audit;
    is("$line->{phase} $line->{user} $line->{flow} $line->{decision} $line->{reason}", "request alice $flow $relaxed", "I18: $flow: the refresh is decided from the request");
    $gate->provider_saw;
}

subtest 'rotation is followed' => sub {
    my $first = login('refresh');
    like(refresh('refresh', $first, outside, tokens(undef, access_token => 'a1', refresh_token => 'rotated-1')), qr/\A200/, 'first');
    like(refresh('refresh', 'rotated-1', outside, tokens(undef, access_token => 'a2', refresh_token => 'rotated-2')), qr/\A200/, 'second');
    like(refresh('refresh', 'rotated-2', outside), qr/\A200/, 'third');
    $gate->audit;
    like(refresh('refresh', $first, outside, json_answer({error => 'invalid_grant'}, '400 Bad Request')),
        qr/\A400 invalid_grant: -/, 'a token that was rotated away is left to the provider');
    is($gate->last_audit->{reason}, 'refresh_token', 'and known');
};

subtest 'a lifetime of 0, as Keycloak has it for offline tokens' => sub {
    my $token = login('refresh', undef, refresh_expires_in => 0);
    like(refresh('refresh', $token, outside, tokens(undef, access_token => 'a3', refresh_token => 'offline', refresh_expires_in => 0)), qr/\A200/, 'is none');
    like(refresh('refresh', 'offline', outside), qr/\A200/, 'whenever it is said');
};

subtest 'a token of another app' => sub {
    my $token = login('web');
    is(refresh('relaxed', $token, outside), '400 invalid_grant: issued to another client', 'refused');
    is($gate->last_audit->{reason}, 'app_mismatch', 'audited');
    is(scalar(() = $gate->provider_saw), 0, 'not forwarded');
    like(refresh('web', $token, inside), qr/\A200/, 'its own app may');
};

subtest 'a token that nobody saw' => sub {
    my $answer = tokens('alice', access_token => 'x');
    is(refresh('refresh', 'unseen', outside, $answer), '400 invalid_grant: ip restricted', 'F01: relaxes nothing');
    my $line = $gate->last_audit;
    is("$line->{flow} $line->{phase}", 'unknown response', 'decided from the answer');
    like(refresh('refresh', 'unseen', inside, $answer), qr/\A200/, 'inside');
};

subtest 'a withheld token is not known' => sub {
    $gate->answers(tokens('alice', access_token => 'w', refresh_token => 'withheld'));
    $gate->token({grant_type => 'authorization_code', code => 'c', client_id => 'refresh'}, from => outside);
    is(refresh('refresh', 'withheld', outside, tokens('alice', access_token => 'y')), '400 invalid_grant: ip restricted', 'still unknown');
};

subtest 'the provider names another user on refresh' => sub {
    my $token = login('web');
    like(refresh('web', $token, inside, tokens('robin', access_token => 'doubtful', refresh_token => 'doubtful-refresh')), qr/\A200/, 'allowed where both are');
    is(refresh('refresh', 'doubtful-refresh', outside, tokens('alice', access_token => 'y')), '400 invalid_grant: ip restricted', 'but such tokens are nobody\'s');
    is($gate->last_audit->{flow}, 'unknown', 'and unknown');
    my $other = login('web');
    is(refresh('web', $other, outside, tokens('robin', access_token => 'z')), '400 invalid_grant: ip restricted', 'alice is not');
};

subtest 'secrets' => sub {
    my $token = login('web');
    refresh('web', $token, inside);
    my $logs = $gate->error_log . IPFence::Gate::read_whole($gate->file('audit.ndjson'));
    unlike($logs, qr/\Q$token\E/, 'no log has the token');
};

$gate->finish;
done_testing;
