# Two identity providers behind one zone: what one of them issued is nothing to the other (I24).

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::Http;
use IPFence::World;

my $gate = gate(
    policy => world(),
    http => 'ipfence_zone zone=providers:1m; ipfence_session_cookie sid;',
    server => join '', map { <<"CONF" } ['', ''], ['/a', 'ipfence_provider a;'], ['/b', 'ipfence_provider b;'],
        location $_->[0]/token { $_->[1] ipfence token; proxy_pass http://provider; }
        location $_->[0]/authorize { $_->[1] ipfence authorization; proxy_pass http://provider; }
        location $_->[0]/api { $_->[1] ipfence resource; proxy_pass http://provider; }
        location $_->[0]/password { $_->[1] ipfence password_change; proxy_pass http://provider; }
        location $_->[0]/revoke { $_->[1] ipfence revocation; proxy_pass http://provider; }
CONF
);

my $count = 0;

# A token and a code of one provider; nothing but memory says that the app is relaxed.
sub login {
    my ($at) = @_;
    my $token = 'access-' . ++$count;
    $gate->answers(tokens('alice', access_token => $token, refresh_token => "refresh-$count"));
    my $form = {grant_type => 'authorization_code', code => "c$count", client_id => 'relaxed'};
    is($gate->token($form, path => "$at/token")->{status}, 200, "a login at '$at'");
    $gate->answers(json_answer({data => 1}));
    return $token;
}

sub api {
    my ($at, $token) = @_;
    my $status = $gate->request(method => 'GET', path => "$at/api", from => outside, headers => [['Authorization', "Bearer $token"]])->{status};
    my $line = $gate->last_audit;
    return join ' ', $status, $line->{reason}, $line->{user} // ();
}

subtest 'a token' => sub {
    for my $issuer ('', '/a', '/b') {
        my $token = login($issuer);
        for my $at ('', '/a', '/b') {
            my $expected = $at eq $issuer ? '200 relaxed_app alice' : '403 user_unidentified';
            is(api($at, $token), $expected, "issued at '$issuer', presented at '$at'");
        }
    }
};

subtest 'a refresh token' => sub {
    login('/a');
    my %form = (grant_type => 'refresh_token', refresh_token => "refresh-$count", client_id => 'refresh');
    $gate->answers(tokens(undef, access_token => 'stolen'));
    is($gate->token({%form}, path => '/b/token', from => outside)->{status}, 400, 'of one provider is nothing to the other');
    is(api('/b', 'stolen'), '403 user_unidentified', 'and leads to nobody');
};

subtest 'one token that both issued' => sub {
    my $token = login('/a');
    $gate->answers(tokens('bob', access_token => $token));
    $gate->token({grant_type => 'authorization_code', code => 'other', client_id => 'web'}, path => '/b/token');
    $gate->answers(json_answer({data => 1}));
    is(api('/a', $token), '200 relaxed_app alice', 'is what its own provider said');
};

subtest 'revoking' => sub {
    my $token = login('/a');
    $gate->token({token => $token}, path => '/b/revoke');
    is(api('/a', $token), '200 relaxed_app alice', 'at the other provider ends nothing');
    $gate->token({token => $token}, path => '/a/revoke');
    is(api('/a', $token), '403 user_unidentified', 'at its own does');
};

subtest 'a browser session' => sub {
    $gate->answers(redirect('https://app.test/cb?code=of-session', set_cookie('sid', 'session')));
    $gate->request(method => 'GET', path => '/a/authorize?client_id=web');
    $gate->answers(tokens('alice', access_token => 'of-session'));
    $gate->token({grant_type => 'authorization_code', code => 'of-session', client_id => 'web'}, path => '/a/token');
    $gate->answers(page('ok'));
    my %expected = ('/a' => '200 alice', '/b' => '403', '' => '403');
    for my $at (sort keys %expected) {
        my $status = $gate->request(method => 'GET', path => "$at/password", headers => [['Cookie', 'sid=session']])->{status};
        is(join(' ', $status, $gate->last_audit->{user} // ()), $expected{$at}, "at '$at'");
    }
};

done_testing;
