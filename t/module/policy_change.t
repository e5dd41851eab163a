# A policy that changes while nginx runs: picked up by every worker without a reload.

use strict;
use warnings;
use File::Copy qw(copy);
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Gate;
use IPFence::World;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my $workers = 3;
my $gate = gate(workers => $workers, named_workers => 1, expected_log => [qr/policy\.json/, qr/exited on signal 9/], upstream => 'ipfence_guard; keepalive 8;');

sub workers { return $gate->workers }

my ($inside_only, $outside_only) = (IPFence::Gate::default_policy('127.0.1.0/24'), IPFence::Gate::default_policy('127.0.2.0/24'));

sub statuses { my ($from) = @_; return $gate->statuses_of_workers(\%password, from => $from) }

# Seconds until every worker answers so; more than it may take when it never does.
sub seconds_until {
    my ($from, $status) = @_;
    my $begin = time;
    sleep 0.05 until statuses($from) eq $status || time - $begin > 5;
    return time - $begin;
}

is(statuses(inside), '200', 'before the change, inside passes');
is(statuses(outside), '400', 'and outside is denied');
$gate->provider_saw;

$gate->write_policy($outside_only);
my $seconds = seconds_until(outside, '200');
cmp_ok($seconds, '<', 2, sprintf 'renamed over: in force in every worker within %.2f s', $seconds);
is(statuses(inside), '400', 'the old ranges hold nowhere');
$gate->audit;
$gate->token(\%password);
my $hash = $gate->last_audit->{policy};

$gate->write_policy($inside_only);
cmp_ok(seconds_until(inside, '200'), '<', 2, 'back again');
is(statuses(outside), '400', 'everywhere');
$gate->audit;
$gate->token(\%password);
isnt($gate->last_audit->{policy}, $hash, 'the audit line says by which policy');
is($gate->times_logged(qr/start worker process \d+/), $workers, 'no worker began anew');

# N07: a body that a client keeps open, of which some was there before the change.
subtest 'a form that is still to come' => sub {
    my $held = gate(policy => world(), http => 'ipfence_zone zone=tokens:1m;', server => <<'CONF');
        location /token { ipfence token; proxy_pass http://provider; }
        location /password { ipfence password_change; proxy_pass http://provider; }
CONF
    $held->answers(tokens('alice', access_token => 'access'));
    $held->token({grant_type => 'authorization_code', code => 'c', client_id => 'web'});
    $held->answers(page('ok'));
    my $send = sub {
        my ($meanwhile) = @_;
        my $body = 'access_token=access&new=secret';
        my $socket = $held->connect_from(inside);
        syswrite $socket, "POST /password HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
            . length($body) . "\r\nConnection: close\r\n\r\n" . substr $body, 0, 5;
        sleep 0.2;
        $meanwhile->();
        syswrite $socket, substr $body, 5;
        return join('', <$socket>) =~ m{\AHTTP/1\.1 (\d+)} ? $1 : 'none';
    };
    is($send->(sub { }), '200', 'passes while nothing changes');
    my $strict = world();
    $strict->{profiles}{office}{login_ip_ranges} = ['203.0.113.0/24'];
    is($send->(sub { $held->write_policy($strict); sleep 2 }), '403', 'is decided by the policy that is in force when it is there');
    is($held->last_audit->{reason}, 'outside_login_ip_ranges', 'as its audit line says');
    $held->finish;
};

# Rewritten in place, by a writer who takes his time.
sub rewrite_slowly {
    my ($policy) = @_;
    my $text = JSON::PP->new->canonical->pretty->encode($policy);
    open my $file, '>', $gate->file('policy.json') or die "policy.json: $!";
    $file->autoflush(1);
    for my $piece (unpack '(a200)*', $text) {
        print $file $piece;
        sleep 0.02;
    }
    close $file or die "policy.json: $!";
}
rewrite_slowly($outside_only);
cmp_ok(seconds_until(outside, '200'), '<', 2, 'rewritten in place');

# A faulty one, a removed one: logged once, and nothing changes.
sub complaints { my ($pattern) = @_; return $gate->times_logged(qr/\[error\][^\n]*$pattern/) }
for my $fault (
    ['cut short', sub { $gate->write_policy('{"ipfence": 1, "profiles": {') }, qr/policy\.json:1: is not JSON/],
    ['with an unknown key', sub { $gate->write_policy({%$inside_only, colour => 'red'}) }, qr/colour: is not a known key/],
    ['empty', sub { $gate->write_policy('') }, qr/is not JSON/],
    ['a compiled one that is damaged', sub { $gate->write_policy("ipfencePx") }, qr/the compiled policy is cut short/],
    ['removed', sub { unlink $gate->file('policy.json') }, qr/cannot be opened: No such file/],
    ['a pipe that nobody writes to', sub { system('mkfifo', $gate->file('policy.json')) == 0 or die 'mkfifo' }, qr/is not a regular file, and nginx does not wait/],
    ['a directory', sub { unlink $gate->file('policy.json'); mkdir $gate->file('policy.json') }, qr/cannot be (?:opened|read): Is a directory/],
) {
    my ($name, $break, $pattern) = @$fault;
    my $before = complaints($pattern);
    $break->();
    my $deadline = time + 5;
    sleep 0.1 until complaints($pattern) > $before || time > $deadline;
    sleep 0.8;
    is(complaints($pattern), $before + 1, "$name: said once");
    is(statuses(outside) . statuses(inside), '200400', "$name: the policy before it stays in force");
}
like($gate->error_log, qr/is faulty, and changes nothing: policy [0-9a-f]{12} stays in force/, 'the log says which');
rmdir $gate->file('policy.json');

# A worker that takes a killed one's place decides by the policy in force, not by that of the start, although the
# file is faulty by now.
$gate->write_policy($inside_only);
cmp_ok(seconds_until(inside, '200'), '<', 2, 'a good one again');
$gate->write_policy('{');
sleep 1;
my @old = workers();
kill KILL => @old;
my $deadline = time + 5;
sleep 0.05 until (grep { my $pid = $_; !grep { $_ == $pid } @old } workers()) == $workers || time > $deadline;
sleep 0.2;
is(statuses(inside) . statuses(outside), '200400', 'new workers decide as the killed ones did');

# Faster than anybody can follow: whoever looks sees one of the two, wholly, and in the end the last.
for my $round (1 .. 40) {
    $gate->write_policy($round % 2 ? $outside_only : $inside_only);
    sleep 0.03;
}
cmp_ok(seconds_until(inside, '200'), '<', 2.5, 'after forty changes the last one holds');
is(statuses(outside), '400', 'everywhere');

# Replaced all the time, by whole files: none has to wait for the last of them.
my $writer = fork // die "fork: $!";
if ($writer == 0) {
    while (1) { $gate->write_policy($outside_only); sleep 0.1 }
}
cmp_ok(seconds_until(outside, '200'), '<', 2, 'a policy that is written anew ten times a second is in force, too');
kill KILL => $writer;
waitpid $writer, 0;
$gate->write_policy($inside_only);
cmp_ok(seconds_until(inside, '200'), '<', 2, 'and what takes its place');
is(statuses(outside), '400', 'everywhere');

# The compiled form, and the users' file.
my $ipfence = IPFence::Gate::command_path();
$gate->write_file('outside.json', JSON::PP->new->encode($outside_only));
is(system("$ipfence compile @{[$gate->file('outside.json')]} -o @{[$gate->file('compiled')]} >/dev/null"), 0, 'ipfence compile');
rename $gate->file('compiled'), $gate->file('policy.json') or die "policy.json: $!";
cmp_ok(seconds_until(outside, '200'), '<', 2, 'a compiled policy takes the place of a document');

my $listed = IPFence::Gate::policy_with_users_file('127.0.1.0/24');
$listed->{organization}{default_profile} = 'anywhere';
$gate->write_file('users.ndjson', qq({"user": "alice", "profile": "office"}\n{"users": 1}\n));
$gate->write_policy($listed);
cmp_ok(seconds_until(inside, '200'), '<', 2, 'a policy with a users file');
is(statuses(outside), '400', 'which lists alice');
$gate->write_file('users.ndjson', qq({"user": "alice", "profile": "anywhere"}\n{"users": 1}\n));
cmp_ok(seconds_until(outside, '200'), '<', 2, 'a change of the users file alone is seen');
$gate->provider_saw;

# A request that began before a change is decided by what is in force when it is decided (N07).
my $body = form(\%password);
my $slow = $gate->begin_form('/token', \%password, from => outside, size => 10);
$gate->write_policy($inside_only);
cmp_ok(seconds_until(outside, '400'), '<', 2, 'a stricter policy comes into force');
print $slow substr $body, 10;
my $answer = do { local $/; <$slow> };
like($answer, qr{\AHTTP/1\.1 400 }, 'N07: a body held back across the change is judged by the new policy');
$gate->provider_saw;

$gate->finish;
# What a token claimed is not heard by a policy that looks at no claim, also where it is remembered.
my $claims = gate(policy => world(profile_claim => 'group'), http => 'ipfence_zone zone=tokens:1m;', expected_log => [qr/policy\.json/],
    server => 'location /token { ipfence token; proxy_pass http://provider; } location /api { ipfence resource; proxy_pass http://provider; }');
$claims->answers(tokens('carol', access_token => 'claimed', claims => {group => 'anywhere'}), json_answer({data => 1}));
is($claims->token({grant_type => 'authorization_code', code => 'c', client_id => 'web'}, from => outside)->{status}, 200, 'a user whose token claims a profile');
my $api = sub { return $claims->request(method => 'GET', path => '/api', from => outside, headers => [['Authorization', 'Bearer claimed']])->{status} };
is($api->(), 200, 'has it');
$claims->write_policy(world());
ok(wait_for(sub { $api->() == 403 }), 'and no longer, where the policy looks at no claim any more');
is($claims->last_audit->{reason}, 'outside_login_ip_ranges', 'but the default_profile');
$claims->finish;

# What a token claims counts of whom the policy lists no longer, also where it was decided without: by who signs in, or goes on.
my %relaxed = (default_profile => 'anywhere', profile_claim => 'group');
my $claiming = gate(policy => world(%relaxed), http => 'ipfence_zone zone=tokens:1m;', expected_log => [qr/policy\.json/],
    server => 'location /token { ipfence token; proxy_pass http://provider; } location /api { ipfence resource; proxy_pass http://provider; }');
$claiming->answers(tokens('alice', access_token => 'A', refresh_token => 'R', claims => {group => 'office'}));
is($claiming->token({%password, username => 'alice'})->{status}, 200, 'a user whom the policy lists, and whose token claims a profile');
is($claiming->last_audit->{phase}, 'request', 'is decided without it');
my $unlisting = world(%relaxed);
delete $unlisting->{users}{alice};
$claiming->write_policy($unlisting);
ok(wait_for(sub { $claiming->times_logged(qr/is in force, in place of/) == 1 }), 'a policy that lists her no longer');
is($claiming->request(method => 'GET', path => '/api', from => outside, headers => [['Authorization', 'Bearer A']])->{status}, 403, 'the profile that it claimed is hers');
is($claiming->last_audit->{claimed_profile}, 'office', 'as is audited');
is($claiming->token({grant_type => 'refresh_token', refresh_token => 'R', client_id => 'web'}, from => outside)->{status}, 400, 'at a refresh, too');
$claiming->provider_saw;
$claiming->finish;

done_testing;
