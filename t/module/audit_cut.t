# A line that the end of the disk cut is alone on its line, whoever writes the next one (P4).

use strict;
use warnings;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Fault;
use IPFence::Gate;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my $with_status = 'location /token { ipfence token; proxy_pass http://provider; } location /status/ { ipfence_status; }';
my @modes = (['without a buffer', ''], ['with one', ' buffer=4k flush=50ms']);

sub text { my ($gate, $name) = @_; return IPFence::Gate::read_whole($gate->file($name // 'audit.ndjson')) }
sub lost { my ($gate) = @_; return decode_json($gate->request(method => 'GET', path => '/status/status.json')->{body})->{audit_lost} }

sub started {
    my ($words, %with) = @_;
    return gate(own_audit => 1, http => "ipfence_audit AUDIT$words;", server => $with_status, ignored_signal => 'XFSZ',
        expected_log => [qr/audit lines (?:wait|are lost)/, qr/exited on signal 9/], %with);
}

# How many lines of apps that begin so were asked for, and answered.
sub ask { my ($gate, @apps) = @_; return scalar grep { $gate->token({%password, client_id => $_})->{status} == 200 } @apps }

# It accepts nothing then, and the other one of two does.
sub halt { my ($worker) = @_; kill STOP => $worker; return wait_for(sub { IPFence::Gate::read_whole("/proc/$worker/stat") =~ /\) T/ }) }

# The disk has room for a line and a part of one for this worker, which answers until it is full.
sub fill {
    my ($gate, $worker) = @_;
    ask($gate, 'early');
    wait_for(sub { text($gate) =~ /"early".*\n/ });
    my $size = -s $gate->file('audit.ndjson');
    limit($worker, 'fsize=' . ($size + 103) . ':unlimited');
    ask($gate, 'cut');
    return wait_for(sub { -s $gate->file('audit.ndjson') == $size + 103 });
}

# The apps of the lines that are whole, how many are not, and how many are empty.
sub lines_of {
    my ($gate, $name) = @_;
    my (@apps, $parts, $empty);
    for (split /\n/, text($gate, $name)) {
        if ($_ eq '') { ++$empty } elsif (my $line = eval { decode_json($_) }) { push @apps, $line->{app} } else { ++$parts }
    }
    return [\@apps, $parts // 0, $empty // 0];
}

sub written { my ($gate, $app) = @_; return wait_for(sub { text($gate) =~ /"$app".*\n/ }) }

for (@modes) {
    my ($mode, $words) = @$_;
    my @late = $words ? qw(cut late) : 'late';    # one that waits is written again

    # Another worker.
    my $gate = started($words, workers => 2);
    my ($first, $second) = $gate->workers;
    halt($second);
    ok(fill($gate, $first), "$mode: a worker cuts a line");
    halt($first);
    kill CONT => $second;
    is(ask($gate, 'other'), 1, "$mode: there is room for another worker");
    ok(written($gate, 'other'), "$mode: which writes a line");
    limit($first, 'fsize=unlimited');
    halt($second);
    kill CONT => $first;
    ask($gate, 'late');
    written($gate, 'late');
    is_deeply(lines_of($gate), [['early', 'other', @late], 1, 0], "$mode: of its own");
    kill CONT => $second;
    is(lost($gate), $words ? 0 : 1, "$mode: and what is missing is counted");
    $gate->finish;

    # The next worker in its place.
    my $killed = started($words);
    my ($worker) = $killed->workers;
    ok(fill($killed, $worker), "$mode: a worker that is killed cut a line");
    kill KILL => $worker;
    wait_for(sub { my ($now) = $killed->workers; $now && $now != $worker });
    ask($killed, 'late');
    written($killed, 'late');
    is_deeply(lines_of($killed), [['early', @late], 1, 0], "$mode: its successor's are alone");
    $killed->finish;

    # A worker of the next configuration.
    my $reloaded = started($words);
    ok(fill($reloaded, $reloaded->workers), "$mode: a line is cut before a reload");
    ok($reloaded->reload, "$mode: other workers");
    ask($reloaded, 'late');
    written($reloaded, 'late');
    is_deeply(lines_of($reloaded), [[qw(early late)], 1, 0], "$mode: and their lines are alone");
    is(lost($reloaded), 1, "$mode: the line that was cut is counted");
    $reloaded->finish;

    # The same file, opened again.
    my $reopened = started($words);
    my ($same) = $reopened->workers;
    ok(fill($reopened, $same), "$mode: a line is cut before USR1");
    $reopened->signal('USR1');
    wait_for(sub { $reopened->times_logged(qr/reopening logs/) >= 2 });
    sleep 0.2;
    limit($same, 'fsize=unlimited');
    ask($reopened, 'late');
    written($reopened, 'late');
    is_deeply(lines_of($reopened), [['early', @late], 1, 0], "$mode: the next one is alone");
    $reopened->finish;

    # Another one of its name.
    my $rotated = started($words);
    my ($it) = $rotated->workers;
    ok(fill($rotated, $it), "$mode: a line is cut before the file is rotated");
    rename $rotated->file('audit.ndjson'), $rotated->file('audit.1') or die $!;
    $rotated->signal('USR1');
    wait_for(sub { -e $rotated->file('audit.ndjson') });
    sleep 0.2;
    limit($it, 'fsize=unlimited');
    ask($rotated, 'late');
    written($rotated, 'late');
    is_deeply(lines_of($rotated), [[@late], 0, 0], "$mode: the new one has whole lines only");
    is_deeply(lines_of($rotated, 'audit.1'), [['early'], 1, 0], "$mode: and the old one the part");
    $rotated->finish;
}
done_testing;
