# Steps of the wall clock neither extend nor end what is remembered; what ends at a date ends at that date (catalogue, P8).

use strict;
use warnings;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;
use IPFence::Http;
use IPFence::World;

my $gate = gate(
    stopped => 1,
    policy => world(),
    http => 'ipfence_zone zone=tokens:1m; ipfence_session_cookie sid; ipfence_device_cookie device key=device.keys ttl=1d;',
    server => <<'CONF',
        location /token { ipfence token; proxy_pass http://provider; }
        location /auth { ipfence authorization; proxy_pass http://provider; }
        location /api { ipfence resource; proxy_pass http://provider; }
        location /verify { ipfence verification; ipfence_verified 1; ipfence_user alice; proxy_pass http://provider; }
CONF
);
$gate->write_file('device.keys', '11' x 32);
is($gate->compile_preload('shifted_clock.c'), 0, 'the shifted clock compiles');
$gate->write_file('clock', '0');
$gate->start;

my ($hour, $day, $year) = (3600, 24 * 3600, 365 * 24 * 3600);

# nginx looks at the clock when something happens.
sub step {
    my ($seconds) = @_;
    $gate->write_file('clock', $seconds);
    $gate->answers(page('ok'));
    for (1 .. 3) { $gate->request(method => 'GET', path => '/api'); sleep 0.02 }
    $gate->audit;
}

my $count = 0;

sub login {
    my ($lifetime) = @_;
    my $n = ++$count;
    $gate->answers(tokens('alice', access_token => "access-$n", refresh_token => "refresh-$n", expires_in => $lifetime // 3600));
    $gate->token({grant_type => 'authorization_code', code => "code-$n", client_id => 'relaxed'});
    $gate->answers(page('ok'));
    return "access-$n";
}

sub is_known { return $gate->request(method => 'GET', path => '/api', from => outside, headers => [['Authorization', "Bearer $_[0]"]])->{status} == 200 }

my %steps = ('an hour on' => $hour, 'an hour back' => -$hour, 'ten years on' => 10 * $year, 'back to 1970' => -time + 1000, 'right again' => 0);
my $token = login();
for my $what ('an hour on', 'an hour back', 'ten years on', 'back to 1970', 'right again') {
    step($steps{$what});
    my ($year) = (gmtime(time + $steps{$what}))[5];
    ok(is_known($token), "$what: what was remembered for an hour still is");
    like($gate->last_audit->{time}, qr/\A@{[$year + 1900]}-/, "$what: nginx has taken the step");
    ok(is_known(login()), "$what: and what is learned now is remembered");
}

for my $second (1 .. 5) {
    step(-$second);
    ok(is_known($token), "P8: a clock that goes back a second each second, for the ${second}th time");
}
step(0);

my $short = login(2);
ok(is_known($short), 'a token for two seconds');
step(-$day);
sleep 3;
ok(!is_known($short), 'is forgotten after them, although the clock went back a day');
step(0);

subtest 'an activated device' => sub {
    $gate->answers(page('ok'));
    my ($line) = IPFence::Http::header($gate->request(method => 'GET', path => '/verify'), 'Set-Cookie');
    my ($cookie) = $line =~ /\A([^;]+)/;
    my $login = sub {
        my $n = ++$count;
        $gate->answers(redirect("https://app.test/cb?code=device-$n"));
        $gate->request(method => 'GET', path => '/auth?client_id=devices', from => outside, headers => [['Cookie', $cookie]]);
        $gate->answers(tokens('alice', access_token => "device-$n"));
        return $gate->token({grant_type => 'authorization_code', code => "device-$n", client_id => 'devices'}, from => outside)->{status};
    };
    is($login->(), 200, 'now');
    step(-$hour);
    is($login->(), 200, 'an hour back');
    step($day + 60);
    is($login->(), 400, 'after the day that it is good for');
    step(0);
};

subtest 'what the error log is told once a minute' => sub {
    my $monitored = gate(
        stopped => 1,
        policy => world(),
        http => 'ipfence_zone zone=tokens:1m; ipfence_mode monitor; ipfence_audit /dev/full;',
        own_audit => 1,
        expected_log => [qr/audit/],
    );
    $monitored->compile_preload('shifted_clock.c') == 0 or die 'no shifted clock';
    $monitored->write_file('clock', '0 0');
    $monitored->start;
    # The wall clock, and how much of the time that never steps has passed; what is said of a denial then.
    my $said = sub {
        my ($wall, $passed) = @_;
        $monitored->write_file('clock', "$wall $passed");
        for (1 .. 3) { $monitored->request(method => 'GET', path => '/none'); sleep 0.02 }    # nginx looks at the clock
        my $before = length $monitored->error_log;
        $monitored->token({grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web'}, from => outside);
        my $log = substr $monitored->error_log, $before;
        return join ', ', map { $_->[1] } grep { $log =~ $_->[0] } [qr/"ipfence_mode" is "monitor"/ => 'monitor'], [qr/\[alert\].*audit/ => 'audit'];
    };
    is($said->(0, 0), 'monitor, audit', 'at once');
    is($said->($day, 1), '', 'not again, as the clock steps a day on');
    is($said->($day, 61), 'monitor, audit', 'but after a minute');
    is($said->(-$day, 62), '', 'not again, as it steps back');
    is($said->(-$day, 122), 'monitor, audit', 'P8, N10, P4: but after a minute, and not when the clock has caught up');
    $monitored->finish;
};

$gate->finish;
done_testing;
