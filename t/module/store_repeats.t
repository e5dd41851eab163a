# What the store, or the other nodes, could not be told at once: it is told later, and never lost without a word.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Gate;
use IPFence::Nodes;
use IPFence::Redis;
use IPFence::World;

# A login in a browser session: the provider's answer to the code's exchange.
sub log_in_again {
    my ($gate, $app, $number, $session) = @_;
    $gate->answers(redirect("https://app.test/cb?code=again-$number", set_cookie('sid', $session)));
    $gate->request(method => 'GET', path => "/auth?client_id=$app", headers => [['Cookie', "sid=$session"]]);
    $gate->answers(tokens('alice', access_token => "access-again-$number"));
    my $status = $gate->token({grant_type => 'authorization_code', code => "again-$number", client_id => $app})->{status};
    $gate->answers(page('ok'));
    return $status;
}

sub by_session { my ($gate, $session) = @_; return $gate->request(method => 'GET', path => '/api', from => outside, headers => [['Cookie', "sid=$session"]])->{status} }

subtest 'what is stored and cannot be announced' => sub {
    my $redis = redis();
    $redis->ask('ACL', 'SETUSER', 'gate', 'on', '>secret', '~*', '&*', '+@all');
    my $options = 'timeout=300ms on_failure=local';
    my ($near) = nodes(1, store => $redis->url(user => 'gate', password => 'secret'), options => $options, expected_log => [qr/ipfence_store/]);
    my ($far) = nodes(1, store => $redis->url, options => $options, provider => $near->{provider});
    ok(defined soon(sub { store_status($far)->{copies_trusted} }), 'a node trusts its copies');
    is(log_in_again($near, 'relaxed', 1, 'shared'), 200, 'a login elsewhere');
    is(by_session($far, 'shared'), 200, 'of which it has a copy');
    $redis->ask('ACL', 'SETUSER', 'gate', 'resetkeys', '~ipfence:[cgs]:*', '%R~ipfence:generation');
    is(log_in_again($near, 'web', 2, 'shared'), 200, 'a stricter app in the same session, of which nobody can be told');
    is(by_session($far, 'shared'), 200, 'so the copy is used');
    $redis->ask('ACL', 'SETUSER', 'gate', '~*');
    ok(defined soon(sub { by_session($far, 'shared') == 403 }, 6), 'until it is told: the session is as strict as all that it received');
    $_->finish for $far, $near;
    $redis->stop;
};

done_testing;
