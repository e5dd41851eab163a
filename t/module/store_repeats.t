# What the store, or the other nodes, could not be told at once: it is told later, and never lost without a word.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Allocations;
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

subtest 'no memory to try again' => sub {
    plan skip_all => 'the sanitizers have an allocator of their own' if $ENV{IPFENCE_SANITIZE};
    my $redis = redis();
    my ($near) = nodes(1, store => $redis->url, options => 'timeout=100ms', stopped => 1, expected_log => [qr/Cannot allocate memory|no memory|ipfence_store/]);
    local $ENV{FAILING_ALLOCATION};
    my $allocations = IPFence::Allocations->new($near);
    $near->start;
    my ($far) = nodes(1, store => $redis->url, options => 'timeout=5s', provider => $near->{provider});
    my $number = login($near);
    ok(is_known($far, $number), 'a token is known');
    $redis->freeze;
    is(revoke($near, $number), 200, 'it is revoked while the store is silent');
    sleep 0.3;    # what was begun has ended
    # Whatever allocates first: were there none at all, the C++ runtime could not even throw for the first time.
    # What else allocates, such as the look at the policy, must not be all that fails: it is planned anew at once.
    my $plan = sub { $allocations->plan(0, 0); sleep 0.001 };
    my $failed = soon(sub { $plan->() for 1 .. 20; $near->error_log =~ /no memory to tell the other nodes of a change/ }, 20);
    $allocations->plan(-1, 0);
    $redis->thaw;
    ok(defined $failed, 'and there is no memory to try again');
    ok(defined soon(sub { !is_known($far, $number) }, 6), 'it is tried once more');
    $_->finish for $far, $near;
    $redis->stop;
};

# On one connection after another, each for as many requests as nginx takes.
sub revoke_many {
    my ($gate, $number) = @_;
    my ($body, %statuses) = 'token=unseen';
    my $request = "POST /revoke HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: @{[length $body]}\r\n\r\n$body";
    for (my $sent = 0; $sent < $number; $sent += 100) {
        $statuses{$_->{status}}++ for $gate->send_raw($request x 100, count => 100, timeout => 30);
    }
    return \%statuses;
}

subtest 'more than may wait' => sub {
    my $redis = redis();
    my ($near) = nodes(1, store => $redis->url, options => 'timeout=50ms', expected_log => [qr/ipfence_store/]);
    my ($far) = nodes(1, store => $redis->url, options => 'timeout=5s', provider => $near->{provider});
    my $number = login($near);
    ok(is_known($far, $number), 'a token is known');
    $redis->freeze;
    is_deeply(revoke_many($near, 5500), {200 => 5500}, 'tokens that nobody knows are revoked while the store is silent');
    is(revoke($near, $number), 200, 'and then that one');
    cmp_ok(store_status($near)->{untold}, '>', 400, 'others are not told of all of them');
    like($near->request(method => 'GET', path => '/status/metrics')->{body}, qr/^ipfence_store_untold_total [45]\d\d$/m, 'which is counted');
    is($near->times_logged(qr/too many changes wait for the store/), 1, 'and said once');
    $redis->thaw;
    ok(defined soon(sub { !is_known($far, $number) }, 10), 'the token that is somebody\'s is forgotten all the same');
    # It may come first: what was sent before the freeze is read at the thaw.
    ok(defined soon(sub { store_status($near)->{writes}{done} > 5000 }, 10), 'and the store is told of each that waited');
    $near->stop;
    like($near->error_log, qr/[1-9]\d* revocations and other changes were not told to the other nodes/, 'a worker that ends says what is left');
    $_->finish for $far, $near;
    $redis->stop;
};

done_testing;
