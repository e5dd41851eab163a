# Sessions of an app and a user that the deployment calls otherwise than tokens do (ipfence_app, ipfence_user).

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::World;

my $gate = gate(
    policy => world(),
    http => 'ipfence_zone zone=named:1m;',
    server => <<'CONF',
        location /token { ipfence token; ipfence_user $http_x_user $upstream_http_x_user; proxy_pass http://provider; }
        location /auth { ipfence authorization; ipfence_app relaxed; proxy_pass http://provider; }
CONF
    expected_log => [qr/names another user/],
);

sub outcome {
    my ($response) = @_;
    my $line = $gate->last_audit;
    return join ' ', $response->{status}, map { $_ // '-' } @$line{qw(phase app user flow reason)};
}

# Tokens of a user whom they call by a number.
sub numbered { my (%members) = @_; return tokens('4711', access_token => 'access', %members) }

for my $way (['the request', [['X-User', 'alice']], ''], ['the answer', [], 'X-User: alice']) {
    my ($who, $headers, $line) = @$way;
    my $answer = sub { my $answer = numbered(refresh_token => "$_[0] by $who"); $answer =~ s/\r\n/\r\n$line\r\n/ if $line; return $answer };
    my $refresh = sub {
        my ($token, $next) = @_;
        $gate->answers($answer->($next));
        $gate->audit;
        return outcome($gate->token({grant_type => 'refresh_token', refresh_token => "$token by $who", client_id => 'refresh'}, from => outside, headers => $headers));
    };
    subtest "refreshes, where $who says who it is" => sub {
        $gate->answers($answer->('first'));
        is($gate->token({grant_type => 'authorization_code', code => "code-$who", client_id => 'refresh'}, headers => $headers)->{status}, 200, 'a login');
        is($refresh->('first', 'second'), '200 request refresh alice web_server refresh_token', 'a refresh');
        is($refresh->('second', 'third'), '200 request refresh alice web_server refresh_token', 'and another, with what that one issued');
        unlike($gate->error_log, qr/names another user/, 'tokens that call the user otherwise name no other');
    };
}

subtest 'another user than the deployment names' => sub {
    $gate->answers(numbered(refresh_token => 'of alice'));
    my @alice = (headers => [['X-User', 'alice']]);
    is($gate->token({grant_type => 'authorization_code', code => 'code', client_id => 'refresh'}, @alice)->{status}, 200, 'a login');
    $gate->answers(numbered(refresh_token => 'of robin'));
    is($gate->token({grant_type => 'refresh_token', refresh_token => 'of alice', client_id => 'refresh'}, headers => [['X-User', 'robin']])->{status}, 200, "goes on as another's");
    $gate->audit;
    is(outcome($gate->token({grant_type => 'refresh_token', refresh_token => 'of robin', client_id => 'refresh'}, from => outside, @alice)),
        '400 request refresh alice unknown outside_login_ip_ranges', 'and its tokens are nobody\'s');
};

sub authorize {
    my ($client_id, $audience) = @_;
    $gate->answers(redirect('https://app.test/cb#id_token=' . jwt({sub => 'alice', aud => $audience})));
    $gate->audit;
    return outcome($gate->request(method => 'GET', path => "/auth?client_id=$client_id", from => outside));
}
is(authorize('client-17', 'client-17'), '303 response relaxed alice user_agent relaxed_app', 'tokens for the client that the deployment calls otherwise');
is(authorize('client-18', 'client-17'), '403 response relaxed - - app_mismatch', 'E12: for another client than the one that asked');

$gate->finish;
done_testing;
