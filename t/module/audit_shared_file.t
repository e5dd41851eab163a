# An audit log with a buffer in a file that nginx writes lines of its own to: each has its buffer, and all lines are there.

use strict;
use warnings;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my $format = q{log_format access 'access $status';};
my $flush = 'buffer=64k flush=1m';
my $location = 'location /token { ipfence token; proxy_pass http://provider; }';

sub text { my ($gate, $name) = @_; return IPFence::Gate::read_whole($gate->file($name // 'audit.ndjson')) }
sub ask { my ($gate, $app) = @_; return $gate->token({%password, client_id => $app})->{status} }

# The apps of the audit lines, and how many lines are the access log's; everything else is a failure.
sub kinds_of {
    my ($gate, @files) = @_;
    my (@apps, $accesses);
    for (grep { !/ \[notice\] | \[info\] / } map { split /\n/, text($gate, $_) } @files ? @files : 'audit.ndjson') {
        if (/\Aaccess 200\z/) { ++$accesses } else { push @apps, eval { decode_json($_)->{app} } // "not a line: $_" }
    }
    return (\@apps, $accesses // 0);
}

sub test_both {
    my ($name, $directives, %with) = @_;
    my $gate = gate(own_audit => 1, http => $format, server => "$directives $location", %with);
    my ($worker) = $gate->workers;
    is(ask($gate, $_), 200, "$name: a request") for qw(one two);
    rename $gate->file('audit.ndjson'), $gate->file('audit.1') or die $!;
    $gate->signal('USR1');
    ok(wait_for(sub { -e $gate->file('audit.ndjson') && (() = text($gate, 'audit.1') =~ /"app":"/g) == 2 }), "$name: USR1 writes what waits to the old file");
    sleep 0.2;
    is(ask($gate, 'three'), 200, "$name: and a request");
    is(($gate->workers)[0], $worker, "$name: of the same worker");
    $gate->stop;
    is_deeply([kinds_of($gate, 'audit.1')], [[qw(one two)], 2], "$name: all of both kinds is in the old file");
    is_deeply([kinds_of($gate)], [['three'], 1], "$name: and in the new one");
    $gate->finish;
}

test_both('after an access log', "access_log AUDIT access; ipfence_audit AUDIT $flush;");
test_both('before an access log', "ipfence_audit AUDIT $flush; access_log AUDIT access;");
test_both('after one with a buffer', "access_log AUDIT access buffer=8k; ipfence_audit AUDIT $flush;");
test_both('before one with a buffer', "ipfence_audit AUDIT $flush; access_log AUDIT access buffer=8k flush=1m;");
test_both('with an error log', "error_log AUDIT notice; ipfence_audit AUDIT $flush; access_log AUDIT access buffer=8k;");
test_both('without a buffer, beside one with', 'ipfence_audit AUDIT; access_log AUDIT access buffer=8k;');
test_both('without any', 'access_log AUDIT access; ipfence_audit AUDIT;');
test_both('named twice', "access_log AUDIT access; ipfence_audit AUDIT $flush;",
    http => "$format server { listen 127.0.0.1:1; ipfence_audit AUDIT $flush; access_log AUDIT access buffer=8k; }");

# What nginx was started with, which is nobody's to rename.
for my $file ('/dev/stdout', '/dev/stderr') {
    my $gate = gate(own_audit => 1, server => "access_log $file; ipfence_audit $file $flush; $location");
    my ($worker) = $gate->workers;
    is(ask($gate, $_), 200, "$file: a request") for qw(one two);
    $gate->signal('USR1');
    wait_for(sub { $gate->error_log =~ /reopening logs/ });
    is(ask($gate, 'three'), 200, "$file: and one");
    is(($gate->workers)[0], $worker, "$file: of the same worker");
    $gate->stop;
    is_deeply([sort $gate->error_log =~ /"app":"(\w+)"/g], [qw(one three two)], "$file: every line is there") if $file eq '/dev/stderr';
    $gate->finish;
}
done_testing;
