# An audit log with a buffer: lines wait, and none is lost, cut or written twice, whatever ends the worker (P1, P4).

use strict;
use warnings;
use JSON::PP;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Fault;
use IPFence::Gate;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');

sub buffered {
    my ($words, %with) = @_;
    return gate(own_audit => 1, http => "ipfence_audit AUDIT $words;", %with);
}

# A request that is known again by its app.
sub ask { my ($gate, $app) = @_; return $gate->token({%password, client_id => $app})->{status} }

sub text { my ($gate, $name) = @_; return IPFence::Gate::read_whole($gate->file($name // 'audit.ndjson')) }

# Every line that is there, which must be one object each.
sub apps { my ($gate, @files) = @_; return map { decode_json($_)->{app} } map { split /\n/, text($gate, $_) } @files ? @files : 'audit.ndjson' }

# Waits until there are as many lines.
sub apps_of { my ($gate, $count) = @_; wait_for(sub { my $text = text($gate); ($text =~ tr/\n//) >= $count }); return apps($gate) }

my $with_status = 'location /token { ipfence token; proxy_pass http://provider; } location /status/ { ipfence_status; }';
sub lost { my ($gate) = @_; return decode_json($gate->request(method => 'GET', path => '/status/status.json')->{body})->{audit_lost} }

sub names { my ($prefix, $count) = @_; return map { "$prefix$_" } 1 .. $count }

# As long as it may wait, and no longer.
my $gate = buffered('buffer=64k flush=1s');
is(ask($gate, 'one'), 200, 'a request');
is(text($gate), '', 'whose line waits');
is_deeply([apps_of($gate, 1)], ['one'], 'and is written when it has waited long enough');
ask($gate, $_) for qw(two three);
is_deeply([apps_of($gate, 3)], [qw(one two three)], 'as are the next ones, in their order');
$gate->finish;

# Until the buffer is full: lines are whole, and a long one has its place among them.
my $full = buffered('buffer=4k flush=1m');
my @long = (names('app', 20), 'x' x 5000, names('last', 3));
ask($full, $_) for @long;
my @written = apps($full);
cmp_ok(scalar @written, '>', 15, 'a full buffer is written');
cmp_ok(scalar @written, '<', scalar @long, 'and what came after it waits');
is_deeply(\@written, [@long[0 .. $#written]], 'every line whole, in its order, one that is longer than the buffer too');
$full->stop;
is_deeply([apps($full)], \@long, 'a worker that ends writes what waits');
$full->finish;

# A worker whose number is that of a worker which still ends has a buffer of its own, or none.
my $twin = buffered('buffer=64k flush=1m', daemon => 1);
my $refusal = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
$twin->answers([5, $refusal], $refusal);
my $client = fork // die "fork: $!";
if ($client == 0) { ask($twin, 'of the old one'); POSIX::_exit(0) }
ok(wait_for(sub { $twin->provider_saw }), 'a request waits for the provider');
ok($twin->take_back_upgrade, 'an upgrade is taken back');
ask($twin, $_) for names('of the new one ', 3);
is_deeply([apps($twin)], ['of the old one', names('of the new one ', 3)], 'the new one has no buffer: its lines do not wait');
waitpid $client, 0;
$twin->stop;
is_deeply([apps($twin)], ['of the old one', names('of the new one ', 3)], 'and each is there once');
$twin->finish;

# A worker that is killed has a successor; the lines are in memory that both have.
my $killed = buffered('buffer=64k flush=1m');
ask($killed, $_) for names('before', 7);
is(text($killed), '', 'seven lines wait');
kill KILL => workers($killed);
is_deeply([apps_of($killed, 7)], [names('before', 7)], 'the worker is killed: its successor writes them');
like($killed->error_log, qr/\d+ bytes of audit lines that a worker left are written/, 'and says so');
ask($killed, $_) for names('after', 2);
is(() = text($killed) =~ /after/g, 0, 'and has its own wait');
$killed->signal('TERM');
wait_for(sub { !-e $killed->file('nginx.pid') });
is_deeply([apps($killed)], [names('before', 7), names('after', 2)], 'until nginx ends at once');
$killed->{expected_log} = [qr/exited on signal 9/];
$killed->finish;

# Rotated: what waits belongs to the old file.
my $rotated = buffered('buffer=64k flush=1m');
ask($rotated, 'old');
rename $rotated->file('audit.ndjson'), $rotated->file('audit.1') or die $!;
$rotated->signal('USR1');
wait_for(sub { -e $rotated->file('audit.ndjson') && text($rotated, 'audit.1') ne '' });
is_deeply([apps($rotated, 'audit.1')], ['old'], 'USR1 writes what waits to the old file');
sleep 0.2;
ask($rotated, 'new');
$rotated->stop;
is_deeply([apps($rotated)], ['new'], 'and what comes then to the new one');
$rotated->finish;

# A worker that a reload has replaced has no successor in its place: it does not let lines wait.
my $reloaded = buffered('buffer=64k flush=1m');
my ($old) = workers($reloaded);
ask($reloaded, 'first');
my @answer = ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", '{}');
$reloaded->answers([1, @answer], [4, @answer]);
my @clients = map {
    my $app = $_;
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        $reloaded->token({grant_type => 'authorization_code', code => $app, client_id => $app});
        POSIX::_exit(0);
    }
    sleep 0.2;
    $pid;
} qw(second third);
$reloaded->signal('HUP');
waitpid $clients[0], 0;
is_deeply([apps_of($reloaded, 2)], [qw(first second)], 'a replaced worker writes a line when it is made, and what waited with it');
ok(IPFence::Gate::is_running($old), 'while it is busy with other requests');
kill KILL => $clients[1];
waitpid $clients[1], 0;
wait_for(sub { !IPFence::Gate::is_running($old) });
is_deeply([apps($reloaded)], [qw(first second third)], 'and has written all when it is gone');
$reloaded->finish;

# What waits already when the reload comes is written at once: nobody has its memory after that.
my $replaced = buffered('buffer=64k flush=1m', expected_log => [qr/exited on signal 9/]);
my ($busy) = workers($replaced);
$replaced->answers([6, @answer], \@answer);
my $holder = fork // die "fork: $!";
if ($holder == 0) {
    $replaced->token({grant_type => 'authorization_code', code => 'slow', client_id => 'slow'});
    POSIX::_exit(0);
}
sleep 0.2;
is($replaced->token({%password, client_id => 'waits'}, from => outside)->{status}, 400, 'a line waits in a worker that is busy');
is(text($replaced), '', 'and is not written');
$replaced->signal('HUP');
is_deeply([apps_of($replaced, 1)], ['waits'], 'until a reload replaces the worker');
ok(IPFence::Gate::is_running($busy), 'which is busy still');
kill KILL => $busy, $holder;
waitpid $holder, 0;
wait_for(sub { !IPFence::Gate::is_running($busy) });
is($replaced->token({%password, client_id => 'next'}, from => outside)->{status}, 400, 'and killed');
$replaced->stop;
is_deeply([apps($replaced)], [qw(waits next)], 'no line is lost or there twice');
$replaced->finish;

# Several workers, each with its own buffer, and one file.
my $several = buffered('buffer=4k flush=100ms', workers => 3);
my @children = map {
    my $child = $_;
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        ask($several, $_) for names("child$child-", 60);
        POSIX::_exit(0);
    }
    $pid;
} 1 .. 4;
waitpid $_, 0 for @children;
my @all = map { names("child$_-", 60) } 1 .. 4;
is_deeply([sort +apps_of($several, scalar @all)], [sort @all], 'three workers lose, cut and repeat no line');
$several->finish;

# A disk that is full: lines wait as long as there is room for them, and are written when there is room on the disk.
my $disk = buffered('buffer=16k flush=100ms', ignored_signal => 'XFSZ', expected_log => [qr/audit lines (?:wait|are lost)/]);
ask($disk, $_) for names('early', 3);
apps_of($disk, 3);
limit($_, 'fsize=' . ((-s $disk->file('audit.ndjson')) + 700) . ':unlimited') for workers($disk);
is(ask($disk, $_), 200, "$_ is not stopped by a full disk") for names('during', 8);
ok(wait_for(sub { $disk->error_log =~ /audit lines wait, and are lost when the buffer is full: write\(\) to "[^"]*audit.ndjson" failed/ }), 'which is said');
limit($_, 'fsize=unlimited') for workers($disk);
ok(wait_for(sub { text($disk) =~ /during8/ }), 'when there is room again');
my ($cut, @whole) = (0);
for (split /\n/, text($disk)) { if (/\}\z/) { push @whole, decode_json($_)->{app} } else { ++$cut } }
is($cut, 1, 'the line that the end of the disk cut is alone on its line');
is_deeply(\@whole, [names('early', 3), names('during', 8)], 'and every line is there whole, once');
$disk->finish;

# A worker that is killed while the disk is full: its successor, for which it is full, too, goes on when it is not.
my $left = buffered('buffer=16k flush=100ms', ignored_signal => 'XFSZ', expected_log => [qr/audit lines wait/, qr/exited on signal 9/]);
ask($left, 'early');
apps_of($left, 1);
limit($_, 'fsize=' . (-s $left->file('audit.ndjson')) . ':unlimited') for $left->{pid}, workers($left);
is(ask($left, 'left'), 200, 'a line waits, the disk is full');
my ($dead) = workers($left);
kill KILL => $dead;
wait_for(sub { my ($now) = workers($left); $now && $now != $dead });
sleep 0.3;
is_deeply([apps($left)], ['early'], 'and the worker is killed');
limit($_, 'fsize=unlimited') for $left->{pid}, workers($left);
is_deeply([apps_of($left, 2)], [qw(early left)], 'its successor writes the line when there is room, whoever asks');
$left->finish;

# Without a buffer they are lost, and just as many are said to be as are missing.
my $cutting = gate(own_audit => 1, http => 'ipfence_audit AUDIT;', server => $with_status, ignored_signal => 'XFSZ', expected_log => [qr/audit lines are lost/]);
ask($cutting, $_) for names('early', 3);
limit($_, 'fsize=' . ((-s $cutting->file('audit.ndjson')) + 700) . ':unlimited') for workers($cutting);
ask($cutting, $_) for names('during', 8);
limit($_, 'fsize=unlimited') for workers($cutting);
ask($cutting, 'late');
my $there = () = text($cutting) =~ /\}$/mg;
cmp_ok($there, '<', 12, 'lines are missing');
is(lost($cutting), 12 - $there, 'which are counted');
$cutting->finish;

# A disk that stays full: what is lost is counted.
for my $words ('', ' buffer=4k flush=50ms') {
    my $lost = gate(own_audit => 1, http => "ipfence_audit /dev/full$words;", server => $with_status, expected_log => [qr/audit lines (?:wait|are lost)/]);
    is(ask($lost, $_), 200, 'nobody waits') for names('app', 30);
    like($lost->error_log, $words ? qr/audit lines wait/ : qr/audit lines are lost/, 'for a disk that stays full');
    my $known = lost($lost);
    cmp_ok($known, $words ? '>' : '==', $words ? 15 : 30, "lines that are lost are counted: $known");
    cmp_ok($known, '<', 30, 'and those that wait are not') if $words;
    my ($worker) = workers($lost);
    $lost->signal('HUP');
    wait_for(sub { !IPFence::Gate::is_running($worker) });
    is(lost($lost), 30, 'a worker that ends counts those, too');
    like($lost->request(method => 'GET', path => '/status/metrics')->{body}, qr/^ipfence_audit_lost_total 30$/m, 'for Prometheus');
    $lost->finish;
}

# One file, one buffer.
for my $case (
    ['ipfence_audit AUDIT buffer=4095;', qr/"ipfence_audit" directive takes a file and "buffer=SIZE", of 4k or more/],
    ['ipfence_audit AUDIT buffer=;', qr/takes a file and/],
    ['ipfence_audit AUDIT flush=1s;', qr/takes a file and/],
    ['ipfence_audit AUDIT buffer=64k flush=0;', qr/takes a file and/],
    ['ipfence_audit AUDIT buffer=64k flush=soon;', qr/takes a file and/],
    ['ipfence_audit AUDIT buffer=64k gzip;', qr/takes a file and/],
    ['ipfence_audit off buffer=64k;', qr/invalid parameter "buffer=64k"/],
    ['ipfence_audit syslog:server=127.0.0.1 buffer=64k;', qr/invalid parameter "buffer=64k"/],
    ['ipfence_audit AUDIT buffer=64k; server { listen 127.0.0.1:1; ipfence_audit AUDIT buffer=32k; }', qr/audit.ndjson" in another place with another buffer/],
    ['ipfence_audit AUDIT; server { listen 127.0.0.1:1; ipfence_audit AUDIT buffer=32k; }', qr/in another place with another buffer/],
) {
    my ($text, $message) = @$case;
    my $refused = gate(own_audit => 1, stopped => 1, http => $text);
    my ($status, $output) = $refused->test_configuration;
    is($status, 1, "refused: $text");
    like($output, $message, 'with its reason');
}
my ($status, $output) = gate(own_audit => 1, stopped => 1, http =>
    'ipfence_audit AUDIT buffer=64k flush=5s; server { listen 127.0.0.1:1; ipfence_audit AUDIT flush=5000ms buffer=65536; }')->test_configuration;
is($status, 0, 'the same in other words is the same') or diag $output;
done_testing;
